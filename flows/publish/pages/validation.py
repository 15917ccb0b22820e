"""The Great Expectations pages: suites and what they expect, the newest run's results with failing rows, the runs before it.

`flows.publish.datadocs` calls these from Great Expectations' own site builder. Everything comes as the plain records of
`flows.record`, so that nothing here imports Great Expectations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from expectations.messages import pick
from flows.publish.content.runs import RunLine
from flows.publish.content.views import Verdict
from flows.publish.pages import expectations as told
from flows.publish.press import Press
from flows.publish.wording import sayings
from flows.publish.wording.words import LANGUAGES, say
from flows.record import ExpectationResult, KeptRun, Suite, SuiteResult
from flows.terminal import STAGES

Findings = Callable[[Sequence[tuple[str, str, str]]], Iterable[Verdict]]
"""Gives the findings of the newest run by these rules on these filings and instances."""

INDEX = "validation.html"
RUNS = "validation/runs.html"
SHOWN_ROWS = 50
ROWS_OF_A_RUN = 3
"""Failing rows of one expectation that a run's page shows; the newest run's are all in the suite's result."""


@dataclass(eq=False, repr=False)
class Desk:
    """What the pages are printed from, and the printed pages: language → path → HTML.

    `found` are findings of the newest run by rule, filing and instance, `lines` the warehouse's lines of runs, `runs` what
    Great Expectations keeps of them, newest first. The views of `flows.publish.datadocs` fill in `suites` and `results`; `wanted`
    are the paths that must have been printed in the end.
    """

    press: Press
    lines: Mapping[str, RunLine]
    found: dict[tuple[str, str, str], Verdict] = field(default_factory=dict)
    runs: Sequence[KeptRun] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    run_names: Mapping[str, str] = field(default_factory=dict)
    suites: dict[str, Suite] = field(default_factory=dict)
    results: dict[str, SuiteResult] = field(default_factory=dict)
    pages: dict[str, dict[str, str]] = field(default_factory=lambda: {lang: {} for lang in LANGUAGES})
    wanted: set[str] = field(default_factory=set)
    faults: list[Exception] = field(default_factory=list)
    tables: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.tables = told.table_names(self.press)

    def __deepcopy__(self, memo: dict[int, Any]) -> Desk:
        """The desk itself: Great Expectations copies the configurations in which it stands."""
        return self

    def lead_to(self, findings: Findings) -> None:
        """`found` are those of which a kept failing row tells."""
        told_of = {
            (one.rule, row["filing"], row["instance"])
            for run in self.runs
            for suite in run.suites
            for one in suite.results
            for row in one.failing
            if one.rule and "filing" in row and "instance" in row
        }
        for verdict in findings(sorted(told_of)):
            self.found.setdefault((verdict.rule, verdict.filing, verdict.instance), verdict)

    def print(self, path: str, make: Callable[[Desk, str], str]) -> str:
        """The page at `path` is among `pages` in every language; returns the first. What `make` raises is kept in `faults`."""
        try:
            for lang in LANGUAGES:
                self.pages[lang][path] = make(self, lang)
        except Exception as error:
            self.faults.append(error)
            raise
        return self.pages[LANGUAGES[0]][path]


def suite_path(desk: Desk, suite: str) -> str:
    return f"validation/suites/{desk.names[suite]}.html"


def result_path(desk: Desk, suite: str) -> str:
    return f"validation/results/{desk.names[suite]}.html"


def run_path(desk: Desk, run: str) -> str:
    return f"validation/runs/{desk.run_names[run]}.html"


# ---- suites -------------------------------------------------------------------------------------------------------------


def index_page(desk: Desk, lang: str) -> str:
    """Every suite by topic: how many expectations, how many passed, the worst that failed."""
    groups: dict[str, list[dict[str, Any]]] = {}
    order = [one.name for one in desk.runs[0].suites] if desk.runs else []
    for name in sorted(desk.results, key=lambda name: order.index(name) if name in order else len(order)):
        result = desk.results[name]
        topic = told.topic(name)
        groups.setdefault(topic, []).append(_suite_line(desk, result, lang))
    suites = [
        {"title": told.topic_title(desk.press, topic, lang), "canary": topic == told.CANARY, "suites": lines}
        for topic, lines in groups.items()
    ]
    everything = [one for result in desk.results.values() for one in result.results]
    run = _run_facts(desk, 0, lang) if desk.runs else {}
    title = say("validation", lang)
    return desk.press.print(
        "validation.html",
        lang,
        INDEX,
        here="validation",
        title=title,
        groups=suites,
        run=run,
        all=told.tally(everything),
    )


def _suite_line(desk: Desk, result: SuiteResult, lang: str) -> dict[str, Any]:
    return {
        "table": told.table(result.name),
        "title": desk.tables.get(told.table(result.name), "") if lang == "zh" else "",
        "href": result_path(desk, result.name),
        "suite_href": suite_path(desk, result.name) if result.name in desk.suites else "",
        "worst": told.worst(result.results, lang),
        **told.tally(result.results),
    }


def suite_page(desk: Desk, lang: str, suite: Suite) -> str:
    """What is expected of one table: formula, meaning, severity, kind; nothing of any run, so that it stays as it is."""
    path = suite_path(desk, suite.name)
    return desk.press.print(
        "suite.html",
        lang,
        path,
        here="validation",
        title=told.suite_title(desk.press, desk.tables, suite.name, lang),
        canary=suite.topic == told.CANARY,
        table=suite.table,
        expectations=[told.expectation(desk.press, one, lang, "../../") for one in suite.expectations],
        result_href=f"../results/{desk.names[suite.name]}.html",
    )


def result_page(desk: Desk, lang: str, result: SuiteResult) -> str:
    """What the newest run found of one table: what failed with its rows first, then what passed."""
    path = result_path(desk, result.name)
    home = "../../"
    failed = [one for one in result.results if not told.as_wished(one) or one.suite == told.CANARY]
    return desk.press.print(
        "result.html",
        lang,
        path,
        here="validation",
        title=told.suite_title(desk.press, desk.tables, result.name, lang),
        canary=told.topic(result.name) == told.CANARY,
        counts=told.tally(result.results),
        failed=[
            told.expectation(desk.press, one, lang, home) | failing_rows(desk, one, SHOWN_ROWS, lang, home)
            for one in sorted(failed, key=told.gravity)
        ],
        passed=[told.expectation(desk.press, one, lang, home) for one in result.results if one not in failed],
        suite_href=f"../suites/{desk.names[result.name]}.html" if result.name in desk.suites else "",
        runs_href="../runs.html",
    )


# ---- failing rows -------------------------------------------------------------------------------------------------------

_HEADS = ("filing", "instance", "stated", "computed", "difference", "unexplained")


def failing_rows(desk: Desk, one: ExpectationResult, most: int, lang: str, home: str) -> dict[str, Any]:
    """`columns` and `rows` of cells (text, href, number) of the first failing rows; `more` is how many are not shown."""
    shown = one.failing[:most]
    names = [name for name in _HEADS if any(name in row for row in shown)]
    names += [name for name in dict.fromkeys(name for row in shown for name in row) if name not in names]
    return {
        "columns": [(say(name, lang) if name in (*_HEADS, "value") else name, name in _HEADS[2:]) for name in names],
        "rows": [[_cell(desk, one, name, row, lang, home) for name in names] for row in shown],
        "more": max(one.unexpected_count - len(shown), 0),
        "in_wan": any(verdict.measure == "amount" for row in shown if (verdict := _finding(desk, one, row))),
    }


def _cell(
    desk: Desk, one: ExpectationResult, name: str, row: Mapping[str, str], lang: str, home: str
) -> dict[str, Any]:
    value = str(row.get(name) or "")
    verdict = _finding(desk, one, row)
    if name == "filing":
        return {
            "text": _organisation(desk, value, lang),
            "href": _filing_href(desk, value, verdict, home),
            "num": False,
        }
    if name == "instance" and verdict:
        value = sayings.about(desk.press, verdict, lang) or value
    if name in _HEADS[2:]:
        percent = "%" if value and verdict and verdict.measure == "percent" else ""
        return {"text": told.number(value) + percent, "href": "", "num": True}
    return {"text": value, "href": "", "num": False}


def _finding(desk: Desk, one: ExpectationResult, row: Mapping[str, str]) -> Verdict | None:
    """The newest run's finding of which a failing row tells, None once it is gone."""
    return desk.found.get((one.rule or "", row.get("filing", ""), row.get("instance", "")))


def _organisation(desk: Desk, key: str, lang: str) -> str:
    filing = desk.press.filings.get(key)
    return f"{sayings.organisation(filing, lang)} {filing.fiscal_year or ''}".strip() if filing else key


def _filing_href(desk: Desk, key: str, verdict: Verdict | None, home: str) -> str:
    """The finding on its filing's page, the page where the finding is no longer there, "" where there is no page."""
    if key not in desk.press.filings:
        return ""
    page = f"{home}filings/{desk.press.filing_names[key]}.html"
    return f"{page}#finding-{verdict.fingerprint}" if verdict else page


# ---- runs ---------------------------------------------------------------------------------------------------------------


def runs_page(press: Press, lines: Mapping[str, RunLine], kept: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Every run that the warehouse remembers lately, failed ones too; those of which results are `kept` (`kept_facts`) lead to their
    page."""
    facts = {one["id"]: one for one in kept}
    nothing: dict[str, Any] = {"href": "", "at": "", **_NO_LINE}
    told = [
        nothing
        | {"id": name}
        | dict(facts.get(name, {}))
        | (_line_facts(press, lines[name], lang) if name in lines else {})
        for name in sorted({*lines, *facts}, reverse=True)
    ]
    return press.print("runs.html", lang, RUNS, here="validation", title=say("runs", lang), runs=told)


def run_page(desk: Desk, lang: str, at: int) -> str:
    """One run: what passed and failed by suite, how long each took, and what is otherwise than in the run before it."""
    run, before = desk.runs[at], _before(desk, at)
    earlier = {told.identity(one): one for suite in (before.suites if before else ()) for one in suite.results}
    everything = [one for suite in run.suites for one in suite.results]
    mended = [
        one
        for one in everything
        if told.as_wished(one) and (was := earlier.get(told.identity(one))) is not None and not told.as_wished(was)
    ]
    failed = sorted((one for one in everything if not told.as_wished(one)), key=told.gravity)
    path, home = run_path(desk, run.name), "../../"
    return desk.press.print(
        "run.html",
        lang,
        path,
        here="validation",
        title=f"{say('run', lang)} {run.name}",
        run=_run_facts(desk, at, lang),
        stages=_stages(desk.lines.get(run.name) if at else None, lang),
        before=f"{desk.run_names[before.name]}.html" if before else "",
        suites=_suites_of(desk, at, earlier, lang),
        failed=[_failed(desk, one, earlier.get(told.identity(one)), bool(before), lang, home) for one in failed],
        mended=[told.expectation(desk.press, one, lang, home) for one in mended],
    )


def _stages(line: RunLine | None, lang: str) -> list[dict[str, Any]]:
    """How long each step took, its bar in percent of the longest. The newest run's are not known while it is published."""
    longest = max((one.seconds for one in line.stages), default=0) if line else 0
    return [
        {
            "title": pick(STAGES[one.stage], lang) if one.stage in STAGES else one.stage,
            "seconds": f"{one.seconds:,.1f}",
            "number": f"{one.items:,}" if one.items else "",
            "width": f"{one.seconds * 100 / longest:.1f}" if longest else "0",
        }
        for one in (line.stages if line else ())
    ]


def _before(desk: Desk, at: int) -> KeptRun | None:
    """The last run before it in which nothing raised an exception: what it may be compared with."""
    earlier = desk.runs[at + 1 :]
    return next((run for run in earlier if not any(one.error for suite in run.suites for one in suite.results)), None)


def _failed(
    desk: Desk, one: ExpectationResult, was: ExpectationResult | None, compared: bool, lang: str, home: str
) -> dict[str, Any]:
    shown = told.expectation(desk.press, one, lang, home) | failing_rows(desk, one, ROWS_OF_A_RUN, lang, home)
    return shown | {
        "was": was.unexpected_count if was else None,
        "new": compared and (was is None or told.as_wished(was)),
    }


def _suites_of(
    desk: Desk, at: int, earlier: Mapping[tuple[str, ...], ExpectationResult], lang: str
) -> list[dict[str, Any]]:
    suites = desk.runs[at].suites
    lines = []
    for number, result in enumerate(suites):
        after = suites[number + 1].began if number + 1 < len(suites) else None
        known = at == 0 and result.name in desk.results
        was = [earlier[key] for one in result.results if (key := told.identity(one)) in earlier]
        lines.append(
            {
                "title": told.suite_title(desk.press, desk.tables, result.name, lang),
                "href": f"../../{result_path(desk, result.name)}" if known else "",
                "seconds": f"{(after - result.began).total_seconds():.2f}" if after and result.began else "",
                "worst": told.worst(result.results, lang),
                "was": told.tally(was)["unexpected"] if was else None,
                **told.tally(result.results),
            }
        )
    return lines


_NO_LINE: dict[str, Any] = {"status": "", "standing": "ok", "line": None, "filings": None}


def _run_facts(desk: Desk, at: int, lang: str) -> dict[str, Any]:
    """One kept run in numbers and versions. Of the newest only what is known while it is being published is told: its page stays as it
    is when the run has ended."""
    line = desk.lines.get(desk.runs[at].name)
    if line and at == 0:
        line = replace(line, finished=None, documents=None, loaded=None, filings=None, rules=None)
    return kept_facts(desk, at) | (_line_facts(desk.press, line, lang, at == 0) if line else _NO_LINE)


def kept_facts(desk: Desk, at: int) -> dict[str, Any]:
    """What Great Expectations keeps of one run, in numbers and versions, in any language."""
    run = desk.runs[at]
    everything = [one for suite in run.suites for one in suite.results]
    ends = [suite.began for suite in run.suites if suite.began]
    rules = told.fingerprint(everything)
    before = _before(desk, at)
    return {
        "id": run.name,
        "href": run_path(desk, run.name),
        "newest": at == 0,
        "at": f"{run.started.astimezone():%Y-%m-%d %H:%M:%S}",
        "judging": f"{(max(ends) - run.started).total_seconds():,.1f}" if ends else "",
        "engine": ", ".join(sorted({suite.engine for suite in run.suites})),
        "rules_fingerprint": rules,
        "rules_changed": before is not None and rules != _fingerprint_of(before),
        "counts": told.tally(everything),
    }


def _fingerprint_of(run: KeptRun) -> str:
    return told.fingerprint([one for suite in run.suites for one in suite.results])


def _line_facts(press: Press, line: RunLine, lang: str, published: bool = False) -> dict[str, Any]:
    """What the warehouse says of a run. One that is being published still runs while its page is written."""
    published = published or any(run.id == line.id for run in press.night.runs[:1])
    status = "completed" if published and line.status == "running" else line.status
    return {
        "status": say(f"run_{status}", lang) if status in ("completed", "failed", "running") else status,
        "standing": "bad" if status == "failed" else "ok",
        "line": line,
        "filings": press.night.counts.get("filings") if published else line.filings,
        "at": f"{line.started:%Y-%m-%d %H:%M:%S}" if line.started else "",
    }
