"""The register of expected filings: which one is used, taken in every night, and what is told of it in the morning."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from flows.night.plan import NightFailed, Plan
from flows.night.runs import opened
from flows.register import kept, reading
from flows.register.standing import Compared
from flows.register.terms import BadTerm, chosen_terms

VARIABLE = "HEDUI_REGISTER"
USUAL = (Path("data/register.csv"), Path("data/register.xlsx"))


def chosen_register(given: Path | None = None) -> Path | None:
    """The register as given, else as HEDUI_REGISTER says, else data/register.csv or .xlsx where there is one; None: there is none."""
    named = str(given) if given else os.environ.get(VARIABLE, "").strip()
    return Path(named) if named else next((path for path in USUAL if path.is_file()), None)


def foresee(plan: Plan) -> None:
    """A register that cannot be used is told before the night, unless the warehouse still holds the one before.

    Raises `NightFailed` (code 2), also for a term that means nothing.
    """
    terms = _terms(plan)
    if plan.register is None:
        return
    try:
        reading.read(plan.register, terms)
    except reading.Unusable as error:
        if not _kept(plan):
            raise NightFailed(error.message["zh"], error.message["en"], 2) from error


def taken_in(plan: Plan) -> tuple[dict[str, str], ...]:
    """The warehouse holds the register as its file is now; returns what is to be said of it.

    A register that cannot be read tonight costs no night: the one before stands. Raises `NightFailed`.
    """
    with opened(plan.warehouse) as db:
        if plan.register is None:
            kept.forget(db)
            return ()
        try:
            register = reading.read(plan.register, _terms(plan))
        except reading.Unusable as error:
            rows = kept.keep(db, plan.register, error.message)
            return ({"zh": f"{error.message['zh']}；沿用上次的名册（{rows} 行）", "en": f"{error.message['en']}; the register of the night before stands ({rows} rows)"},)  # fmt: skip
        kept.take_in(db, register)
    return tuple({lang: problem.text(lang) for lang in ("zh", "en")} for problem in reading.told(register))


def compared(plan: Plan, today: date) -> Compared | None:
    """How the expectations stand today; None without a register. Raises `NightFailed`."""
    with opened(plan.warehouse) as db:
        found = kept.given_out(db, today)
    return found.compared if found else None


def _terms(plan: Plan) -> tuple[reading.Term, ...]:
    try:
        return chosen_terms(plan.due)
    except BadTerm as error:
        raise NightFailed(error.message["zh"], error.message["en"], 2) from error


def _kept(plan: Plan) -> int:
    if not plan.warehouse.exists():
        return 0
    with opened(plan.warehouse) as db:
        return kept.rows_kept(db)
