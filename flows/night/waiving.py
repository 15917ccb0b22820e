"""Waivers: which files are used, how each waiver stands tonight, and what is told of them in the morning."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from expectations.rulefile.problems import RuleProblem
from expectations.rules import RuleBook
from flows.night.plan import NightFailed, Plan
from flows.night.runs import opened
from flows.waivers import kept, reading, telling
from flows.waivers.standing import Standing, stand

VARIABLE = "HEDUI_WAIVERS"
USUAL = Path("data/waivers")
NAMED = 10
"""Waivers that lapsed this night and are named; the others are counted."""

Notes = tuple[dict[str, str], ...]


def chosen_folders(given: Sequence[Path] = ()) -> tuple[Path, ...]:
    """The folders as given, else as HEDUI_WAIVERS names them, else data/waivers where there is one."""
    if given:
        return tuple(given)
    named = [Path(one) for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one.strip()]
    return tuple(named) or ((USUAL,) if USUAL.is_dir() else ())


def foresee(plan: Plan) -> None:
    """A folder of waivers that is not there is told before the night, unless the warehouse holds waivers from it.

    Raises `NightFailed` (code 2).
    """
    for folder in _gone(plan):
        if not plan.warehouse.exists() or not _of(folder, _before(plan)):
            said = _missing(folder)
            raise NightFailed(said["zh"], said["en"], 2)


def taken_in(plan: Plan, run: str, book: RuleBook, today: date | None = None) -> Notes:
    """The warehouse holds every waiver with how it stands in `run`; returns what is to be said of them.

    What is malformed is told and left out. Of a folder that is not there tonight the waivers of the night before stand.
    """
    waivers, problems = reading.read_all(reading.files(plan.waivers))
    with opened(plan.warehouse) as db:
        before = kept.given_out(db)
        for folder in _gone(plan):
            waivers += tuple(one.waiver for one in _of(folder, before))
            said = _missing(folder)
            problems += (RuleProblem(str(folder), 0, said["zh"], said["en"]),)
        known = {one.waiver.finding: one for one in before}
        standings = stand(db, waivers, known, book, run, today or date.today())
        kept.take_in(db, standings, problems)
    return tuple(_notes(standings, problems))


def _notes(standings: Sequence[Standing], problems: Sequence[RuleProblem]) -> Iterator[dict[str, str]]:
    for problem in problems:
        yield {lang: problem.text(lang) for lang in ("zh", "en")}
    fresh = [one for one in standings if one.status not in ("in_force", "not_yet") and one.status != one.before]
    for one in fresh[:NAMED]:
        yield {lang: f"{one.waiver.source}:{one.waiver.line}: {telling.said(one, lang)}" for lang in ("zh", "en")}
    if len(fresh) > NAMED:
        more = len(fresh) - NAMED
        yield {"zh": f"另有 {more} 条核实说明失效，见 hedui waivers list", "en": f"{more} more waivers lapsed, see hedui waivers list"}  # fmt: skip


def _gone(plan: Plan) -> list[Path]:
    return [folder for folder in plan.waivers if not folder.is_dir()]


def _missing(folder: Path) -> dict[str, str]:
    return {
        "zh": f"没有核实说明的文件夹 {folder}；请检查路径或建立它",
        "en": f"there is no folder of waivers {folder}; check the path, or make it",
    }


def _before(plan: Plan) -> tuple[Standing, ...]:
    with opened(plan.warehouse) as db:
        return kept.given_out(db)


def _of(folder: Path, before: Sequence[Standing]) -> list[Standing]:
    return [one for one in before if folder in Path(one.waiver.source).parents]
