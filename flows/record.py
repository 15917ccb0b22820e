"""What Great Expectations keeps of every run, in its own stores and its own form, and what is read from there as plain records.

Nothing here imports Great Expectations: contexts, stores and results are handed in. A run is executed in memory, where nothing
is slow; afterwards what it said is copied into the folder beside the warehouse, which Great Expectations itself can open
(`gx.get_context(context_root_dir=…)`). The SQL of a rule is kept once, in its suite, and not again with every result.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

FOLDER = ".gx"
"""The record's folder, beside the warehouse."""
RUNS_KEPT = 14
"""Results of this many runs are kept: two weeks of nights. The warehouse remembers the numbers of every run."""
ROWS_KEPT = 50
"""Failing rows kept of one expectation; the warehouse has them all."""

SETTINGS = "great_expectations.yml"
_LAST_SETTING = re.compile(rb"^data_context_id: [0-9a-f-]{36}$", re.MULTILINE)
"""What Great Expectations writes last into its settings."""

_SQL = ("query", "outcomes")
"""Settings of our own expectation that are SQL."""


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """One expectation's result, as the published pages show it; everything in it is text, numbers or booleans.

    `suite` is the topic (the rule file's id, "structure" or "canary") and `table` what it ran over: Great Expectations' record
    calls the two "suite.table". `rule` is None for built-in expectations; `counts` are a rule's verdicts by status; `failing`
    are the first broken instances, at most 200. `error` says what the expectation raised: then it neither passed nor failed.
    """

    suite: str
    table: str
    expectation_type: str
    rule: str | None
    description: str
    severity: str
    success: bool
    element_count: int
    unexpected_count: int
    counts: dict[str, int]
    failing: tuple[dict[str, str], ...]
    kwargs: dict[str, Any]
    meta: dict[str, Any]
    error: str = ""

    @property
    def passed(self) -> int:
        """How many of a rule's verdicts hold, exactly or within rounding."""
        return self.counts.get("holds", 0) + self.counts.get("rounding", 0)


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """One suite's results in one run. `began` is when its table was opened; `engine` is Great Expectations' version."""

    name: str
    began: datetime | None
    engine: str
    results: tuple[ExpectationResult, ...]


@dataclass(frozen=True, slots=True)
class KeptRun:
    """All that Great Expectations keeps of one run, its suites in the order in which they ran."""

    name: str
    started: datetime
    suites: tuple[SuiteResult, ...]


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite as it is kept: what will be asked of its table. The results in `expectations` are not there yet."""

    name: str
    topic: str
    table: str
    expectations: tuple[ExpectationResult, ...]


# ---- kept ---------------------------------------------------------------------------------------------------------------


def keep(ran: Any, kept: Any, run: str, whole: bool = True) -> None:
    """What the context `ran` said in `run` is in the stores of the context `kept`, its suites as they were run, and of
    earlier runs the last ones. A run tried again replaces its earlier try.

    A suite that has not changed is not written again. Where a run has not judged all (`whole`), the suites stay as the last run left them that did:
    the same rules, asked of every filing.
    """
    _keep_suites(ran.expectations_store, kept.expectations_store, whole)
    results = kept.validation_results_store
    for key in results.list_keys():
        if key.run_id.run_name == run:
            results.remove_key(key)
    for key in ran.validation_results_store.list_keys():
        told = _short(json.loads(ran.validation_results_store.store_backend.get(key.to_tuple())))
        results.store_backend.set(key.to_tuple(), json.dumps(told, ensure_ascii=False, indent=1))
    times = sorted({key.run_id.run_time for key in results.list_keys()})
    for key in results.list_keys():
        if key.run_id.run_time in times[:-RUNS_KEPT]:
            results.remove_key(key)


def _keep_suites(ran: Any, kept: Any, whole: bool) -> None:
    names = {key.to_tuple() for key in ran.list_keys()}
    there = {key.to_tuple(): key for key in kept.list_keys()}
    for name in there.keys() - names if whole else ():
        kept.remove_key(there[name])
    for name in sorted(names if whole else names - there.keys()):
        new = ran.store_backend.get(name)
        old = kept.store_backend.get(name) if name in there else "{}"
        if _nameless(json.loads(old)) != _nameless(json.loads(new)):
            kept.store_backend.set(name, new)


def _nameless(document: Any) -> Any:
    """`document` without the ids that are drawn anew in every run."""
    if isinstance(document, dict):
        return {name: _nameless(value) for name, value in document.items() if name != "id"}
    return [_nameless(one) for one in document] if isinstance(document, list) else document


def _short(told: dict[str, Any]) -> dict[str, Any]:
    """A validation result without SQL and with the first failing rows only."""
    for one in told["results"]:
        for name in _SQL:
            one["expectation_config"]["kwargs"].pop(name, None)
        details = (one.get("result") or {}).get("details") or {}
        if "failing" in details:
            details["failing"] = details["failing"][:ROWS_KEPT]
    return told


def mend(folder: Path, cut_off: Iterable[str]) -> None:
    """Nothing in `folder` is left of the runs that were `cut_off`, nor a file of which a killed run or a full disk left a part only:
    Great Expectations would stop at it every night."""
    gone = set(cut_off)
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.name in gone and path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.suffix == ".json" and not _is_whole(path):
            path.unlink(missing_ok=True)
    settings = folder / SETTINGS
    if settings.exists() and not _LAST_SETTING.search(settings.read_bytes()):
        settings.unlink()  # made anew


def _is_whole(path: Path) -> bool:
    """Whether the brace that closes the whole stands at the end; told without reading what is before it."""
    with path.open("rb") as file:
        file.seek(-min(3, path.stat().st_size), os.SEEK_END)
        return file.read().rstrip().endswith(b"\n}")


# ---- read ---------------------------------------------------------------------------------------------------------------


def kept_runs(context: Any) -> tuple[KeptRun, ...]:
    """Every run of which results are kept, newest first."""
    store = context.validation_results_store
    found: dict[tuple[datetime, str], list[SuiteResult]] = {}
    for key in store.list_keys():
        told = json.loads(store.store_backend.get(key.to_tuple()))
        found.setdefault((key.run_id.run_time, key.run_id.run_name), []).append(suite_result(told))
    return tuple(
        KeptRun(name, started, tuple(sorted(suites, key=_in_turn)))
        for (started, name), suites in sorted(found.items(), reverse=True)
    )


def _in_turn(one: SuiteResult) -> tuple[str, str]:
    return (one.began.isoformat() if one.began else "", one.name)


def suite_result(told: Any) -> SuiteResult:
    """A validation result as Great Expectations gives it, or as it stands in its store."""
    document = told if isinstance(told, Mapping) else _document(told)
    meta = document["meta"]
    return SuiteResult(
        name=document["suite_name"],
        began=_moment((meta.get("batch_markers") or {}).get("ge_load_time")),
        engine=str(meta.get("great_expectations_version") or ""),
        results=tuple(expectation_result(document["suite_name"], one) for one in document["results"]),
    )


def _document(told: Any) -> dict[str, Any]:
    return {"suite_name": told.suite_name, "meta": told.meta, "results": told.results}


def _moment(text: str | None) -> datetime | None:
    return datetime.strptime(f"{text}+0000", "%Y%m%dT%H%M%S.%fZ%z") if text else None


def expectation_result(suite: str, told: Any) -> ExpectationResult:
    """One expectation's result as Great Expectations gives it, or as it stands in its store."""
    one = told if isinstance(told, Mapping) else _result_document(told)
    config, result = one["expectation_config"], one.get("result") or {}
    details = result.get("details") or {}
    failing = details.get("failing")
    if failing is None:
        failing = [_row(value) for value in result.get("partial_unexpected_list") or ()]
    return _configured(
        suite,
        config,
        success=bool(one["success"]),
        element_count=int(result.get("element_count") or 0),
        unexpected_count=int(result.get("unexpected_count") or 0),
        counts=dict(details.get("counts") or {}),
        failing=tuple(failing),
        error=exception(one.get("exception_info")),
    )


def suite(told: Any) -> Suite:
    """A suite as Great Expectations hands it to a renderer."""
    meta = told.meta or {}
    topic, _, table = told.name.rpartition(".")
    return Suite(
        name=told.name,
        topic=str(meta.get("topic") or topic or table),
        table=str(meta.get("table") or table),
        expectations=tuple(_configured(told.name, _settings(one)) for one in told.expectation_configurations),
    )


def _configured(suite: str, config: Mapping[str, Any], **said: Any) -> ExpectationResult:
    topic, _, table = suite.rpartition(".")
    nothing: dict[str, Any] = {
        "success": False,
        "element_count": 0,
        "unexpected_count": 0,
        "counts": {},
        "failing": (),
    }
    severity = config.get("severity") or "critical"
    return ExpectationResult(
        suite=topic or table,
        table=table,
        expectation_type=config["type"],
        rule=config["kwargs"].get("rule"),
        description=config.get("description") or "",
        severity=str(getattr(severity, "value", severity)),
        kwargs={name: value for name, value in config["kwargs"].items() if name not in ("batch_id", *_SQL)},
        meta=dict(config.get("meta") or {}),
        **(nothing | said),
    )


def _settings(config: Any) -> dict[str, Any]:
    return {name: getattr(config, name) for name in ("type", "kwargs", "meta", "description", "severity")}


def _result_document(told: Any) -> dict[str, Any]:
    return {
        "expectation_config": _settings(told.expectation_config),
        "result": told.result,
        "success": told.success,
        "exception_info": told.exception_info,
    }


def _row(value: Any) -> dict[str, str]:
    """One unexpected value of a built-in expectation: a mapping of columns, several values, or one."""
    if isinstance(value, dict):
        return {str(name): _text(one) for name, one in value.items()}
    several = value if isinstance(value, (list, tuple)) else [value]
    return {"value": ", ".join(_text(one) for one in several)}


def _text(value: Any) -> str:
    """As text, a number without the zeros that only its column's type adds."""
    return format(Decimal(str(value)).normalize(), "f") if isinstance(value, (Decimal, float)) else str(value)


def exception(info: Mapping[str, Any] | None) -> str:
    """The message of what an expectation raised, "" when it raised nothing. `info` is one record, or one for each metric."""
    records: Sequence[Any] = [info] if info and "raised_exception" in info else list((info or {}).values())
    said = [str(record["exception_message"]) for record in records if record.get("raised_exception")]
    return "; ".join(dict.fromkeys(said))
