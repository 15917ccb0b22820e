"""Counts of one activity told in several passages: meetings held, persons trained, works built.

An activity is known by its name without the verbs that say no more than that it took place (举办, 开展). What a summary
says is held against the passage of the project itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from flows.recognise.disclosure import Figure
from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.passages import DEPARTMENT, Passages, Table
from flows.recognise.narrative.statements import Relations, Statements, claim_id

_LIGHT = "开展|举办|承办|召开|举行|组织|完成|进行|实施|参加|部署"
_HEAVY = (
    "印发|印制|发放|制作|建成|新建|修建|改造|维修|检修|培训|培养|慰问|走访|查处|办理|受理|审理|调解|化解|处理|救助|资助|"
    "购置|采购|引进|新增|创建|建设|巡查|检查|排查|整治|清理|拆除|编制|出版|播出|演出|接待|服务|种植|清淤|疏浚"
)
_FRONT = re.compile(
    rf"^(?:[、，和及并且]|[一二三四五六七八九十]是|其中|同时|已|共|共计|累计|先后|陆续|积极|全年|年内|本年度?|今年|当年|20\d{{2}}年度?|截至[^，]{{0,12}}|{_LIGHT}|各类|各项|各种|相关|有关|了)+"
)
_LAST_LIGHT = re.compile(rf"^.*(?:{_LIGHT})(?:了|各类|各项|相关)?")
_ENDS_IN_VERB = re.compile(rf"(?P<verb>{_LIGHT}|{_HEAVY}|了)(?:了|共|共计|累计|各类)?$")
_BEFORE = re.compile(r"[^，。；：、（）]*$")
_AFTER = re.compile(r"[^，。；：、（）\d和及与等]*")
_UNSURE = re.compile(
    r"计划|拟|将要|预计|目标|不少于|不低于|至少|以上|每[年月季周天人]|季度|上半年|下半年|其中|分别|平均|人均|力争|≥|第"
)
_WHOLE_NAME = 6
"""Characters behind a verb that name an activity; a shorter name needs the words before the verb."""
_SHORT, _DISTINCT, _UNIQUE = 4, 8, 10
"""Characters by which an activity is known within one project, within the department or where the department tells less of it
than a project does, and where it tells more, which other projects may have added."""


@dataclass(frozen=True, slots=True)
class Count:
    """One count of an activity: at least `low` (a claim) and at most `high`, in `table` and the paragraph `block`."""

    name: str
    unit: str
    low: Mention
    high: Mention
    least: Decimal
    most: Decimal
    table: Table
    block: int


def activities(statements: Statements, relations: Relations, passages: Passages) -> None:
    """Add every activity that is counted in more than one passage, and every one that an indicator counts too."""
    found: dict[tuple[str, str], list[Count]] = {}
    for count in _counts(statements, passages):
        found.setdefault((count.name, count.unit), []).append(count)
    for counts in found.values():
        sure = [one for one in counts if not any(_contradicts(one, other) for other in counts)]
        sure.sort(key=lambda one: one.table == DEPARTMENT)
        if len({one.table for one in sure if one.table != DEPARTMENT}) > 1:
            sure = [one for one in sure if one.table != DEPARTMENT]  # it tells of several projects together
        for again in sure[1:]:
            first = next((one for one in sure if one is not again and _comparable(one, again)), None)
            if first is not None and sure.index(first) < sure.index(again):
                _add(statements, relations, again, first)
        for count in {one.table: one for one in reversed(sure)}.values():
            _against_indicator(statements, relations, passages, count)


def _contradicts(one: Count, other: Count) -> bool:
    """Whether one paragraph gives several counts under one name: of several occasions, it seems."""
    return one is not other and one.block == other.block and (one.least, one.most) != (other.least, other.most)


def _comparable(first: Count, again: Count) -> bool:
    if first.block == again.block:
        return False
    if first.table == again.table:
        return len(first.name) >= (_DISTINCT if first.table == DEPARTMENT else _SHORT)
    return again.table == DEPARTMENT and len(first.name) >= (_UNIQUE if again.least > first.most else _DISTINCT)


def _add(statements: Statements, relations: Relations, again: Count, first: Count) -> None:
    roles = {"again_low": claim_id(again.low), "first_low": claim_id(first.low)}
    text = {"subject": again.name}
    for side, count in (("again", again), ("first", first)):
        if count.most == count.high.quantity.value:
            roles[f"{side}_high"] = claim_id(count.high)
        else:
            text[f"{side}_high"] = str(int(count.most))
    relations.add("activity", statements.sentence(again.low), roles, text)


# ----------------------------------------------------------------------------------------------------- reading counts


def _counts(statements: Statements, passages: Passages) -> Iterator[Count]:
    done: set[int] = set()
    last: Count | None = None
    for mention in statements.mentions:
        if mention.kind != "count" or mention.order in done or mention.direction in ("up", "down"):
            continue
        table = passages.table(mention.paragraph)
        if table is None or passages.planned(mention.paragraph) or not statements.of_year(mention):
            continue
        both = [
            m for m in statements.mentions[mention.order : mention.order + 2] if m.quantity.end == mention.quantity.end
        ]
        same = [m for m in both if m.block == mention.block]
        done.update(m.order for m in same)
        name = _name(mention, same[-1], last)
        if not name or _is_unsure(mention):
            last = None
            continue
        low, high = same[0], same[-1]
        more = re.search(r"[余多]", mention.paragraph.plain[high.quantity.start : high.quantity.end])
        most = high.quantity.value + (_step(high.quantity.value) if more else 0)
        last = Count(name, _alike(mention.quantity.unit), low, high, low.quantity.value, most, table, mention.block)
        yield last


def _step(value: Decimal) -> Decimal:
    """How far "more than so many" reaches: to the next number as round as this one."""
    whole = int(value)
    step = 1
    while whole and whole % (step * 10) == 0:
        step *= 10
    return Decimal(step)


def _name(mention: Mention, end: Mention, last: Count | None) -> str:
    """The activity that is counted: named before its number, behind it, or that of the number right before it (8 期 320 人次)."""
    plain, quantity = mention.paragraph.plain, mention.quantity
    if last and last.block == mention.block and last.high.quantity.end == quantity.start:
        return last.name
    before = _BEFORE.search(plain, max(0, quantity.start - 60), quantity.start)
    lead = _FRONT.sub("", before.group()) if before else ""
    verb = _ENDS_IN_VERB.search(before.group()) if before else None
    if verb or not lead:
        behind = _AFTER.match(plain, end.quantity.end)
        thing = behind.group() if behind else ""
        heavy = verb["verb"] if verb and re.fullmatch(_HEAVY, verb["verb"]) else ""
        if len(thing) >= _SHORT or not lead:
            return heavy + thing if len(thing) >= _SHORT else ""
    rest = _LAST_LIGHT.sub("", lead)
    name = rest if len(rest) >= _WHOLE_NAME else lead
    return _in_full(plain, quantity.start, name) if len(name) >= 2 else ""


def _in_full(plain: str, start: int, name: str) -> str:
    """The longer name that ends in `name` and was given before in the paragraph (举办…警示教育大讲堂。…大讲堂 5 期)."""
    if len(name) >= _DISTINCT:
        return name
    for found in re.finditer(
        rf"(?:{_LIGHT})(?P<whole>[^，。；：（）\d]{{2,40}}{re.escape(name)})(?=[，。；（])", plain[: start - len(name)]
    ):
        return found["whole"]
    return name if len(name) >= _SHORT else ""


def _is_unsure(mention: Mention) -> bool:
    """Whether the words around a count say that it is no plain count of what was done."""
    plain, quantity = mention.paragraph.plain, mention.quantity
    begin = max(plain.rfind(mark, 0, quantity.start) for mark in "。；，：") + 1
    near = plain[begin : quantity.end + 6]
    beside = plain[max(0, quantity.start - 2) : quantity.start]
    return bool(_UNSURE.search(near)) or beside.endswith(("约", "近", "超"))


# ------------------------------------------------------------------------------------------------ against indicators


def _against_indicator(statements: Statements, relations: Relations, passages: Passages, count: Count) -> None:
    """A count told in the text of a table against the indicator of the same name, in the same unit.

    Where the table answers with the whole of the target (100%), the target is what must have been reached.
    """
    rows = [row for row in passages.indicators.get(count.table, ()) if label_name(row.label) == count.name]
    if len(rows) != 1 or count.least != count.most:
        return
    target, achieved = (passages.figures.get((*count.table, rows[0].row_key, c)) for c in ("年度指标值", "实际完成值"))
    sentence, told = statements.sentence(count.low), claim_id(count.low)
    if achieved and _unit(achieved) == count.unit and not achieved.relation:
        relations.add("activity_indicator", sentence, {"printed": achieved.id, "told": told}, {"what": "achieved"})
        return
    whole = achieved is not None and achieved.unit == "%" and achieved.value >= 100
    if whole and target and _unit(target) == count.unit and target.relation in ("≥", ">", "=", ""):
        relations.add("activity_indicator", sentence, {"printed": target.id, "told": told}, {"what": "target"})


def _unit(figure: Figure) -> str:
    return _alike(re.sub(r"[/／]年度?$", "", figure.unit))


def _alike(unit: str) -> str:
    """`unit`, one word for units that count the same (18 场, 18 场次)."""
    return {"场次": "场", "批次": "批", "件次": "件", "户次": "户"}.get(unit, unit)


def label_name(label: str) -> str:
    """An indicator's label as activities are named in the text."""
    bare = re.sub(r"^(?:指标)?[\d一二三四五六七八九十]{1,2}[:：.、]", "", label)
    bare = re.sub(r"(?:的)?(?:次数|数量|场次|期数|人数|场数|批次)$", "", re.sub(r"^按照?[^，]{0,8}，", "", bare))
    lead = _FRONT.sub("", bare)
    rest = _LAST_LIGHT.sub("", lead)
    return rest if len(rest) >= _WHOLE_NAME else lead
