"""What a night is made of, as plain functions: what there is to read, what is loaded, what changed, what is told in the morning.

`flows.nightly` runs these through Prefect and imports it; this module stays light, so that a mistake in a path or a rule is
told at once.
"""

from __future__ import annotations

import itertools
import os
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

import flows
from expectations import rules, vocabulary
from expectations.rules import RuleBook
from expectations.sql import verdicts
from expectations.sql.verdicts import Compiled
from flows import collect, judge, warehouse
from flows.explain import ties
from flows.read.document import Unreadable
from flows.recognise.disclosure import SET_ASIDE
from flows.workers.limits import LIMITED, Limits, chosen_limits
from flows.workers.pool import Workers

DEFAULT_SOURCES = ("data/samples", "data/inbox")
STATUSES = ("holds", "rounding", "broken", "not_verifiable")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read, where the warehouse and the published site are, and what the reading of a document may take.

    `teams` are folders of rules beside the shipped ones; () for those that HEDUI_RULES names.
    """

    sources: tuple[str, ...] = DEFAULT_SOURCES
    warehouse: Path = Path("data/warehouse.duckdb")
    site: Path = Path("reports/site")
    limits: Limits = field(default_factory=chosen_limits)
    teams: tuple[Path, ...] = ()
    page_images: str = "findings"
    """Which pages of documents are shown as pictures: those with findings, all or none."""

    @property
    def kept(self) -> Path:
        """The folder beside the warehouse in which Prefect and Great Expectations keep their own records."""
        return self.warehouse.absolute().parent


@dataclass(frozen=True, slots=True)
class Found:
    """A document that was collected: its name, its bytes' sha256 and size; `fault` when it could not be opened."""

    address: str
    name: str
    sha256: str
    size: int
    fault: str = ""

    @property
    def origin(self) -> warehouse.Origin:
        return warehouse.Origin(self.address, self.sha256, self.size, collect.reader_version())


@dataclass(frozen=True, slots=True)
class Outcome:
    """A document that was read: the disclosure, pickled so that no one looks through its thousands of figures, or why not."""

    found: Found
    disclosure: bytes | None
    refusal: warehouse.Refusal | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a night would do: documents found, those among them to be read, and how many rules would judge."""

    found: tuple[Found, ...]
    fresh: tuple[Found, ...]
    rules: int


@dataclass(frozen=True, slots=True)
class Change:
    """Findings (their fingerprints) against the last completed run; `since` is that run, "" when there is none."""

    since: str
    new: int
    still: int
    gone: int


@dataclass(frozen=True, slots=True)
class Summary:
    """One night as told in the morning. `broken` counts broken verdicts by severity; lines of `unreadable` are zh and en.

    `set_aside` counts those of the `filings` that are budgets or accounts of a government, which are not judged.
    """

    run: str
    page: Path
    documents: int
    loaded: int
    filings: int
    counts: Mapping[str, int]
    broken: Mapping[str, int]
    change: Change
    unreadable: tuple[tuple[str, dict[str, str]], ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    set_aside: int = 0
    seconds: float = 0.0
    notes: tuple[dict[str, str], ...] = field(default=())
    causes: int = 0
    """Broken verdicts less those that follow from another."""


class NightFailed(Exception):
    """The night did not complete; `message` says why in each language, `code` is the exit code (2 call, 3 run)."""

    def __init__(self, zh: str, en: str, code: int = 3) -> None:
        super().__init__(en)
        self.message = {"zh": zh, "en": en}
        self.code = code


# ---- before the night --------------------------------------------------------------------------------------------------


def judges(plan: Plan) -> tuple[RuleBook, tuple[Compiled, ...]]:
    """The rule book in force, every active rule compiled. Raises `rules.RuleErrors` when a rule file is wrong."""
    book = rules.in_force(plan.teams)
    return book, verdicts.compile_all(book, vocabulary.load())


def foresee(plan: Plan) -> Outlook:
    """What a night would do, without doing it. Raises `collect.Missing`, `rules.RuleErrors` and `NightFailed`."""
    _, compiled = judges(plan)
    found = tuple(look_at(source) for source in collect.find(plan.sources))
    held: dict[str, str] = {}
    if plan.warehouse.exists():
        with opened(plan.warehouse, read_only=True) as connection:
            held = warehouse.known(connection)
    return Outlook(found, unread(found, held, plan.limits), len(compiled))


def look_at(source: collect.Source) -> Found:
    """The document's fingerprint; one that cannot be opened is found all the same, and says why."""
    try:
        data = source.data()
    except OSError as error:
        cause = error.strerror or str(error)
        nothing = collect.fingerprint(source.address.encode())
        return Found(source.address, source.name, nothing, 0, cause)
    return Found(source.address, source.name, collect.fingerprint(data), len(data))


def unread(found: Iterable[Found], held: Mapping[str, str], limits: Limits) -> tuple[Found, ...]:
    """Those whose bytes this reader has not read yet, each once; what a limit stopped, only under other limits."""
    done = (collect.reader_version(), _limited_version(limits))
    once = {one.sha256: one for one in reversed(tuple(found)) if one.fault or held.get(one.sha256) not in done}
    return tuple(reversed(once.values()))


def _limited_version(limits: Limits) -> str:
    """The version of the reader as recorded with a document that these limits kept it from reading."""
    return f"{collect.reader_version()} {limits}"


def opened(path: Path, read_only: bool = False) -> warehouse.Connection:
    """The warehouse. Raises `NightFailed` when another process holds it or it is no warehouse."""
    try:
        return warehouse.connect(path, read_only)
    except duckdb.Error as error:
        cause = str(error).splitlines()[0]
        raise NightFailed(
            f"打不开仓库 {path}（{cause}）；请确认没有别的运行正在使用它。",
            f"the warehouse {path} cannot be opened ({cause}); check that no other run is using it",
        ) from error


# ---- during the night --------------------------------------------------------------------------------------------------


@contextmanager
def alone(plan: Plan) -> Iterator[None]:
    """No other night runs over this warehouse meanwhile. Raises `NightFailed` when one does."""
    plan.kept.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows: DuckDB's own lock is all there is
        yield
        return
    with Path(f"{plan.warehouse}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NightFailed(
                f"另一次运行正在使用仓库 {plan.warehouse}；请等它结束。",
                f"another run is using the warehouse {plan.warehouse}; wait until it has ended",
            ) from error
        yield


def begin(plan: Plan) -> str:
    """A run is entered in the warehouse as running; returns its id, the time in UTC. One still running was cut off: it failed."""
    with opened(plan.warehouse) as connection:
        now = datetime.now(UTC).replace(tzinfo=None)
        connection.execute("UPDATE run SET status = 'failed', finished = ? WHERE status = 'running'", [now])
        taken = {run for (run,) in connection.execute("SELECT run FROM run").fetchall()}
        second = f"{now:%Y%m%d-%H%M%S}"
        names = (second if number == 1 else f"{second}-{number}" for number in itertools.count(1))
        run = next(name for name in names if name not in taken)
        values = [run, now, flows.__version__, collect.reader_version()]
        connection.execute(
            "INSERT INTO run (run, started, status, hedui, reader) VALUES (?, ?, 'running', ?, ?)", values
        )
    return run


def end(plan: Plan, run: str, status: str, **numbers: int) -> None:
    """The run is completed or failed, with its numbers (columns of the table `run`)."""
    columns = "".join(f", {name} = ?" for name in numbers)
    with opened(plan.warehouse) as connection:
        now = datetime.now(UTC).replace(tzinfo=None)
        values = [status, now, *numbers.values(), run]
        connection.execute(f"UPDATE run SET status = ?, finished = ?{columns} WHERE run = ?", values)


def collected(plan: Plan) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """All documents there are, and those to be read; every source of known bytes is recorded."""
    found = tuple(look_at(source) for source in collect.find(plan.sources))
    with opened(plan.warehouse) as connection:
        fresh = unread(found, warehouse.known(connection), plan.limits)
        reading = {one.address for one in fresh}
        warehouse.add_sources(connection, [one.origin for one in found if one.address not in reading])
        warehouse.forget_replaced(connection, {one.address: one.sha256 for one in found}, _stands)
    return found, fresh


def _stands(address: str) -> bool:
    """Whether something is still there; of URLs that is not asked."""
    return "://" in address or Path(address).exists()


def read(found: Found, workers: Workers) -> Outcome:
    """The document read and recognised, or the reason why not. Raises OSError when it can no longer be opened."""
    if found.fault:
        message = {"zh": f"无法打开：{found.fault}", "en": f"it cannot be opened: {found.fault}"}
        return Outcome(found, None, warehouse.Refusal("not_opened", message))
    with workers.turn() as worker:
        data = collect.Source(found.address, found.name).data()
        try:
            return Outcome(found, worker.read(data, found.name))
        except Unreadable as error:
            return Outcome(found, None, warehouse.Refusal(error.reason, error.message))


def loaded(plan: Plan, outcomes: Sequence[Outcome]) -> int:
    """All that was read is in the warehouse; returns how many filings are new or were read anew.

    A disclosure that does not fit the tables is recorded as unreadable and holds up no other.
    """
    good = [one for one in outcomes if one.disclosure is not None]
    with opened(plan.warehouse) as connection:
        for one in outcomes:
            if one.refusal:
                origin = one.found.origin
                if one.refusal.reason in LIMITED:
                    origin = replace(origin, reader=_limited_version(plan.limits))
                warehouse.record_unreadable(connection, origin, one.refusal)
        try:
            return len(warehouse.load(connection, map(_unpacked, good)))
        except ValueError:
            return sum(_load_alone(connection, one) for one in good)


def _load_alone(connection: warehouse.Connection, one: Outcome) -> int:
    try:
        return len(warehouse.load(connection, [_unpacked(one)]))
    except ValueError as error:
        message = {
            "zh": f"有数字超出可记录的范围（{error}）；请核对原文。",
            "en": f"a number is beyond what can be recorded ({error}); look at the source",
        }
        warehouse.record_unreadable(connection, one.found.origin, warehouse.Refusal("out_of_range", message))
        return 0


def _unpacked(one: Outcome) -> tuple[Any, warehouse.Origin]:
    return pickle.loads(one.disclosure or b""), one.found.origin


def explained(plan: Plan, run: str, passed: Mapping[str, int]) -> None:
    """The verdicts that pass, `passed` of each rule, are in the warehouse with their arithmetic, as the others are already, and
    each finding that follows from another names its root.

    Raises `NightFailed` when they are other than was counted.
    """
    with opened(plan.warehouse) as connection:
        try:
            book, compiled = judges(plan)
            judge.write_out(connection, compiled, run, passed)
            ties.tie(connection, run, book.active)
        except judge.Contradiction as error:
            raise NightFailed(f"核对结果前后不一致：{error}", f"the verdicts contradict themselves: {error}") from error


# ---- after the night ---------------------------------------------------------------------------------------------------


def summarise(
    plan: Plan, run: str, page: Path, found: Sequence[Found], read_anew: int, book: RuleBook, seconds: float
) -> Summary:
    """What the night found, from the warehouse."""
    severity = {rule.id: rule.severity for rule in book.rules}
    with opened(plan.warehouse) as connection:
        counts = _counted(connection, "SELECT status, count(*) FROM verdict WHERE run = ? GROUP BY 1", run)
        by_rule = _counted(
            connection, "SELECT rule, count(*) FROM verdict WHERE run = ? AND status = 'broken' GROUP BY 1", run
        )
        refused = {
            sha256: {"zh": zh, "en": en}
            for sha256, zh, en in connection.execute(
                "SELECT sha256, message_zh, message_en FROM document WHERE status = 'unreadable'"
            ).fetchall()
        }
        filings = connection.execute("SELECT count(*) FROM filing WHERE current").fetchone()
        aside = connection.execute(
            "SELECT count(*) FROM filing WHERE current AND list_contains(?, kind)", [list(SET_ASIDE)]
        ).fetchone()
        causes = connection.execute(
            "SELECT count(*) FROM verdict WHERE run = ? AND status = 'broken' AND root IS NULL", [run]
        ).fetchone()
        change = _change(connection, run)
    broken = dict.fromkeys(rules.SEVERITIES, 0)
    for rule, count in by_rule.items():
        broken[severity[rule]] += count
    first: dict[str, str] = {}
    copies = tuple(
        (one.address, first[one.sha256]) for one in found if first.setdefault(one.sha256, one.address) != one.address
    )
    return Summary(
        run=run,
        page=page,
        documents=len(found),
        loaded=read_anew,
        filings=filings[0] if filings else 0,
        counts={status: counts.get(status, 0) for status in STATUSES},
        broken=broken,
        change=change,
        unreadable=tuple((one.address, refused[one.sha256]) for one in found if one.sha256 in refused),
        copies=copies,
        set_aside=aside[0] if aside else 0,
        seconds=seconds,
        causes=causes[0] if causes else 0,
    )


def _counted(connection: warehouse.Connection, query: str, run: str) -> dict[str, int]:
    return dict(connection.execute(query, [run]).fetchall())


def _change(connection: warehouse.Connection, run: str) -> Change:
    before = connection.execute(
        "SELECT run FROM run WHERE status = 'completed' AND run <> ? ORDER BY started DESC, run DESC LIMIT 1", [run]
    ).fetchone()
    if before is None:
        return Change("", 0, 0, 0)
    told = "SELECT DISTINCT fingerprint FROM verdict WHERE status = 'broken' AND run = ?"
    now, then = ({one for (one,) in connection.execute(told, [which]).fetchall()} for which in (run, before[0]))
    return Change(before[0], len(now - then), len(now & then), len(then - now))


def exit_code(summary: Summary, fail_on: Sequence[str]) -> int:
    """0 when the night completed, whatever it found; 2 or 1 for what the caller asked to fail on."""
    if "unreadable" in fail_on and summary.unreadable:
        return 2
    grave = summary.broken["critical"] + (summary.broken["warning"] if "warning" in fail_on else 0)
    return 1 if grave and {"critical", "warning"} & set(fail_on) else 0


def settle(plan: Plan) -> None:
    """Prefect, once imported, keeps to this project: its home beside the warehouse, no telemetry, few words.

    What the user has set stays. A first start migrates Prefect's database, which takes longer than Prefect itself allows.
    Raises `NightFailed` when the warehouse's folder cannot be made.
    """
    try:
        (plan.kept / ".prefect").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NightFailed(
            f"无法建立仓库所在的文件夹 {plan.kept}（{error.strerror}）；请换一个可写的位置。",
            f"the warehouse's folder {plan.kept} cannot be made ({error.strerror}); choose a place that can be written",
            2,
        ) from error
    for name, value in {
        "PREFECT_HOME": str(plan.kept / ".prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    }.items():
        os.environ.setdefault(name, value)
