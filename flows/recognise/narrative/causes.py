"""The causes that a text gives for a change: which way they point, and how much of it they explain.

A cause points one way where its words can mean nothing else (人员调出, 厉行节约); one that points both ways, or speaks of last
year or of what was not done, is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.sentences import Paragraph
from flows.recognise.narrative.statements import Relations, Statements, claim_id

_CAUSE = re.compile(r"(?:主要)?(?:原因|系|由于)(?:主要)?(?:是|为|在于|：)?(?P<cause>[^。；]{2,80})")
_MOVED = re.compile(
    r"决算数?(?P<beyond>大于|高于|超过|多于|小于|低于|少于)(?:年初|全年|调整后?)?(?:部门)?(?:支出)?预算数?"
    r"|(?P<verb>增加|增长|上升|减少|下降|降低)(?:了)?[\d,.]+(?:亿元|万元|元|%)"
)
_UP = ("大于", "高于", "超过", "多于", "增加", "增长", "上升")
_POINTS_UP = re.compile(
    r"(?:在职|编制内|单位|机关)?人员(?:增加|增多|调入)|新增(?:在职|编制)?人员|增人增资|工资(?:上涨|上调|提高|标准提高)|调入人员|人数增加"
)
_POINTS_DOWN = re.compile(
    r"(?:在职|编制内|单位|机关)?人员(?:减少|调出|调离)|调出人员|厉行节约|(?:压缩|压减|严控|从严控制)[^，、]{0,10}(?:支出|开支|经费)|人数减少"
)
_UNSURE = re.compile(r"上年|去年|20\d{2}年|未|尚|没有|不|退休|但|以及上|结转|相比|年初预算")
_GAP = 30
"""Characters between a change and the words that give its cause."""


def causes(statements: Statements, relations: Relations) -> None:
    """Add every cause beside the direction that it is given for, and every change with the amounts given as its causes."""
    for paragraph in statements.paragraphs:
        if paragraph.heading or statements.concepts.silent_under(paragraph.headings):
            continue
        for start, direction, cause in _pointed(paragraph):
            position = paragraph.first + paragraph.sentence_of(start)
            relations.add("cause", position, {}, {"direction": direction, "cause": cause})
    for mention in statements.mentions:
        if mention.kind == "change_amount" and not (mention.residue or mention.about or mention.cut):
            _explained(statements, relations, mention)


def _pointed(paragraph: Paragraph) -> Iterator[tuple[int, str, str]]:
    """(offset, direction of the change, direction that its cause points) of each cause that points one way alone."""
    plain = paragraph.plain
    for found in _CAUSE.finditer(plain):
        begin = max(plain.rfind(mark, 0, found.start()) for mark in "。；") + 1
        moved = list(_MOVED.finditer(plain, begin, found.start()))
        if not moved or found.start() - moved[-1].end() > _GAP:
            continue
        directions = {"up" if (one["beyond"] or one["verb"]) in _UP else "down" for one in moved}
        up, down = bool(_POINTS_UP.search(found["cause"])), bool(_POINTS_DOWN.search(found["cause"]))
        if (
            len(directions) != 1
            or up == down
            or _UNSURE.search(found["cause"])
            or (re.search(r"增|新", found["cause"]) and down)
        ):
            continue
        if up and re.search(r"减|降", found["cause"]):
            continue
        yield found.start(), directions.pop(), "up" if up else "down"


def _explained(statements: Statements, relations: Relations, change: Mention) -> None:
    """A change and the amounts of the same direction that the rest of its sentence gives as causes."""
    plain = change.paragraph.plain
    cause = _CAUSE.search(plain, change.quantity.end, change.quantity.end + _GAP + 80)
    if (
        cause is None
        or cause.start() - change.quantity.end > _GAP
        or re.search(r"[。；]", plain[change.quantity.end : cause.start()])
    ):
        return
    named: list[Mention] = []
    for other in statements.mentions[change.order + 1 :]:
        if other.block != change.block or other.quantity.start >= cause.end():
            break
        if other.quantity.start >= cause.start() and other.quantity.family == "amount":
            named.append(other)
    opposite = any(
        m.direction not in ("none", change.direction) or m.about or m.residue or m.quantity.per for m in named
    )
    if named and not opposite and change.direction in ("up", "down"):
        ids = tuple(claim_id(m) for m in named)
        relations.add("explained", statements.sentence(change), {"change": claim_id(change)}, {}, ids)
