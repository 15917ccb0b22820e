"""Judging at scale: through Great Expectations, by the same SQL without it, and by SQL written by hand, on the same warehouse.

`python -m tests.bench judging --filings N`. Great Expectations also sees to the keys of every table, so that is written by hand as
well; what it does beyond that, its canary, its built-in witnesses, keeping what is broken with its arithmetic, is its own cost.
The warehouse is made, measured and measured for memory in a process each, so that
none pays for another. Whatever is compared must first have counted the same.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.measures import SAME, Measure, Timing, run_python, timed

FILINGS = 2000
"""As many as keep the bench in minutes."""
DISTINCT = 60
"""Filings that are generated and read; the rest are copies of them under other names."""
RATIOS, MEMORY = ((100_000, 1.5), (20_000, 2.5)), 2048
"""From how many filings on judging may take how many times as long as the SQL by hand: of fewer filings Great Expectations' own
work, which is the same for any number, is the most. The most that a process may hold, in MiB."""

WRITTEN = 20_000
"""Of more filings the arithmetic of what holds is not written out: it is the same work again for every slice of them, for hours."""

_SPOILED = (
    "UPDATE expenditure SET total = total + 1 WHERE row_key = '合计'",
    "UPDATE expenditure SET basic = -basic WHERE level = 1",
    "UPDATE income SET total = total + 0.5 WHERE level = 1",
    "UPDATE income_expenditure_summary SET income_total = income_total + 2",
    "UPDATE general_budget_expenditure SET project = coalesce(project, 0) + 7 WHERE level = 3",
    "UPDATE appropriation_summary SET expenditure_total_total = 0",
    "UPDATE three_public_expenses SET total_outturn = total_outturn + 0.3",
    "UPDATE general_budget_basic_expenditure SET outturn = outturn * 10 WHERE level = 2",
    "UPDATE narrative_share SET rate = rate + 3",
    "UPDATE narrative_change_pct SET rate = rate + 600",
    "UPDATE narrative_change_amount SET change = change + 1",
    "UPDATE narrative_completion SET rate = rate / 2",
    "UPDATE narrative_citation SET stated = stated + 1",
    "UPDATE narrative_comparison SET compared = against, against = compared",
    "UPDATE narrative_year SET year = year - 1",
    "UPDATE sentence SET text = replace(text, '，', '，，')",
    "UPDATE narrative_sum_member SET parts = parts * 2 WHERE position = 0",
    "UPDATE government_fund_budget SET income = income + 1",
    "UPDATE general_budget_basic_expenditure SET row_key = row_key || '#2' WHERE level = 2",
    "UPDATE form_reading SET title = '' WHERE form = 'T02'",
    "UPDATE three_public_expenses SET reception_outturn = reception_budget + 9",
    "UPDATE performance_summary SET outturn = full_year_budget * 2",
    "UPDATE narrative SET contracts_sme = procurement_total + 5",
    "UPDATE heading SET number = number_before WHERE level = 2",
)
"""Errors of one kind each, put into some of all filings."""
ONE_IN = 50


def judging(filings: int, rounds: int, warehouse: Path | None = None) -> list[Measure]:
    """How long judging takes and how much memory, each beside its budget; of `warehouse`, made first where it is not there."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(warehouse or Path(folder) / "warehouse.duckdb")
        made = _child("held" if Path(path).exists() else "build", path, str(filings))
        filings = made["filings"]
        told = _child("compare", path, str(rounds))
        whole = _child("whole", path, str(filings))
    clock, computing = (
        [{name: taken[kind] for name, taken in turn.items()} for turn in told["turns"]] for kind in (0, 1)
    )
    through, against = "judging through Great Expectations", "against SQL written by hand"
    note = f"{made['filings']} filings, {told['compared']} of {whole['rules']} rules, {told['broken']} broken"
    return [
        Measure(f"{through}: {note}", "s", tuple(turn["great expectations"] for turn in clock)),
        Measure("  the same SQL without it", "s", tuple(turn["compiled"] for turn in clock)),
        Measure("  SQL written by hand", "s", tuple(turn["by hand"] for turn in clock)),
        Measure(f"  {against}, in computing time", "×", _ratio(computing, "great expectations", "by hand"), _budget(filings)),
        Measure(SAME.replace("computing time", "time by the clock"), "×", _ratio(clock, "great expectations", "by hand")),
        Measure("  against the same SQL without it, in computing time", "×", _ratio(computing, "great expectations", "compiled")),
        Measure(f"judging by all {whole['rules']} rules: {whole['verdicts']:,} verdicts", "s", (whole["judged"],)),
        Measure("  largest memory", "MiB", (whole["memory_judged"],), MEMORY),
        *([
            Measure("  writing out the arithmetic of what holds", "s", (whole["written"],)),
            Measure("  largest memory, that included", "MiB", (whole["memory"],), MEMORY),
        ] if "written" in whole else []),
    ]  # fmt: skip


def _budget(filings: int) -> float | None:
    return next((ratio for number, ratio in RATIOS if filings >= number), None)


def _ratio(turns: Sequence[dict[str, float]], upper: str, lower: str) -> tuple[float, ...]:
    return tuple(turn[upper] / turn[lower] for turn in turns)


def _child(*call: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run_python("-m", "tests.bench.judging", *call).stdout.splitlines()[-1])
    return told


# ---- in a process of its own --------------------------------------------------------------------------------------------


def build(path: Path, filings: int, one_in: int = ONE_IN, *, read: bool = False) -> dict[str, Any]:
    """The warehouse at `path` holds so many filings; one in so many, each time others, have an error of each kind.

    `read`: with all that is read of a filing, not only what rules run on.
    """
    from flows import warehouse
    from tests.prove import many

    with warehouse.connect(path) as connection:
        many.fill(connection, filings, distinct=DISTINCT, read=read)
        for number, statement in enumerate(_SPOILED):
            some = f"hash(filing) % {one_in} = {number % one_in}"
            connection.execute(f"{statement} AND {some}" if " WHERE " in statement else f"{statement} WHERE {some}")
        connection.execute("CHECKPOINT")
    return {"filings": filings}


def held(path: Path, _: int) -> dict[str, Any]:
    """How many filings the warehouse at `path` holds."""
    import duckdb

    with duckdb.connect(str(path), read_only=True) as connection:
        return {"filings": _number(connection, "SELECT count(*) FROM judged_filing")}


def compare(path: Path, rounds: int) -> dict[str, Any]:
    """Seconds by the clock and of computing of each way to judge, round for round.

    Raises RuntimeError when two ways count differently.
    """
    import duckdb

    from expectations import rules, vocabulary
    from expectations.reconcile import STAGING_SCHEMA, judge, staging_ddl
    from expectations.sql import verdicts
    from flows.judge import bound
    from flows.validate import validate
    from tests.bench.handwritten import handwritten, structure

    book = rules.load()
    queries, keys = handwritten(book), structure(vocabulary.load())
    compiled = [one for one in verdicts.compile_all(book, vocabulary.load()) if one.rule.id in queries]
    found: dict[str, dict[str, int]] = {}

    def through() -> None:
        done = validate(path, book, compiled, "bench")
        found["great expectations"] = {one.rule: one.unexpected_count for one in done.results if one.rule in queries}

    def bare() -> None:
        with duckdb.connect(str(path)) as connection:
            bound(connection)
            connection.execute(f"ATTACH ':memory:' AS {STAGING_SCHEMA} (COMPRESS)")
            connection.execute(staging_ddl())
            run = lambda sql: connection.execute(sql).fetchall()  # noqa: E731
            found["compiled"] = {
                one.rule.id: judge(run, one.base, one.rule.id, one.outcomes("{batch}"), one.sql("{batch}", "{filings}"))
                .counts.get("broken", 0)
                for one in compiled
            }  # fmt: skip
            connection.execute(f"DETACH {STAGING_SCHEMA}")

    def by_hand() -> None:
        with duckdb.connect(str(path)) as connection:
            found["by hand"] = {rule: _number(connection, sql) for rule, sql in queries.items()}
            if wrong := [table for table, sql in keys.items() if _number(connection, sql)]:
                raise RuntimeError(f"the keys of {wrong} are not what they should be")

    ways: dict[str, Callable[[], None]] = {"great expectations": through, "compiled": bare, "by hand": by_hand}
    for way in ways.values():
        way()
    turns: list[dict[str, Timing]] = []
    for _ in range(rounds):
        turns.append({name: timed(way) for name, way in ways.items()})
    _refuse_difference(found)
    return {"turns": turns, "compared": len(compiled), "broken": sum(found["by hand"].values())}


def _number(connection: Any, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])


def _refuse_difference(found: dict[str, dict[str, int]]) -> None:
    for rule, number in found["by hand"].items():
        told = {way: counts.get(rule) for way, counts in found.items()}
        if set(told.values()) != {number}:
            raise RuntimeError(f"{rule} is broken {told}")


def whole(path: Path, filings: int) -> dict[str, Any]:
    """How long judging by all rules takes in a fresh process, and its largest memory before and after the writing out."""
    from expectations import rules, vocabulary
    from expectations.sql import verdicts
    from flows import judge, warehouse
    from flows.validate import validate

    book = rules.load()
    compiled = verdicts.compile_all(book, vocabulary.load())
    told: dict[str, Any] = {"rules": len(compiled)}

    def judged() -> None:
        told["done"] = validate(path, book, compiled, "bench")

    def written(passed: dict[str, int]) -> None:
        with warehouse.connect(path) as connection:
            judge.write_out(connection, compiled, "bench", passed)

    told["judged"] = timed(judged)[0]
    done = told.pop("done")
    told |= {"verdicts": done.verdicts, "memory_judged": _largest()}
    if filings > WRITTEN:
        return told
    passed = {one.rule: one.passed for one in done.results if one.rule}
    return told | {"written": timed(partial(written, passed))[0], "memory": _largest()}


def _largest() -> float:
    """The largest memory of this process so far, in MiB."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    which, where, *number = sys.argv[1:]
    steps: dict[str, Callable[..., dict[str, Any]]] = {"build": build, "held": held, "compare": compare, "whole": whole}
    print(json.dumps(steps[which](Path(where), *map(int, number))))
