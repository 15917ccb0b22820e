"""Soda Core: one contract a table. Sums along a row are `failed_rows` expressions, everything else `failed_rows` queries."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from measured import Task, failing_rows, row_broken, run


def make_ready(task: Task) -> Callable[[], dict[str, Any]]:
    folder = Path(task["scratch"])
    os.environ["SODA_CORE_TELEMETRY_ENABLED"] = "false"
    paths = [_written(folder / f"{name}.yml", contract) for name, contract in _contracts(task["checks"])]
    import duckdb
    from soda_core.contracts import verify_contract_locally
    from soda_duckdb import DuckDBDataSource

    logging.disable(logging.INFO)

    def work() -> dict[str, Any]:
        connection = duckdb.connect(task["warehouse"], read_only=True)
        source = DuckDBDataSource.from_existing_cursor(connection, name="accounts")
        done = [verify_contract_locally(data_sources=[source], contract_file_path=path) for path in paths]
        told = [result for each in done for one in each.contract_verification_results for result in one.check_results]
        return {"broken": {one.check.name: int(one.diagnostic_metric_values["failed_rows_count"]) for one in told}}

    return work


def _contracts(checks: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in dict.fromkeys(check["table"] for check in checks):
        own = [check for check in checks if check["table"] == table]
        failed = [
            {"failed_rows": {"name": check["rule"], "qualifier": check["rule"]} | _condition(check)} for check in own
        ]
        yield table, {"dataset": f"accounts/main/{table}", "columns": [{"name": "filing"}], "checks": failed}


def _condition(check: dict[str, Any]) -> dict[str, str]:
    return {"expression": row_broken(check)} if check["kind"] == "row" else {"query": failing_rows(check)}


def _written(path: Path, contract: dict[str, Any]) -> str:
    """JSON is YAML."""
    path.write_text(json.dumps(contract, ensure_ascii=False, indent=1), "utf-8")
    return str(path)


if __name__ == "__main__":
    run(make_ready)
