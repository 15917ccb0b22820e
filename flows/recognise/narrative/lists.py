"""Lists of parts and of shares: which amounts make up which whole, and whether the list claims to be complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from flows.recognise.narrative.mentions import Listing, Mention
from flows.recognise.narrative.phrases import BUDGETS, FULL, INITIAL, OUTTURN, key_of
from flows.recognise.narrative.statements import Relations, Statements, claim_id, could_hold

_REASONS = re.compile(r"主要(?:是|为|有)$")
_TOTAL = re.compile(r"^(?:合计|共计|总计|小计|累计|差值|差额|差异)")

_PRINCIPAL = ("基本支出", "项目支出")
_LEFT_OVER = re.compile(r"(?:项目)?(?:资金|经费)?(?:结余|剩余|余额)(?:资金|经费)?")
"""What is left of an amount, and no part of it."""


def lists(statements: Statements, relations: Relations) -> None:
    """Add every sum and share_list."""
    seen: set[tuple[str, frozenset[str]]] = set()
    found = list(_listings(statements))
    _settle(statements, found)
    for listing in found:
        for whole, parts, complete in _sums_of(statements, listing):
            _add_sum(statements, relations, seen, whole, parts, complete)
        _add_shares(statements, relations, listing)
    for whole, parts in _enumerated(statements):
        _add_sum(statements, relations, seen, whole, parts, _names_all(statements, parts))
    for whole, parts in _by_concept(statements):
        _add_sum(statements, relations, seen, whole, parts, True)
    _named_shares(statements, relations)
    _scattered_shares(statements, relations)


def _add_sum(
    statements: Statements,
    relations: Relations,
    seen: set[tuple[str, frozenset[str]]],
    whole: Mention,
    parts: list[Mention],
    complete: bool,
) -> None:
    ids = tuple(claim_id(part) for part in parts)
    key = (claim_id(whole), frozenset(ids))
    if key in seen:
        return
    seen.add(key)
    relations.add(
        "sum", statements.sentence(whole), {"whole": claim_id(whole)}, {"complete": "yes" if complete else "open"}, ids
    )


def _listings(statements: Statements) -> Iterator[Listing]:
    done: set[int] = set()
    for mention in statements.mentions:
        if mention.listing and id(mention.listing) not in done:
            done.add(id(mention.listing))
            yield mention.listing


def _settle(statements: Statements, found: list[Listing]) -> None:
    """Give what follows a finished partition in an inner list back to the list around it."""
    for listing in found:
        outer = listing.whole.listing if listing.whole else None
        kept = _partition(statements, listing.parts)
        if outer and outer is not listing and not listing.bracket and len(kept) < len(listing.parts):
            outer.parts.extend(listing.parts[len(kept) :])
            listing.parts = kept


def _current(measure: str) -> str:
    return OUTTURN if measure in ("", OUTTURN) else measure


def whole_of(statements: Statements, listing: Listing, part: Mention) -> Mention | None:
    """The whole of `listing` in the measure of `part`: its outturn for outturns, its budget for budgets."""
    whole = listing.whole
    if whole is None:
        return None
    if whole.quantity.family != part.quantity.family:
        return _beside(statements, whole, part)
    wanted = _current(part.measure)
    if _current(whole.measure) == wanted:
        return whole
    for other in statements.mentions[max(0, whole.order - 3) : part.order]:
        same = other.period == whole.period and other.entity == whole.entity and other.kind == whole.kind
        if same and _current(other.measure) == wanted and other is not part:
            return other
    return None


def _beside(statements: Statements, whole: Mention, part: Mention) -> Mention | None:
    """The count that stands right before the worth of the same things (车辆 4 辆，价值 60 万元，其中：…)."""
    if part.quantity.family != "count" or not whole.order or not re.search(r"价值|原值|净值|金额", whole.item):
        return None
    count = statements.mentions[whole.order - 1]
    same = count.period == whole.period and count.plain and count.quantity.unit == part.quantity.unit
    return count if same and count.quantity.family == "count" else None


def _sums_of(statements: Statements, listing: Listing) -> Iterator[tuple[Mention, list[Mention], bool]]:
    if _REASONS.search(listing.opener):
        return
    groups: dict[tuple[int, str], list[Mention]] = {}
    wholes: dict[tuple[int, str], Mention] = {}
    for part in listing.parts:
        whole = whole_of(statements, listing, part)
        if whole is None or not _fits(statements, whole, part):
            continue
        key = (whole.order, _current(part.measure))
        if not part.named and any(other.entity == part.entity for other in groups.get(key, ())):
            continue  # what became of the part before it: 自筹 20 万元，实际支出 18 万元
        groups.setdefault(key, []).append(part)
        wholes[key] = whole
    for key, found in groups.items():
        parts = _without_inner(statements, _partition(statements, found))
        whole, closed = wholes[key], complete(statements, listing, parts)
        slip = any(statements.unit_slip(whole, part) for part in parts)
        overlap = whole.quantity.family == "count" and not closed
        if len(parts) > 1 and not slip and not overlap and not _uncertain(listing, whole, parts):
            yield whole, parts, closed


def _without_inner(statements: Statements, parts: list[Mention]) -> list[Mention]:
    """`parts` without those that another one of them already holds (公务用车购置及运行费 beside 购置费 and 运行费)."""
    named = {part.entity for part in parts}
    inner: set[str] = set()
    for whole, members in statements.concepts.sums:
        if whole in named and any(member in named for member in members):
            inner.update(members)
    return [part for part in parts if part.entity not in inner]


def _partition(statements: Statements, parts: list[Mention]) -> list[Mention]:
    """`parts` up to where a list that began as one partition goes on with something else."""
    kept: list[list[Mention]] = []
    for words in statements.concepts.partitions:
        known = [any(word in part.item for word in words) for part in parts]
        if all(known):
            if any(words[0] in part.item for part in parts):
                return parts
        elif all(known[:2]) and len(known) > 2:
            end = known.index(False)
            kept.append(parts if any(known[end:]) else parts[:end])
    return max(kept, key=len, default=parts)


def _fits(statements: Statements, whole: Mention, part: Mention) -> bool:
    if (
        part.order <= whole.order
        or part.quantity.per
        or part.about
        or _TOTAL.match(part.item)
        or _LEFT_OVER.fullmatch(part.item.rsplit(" ", 1)[-1])
        or not statements.of_year(part)
    ):
        return False
    if part.quantity.family == "count" and part.quantity.unit != whole.quantity.unit:
        return False
    return part.quantity.family in ("amount", "count") and could_hold(whole, part)


def _uncertain(listing: Listing, whole: Mention, parts: list[Mention]) -> bool:
    """Whether the tail of an inner list may belong to the list around it."""
    outer = whole.listing
    if listing.bracket or outer is None or outer is listing or outer.whole is None:
        return False
    if sum((part.quantity.value for part in parts), Decimal(0)) <= whole.quantity.value:
        return False
    return outer.whole.quantity.value > whole.quantity.value


def complete(statements: Statements, listing: Listing, parts: list[Mention]) -> bool:
    """Whether the list claims to name all parts of its whole: parts of one partition, its principal one among them.

    A grand total (收入总计) holds balances beside the year's own parts.
    """
    if listing.opener == "（含" or listing.broken:
        return False
    grand = listing.whole is not None and "总计/" in listing.whole.entity
    for words in statements.concepts.partitions:
        if grand and not words[0].startswith("本年"):
            continue
        principal = any(words[0] in part.item for part in parts)
        if principal and all(any(word in part.item for word in words) for part in parts):
            return True
    headings = parts[0].headings
    if listing.whole is not None and listing.whole.listing is not None:
        return False
    return any(statements.concepts.complete_lists.search(title) for title in headings) and listing.opener != "（"


# ------------------------------------------------------------------------------------- lists over paragraphs, by concept


def _enumerated(statements: Statements) -> Iterator[tuple[Mention, list[Mention]]]:
    """ "… 支出决算为 b 万元。其中：" followed by numbered paragraphs, one an item."""
    blocks: dict[int, list[Mention]] = {}
    for mention in statements.mentions:
        blocks.setdefault(mention.block, []).append(mention)
    for index, paragraph in enumerate(statements.paragraphs):
        if index not in blocks or not re.search(r"(?:其中|具体情况如下|具体如下|如下)[：]?$", paragraph.plain):
            continue
        items = _numbered_after(statements, index)
        if len(items) < 2:
            continue
        for measure in (OUTTURN, INITIAL, FULL):
            heads = [m for m in blocks[index] if _measures(statements, m, measure) and m.listing is None]
            whole = heads[-1] if len({head.entity for head in heads}) == 1 else None
            parts = [
                next((m for m in blocks.get(item, ()) if _measures(statements, m, measure)), None) for item in items
            ]
            named = {part.entity for part in parts if part}
            if whole and all(parts) and whole.entity not in named:
                yield whole, [part for part in parts if part]


_CLASS = re.compile(r"T05/(\d{3})/合计")


def _names_all(statements: Statements, parts: list[Mention]) -> bool:
    """Whether the items of a numbered list are all there are.

    They are as many as the form has classes, sections or items; without the form, no class of which an amount is
    stated is without an item.
    """
    codes = {figure.split("/")[1] for figure in statements.figures if figure.startswith("T05/")}
    if codes:
        return len(parts) in {sum(len(code) == size for code in codes) for size in (3, 5, 7)}
    classes = statements.concepts.classes
    named = {classes.get(key_of(part.path.names[0] if part.path else part.item), "") for part in parts}
    stated = {
        found.group(1)
        for mention in statements.mentions
        if mention.quantity.value and (found := _CLASS.fullmatch(mention.concept))
    }
    return "" in named or stated <= named


def _measures(statements: Statements, mention: Mention, measure: str) -> bool:
    return (
        mention.kind == "amount"
        and mention.plain
        and _current(mention.measure) == measure
        and statements.of_year(mention)
    )


def _numbered_after(statements: Statements, index: int) -> list[int]:
    """The paragraphs numbered 1, 2, 3 … right after `index`, of one level."""
    first = index + 1
    found: list[int] = []
    while first < len(statements.paragraphs):
        paragraph = statements.paragraphs[first]
        if paragraph.headings != statements.paragraphs[index].headings or paragraph.heading:
            break
        if paragraph.level in (4, 5) and (not found or paragraph.level == statements.paragraphs[found[0]].level):
            if _number(paragraph.number) != len(found) + 1:
                break
            found.append(first)
        elif not found:
            break
        first += 1
    return found


def _number(text: str) -> int:
    return int(re.sub(r"\D", "", text) or 0)


def _by_concept(statements: Statements) -> Iterator[tuple[Mention, list[Mention]]]:
    """Sums whose terms are known by their concepts, wherever they stand in one section."""
    sections: dict[tuple[str, ...], dict[str, Mention]] = {}
    for mention in statements.mentions:
        if mention.concept and mention.plain:
            sections.setdefault(mention.headings[:2], {}).setdefault(mention.concept, mention)
    for stated in sections.values():
        for whole, parts in statements.concepts.sums:
            if whole in stated and all(part in stated for part in parts):
                yield stated[whole], [stated[part] for part in parts]


# ------------------------------------------------------------------------------------------------------------ shares


def _add_shares(statements: Statements, relations: Relations, listing: Listing) -> None:
    """The unnamed shares of a list: all of one whole."""
    rates = [
        m
        for m in _of_listing(statements, listing)
        if m.kind == "share" and not m.base and not m.about and m.after in listing.parts
    ]
    parts = [m.after for m in rates if m.after]
    if (
        len(rates) < 2
        or len(rates) != len({id(part) for part in parts})
        or (listing.whole is None and not listing.name)
        or not any(rate.quantity.value for rate in rates)
    ):
        return
    whole = complete(statements, listing, parts) and len(parts) == len(_amounts(listing))
    relations.add(
        "share_list",
        statements.sentence(rates[0]),
        {},
        {"complete": "yes" if whole else "open"},
        tuple(claim_id(rate) for rate in rates),
    )


def _of_listing(statements: Statements, listing: Listing) -> list[Mention]:
    return [m for m in statements.mentions if m.listing is listing]


def _amounts(listing: Listing) -> list[Mention]:
    return [part for part in listing.parts if part.kind == "amount" and part.measure not in BUDGETS]


def _named_shares(statements: Statements, relations: Relations) -> None:
    """Shares of one named base that follow each other in one paragraph."""
    run: list[Mention] = []
    for mention in [*(m for m in statements.mentions if m.kind == "share"), None]:
        same = run and mention and mention.base and mention.base == run[-1].base and mention.block == run[-1].block
        if same and mention and mention.listing is run[-1].listing and mention.listing is not None:
            run.append(mention)
            continue
        run = run if any(rate.quantity.value for rate in run) else []
        if len(run) > 1 and len({id(m.after) for m in run}) == len(run):
            ids = tuple(claim_id(m) for m in run)
            parts = [m.after for m in run if m.after]
            listing = run[0].listing
            whole = bool(listing and parts and complete(statements, listing, parts))
            inner = listing and listing.whole and statements.entity(run[0].base, run[0]) == listing.whole.entity
        if len(run) > 1 and len({id(m.after) for m in run}) == len(run) and (whole or inner):
            relations.add("share_list", statements.sentence(run[0]), {}, {"complete": "yes" if whole else "open"}, ids)
        run = [mention] if mention and mention.base else []


def _scattered_shares(statements: Statements, relations: Relations) -> None:
    """Shares that open paragraphs following each other, one a part of the year's expenditure or income (基本支出 …，占 …).

    They are all of one whole where the principal parts are among them and most name the same base.
    """
    run: list[Mention] = []
    opening: dict[int, Mention] = {}
    for mention in statements.mentions:
        if mention.kind == "share" and mention.listing is None and mention.after is not None:
            opening.setdefault(mention.block, mention)
    for block in sorted(opening):
        share = opening[block]
        if run and (block != run[-1].block + 1 or share.headings != run[-1].headings):
            _add_scattered(statements, relations, run)
            run = []
        run.append(share)
    if run:
        _add_scattered(statements, relations, run)


def _add_scattered(statements: Statements, relations: Relations, run: list[Mention]) -> None:
    parts = [share.after for share in run if share.after]
    items = [part.item for part in parts]
    bases = [share.base for share in run]
    whole = all(any(word in item for item in items) for word in _PRINCIPAL)
    of_all = all("支出" in item for item in items) and all(base.startswith("总") or "合计" in base for base in bases)
    if len(run) > 2 and whole and of_all and len(set(items)) == len(items) and max(map(bases.count, bases)) > 1:
        ids = tuple(claim_id(share) for share in run)
        relations.add("share_list", statements.sentence(run[-1]), {}, {"complete": "yes"}, ids)
