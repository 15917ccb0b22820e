"""Only what every instance of a rule comes to, without its arithmetic: the SELECT that is run over all filings, many times as fast.

Of a filing in which anything was read without certainty the status is NULL: to know that one, its terms are needed.
"""

from __future__ import annotations

from expectations.sql.arithmetic import Work
from expectations.sql.intervals import staged
from expectations.sql.scope import Scope
from expectations.vocabulary import JUDGED, MONEY

_UNSURE = "(SELECT *, len(doubted) > 0 AS unsure FROM {})"
"""Filings with one word for each of whether anything is in doubt: a join would carry the whole list along, row by row."""


def brief(scope: Scope, work: Work, where: str, gate: str, stage: str, judged: str) -> str:
    """The template of a SELECT of filing and status.

    `where`: which rows have a verdict; `gate`: what is not NULL where the rule cannot judge whatever its values are, doubts
    apart; `stage` and `judged`: the arithmetic of a comparison, used where `work` does not have the status as one expression.
    """
    unsure, filings = f"{scope.filing}.unsure", ""
    if scope.base != JUDGED:
        filings = f" JOIN {_UNSURE.format(JUDGED)} f ON f.filing = t.filing"
    if scope.previous_forms is not None:
        filings += f" JOIN {_UNSURE.format(JUDGED)} pf ON pf.filing = {scope.filing}.previous"
        unsure += " OR pf.unsure"
    base = _UNSURE.format("\0") if scope.base == JUDGED else "\0"
    rows = f"FROM {base} t{filings}{scope.joined(terms=False)} WHERE {where}"
    lost = [f"({gate}) IS NOT NULL"] if gate else []
    for one, _, _ in work.leaves:
        lost += [one.absent] if one.absent else []
        lost += [] if one.blank_is_zero else [f"{one.value} IS NULL"]
    void = " OR ".join(lost)
    if work.status:
        cannot = f" WHEN {void} THEN 'not_verifiable'" if void else ""
        return (
            f"SELECT t.filing AS filing, CASE WHEN {unsure} THEN NULL{cannot} ELSE {work.status} END AS status {rows}"
        )
    values = "".join(
        f", CAST({one.value} AS {MONEY}) AS v{k}, CAST({one.radius} AS {MONEY}) AS r{k}"
        for k, (one, _, _) in enumerate(work.leaves)
    )
    first = f"SELECT t.filing AS filing, {unsure} AS unsure, {void or 'false'} AS void{values} {rows}"
    second = f"SELECT filing, unsure, void, {stage} FROM ({first})"
    third = f"SELECT filing, unsure, void OR base_reason IS NOT NULL AS void, {judged} FROM {staged(f'({second})', work.levels)}"
    cases = "WHEN unsure THEN NULL WHEN void THEN 'not_verifiable' ELSE status"
    return f"SELECT filing, CASE {cases} END AS status FROM ({third})"
