"""`hedui doctor`: whether this machine and this folder are fit for the night, line by line, and how to mend what is not.

`examine` runs every check; a check is a plain function that yields lines. It changes nothing: what it writes to try a folder is
removed. Prefect and Great Expectations are not imported: their versions and files tell enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import flows
from flows.doctor import machine, programs, project
from flows.doctor.line import Line
from flows.night.plan import Plan

CHECKS: tuple[Callable[[Plan], Iterator[Line]], ...] = (
    programs.python,
    programs.packages,
    programs.lock,
    programs.scans,
    programs.office,
    programs.fonts,
    programs.browser,
    programs.prefect,
    programs.spark,
    machine.strength,
    machine.disk,
    machine.folders,
    machine.clock,
    project.rules,
    project.sources,
    project.declared,
    project.warehouse,
    project.site,
)
"""In this order they are told: what is installed, the machine, then what lies here."""


def examine(plan: Plan) -> list[Line]:
    """What every check says of the night that `plan` asks for. A check that itself fails is a line that fails, never silence."""
    found: list[Line] = []
    for check in CHECKS:
        try:
            found += check(plan)
        except Exception as error:
            cause = f"{type(error).__name__}: {error}".splitlines()[0]
            found.append(
                Line(
                    check.__name__,
                    "fail",
                    f"这项检查本身出错：{cause}",
                    f"this check itself failed: {cause}",
                    "请把这一行发给维护者。",
                    "send this line to the maintainers",
                )
            )
    return found


def told(lines: list[Line]) -> dict[str, Any]:
    """The lines for programs."""
    return {"hedui": flows.__version__, "checks": [asdict(one) for one in lines]}
