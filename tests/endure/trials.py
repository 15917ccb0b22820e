"""One trial: a night is killed somewhere, perhaps the next one too; then a night runs through, and all must be as if nothing had been."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random

from flows.night.plan import Plan
from tests.endure import compared, material
from tests.endure.compared import Left
from tests.endure.nights import Kill, Measure, forked, measured, night, prepare

AGAIN = 0.2
"""How often the night after a killed one is killed as well."""


@dataclass(frozen=True)
class Trial:
    """What one trial found: where it began ("first" night or "second"), the kills, whether they struck, and what was wrong afterwards."""

    number: int
    began: str
    kills: tuple[Kill, ...]
    struck: int
    wrong: tuple[str, ...]

    def line(self) -> str:
        """The trial in one line."""
        kills = ", ".join(f"{kill.kind} {kill.at:.6g}" for kill in self.kills)
        return f"{self.number:4} {self.began} night, killed at {kills}: {'; '.join(self.wrong) or 'as undisturbed'}"


@dataclass(frozen=True)
class Course:
    """Folders to work in, and what undisturbed nights take and leave, by where they begin."""

    folder: Path
    measures: dict[str, Measure]
    leaves: dict[str, Left]
    before: Left

    def plan(self, began: str) -> Plan:
        """The night to be killed."""
        return replace(_plan(self.folder / "trial"), sources=(str(self.folder / began),))


def _plan(folder: Path) -> Plan:
    return Plan((), folder / "data" / "warehouse.duckdb", folder / "reports" / "site", page_images="none")


def set_up(folder: Path) -> Course:
    """Undisturbed nights have run, and this process is ready to fork others."""
    prepare(material.rule_folder(folder / "rules"))
    for began in ("first", "second"):
        material.lay_out(folder / began, later=began == "second")
    course = Course(folder, {}, {}, Left(0, {}, {}, {}))
    for began in ("first", "second"):
        night(course.plan(began))  # here, so that every fork has in memory what this has made
    for began in ("first", "second"):
        _begin(course, began)
        course.measures[began] = measured(partial(night, course.plan(began)), folder / "trial")
        assert not (wrong := compared.wrong(course.plan(began))), wrong
        course.leaves[began] = compared.left(course.plan(began))
        if began == "first":
            shutil.copytree(folder / "trial", folder / "kept")
    return replace(course, before=course.leaves["first"])


def _begin(course: Course, began: str) -> None:
    shutil.rmtree(course.folder / "trial", ignore_errors=True)
    if began == "second":
        shutil.copytree(course.folder / "kept", course.folder / "trial")


def trials(course: Course, points: range, seed: int) -> Iterator[Trial]:
    """The trials of these numbers, each the same one for the same seed."""
    for number in points:
        random = Random(f"{seed}/{number}")
        began = random.choice(("first", "second"))
        kills = [course.measures[began].draw(random)]
        if random.random() < AGAIN:
            kills.append(course.measures[began].draw(random))
        yield trial(course, number, began, tuple(kills))


def trial(course: Course, number: int, began: str, kills: tuple[Kill, ...]) -> Trial:
    """The night that begins so is killed so, then run through."""
    plan, wrong, struck = course.plan(began), [], 0
    _begin(course, began)
    for kill in kills:
        ended = forked(lambda: night(plan), kill)
        full = kill.kind == "full" and "the disk is full" in ended
        struck += full or ended == "killed"
        if not full and ended not in ("", "killed"):
            wrong.append(f"the night to be killed ended with {ended}")
        wrong += _half_written(course, plan, began)
    if ended := forked(lambda: night(plan)):
        return Trial(number, began, kills, struck, (*wrong, f"the next night ended with {ended}"))
    wrong += compared.wrong(plan) + compared.left(plan).differences(course.leaves[began])[:6]
    return Trial(number, began, kills, struck, tuple(wrong))


def _half_written(course: Course, plan: Plan, began: str) -> list[str]:
    """What stands after a kill is the former site or the new one. A night killed after another whose run had ended by then tells of
    one run more: then all else is as it should be."""
    stands = compared.files(plan.site)
    whole = [course.leaves[began].site, course.before.site if began == "second" else {}]
    if stands in whole or (stands and compared.beside_runs(stands) in map(compared.beside_runs, whole)):
        return []
    new = course.leaves[began].site
    odd = [name for name in sorted({*stands, *new}) if stands.get(name) != new.get(name)]
    return [f"the site stands half: {len(stands)} files, not the new one's: {', '.join(odd[:5])}"]
