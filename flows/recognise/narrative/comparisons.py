"""Statements without a number of their own: 决算数大于预算数, and the years that a text mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.recognise.narrative.agreement import surplus
from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.phrases import BUDGET, BUDGETS, OUTTURN, key_of, measure_of, strip_name
from flows.recognise.narrative.ratios import form_budget
from flows.recognise.narrative.sentences import Paragraph
from flows.recognise.narrative.statements import Relations, Statements, claim_id

_BUDGET_NAME = r"(?P<against>(?:年初|全年|调整后?|当年)?(?:部门)?(?:支出)?预算数?)"
_SAME = r"(?:持平|一致|相同|相等|无变化|没有变化|无差异|相比无变化|相比持平)"
_COMPARE = re.compile(
    rf"(?:支出|收入)?决算数?(?:(?P<op>大于|高于|超过|多于|小于|低于|少于|等于)(?P<residue>（[^）]{{2}}）)?{_BUDGET_NAME}"
    rf"|(?:与|和|同|跟){_BUDGET_NAME.replace('against', 'beside')}(?P<even>基本)?(?:相比)?{_SAME})"
)
_NAME_BEFORE = re.compile(r"[^，。；：]{0,40}$")
_LEVEL = re.compile(
    rf"(?:^|[，。；])(?:[本当]?年)?(?:度)?(?:预决算|预算数?[与和]决算数?|决算数?[与和]预算数?)数?(?:相比)?(?P<even>基本)?{_SAME}|(?:^|[，。；])(?:与|和)(?P<beside>(?:年初|全年)?预算数?)(?:相比)?(?P<even2>基本)?{_SAME}"
)
_YEAR_LEVEL = re.compile(
    rf"(?:与|和|同|较|比)(?:上年度?|上一年度?|去年|(?:19|20)\d{{2}}年度?)(?:支出)?(?:决算)?数?(?:相比)?(?P<even>基本)?{_SAME}"
)
_UP, _DOWN = ("大于", "高于", "超过", "多于"), ("小于", "低于", "少于")


def comparisons(statements: Statements, relations: Relations) -> None:
    """Add every comparison of an outturn with its budget; the outturn's mention takes the direction over."""
    seen: set[tuple[str, str, str]] = set()
    blocks = {mention.block for mention in statements.mentions}
    for block, paragraph in enumerate(statements.paragraphs):
        if paragraph.heading or not any(near in blocks for near in (block, block - 1)):
            continue
        if statements.concepts.silent_under(paragraph.headings):
            continue
        for start, name, against, direction in _statements_of(paragraph):
            _compare(statements, relations, seen, block, paragraph, start, name, against, direction)
        _level_with_last_year(statements, relations, block, paragraph)


def _statements_of(paragraph: Paragraph) -> Iterator[tuple[int, str, str, str]]:
    """(offset, name, budget named, direction) of each comparison in `paragraph`."""
    if "决算" not in paragraph.plain and "预算" not in paragraph.plain:
        return
    for found in _COMPARE.finditer(paragraph.plain):
        if found["residue"] or found["even"]:
            continue
        name = _NAME_BEFORE.search(paragraph.plain, max(0, found.start() - 41), found.start())
        op = found["op"]
        direction = "up" if op in _UP else "down" if op in _DOWN else "flat"
        yield found.start(), name.group() if name else "", measure_of(found["against"] or found["beside"]), direction
    for found in _LEVEL.finditer(paragraph.plain):
        if not (found["even"] or found["even2"]):
            yield found.start(), "", measure_of(found["beside"] or "预算"), "flat"


def _compare(
    statements: Statements,
    relations: Relations,
    seen: set[tuple[str, str, str]],
    block: int,
    paragraph: Paragraph,
    start: int,
    name: str,
    against: str,
    direction: str,
) -> None:
    outturn = _compared(statements, block, paragraph, start, strip_name(name, statements.filing.organisation))
    if outturn is None:
        return
    budgets = statements.budgets(_end_of(statements, outturn, block, start))
    budget = _fitting(budgets, outturn, direction) if against == BUDGET else budgets.get(against)
    id_ = claim_id(budget) if budget else form_budget(statements, outturn) if against == BUDGET else ""
    key = (claim_id(outturn), id_, direction)
    if not id_ or key in seen:
        return
    seen.add(key)
    outturn.direction = direction
    position = paragraph.first + paragraph.sentence_of(start)
    relations.add("comparison", position, {"compared": claim_id(outturn), "against": id_}, {"direction": direction})


def _level_with_last_year(statements: Statements, relations: Relations, block: int, paragraph: Paragraph) -> None:
    """与上年持平, where the paragraph states last year's amount of the same item too."""
    for found in _YEAR_LEVEL.finditer(paragraph.plain):
        outturn = None if found["even"] else _compared(statements, block, paragraph, found.start(), "")
        if outturn is None or outturn.block != block:
            continue
        prior = [m for m in statements.by_entity.get(outturn.entity, ()) if m.block == block and statements.is_prior(m)]
        if len(prior) == 1 and outturn.entity:
            roles = {"compared": claim_id(outturn), "against": claim_id(prior[0])}
            position = paragraph.first + paragraph.sentence_of(found.start())
            relations.add("comparison", position, roles, {"direction": "flat"})


def _fitting(budgets: dict[str, Mention], outturn: Mention, direction: str) -> Mention | None:
    """The budget that a bare 预算数 means: where initial and full-year budget are both stated, the one it is true of."""
    for budget in budgets.values():
        more = surplus(outturn.quantity, budget.quantity)
        if more is not None and {"up": more > 0, "down": more < 0, "flat": not more}[direction]:
            return budget
    return budgets.get("")


def _end_of(statements: Statements, outturn: Mention, block: int, start: int) -> Mention:
    """The last mention of the outturn's item before the comparison: from there its budgets are looked up."""
    last = outturn
    for mention in statements.by_entity.get(outturn.entity, ()):
        if mention.block == block and mention.quantity.start < start and mention.order > last.order:
            last = mention
    return last


def _compared(statements: Statements, block: int, paragraph: Paragraph, start: int, name: str) -> Mention | None:
    """The outturn that a comparison speaks of: of the item it names, else of the sentence before it."""
    before = [m for m in statements.mentions if m.block == block and m.quantity.start < start]
    if not before:
        before = [m for m in statements.mentions if m.block == block - 1 and m.headings == paragraph.headings]
    before = [m for m in before if m.kind == "amount" and m.plain]
    if not name:
        before = [m for m in before if not (m.listing and m.listing.bracket and m.whole)] or before
    if name:
        entity = statements.concepts and statements.entity(name, before[-1]) if before else ""
        before = [m for m in before if m.entity == entity or key_of(m.item) == key_of(name)]
    if not before:
        return None
    last = before[-1]
    closed = last.block != block or "。" in paragraph.plain[last.quantity.end : start]
    if closed and not name:
        last = next(m for m in before if m.period == last.period)
    of_item = [m for m in before if m.entity == last.entity]
    outturns = [m for m in of_item if m.measure == OUTTURN] or [m for m in of_item if m.measure not in BUDGETS]
    return outturns[-1] if outturns and statements.of_year(outturns[-1]) else None


# ------------------------------------------------------------------------------------------------------------- years

_YEAR_END = re.compile(
    r"截[至止](?:到)?(?P<year>20\d{2})年(?:度)?(?:12月(?:31日|底)|年?底|末)(?!，?(?:已|累计|共?完成))"
)
_HEADING_YEAR = re.compile(r"(?<![与比较同])(?P<year>20\d{2})年度?[^，。；]{0,30}(?:决算|绩效)")
_THIS_YEAR = re.compile(r"(?:^|[。；])[^，。；：（）《\d]{0,30}?(?P<year>20\d{2})年度?(?!以来|以前|[-—至到]|\d)")
_LAST_YEAR = re.compile(
    r"(?:与|比|较|同)(?P<year>20\d{2})年度?(?!以来|以前)(?:(?!预算)[^，。；]){0,20}?(?:相比|比较|对比|增加|减少|增长|下降|，)"
)
"""The year compared with; a budget that is compared with is the year's own."""
_OPENS = re.compile(r"(?P<year>20\d{2})年度(?!以来|以前|[-—至到]|\d)")
_OF_THE_YEAR = re.compile(r"机关运行经费|政府采购|政府性基金|国有资本经营")
"""Headings under which the first sentence tells of the fiscal year, whatever it tells."""


_OF_YEAR = re.compile(r"(?P<year>20\d{2})年度?(?P<what>[^，。；：、（）“”《》\d]{4,30})")
_COMPARES = re.compile(r"比|较|同期|增|减|降|与|结转|上年|去年|以来|至今|[-—~至到]20\d{2}")
_SAME_THING = 5
"""Characters in which two things must begin alike to be one."""


def years(statements: Statements, relations: Relations) -> None:
    """Add a relation for every year that must be the fiscal year, or the one before it in a comparison."""
    fiscal = statements.filing.fiscal_year
    if not fiscal:
        return
    for paragraph in statements.paragraphs:
        if paragraph.heading:
            _say(relations, paragraph, _HEADING_YEAR, fiscal, "标题")
            continue
        if statements.concepts.silent_under(paragraph.headings) or not paragraph.headings:
            continue
        _say(relations, paragraph, _YEAR_END, fiscal, "截至")
        _of_two_years(relations, paragraph, fiscal)
        if statements.concepts.section(paragraph.headings):
            _say(relations, paragraph, _LAST_YEAR, fiscal - 1, "上年")
    for mention in statements.mentions:
        _of_statement(statements, relations, mention, fiscal)
    _of_openings(statements, relations, fiscal)


def _of_openings(statements: Statements, relations: Relations, fiscal: int) -> None:
    """The year with which a section opens, where no statement in that sentence has told it yet."""
    told = {relation.sentence for relation in relations.made if relation.kind == "year"}
    above: tuple[str, ...] = ()
    for paragraph in statements.paragraphs:
        opens = not paragraph.heading and paragraph.headings != above
        above = paragraph.headings
        found = _OPENS.match(paragraph.plain, len(paragraph.number)) if opens and paragraph.headings else None
        if found is None or paragraph.first in told or statements.concepts.silent_under(paragraph.headings):
            continue
        if _OF_THE_YEAR.search(paragraph.headings[-1]):
            text = {"year": found["year"], "expected": str(fiscal), "context": "本年度"}
            relations.add("year", paragraph.first, {}, text)


def _of_two_years(relations: Relations, paragraph: Paragraph, fiscal: int) -> None:
    """One thing of which a sentence, comparing nothing, says that it is of the fiscal year and of the one before it."""
    for start, end in paragraph.sentences:
        text = paragraph.plain[start:end]
        found = list(_OF_YEAR.finditer(text)) if str(fiscal - 1) in text and str(fiscal) in text else []
        if not found or _COMPARES.search(text):
            continue
        current = {one["what"][:_SAME_THING] for one in found if int(one["year"]) == fiscal}
        for one in found:
            if int(one["year"]) == fiscal - 1 and one["what"][:_SAME_THING] in current:
                roles = {"year": one["year"], "expected": str(fiscal), "context": "同一事项"}
                relations.add("year", paragraph.first + paragraph.sentence_of(start + one.start()), {}, roles)


def _say(relations: Relations, paragraph: Paragraph, pattern: re.Pattern[str], expected: int, context: str) -> None:
    for found in pattern.finditer(paragraph.plain):
        position = paragraph.first + paragraph.sentence_of(found.start("year"))
        relations.add("year", position, {}, {"year": found["year"], "expected": str(expected), "context": context})


def _of_statement(statements: Statements, relations: Relations, mention: Mention, fiscal: int) -> None:
    """The year printed with an account's own amount. Last year's amount may be given for comparison, so the year before
    counts only where it opens the section.
    """
    if not mention.year or not mention.plain or mention.kind != "amount" or "/" not in mention.entity:
        return
    earlier = any(m.plain and m.headings == mention.headings for m in statements.mentions[: mention.order])
    later = any(
        m.entity == mention.entity and m.headings == mention.headings and m.kind == "amount" and m.plain
        and m.year == fiscal for m in statements.mentions[mention.order + 1 :]
    )  # fmt: skip
    if mention.year == fiscal - 1 and (earlier or later or mention.item.startswith(("年末", "年底"))):
        return
    relations.add(
        "year",
        statements.sentence(mention),
        {},
        {"year": str(mention.year), "expected": str(fiscal), "context": "本年度"},
    )
