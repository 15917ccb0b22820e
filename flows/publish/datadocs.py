"""Great Expectations' Data Docs in our own look: the renderers, views and builders that its site builder is told to use.

Great Expectations names classes in the configuration of a site and calls them: a renderer turns a suite or a validation result
into content, a view turns content into a page, a section builder walks a store, the index builder comes last. All of them are
ours and none imports Great Expectations. What a view prints is taken from the desk into our site, under our addresses: Great
Expectations' own target folder, which it also fills with fonts and styles of its stock pages, is a temporary one. Its builder
logs an exception of a view and goes on; here it stops the publication.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from flows import record
from flows.publish.content.runs import RunLine
from flows.publish.pages import validation
from flows.publish.pages.lists import Written
from flows.publish.pages.validation import Desk, Findings
from flows.publish.press import Press, file_names
from flows.publish.wording.words import LANGUAGES

Docs = Callable[[Callable[[Any], dict[str, Any]]], None]
"""Runs Great Expectations' site builder over its record, as the callable that it is given configures it for a context."""

_SUITES, _RESULTS = "expectations_store", "validation_results_store"


def write_validation(
    press: Press, findings: Findings, lines: Mapping[str, RunLine], docs: Docs | None, write: Written
) -> dict[str, dict[str, str]]:
    """Every page about what Great Expectations ran is written; returns for each rule its suites, with the paths of their results.

    `findings` gives those of the newest run of which failing rows tell; without `docs` there is one page, which says so.
    Raises what the making of a page raised, RuntimeError when Great Expectations left one out.
    """
    desk = Desk(press, lines)
    if docs:
        with tempfile.TemporaryDirectory(prefix="hedui-docs-") as folder:
            docs(lambda context: site(desk, context, findings, folder))
        _refuse_gaps(desk)
    else:
        desk.print(validation.INDEX, validation.index_page)
    for lang, pages in desk.pages.items():
        for path, page in pages.items():
            write(lang, path, page)
    judged: dict[str, dict[str, str]] = {}
    for suite, result in desk.results.items():
        for rule in {one.rule for one in result.results if one.rule}:
            judged.setdefault(rule, {})[suite] = validation.result_path(desk, suite)
    return judged


def _refuse_gaps(desk: Desk) -> None:
    """Every page that Great Expectations' builder was to print is there."""
    if desk.faults:
        raise desk.faults[0]
    left_out = desk.wanted - desk.pages[LANGUAGES[0]].keys()
    if left_out:
        raise RuntimeError(f"Great Expectations' site builder left out {', '.join(sorted(left_out))}")


def site(desk: Desk, context: Any, findings: Findings, folder: str) -> dict[str, Any]:
    """A site of Data Docs as Great Expectations is configured: which class of ours does what, over which of its stores."""
    desk.runs = record.kept_runs(context)
    newest = desk.runs[0] if desk.runs else None
    desk.lead_to(findings)
    suites = {key.name for key in context.stores[_SUITES].list_keys()}
    judged = {one.name for one in newest.suites} if newest else set()
    desk.names = file_names(suites | judged)
    desk.run_names = file_names(run.name for run in desk.runs)
    desk.wanted = {validation.INDEX, validation.RUNS, *(validation.run_path(desk, run.name) for run in desk.runs)}
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
    """A section of ours: a page for each run of which results are kept, and the list of all runs."""

    desk: Desk
    name: str = ""

    def build(self, resource_identifiers: Any = None) -> None:
        for number, run in enumerate(self.desk.runs):
            path = validation.run_path(self.desk, run.name)
            self.desk.print(path, partial(validation.run_page, at=number))
        self.desk.print(validation.RUNS, validation.runs_page)


@dataclass
class IndexBuilder:
    """The first page: every suite with what its newest run found."""

    desk: Desk
    name: str = ""

    def build(self, build_index: bool = True) -> tuple[str, dict[str, Any]]:
        self.desk.print(validation.INDEX, validation.index_page)
        return validation.INDEX, {}
