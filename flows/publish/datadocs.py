"""Great Expectations' Data Docs in our own look: the renderers, views and builders that its site builder is told to use.

Great Expectations names classes in the configuration of a site and calls them: a renderer turns a suite or a validation result
into content, a view turns content into a page, a section builder walks a store, the index builder comes last. All of them are
ours and none imports Great Expectations. What a view prints is taken from the desk into our site, under our addresses: Great
Expectations' own target folder, which it also fills with fonts and styles of its stock pages, is a temporary one. Its builder
logs an exception of a view and goes on; here it stops the publication.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from flows import record
from flows.publish.content.reckoned import Reckoned
from flows.publish.content.runs import RunLine
from flows.publish.pages import validation
from flows.publish.pages.lists import Written
from flows.publish.pages.validation import Desk, Findings
from flows.publish.press import Press, file_names, localised
from flows.publish.reuse import Standing, digest
from flows.publish.wording.words import LANGUAGES


@dataclass(frozen=True, slots=True)
class Docs:
    """Great Expectations' site builder over what it keeps in `folder`: `build` runs it, as the callable that it is given configures it
    for a context. It imports Great Expectations, which takes seconds, and so is called only when there is something to print."""

    folder: Path
    build: Callable[[Callable[[Any], dict[str, Any]]], None]


_RECORD = "validation"
_SUITES, _RESULTS = "expectations_store", "validation_results_store"


def write_validation(
    reckoned: Reckoned,
    press: Press,
    findings: Findings,
    lines: Mapping[str, RunLine],
    docs: Docs | None,
    standing: Standing,
    site: Path,
    write: Written,
) -> dict[str, dict[str, str]]:
    """Every page about what Great Expectations ran stands in `site`: the standing ones where it has kept nothing since, else made anew;
    returns for each rule its suites, with the paths of their results.

    `findings` gives those of the newest run of which failing rows tell; without `docs` there is one page, which says so. The list of
    all runs is made anew in any case. Raises what the making of a page raised, RuntimeError when Great Expectations left one out.
    """
    if docs is None:
        for lang in LANGUAGES:
            write(lang, validation.INDEX, validation.index_page(Desk(press, lines), lang))
        return {}
    kept = digest(reckoned.about, *_record(docs.folder))
    known = standing.known.get(_RECORD, {})
    told_of = {name: lines.get(name) for name in known.get("runs", ())[1:]}
    made_of = digest(kept, press.night.counts.get("filings"), *told_of.items())
    if known.get("of") != kept or not standing.lend(_RECORD, made_of, site):
        known = {"of": kept} | _print(press, findings, lines, docs, standing, site, write)
        told_of = {name: lines.get(name) for name in known["runs"][1:]}
        made_of = digest(kept, press.night.counts.get("filings"), *told_of.items())
        standing.note(_RECORD, made_of, known.pop("paths"))
    standing.answers[_RECORD] = known
    for lang in LANGUAGES:
        write(lang, validation.RUNS, validation.runs_page(press, lines, known["facts"], lang))
    return dict(known["judged"])


def _record(folder: Path) -> Iterator[str]:
    """The files of Great Expectations' record with size and time."""
    for path in sorted(folder.rglob("*.json")):
        found = path.stat()
        yield f"{path.relative_to(folder)} {found.st_size} {found.st_mtime_ns}"


def _print(
    press: Press,
    findings: Findings,
    lines: Mapping[str, RunLine],
    docs: Docs,
    standing: Standing,
    site: Path,
    write: Written,
) -> dict[str, Any]:
    """Every page but the list of runs is printed by way of Great Expectations' builder; returns their paths and what the next night
    has to know of them: runs kept, facts of each, and for each rule its suites with the paths of their results."""
    desk = Desk(press, lines)
    with tempfile.TemporaryDirectory(prefix="hedui-docs-") as folder:
        docs.build(lambda context: configured(desk, context, findings, folder))
    _refuse_gaps(desk)
    paths = []
    for lang, pages in desk.pages.items():
        for path, page in pages.items():
            write(lang, path, page)
            paths.append(localised(path, lang))
    judged: dict[str, dict[str, str]] = {}
    for suite, result in desk.results.items():
        for rule in sorted({one.rule for one in result.results if one.rule}):
            judged.setdefault(rule, {})[suite] = validation.result_path(desk, suite)
    return {
        "paths": paths,
        "judged": judged,
        "runs": [run.name for run in desk.runs],
        "facts": [validation.kept_facts(desk, at) for at in range(len(desk.runs))],
    }


def _refuse_gaps(desk: Desk) -> None:
    """Every page that Great Expectations' builder was to print is there."""
    if desk.faults:
        raise desk.faults[0]
    left_out = desk.wanted - desk.pages[LANGUAGES[0]].keys()
    if left_out:
        raise RuntimeError(f"Great Expectations' site builder left out {', '.join(sorted(left_out))}")


def configured(desk: Desk, context: Any, findings: Findings, folder: str) -> dict[str, Any]:
    """A site of Data Docs as Great Expectations is configured: which class of ours does what, over which of its stores."""
    desk.runs = record.kept_runs(context)
    newest = desk.runs[0] if desk.runs else None
    desk.lead_to(findings)
    suites = {key.name for key in context.stores[_SUITES].list_keys()}
    judged = {one.name for one in newest.suites} if newest else set()
    desk.names = file_names(suites | judged)
    desk.run_names = file_names(run.name for run in desk.runs)
    desk.wanted = {validation.INDEX, *(validation.run_path(desk, run.name) for run in desk.runs)}
    desk.wanted |= {validation.suite_path(desk, name) for name in suites}
    desk.wanted |= {validation.result_path(desk, name) for name in judged}
    section = {"class_name": "DefaultSiteSectionBuilder"}
    results = section | {
        "source_store_name": _RESULTS,
        "renderer": ours("ResultRenderer"),
        "view": ours("ResultView", desk),
    }
    return {
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": folder},
        "show_how_to_buttons": False,
        "site_section_builders": {
            "expectations": section
            | {"source_store_name": _SUITES, "renderer": ours("SuiteRenderer"), "view": ours("SuiteView", desk)},
            "validations": results | {"run_name_filter": {"equals": newest.name if newest else "-"}},
            "profiling": "None",  # the word: Great Expectations asks None for its filter
            "runs": ours("RunsBuilder", desk),
        },
        "site_index_builder": ours("IndexBuilder", desk),
    }


def ours(name: str, desk: Desk | None = None) -> dict[str, Any]:
    """The class `name` of this module, as Great Expectations' configurations name a class, with its settings."""
    return {"module_name": __name__, "class_name": name} | ({"desk": desk} if desk else {})


class SuiteRenderer:
    """A suite → what a page shows of it."""

    def render(self, suite: Any) -> record.Suite:
        return record.suite(suite)


class ResultRenderer:
    """A validation result → what a page shows of it."""

    def render(self, result: Any) -> record.SuiteResult:
        return record.suite_result(result)


@dataclass
class SuiteView:
    """A suite's page: what is expected of a table, in both languages."""

    desk: Desk

    def render(self, content: record.Suite, **_: Any) -> str:
        """The page in Chinese; that in English is on the desk beside it."""
        self.desk.suites[content.name] = content
        path = validation.suite_path(self.desk, content.name)
        return self.desk.print(path, partial(validation.suite_page, suite=content))


@dataclass
class ResultView:
    """A validation result's page: what was found, with failing rows, in both languages."""

    desk: Desk

    def render(self, content: record.SuiteResult, **_: Any) -> str:
        """The page in Chinese; that in English is on the desk beside it."""
        self.desk.results[content.name] = content
        path = validation.result_path(self.desk, content.name)
        return self.desk.print(path, partial(validation.result_page, result=content))


@dataclass
class RunsBuilder:
    """A section of ours: a page for each run of which results are kept."""

    desk: Desk
    name: str = ""

    def build(self, resource_identifiers: Any = None) -> None:
        for number, run in enumerate(self.desk.runs):
            path = validation.run_path(self.desk, run.name)
            self.desk.print(path, partial(validation.run_page, at=number))


@dataclass
class IndexBuilder:
    """The first page: every suite with what its newest run found."""

    desk: Desk
    name: str = ""

    def build(self, build_index: bool = True) -> tuple[str, dict[str, Any]]:
        self.desk.print(validation.INDEX, validation.index_page)
        return validation.INDEX, {}
