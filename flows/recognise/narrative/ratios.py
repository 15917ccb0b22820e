"""Shares, completion rates and changes: the relations that tie a rate or a difference to the amounts behind it."""

from __future__ import annotations

import re

from flows.recognise.narrative.agreement import is_change, is_share, surplus
from flows.recognise.narrative.lists import whole_of
from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.phrases import BUDGET, BUDGETS, FULL, INITIAL, OUTTURN, TARGET, measure_of
from flows.recognise.narrative.statements import Relations, Statements, claim_id, could_hold

_EXECUTION = re.compile(r"(?:预算)?(?:执行|支出|完成)率$|预算完成率$")


def ratios(statements: Statements, relations: Relations) -> None:
    """Add every share, completion, change_amount and change_pct."""
    for mention in statements.mentions:
        if mention.residue or mention.about:
            continue
        if mention.kind == "share":
            _share(statements, relations, mention)
        elif mention.kind == "completion_pct" and mention.measure != TARGET:
            _completion(statements, relations, mention)
        elif mention.kind in ("change_amount", "change_pct"):
            _change(statements, relations, mention)


# ------------------------------------------------------------------------------------------------------------ shares


def part_of(statements: Statements, mention: Mention) -> Mention | None:
    """The amount of which the share `mention` is the rate."""
    near = mention.after
    if near and near.kind in ("amount", "count") and (not mention.named or near.entity == mention.entity):
        return near if near.measure not in BUDGETS or mention.measure == near.measure or not mention.named else None
    return statements.current(mention) if mention.named else None


def _share(statements: Statements, relations: Relations, mention: Mention) -> None:
    part = part_of(statements, mention)
    roles = {"rate": claim_id(mention)}
    named = mention.base or (mention.within if not mention.whole else "")
    if part:
        roles["part"] = claim_id(part)
        if measure_of(named) in BUDGETS and not named.endswith(("支出", "收入")):
            _rate_of_budget(statements, relations, mention, part, named)
            return
        if named:
            roles["whole"] = statements.whole_named(named, part, mention)
        elif part.listing and part.listing.whole and part.quantity.family == part.listing.whole.quantity.family:
            whole = _whole_in_list(statements, mention, part)
            if whole and could_hold(whole, part) and not statements.unit_slip(whole, part):
                roles["whole"] = claim_id(whole)
        elif not (part.listing and part.listing.whole):
            roles["whole"] = _total_over(statements, part)
    base = named or (mention.whole.item if mention.whole else "")
    relations.add("share", statements.sentence(mention), roles, {"base_named": base})


def _whole_in_list(statements: Statements, mention: Mention, part: Mention) -> Mention | None:
    """The whole of the list that `part` stands in. Where an inner list has no clear end, it may be that of the list
    around it: the one of which the share is true.
    """
    assert part.listing is not None
    nearest = whole_of(statements, part.listing, part)
    whole, depth = nearest, 0
    while whole and depth < 4 and not is_share(mention.quantity, part.quantity, whole.quantity):
        whole = whole_of(statements, whole.listing, whole) if whole.listing else None
        depth += 1
    return whole or nearest


_PARTS_OF_TOTAL = (
    (re.compile(r"T05/\d{3}/合计"), "T05/合计/合计"),
    (re.compile(r"T07/(?:因公出国（境）费|公务用车购置及运行维护费|公务接待费)/决算数"), "T07/合计/决算数"),
    (re.compile(r"T02/合计/.*收入"), "T02/合计/本年收入合计"),
    (re.compile(r"T03/合计/.*支出"), "T03/合计/本年支出合计"),
)
"""The parts that a form's total has, for a share that names no whole."""


def _total_over(statements: Statements, part: Mention) -> str:
    """The id of the total of the form that `part` is a figure of, as the narrative states it or else as printed; "" for
    anything else than the form's own parts.
    """
    total = next((total for parts, total in _PARTS_OF_TOTAL if parts.fullmatch(part.concept)), "")
    if not total:
        return ""
    stated = [
        other for other in statements.by_entity.get(total, ())
        if other.order < part.order and other.concept == total and other.headings[:2] == part.headings[:2]
    ]  # fmt: skip
    if stated and could_hold(stated[-1], part) and not statements.unit_slip(stated[-1], part):
        return claim_id(stated[-1])
    return total if total in statements.figures else ""


def _rate_of_budget(statements: Statements, relations: Relations, mention: Mention, part: Mention, named: str) -> None:
    """A share of the item's own budget (占年初预算的 …) is a completion rate."""
    budgets = statements.budgets(mention)
    budget = budgets.get(measure_of(named)) or (budgets.get("") if measure_of(named) == BUDGET else None)
    roles = {"rate": claim_id(mention), "outturn": claim_id(part), "budget": claim_id(budget) if budget else ""}
    relations.add("completion", statements.sentence(mention), roles, {"base_named": measure_of(named)})


# -------------------------------------------------------------------------------------------------------- completion


def _completion(statements: Statements, relations: Relations, mention: Mention) -> None:
    if not mention.base:
        _execution(statements, relations, mention)
        return
    outturn = _outturn(statements, mention)
    budgets = statements.budgets(mention)
    named = budgets.get(mention.base)
    if mention.base == BUDGET:
        named = budgets.get("")
    elif named is None and set(budgets) == {"", BUDGET}:
        named = budgets[BUDGET]
    roles = {
        "rate": claim_id(mention),
        "outturn": claim_id(outturn) if outturn else "",
        "budget": claim_id(named) if named else "",
        "initial_budget": claim_id(budgets[INITIAL]) if INITIAL in budgets else "",
        "full_year_budget": claim_id(budgets[FULL]) if FULL in budgets else "",
    }
    if not roles["budget"] and mention.base == BUDGET:
        roles["budget"] = form_budget(statements, mention)
    text = {"base_named": mention.base}
    difference = None if roles["budget"] or not outturn else _difference(statements, mention)
    if difference:
        roles["difference"] = claim_id(difference)
        text["direction"] = difference.direction
    relations.add("completion", statements.sentence(mention), roles, text)


def _difference(statements: Statements, mention: Mention) -> Mention | None:
    """The difference from the very budget that a completion rate names, stated right behind it."""
    behind = statements.mentions[mention.order + 1 : mention.order + 2]
    return next(
        (
            other
            for other in behind
            if other.kind == "change_amount"
            and measure_of(other.base) in (mention.base, BUDGET)
            and "决算" not in other.base
            and other.block == mention.block
            and (not other.named or other.entity == mention.entity)
            and other.direction in ("up", "down")
            and not (other.cut or other.residue or other.about)
        ),
        None,
    )


def _outturn(statements: Statements, mention: Mention) -> Mention | None:
    near = mention.after
    if near and near.kind == "amount" and near.entity == mention.entity and near.measure in ("", OUTTURN):
        return near
    return statements.current(mention)


def form_budget(statements: Statements, mention: Mention) -> str:
    """The budget figure of the form beside the outturn that `mention` speaks of, if the form was read."""
    figure = mention.entity.rsplit("/", 1)[0] + "/预算数"
    return figure if mention.entity.endswith("/决算数") and figure in statements.figures else ""


def _execution(statements: Statements, relations: Relations, mention: Mention) -> None:
    """A bare execution rate (支出率 …): only when budget and outturn of one item stand in the same sentence."""
    last = mention.after
    if not last or not _EXECUTION.search(mention.item) or last.kind != "amount":
        return
    budget = statements.budgets(mention_like(mention, last)).get("")
    if budget and last.measure in ("", OUTTURN) and last.entity == budget.entity and budget.period == mention.period:
        roles = {"rate": claim_id(mention), "outturn": claim_id(last), "budget": claim_id(budget)}
        relations.add("completion", statements.sentence(mention), roles, {"base_named": ""})


def mention_like(mention: Mention, item: Mention) -> Mention:
    """`item`, looked back from where `mention` stands: for finding what was said of it."""
    return item if item.order < mention.order else mention


# ----------------------------------------------------------------------------------------------------------- changes


def _change(statements: Statements, relations: Relations, mention: Mention) -> None:
    roles = {"change" if mention.kind == "change_amount" else "rate": claim_id(mention)}
    if mention.cut:
        found = _cut(statements, mention)
        if not found:
            return
        roles |= found
    else:
        roles |= _from_last_year(statements, mention)
    if mention.kind == "change_pct":
        change = _paired(statements, mention)
        if change:
            roles["change"] = claim_id(change)
    text = {"direction": mention.direction, "base_named": mention.base}
    if mention.kind == "change_pct" and _falls(statements, mention, roles):
        text["direction"] = "down"
    if mention.direction == "down" and mention.quantity.value < 0:
        text["direction"] = "none"  # 下降 -5%: the sign says it already
    if _is_rounded_away(statements, mention):
        del text["direction"]
    relations.add(mention.kind, statements.sentence(mention), roles, text)


def _falls(statements: Statements, mention: Mention, roles: dict[str, str]) -> bool:
    """Whether a rate printed with neither sign nor direction is that of a decrease."""
    ids = {claim_id(other): other for other in statements.mentions[: mention.order]}
    current, prior = (ids.get(roles.get(role, "")) for role in ("current", "prior"))
    if mention.direction != "none" or mention.quantity.value < 0 or not current or not prior:
        return False
    risen = surplus(current.quantity, prior.quantity)
    return risen is not None and risen < 0


def _is_rounded_away(statements: Statements, mention: Mention) -> bool:
    """Whether a change printed as 0.00 is one all the same, as the rate behind it says (减少0.00万元，下降0.06%)."""
    behind = statements.mentions[mention.order + 1 : mention.order + 2]
    return (
        mention.kind == "change_amount"
        and not mention.quantity.value
        and any(m.kind == "change_pct" and m.period == mention.period and m.quantity.value for m in behind)
    )


def _paired(statements: Statements, mention: Mention) -> Mention | None:
    """The change in amount right before a change in percent."""
    if not mention.order:
        return None
    dealt = mention.after if mention.after and mention.after.kind == "change_amount" else None
    last = dealt or statements.mentions[mention.order - 1]
    fits = last.kind == "change_amount" and last.period == mention.period and not last.residue
    return last if fits and (not mention.named or last.entity == mention.entity) else None


def _cut(statements: Statements, mention: Mention) -> dict[str, str]:
    """A cut is measured from the budget before it to the budget named after it."""
    last = mention.after
    item = last.entity if last and not mention.named else mention.entity
    prior = next((m for m in statements.before(mention, item) if m.measure in BUDGETS), None)
    if not prior or prior.block != mention.block:
        return {}
    roles = {"prior": claim_id(prior)} if prior.order == mention.order - 1 else {}
    for other in statements.mentions[mention.order + 1 : mention.order + 3]:
        if other.period != mention.period or other.entity != prior.entity:
            break
        if other.measure == FULL:
            roles |= {"current": claim_id(other), "prior": claim_id(prior)}
    return roles


def _from_last_year(statements: Statements, mention: Mention) -> dict[str, str]:
    measure = measure_of(mention.base) if "决算" not in mention.base else ""
    paired = _paired(statements, mention) if mention.kind == "change_pct" else None
    anchor = paired or mention
    current = None if ambiguous(statements, anchor) else statements.current(anchor)
    if current and anchor.after and not anchor.named and current.period == anchor.period and current.kind != "amount":
        current = None
    if current and not anchor.kind.endswith("pct") and not could_hold(current, anchor):
        current = None
    if current and anchor.kind == "change_amount":
        current = _meant(statements, anchor, current)
    roles = {"current": claim_id(current) if current else ""}
    if measure in BUDGETS:
        budget = _named_budget(statements, anchor, measure)
        return roles | {"prior": claim_id(budget) if budget else ""}
    for other in reversed(statements.mentions[: anchor.order]):
        if other.period != anchor.period:
            break
        if statements.is_prior(other) and other.entity == anchor.entity:
            roles["prior"] = claim_id(other)
            break
    return roles


def _meant(statements: Statements, change: Mention, current: Mention) -> Mention | None:
    """The amount of which an unnamed `change` is the change: the nearest, unless the rate behind it tells of another.

    Behind the first part of a list it may be the part's or the whole's (收入总计 a，其中结转 b，较上年增加 c，增长 x%). An
    amount that would have been negative before is not meant.
    """
    if change.named:
        return current
    rate = next(iter(statements.mentions[change.order + 1 : change.order + 2]), None)
    if rate and rate.kind == "change_pct" and rate.period == change.period:
        near = [m for m in statements.mentions[: change.order] if m.block == change.block and m.kind == "amount"]
        others = [m for m in reversed(near) if m.plain and m.measure in ("", OUTTURN) and statements.of_year(m)]
        whole = [current.listing.whole] if current.listing and current.listing.whole else []
        for one in (current, *whole, *others[:6]):
            if is_change(rate.quantity, change.quantity, one.quantity, change.direction):
                return one
    stated = [
        m for m in statements.mentions if m.block == change.block and m.kind == "amount" and m.order < change.order
    ]
    if all(m.entity == current.entity for m in stated):
        return current  # nothing else can be meant
    excess = surplus(change.quantity, current.quantity)
    return None if change.direction == "up" and excess is not None and excess > 0 else current


def ambiguous(statements: Statements, mention: Mention) -> bool:
    """Whether an unnamed change behind the last part of a list may as well speak of the whole."""
    last = mention.after
    if mention.named or not last or not last.listing or last.listing.whole is None:
        return False
    if len({part.entity for part in last.listing.parts}) < 2:
        return False
    if last.listing.bracket or last is not last.listing.parts[-1]:
        return False
    others = {
        m.after
        for m in statements.mentions
        if m.kind.startswith("change") and not m.named and m.period == mention.period
    }
    return not any(part in others for part in last.listing.parts[:-1])


def _named_budget(statements: Statements, mention: Mention, measure: str) -> Mention | None:
    """The item's own budget; failing that, the one budget named in the paragraph."""
    own = statements.budgets(mention)
    found = own.get(measure) or (own.get("") if measure == BUDGET else None)
    if found or own:
        return found
    block = [m for m in statements.mentions[: mention.order] if m.block == mention.block and m.kind == "amount"]
    named = [m for m in block if m.measure in BUDGETS or "预算安排" in m.item]
    return named[0] if len(named) == 1 and named[0].plain else None
