"""Counts and grades of the evaluation: projects evaluated, how many are graded what, and the scores behind a grade."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from flows.recognise.disclosure import Figure, FormRow
from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.sentences import Paragraph
from flows.recognise.narrative.statements import Relations, Statements, claim_id

_GRADES = {
    "优": (Decimal(90), Decimal(100)),
    "良": (Decimal(80), Decimal(90)),
    "中": (Decimal(60), Decimal(80)),
    "差": (Decimal(0), Decimal(60)),
}
"""Least and most points of each grade (财预〔2020〕10号: 90 (含)-100 优, 80 (含)-90 良, 60 (含)-80 中, 60 以下 差)."""
_GRADED = re.compile(
    r"(?:等[级次]|评[级价定]|自评|结果|结论|级别)[^，。；“”]{0,8}?[为是：]?[“”]?(?P<grade>优秀?|良好?|中等?|合格|差)[”]?(?:等?[级次])?(?=[，。；）]|$)"
)
_CONCEPTS = {"优": "绩效评级优项目数", "良": "绩效评级良项目数"}
_NEAR = 25
"""Characters between a score and the grade that it got."""


def tallies(statements: Statements, relations: Relations, rows: Sequence[FormRow], figures: Sequence[Figure]) -> None:
    """Add the number of projects evaluated and graded against the tables, and every grade beside its score."""
    funded = {f.row_key for f in figures if f.form == "P03" and f.column in ("年初预算数", "全年预算数", "全年执行数")}
    listed = [row for row in rows if row.form == "P03" and row.level and row.row_key in funded]
    if any("小计" in row.label or row.part for row in listed):
        listed = []  # grouped, or in several tables
    own = {row.part for row in rows if row.form == "P02" and "#" not in row.part}
    totals = [
        f.value for f in figures
        if f.form == "P02" and f.row_key == "总分" and f.column == "得分" and "#" not in f.part
    ]  # fmt: skip
    for mention in _first_of(statements, "绩效自评项目数"):
        if listed and not _counts_otherwise(statements, mention, len(listed)):
            _tally(statements, relations, mention, len(listed), "listed")
        if own and not _counts_otherwise(statements, mention, len(own)):
            _tally(statements, relations, mention, len(own), "own")
        graded = sum(int(m.quantity.value) for c in _CONCEPTS.values() for m in _first_of(statements, c))
        if mention.quantity.value == len(totals) == graded:
            for grade, concept in _CONCEPTS.items():
                least = _GRADES[grade][0]
                most = _GRADES[grade][1] if grade != "优" else Decimal("Infinity")
                for stated in _first_of(statements, concept):
                    _tally(statements, relations, stated, sum(least <= total < most for total in totals), "graded")
    _grades(statements, relations)


def _first_of(statements: Statements, concept: str) -> list[Mention]:
    return [m for m in statements.by_entity.get(concept, ()) if m.concept == concept][:1]


def _counts_otherwise(statements: Statements, mention: Mention, listed: int) -> bool:
    """Whether the paragraph counts the projects in another way too, and that is the number listed (8 个一级、20 个二级项目)."""
    return mention.quantity.value != listed and any(
        m.block == mention.block and m.kind == "count" and m.quantity.value == listed for m in statements.mentions
    )


def _tally(statements: Statements, relations: Relations, mention: Mention, counted: int, what: str) -> None:
    roles = {"stated": claim_id(mention)}
    relations.add("tally", statements.sentence(mention), roles, {"counted": str(counted), "what": what})


def _grades(statements: Statements, relations: Relations) -> None:
    """A grade right behind a score in one sentence, and the bounds of that grade."""
    for mention in statements.mentions:
        if mention.kind != "score" or mention.about or not Decimal(0) <= mention.quantity.value <= 100:
            continue
        found = _GRADED.search(mention.paragraph.plain, mention.quantity.end, mention.quantity.end + _NEAR)
        if found is None or _other_score(mention.paragraph, mention.quantity.end, found.start()):
            continue
        grade = {"合": "中"}.get(found["grade"][0], found["grade"][0])
        least, most = _GRADES[grade]
        text = {"grade": grade, "least": str(least), "most": str(most)}
        relations.add("grade", statements.sentence(mention), {"score": claim_id(mention)}, text)


def _other_score(paragraph: Paragraph, start: int, end: int) -> bool:
    """Whether a number or a project stands between a score and a grade, which then may be that one's."""
    return bool(re.search(r"\d|项目", paragraph.plain[start:end]))
