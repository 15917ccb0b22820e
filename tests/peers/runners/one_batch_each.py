"""Great Expectations as its tutorials use it: one batch per filing. A few dozen filings are judged, the rest is extrapolated.

The frames are computed for those filings at once, which is little; a built-in expectation compares what each figure is off with what
rounding explains, and its result names every row that fails (`COMPLETE`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from measured import SLACK, Task, run


def make_ready(task: Task) -> Callable[[], dict[str, Any]]:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import frames
    import great_expectations as gx
    import pandas as pd
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("filings").add_dataframe_asset("filing")
    batch = asset.add_batch_definition_whole_dataframe("filing")
    suite = context.suites.add(gx.ExpectationSuite(name="accounts"))
    rules = [check["rule"] for check in task["checks"]]
    for rule in rules:
        suite.add_expectation(
            gx.expectations.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=f"{rule} bound", column_B=f"{rule} off", or_equal=True, meta={"rule": rule}
            )
        )
    definition = context.validation_definitions.add(gx.ValidationDefinition(name="filing", data=batch, suite=suite))

    def of_filings() -> dict[str, pd.DataFrame]:
        """Filing → a frame with two columns for each check, padded: rows of different forms stand beside each other."""
        tables = frames.read(task["tables"], task["checks"], task["sample"])
        parts: dict[str, list[pd.DataFrame]] = {filing: [] for filing in task["sample"]}
        for frame, group in frames.prepared(tables, task["checks"]):
            told = {"filing": frame["filing"]}
            for check in group:
                difference, bound = frames.off(frame, check)
                told |= {f"{check['rule']} off": difference, f"{check['rule']} bound": bound + SLACK}
            for filing, own in pd.DataFrame(told).groupby("filing"):
                parts[str(filing)].append(own.drop(columns="filing").reset_index(drop=True))
        return {filing: pd.concat(own, axis=1) for filing, own in parts.items()}

    def work() -> dict[str, Any]:
        broken = dict.fromkeys(rules, 0)
        for frame in of_filings().values():
            done = definition.run(batch_parameters={"dataframe": frame}, result_format="COMPLETE")
            for result in done.results:
                if result.exception_info.get("raised_exception"):
                    raise RuntimeError(result.exception_info)
                broken[result.expectation_config.meta["rule"]] += result.result["unexpected_count"]
        return {"broken": broken}

    return work


if __name__ == "__main__":
    run(make_ready)
