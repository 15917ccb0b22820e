"""`hedui check`: documents read and judged in memory, by the rules that judge the night, without Prefect or Great Expectations.

`check` returns what `--format json` prints; its shape is `check.schema.json` beside this file.
"""

from __future__ import annotations

import pickle
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import flows
from expectations import messages, rules, vocabulary
from expectations.rules import Rule, RuleBook
from expectations.sql import verdicts
from expectations.sql.verdicts import Compiled
from expectations.vocabulary import WAN
from flows import collect, warehouse
from flows.explain.diagnose import Explained, explained
from flows.explain.order import under_roots
from flows.explain.paper import paper_of
from flows.judge import judge
from flows.read.document import Place, Unreadable, has_pages
from flows.recognise.disclosure import Claim, Disclosure, Figure
from flows.sql import confine
from flows.workers.limits import Limits, chosen_limits
from flows.workers.pool import Workers

SCHEMA = Path(__file__).with_name("check.schema.json")
Json = dict[str, Any]
_STATUSES = ("holds", "rounding", "broken", "not_verifiable")
_AMOUNTS = ("stated", "computed", "difference", "bound", "unexplained")


def check(
    addresses: Sequence[str | Path],
    on_document: Callable[[str], None] = lambda name: None,
    limits: Limits | None = None,
    teams: Sequence[Path] = (),
) -> Json:
    """The report on every document at `addresses`, in order; `on_document` is told the name of each before it is judged.

    `teams` are folders of rules beside the shipped ones; () for those that HEDUI_RULES names.
    Raises `collect.Missing` for an address at which there is nothing and `rules.RuleErrors` for unusable rule files.
    """
    sources = collect.find(addresses)
    with Workers(limits or chosen_limits(), len(sources)) as workers:
        workers.start()  # they import what they need while the rules are compiled here
        book = rules.in_force(teams)
        compiled = verdicts.compile_all(book, vocabulary.load())
        documents = []
        for source, read in _read_ahead(sources, workers):
            on_document(source.name)
            documents.append(_document(source, read, book, compiled))
    return {"hedui": flows.__version__, "documents": documents}


def exit_code(report: Json) -> int:
    """2 when a document could not be read, else 1 when something critical is broken, else 0."""
    if any("error" in document for document in report["documents"]):
        return 2
    findings = [finding for document in report["documents"] for finding in document["findings"]]
    return int(any(one["status"] == "broken" and one["severity"] == "critical" for one in findings))


@dataclass(frozen=True, slots=True)
class _Read:
    """A document's bytes' sha256 and size (None, 0 when it cannot be opened), and its disclosure or why there is none."""

    sha256: str | None
    size: int
    outcome: Disclosure | Unreadable | OSError


def _read_ahead(sources: Sequence[collect.Source], workers: Workers) -> Iterator[tuple[collect.Source, _Read]]:
    """Every source in order with what was read of it; while one is judged, the next ones are being read."""
    ahead: deque[tuple[collect.Source, Future[_Read]]] = deque()
    with ThreadPoolExecutor(len(workers)) as threads, workers:
        for source in sources:
            ahead.append((source, threads.submit(_read, source, workers)))
            if len(ahead) > len(workers):
                first, future = ahead.popleft()
                yield first, future.result()
        for source, future in ahead:
            yield source, future.result()


def _read(source: collect.Source, workers: Workers) -> _Read:
    sha256, size = None, 0
    try:
        with workers.turn() as worker:
            data = source.data()
            sha256, size = collect.fingerprint(data), len(data)
            return _Read(sha256, size, pickle.loads(worker.read(data, source.name)))
    except (Unreadable, OSError) as error:
        return _Read(sha256, size, error)


def _document(source: collect.Source, read: _Read, book: RuleBook, compiled: Sequence[Compiled]) -> Json:
    try:
        if isinstance(read.outcome, Disclosure):
            told = report(read.outcome, read.size, book, compiled)
            return {"source": source.address, "sha256": read.sha256, **told}
        raise read.outcome
    except Unreadable as error:
        reason, message = error.reason, error.message
    except OSError as error:
        cause = error.strerror or str(error)
        reason, message = "not_opened", {"zh": f"无法打开：{cause}", "en": f"it cannot be opened: {cause}"}
    except ValueError as error:
        reason = "out_of_range"
        message = {"zh": f"有数字超出可记录的范围：{error}", "en": f"a number is beyond what can be recorded: {error}"}
    return {"source": source.address, "sha256": read.sha256, "error": {"reason": reason, "message": message}}


def report(disclosure: Disclosure, size: int, book: RuleBook, compiled: Sequence[Compiled]) -> Json:
    """What is said of one disclosure: filing, reading, figures, claims, findings, and how many verdicts of each status."""
    connection = warehouse.connect()
    try:
        origin = warehouse.Origin(disclosure.source, disclosure.sha256, size, collect.reader_version())
        warehouse.load(connection, [(disclosure, origin)])
        confine(connection)
        verdicts = judge(connection, compiled)
    finally:
        connection.close()
    counts = Counter(verdict["status"] for verdict in verdicts)
    told = explained(verdicts, book.active, paper_of(disclosure))
    filing = disclosure.filing
    return {
        "filing": {
            "organisation": filing.organisation,
            "region": filing.region,
            "fiscal_year": filing.fiscal_year,
            "kind": filing.kind,
            "scope": filing.scope,
            "unit": filing.unit,
        },
        "reading": _reading(disclosure),
        "figures": _figures(disclosure),
        "claims": [_claim(claim) for claim in disclosure.claims],
        "findings": _Findings(disclosure, book, told).of(verdicts),
        "rules": {
            "evaluated": len(verdicts),
            **{status: counts[status] for status in _STATUSES},
            "causes": counts["broken"] - len(told.roots),
        },
    }


# ---- what was read -----------------------------------------------------------------------------------------------------


def _reading(disclosure: Disclosure) -> Json:
    reading = disclosure.reading
    forms = []
    for form in reading.forms:
        one: Json = {"form": form.form, "title": form.title, "pages": list(form.pages), "status": form.status}
        if form.statement:
            one["statement"] = form.statement
        if form.reason:
            one["reason"] = form.reason
        forms.append(one)
    unplaced = [{"text": text, **_place(place)} for text, place in reading.unplaced]
    numbers = {"seen": reading.numbers_seen, "placed": reading.numbers_placed, "unplaced": unplaced}
    doubts = [{"id": doubt.id, "reason": doubt.reason, **_place(doubt.place)} for doubt in reading.doubts]
    return {"pages": reading.pages, "numbers": numbers, "doubts": doubts, "forms": forms}


def _figures(disclosure: Disclosure) -> list[Json]:
    rows = {(row.form, row.part, row.row_key): row for row in disclosure.rows}
    made = []
    for figure in disclosure.figures:
        row = rows.get((figure.form, figure.part, figure.row_key))
        made.append(
            {
                "id": figure.id,
                "form": figure.form,
                "part": figure.part,
                "row_code": row.code if row else "",
                "row_label": row.label if row else figure.row_key,
                "column": figure.column,
                "value": _printed(figure.value),
                "unit": figure.unit,
                **_place(figure.place),
            }
        )
    return made


def _claim(claim: Claim) -> Json:
    said = {"id": claim.id, "kind": claim.kind, "subject": claim.subject, "base": claim.base}
    value = {"value": _printed(claim.value), "unit": claim.unit, "direction": claim.direction}
    return {**said, **value, **_place(claim.place), "quote": claim.quote}


def _place(place: Place | None) -> Json:
    """Where it is printed, as far as known: page and bbox, page with sheet and cell, or line."""
    if place is None:
        return {}
    if place.line is not None:
        return {"line": place.line}
    made = {"page": place.page, "sheet": place.sheet, "cell": place.cell}
    known: Json = {key: value for key, value in made.items() if value is not None}
    if place.bbox:
        known["bbox"] = [round(edge, 1) for edge in place.bbox]
    return known


def _spot(place: Place | None) -> Json:
    """The place without its box."""
    return {key: value for key, value in _place(place).items() if key != "bbox"}


def _printed(value: Decimal) -> str:
    return format(value, "f")


# ---- findings ----------------------------------------------------------------------------------------------------------


class _Findings:
    """The findings of one disclosure: values in the unit in which they are printed, each with its place."""

    def __init__(self, disclosure: Disclosure, book: RuleBook, told: Explained) -> None:
        self.disclosure = disclosure
        self.roots = told.roots
        self.repairs = told.repairs
        self.diagnoses = {one.findings[0]: one for one in told.diagnoses}
        self.rules = {rule.id: rule for rule in book.rules}
        self.form_names = {form.id: form.zh for form in vocabulary.load().forms.values()}
        self.printed: dict[str, Figure | Claim] = {figure.id: figure for figure in disclosure.figures}
        self.printed.update({claim.id: claim for claim in disclosure.claims})
        self.sentences = {sentence.position: sentence for sentence in disclosure.sentences}
        self.relations = {relation.id: relation for relation in disclosure.relations}
        self.row_places = {
            (row.form, f"{row.part}/{row.row_key}" if row.part else row.row_key): row.place for row in disclosure.rows
        }

    def of(self, verdicts: Iterable[Mapping[str, Any]]) -> list[Json]:
        """Broken ones first, by severity, each followed by those of which it is the root; then, for each rule and reason, one
        entry for all that could not be judged."""
        broken: list[Json] = []
        grouped: dict[tuple[str, str], Json] = {}
        for verdict in verdicts:
            rule = self.rules[verdict["rule"]]
            if verdict["status"] == "broken":
                broken.append(self._finding(rule, verdict))
            elif verdict["status"] == "not_verifiable":
                key = (rule.id, verdict["reason"] or "")
                if key in grouped:
                    grouped[key]["count"] += 1
                else:
                    grouped[key] = {**self._finding(rule, verdict), "reason": verdict["reason"] or "", "count": 1}
        broken.sort(key=lambda finding: rules.SEVERITIES.index(finding["severity"]))
        return under_roots(broken, lambda one: one["id"], lambda one: one["root"]) + list(grouped.values())

    def _finding(self, rule: Rule, verdict: Mapping[str, Any]) -> Json:
        terms = verdict["terms"] or []
        unit = self._unit(terms)
        spot, quote = self._where(rule, verdict, terms)
        shown = {key: _short(verdict[key], unit if verdict["measure"] == "amount" else "") for key in _AMOUNTS}
        said = {
            lang: messages.finding_message(rule, verdict, unit, lang, self.form_names) for lang in messages.LANGUAGES
        }
        return {
            "id": verdict["fingerprint"],
            "rule": rule.id,
            "category": rule.category,
            "status": verdict["status"],
            "severity": rule.severity,
            "rule_status": rule.status,
            "amended": rule.amended.reason if rule.amended else None,
            "root": self.roots.get(verdict["fingerprint"]),
            "message": said,
            **shown,
            "unit": {"amount": unit, "percent": "%"}.get(verdict["measure"], ""),
            **spot,
            "quote": quote,
            "figures": [self._term(term, unit) for term in terms if term["value"] is not None],
            **self._supposed(verdict["fingerprint"]),
        }

    def _supposed(self, finding: str) -> Json:
        """Which figures may be wrong, what they should read, and how that may have come about."""
        diagnosis = self.diagnoses.get(finding)
        suspects = diagnosis.suspects if diagnosis else ()
        return {
            "outcome": diagnosis.outcome if diagnosis else None,
            "suspects": [
                {
                    "set": one.set,
                    "figure": one.figure,
                    "label": dict(one.label),
                    "printed": _printed(one.printed),
                    **_mended(one.repair, one.least, one.most, one.unit),
                    "follows": one.follows,
                }
                for one in suspects
            ],
            "hypotheses": [
                {
                    "set": one.set,
                    "figure": one.figure,
                    "kind": told.kind,
                    "value": _printed(told.value),
                    "unit": told.unit,
                    "said": dict(told.said),
                }
                for one in suspects
                for told in one.hypotheses
            ],
            "repairs": [
                {"figure": one.figure, **_mended(one.value, one.least, one.most, one.unit)}
                for one in self.repairs.get(finding, ())
            ],
        }

    def _unit(self, terms: Sequence[Mapping[str, Any]]) -> str:
        """The unit of money in which the finding is told: that of its first printed amount, else the filing's."""
        for term in terms:
            printed = self.printed.get(term["id"] or "")
            if printed and printed.unit in WAN:
                return printed.unit
        return self.disclosure.filing.unit if self.disclosure.filing.unit in WAN else "万元"

    def _where(
        self, rule: Rule, verdict: Mapping[str, Any], terms: Sequence[Mapping[str, Any]]
    ) -> tuple[Json, str | None]:
        """The place of what is stated, and for the narrative the sentence that states it."""
        sentence, tied = None, None
        if rule.for_each in ("sentence", "heading"):
            sentence = self.sentences.get(int(verdict["instance"].partition("/")[0]))
        elif rule.for_each.startswith("claim of ") and verdict["instance"] in self.relations:
            relation = self.relations[verdict["instance"]]
            sentence = self.sentences.get(relation.sentence)
            tied = next((self.printed[ref].place for ref in relation.roles.values() if ref in self.printed), None)
        place = sentence.place if sentence else tied or self._row_place(rule, verdict["instance"])
        stated = [term for term in terms if term["side"] == "stated"] or ([] if place else terms)
        printed = next((self.printed[term["id"]] for term in stated if term["id"] in self.printed), None)
        place = printed.place if printed else place
        spot = _spot(place)
        if not spot and verdict["page"] is not None:
            spot = {"page": verdict["page"]}
        if not spot and rule.for_each == "form":
            forms = (form for form in self.disclosure.reading.forms if form.form == verdict["instance"])
            pages = next((form.pages for form in forms if form.status != "missing"), ())
            spot = {self._page_or_line(): pages[0]} if pages else {}
        return spot, sentence.text if sentence else None

    def _row_place(self, rule: Rule, instance: str) -> Place | None:
        """The place of the row that a rule judged; None for a rule that is not about rows."""
        form = vocabulary.load().form_named(rule.form) if rule.for_each in ("row", "parent") else None
        return self.row_places.get((form.id, instance)) if form else None

    def _page_or_line(self) -> str:
        return "page" if has_pages(self.disclosure.media_type) else "line"

    def _term(self, term: Mapping[str, Any], unit: str) -> Json:
        """One figure of the arithmetic: its value as printed, in its own unit."""
        printed = self.printed.get(term["id"] or "")
        value = _printed(printed.value) if printed else _short(term["value"], unit)
        place = _spot(printed.place) if printed else {}
        return {
            "label": term["label"],
            "value": value,
            "unit": printed.unit if printed else "",
            **place,
            "id": term["id"],
        }


def _mended(value: Decimal, least: Decimal | None, most: Decimal | None, unit: str) -> Json:
    ends = {name: None if end is None else _printed(end) for name, end in (("least", least), ("most", most))}
    return {"repair": _printed(value), **ends, "unit": unit}


def _short(value: Decimal | None, unit: str) -> str | None:
    """`value` (万元 when `unit` is one of money) in `unit`, without needless zeros."""
    if value is None:
        return None
    scaled = value / WAN[unit] if unit in WAN else value
    text = format(scaled, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
