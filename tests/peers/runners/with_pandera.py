"""pandera, on pandas or on polars: a schema for each frame, its checks over whole frames, all failures gathered (`lazy`)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from measured import Task, run


def on_pandas(task: Task) -> Callable[[], dict[str, Any]]:
    import frames
    import pandera.pandas as pa

    def work() -> dict[str, Any]:
        broken = dict.fromkeys((check["rule"] for check in task["checks"]), 0)
        tables = frames.read(task["tables"], task["checks"])
        for frame, group in frames.prepared(tables, task["checks"]):
            schema = pa.DataFrameSchema(
                {"filing": pa.Column(str), "ulp": pa.Column(float)},
                checks=[pa.Check(partial(frames.holds, check=each), name=each["rule"]) for each in group],
            )
            try:
                schema.validate(frame, lazy=True)
            except pa.errors.SchemaErrors as error:
                cases = error.failure_cases  # one for each column of a failing row
                for rule, number in cases.groupby("check")["index"].nunique().items():
                    broken[str(rule)] += int(number)
        return {"broken": broken}

    return work


def on_polars(task: Task) -> Callable[[], dict[str, Any]]:
    import columns
    import pandera.polars as pa

    def work() -> dict[str, Any]:
        broken = dict.fromkeys((check["rule"] for check in task["checks"]), 0)
        tables = columns.read(task["tables"], task["checks"])
        for frame, group in columns.prepared(tables, task["checks"]):
            schema = pa.DataFrameSchema(
                {"filing": pa.Column(str)},
                checks=[pa.Check(partial(columns.holds, check=each), name=each["rule"]) for each in group],
            )
            try:
                schema.validate(frame, lazy=True)
            except pa.errors.SchemaErrors as error:
                cases = error.failure_cases
                for rule, number in cases.group_by("check").len().iter_rows():
                    broken[rule] += number
        return {"broken": broken}

    return work


if __name__ == "__main__":
    run({"pandas": on_pandas, "polars": on_polars}[sys.argv[2]])
