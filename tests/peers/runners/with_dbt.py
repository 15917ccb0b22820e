"""dbt-duckdb: one singular test a check over sources in the attached warehouse; failing rows are stored (`--store-failures`)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measured import Task, failing_rows, run


def make_ready(task: Task) -> Callable[[], dict[str, Any]]:
    os.environ |= {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1"}
    folder = Path(task["scratch"])
    _project(folder, task)
    from dbt.cli.main import dbtRunner

    call = ["test", "--store-failures", "--quiet", "--no-use-colors", "--no-version-check"]
    call += ["--project-dir", str(folder), "--profiles-dir", str(folder)]

    def work() -> dict[str, Any]:
        done = dbtRunner().invoke(call)
        if done.exception:
            raise done.exception
        told = {}
        for one in done.result.results:
            if one.failures is None:
                raise RuntimeError(f"{one.node.name}: {one.message}")
            told[one.node.meta["rule"]] = one.failures
        return {"broken": told}

    return work


def _project(folder: Path, task: Task) -> None:
    """The project's files; those that are the same are left as they are, so that dbt need not parse them again."""
    tables = sorted({name for check in task["checks"] for name in (check["table"], check["other"]) if name})
    warehouse = Path(task["warehouse"])
    files: dict[str, Any] = {
        "dbt_project.yml": {"name": "accounts", "version": "1.0", "profile": "accounts", "config-version": 2},
        "profiles.yml": {"accounts": {"target": "bench", "outputs": {"bench": {
            "type": "duckdb", "path": str(folder / "failures.duckdb"), "threads": os.cpu_count() or 1,
            "attach": [{"path": str(warehouse), "alias": "warehouse", "read_only": True}],
        }}}},
        "models/sources.yml": {"version": 2, "sources": [
            {"name": "accounts", "database": "warehouse", "schema": "main", "tables": [{"name": name} for name in tables]}
        ]},
    }  # fmt: skip
    texts = {name: json.dumps(content, ensure_ascii=False, indent=1) for name, content in files.items()}
    for check in task["checks"]:
        said = json.dumps({"rule": check["rule"]})
        name = check["rule"].replace(".", "_").replace("-", "_")
        texts[f"tests/{name}.sql"] = f"{{{{ config(meta={said}) }}}}\n{failing_rows(check, _source)}\n"
    for name, text in texts.items():
        path = folder / name
        if not path.is_file() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


def _source(table: str) -> str:
    return f"{{{{ source('accounts', '{table}') }}}}"


if __name__ == "__main__":
    run(make_ready)
