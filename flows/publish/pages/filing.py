"""The page of one filing: its forms as published, its narrative, every verdict, and the evidence behind each figure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from flows.publish.content.noticed import ASKED, notice_name
from flows.publish.content.views import Claim, Contents, Figure, FormReading, Sentence, Tally
from flows.publish.pages.cells import Pieces, blocks_pieces, rows_pieces, runs_pieces
from flows.publish.pages.charts import FilingCharts, filing_charts
from flows.publish.pages.evidence import Evidence, Marks, evidence, marks, sentence_id
from flows.publish.pages.forms import Mark, Sheet, sheets
from flows.publish.pages.narrative import chapters
from flows.publish.pages.panel import panel_script, panel_words
from flows.publish.pages.supposed import laid_out
from flows.publish.press import Press, localised
from flows.publish.source.places import Placed, document_href, place_href, place_of, placed
from flows.publish.wording import sayings
from flows.publish.wording.numbers import places, printed
from flows.publish.wording.standing import standing, strip, worst
from flows.publish.wording.words import LANGUAGES, say
from flows.recognise.disclosure import SET_ASIDE

UNREAD = "？"
"""What stands in a cell whose number could not be read."""


@dataclass(frozen=True, slots=True)
class FormCard:
    """One form on the page. `where`, `verdicts` and `reason` by language; beside each sheet the body of its table."""

    id: str
    name: str
    status: str
    standing: str
    findings: int
    where: Mapping[str, str]
    verdicts: Mapping[str, str]
    reason: Mapping[str, str]
    statement: str
    coded: bool
    sheets: tuple[tuple[Sheet, Pieces], ...]


@dataclass(frozen=True, slots=True)
class _Laid:
    """What both languages of a filing's page are printed from."""

    touched: Marks
    places: Mapping[str, Placed]
    counts: Mapping[str, int]
    cards: Sequence[FormCard]
    chapters: Sequence[Mapping[str, Any]]
    charts: FilingCharts


def filing_pages(press: Press, contents: Contents) -> dict[str, str]:
    """The files of the filing by their paths in the site: its page in each language, and the evidence that both read."""
    contents = replace(contents, figures=(*contents.figures, *_unread(press, contents)))
    made = evidence(contents, press.severities)
    printed_in: dict[str, Figure | Claim] = {one.id: one for one in contents.figures}
    printed_in.update((one.id, one) for one in contents.claims)
    found = ((item.verdict.fingerprint, item.verdict.root) for item in made if item.verdict.status == "broken")
    supposed = laid_out(contents.cases, found, printed_in)
    touched = marks(made, press.spoken, contents.doubts, contents.agreements, contents.figures, supposed)
    path = f"filings/{press.filing_names[contents.filing.key]}"
    laid = _Laid(
        touched,
        {one.id: one for one in placed(contents, touched)},
        _counts(press, contents),
        _cards(press, contents, touched),
        _chapters(contents, touched),
        filing_charts(contents, touched, press.vocabulary.forms),
    )
    pages = {localised(f"{path}.html", lang): _page(press, contents, laid, lang) for lang in LANGUAGES}
    return pages | {f"{path}.js": panel_script(press, contents, touched)}


def _page(press: Press, contents: Contents, laid: _Laid, lang: str) -> str:
    touched, made = laid.touched, laid.touched.evidence
    found = [item for item in made if item.standing in ("bad", "explain")]
    supposed = {case.clears[0]: case for case in touched.supposed}
    numbers = {item.verdict.fingerprint: item.number for item in found}
    f = {
        "strip": laid.counts,
        "numbers": _numbers(contents, lang),
        "bare": sum(
            1 for figure in contents.figures if figure.id not in touched.touching and figure.id not in touched.agreed
        ),
        "doubtful": len(contents.doubts),
        "notice": f"../notices/{notice_name(contents.filing)}.html" if _asked(press, contents) else "",
        "charts": laid.charts,
        "cards": laid.cards,
        "chapters": laid.chapters,
        "findings": [
            _finding(press, contents, item, made, laid.places, lang)
            | {"supposed": supposed.get(item.verdict.fingerprint)}
            for item in found
        ],
        "numbers_of": numbers,
        "causes": sum(1 for item in found if not item.verdict.root),
        "waived": sum(1 for item in found if item.verdict.fingerprint in press.waivers),
        "unverified": _unverified(press, contents, made, lang),
    }
    return press.print(
        "filing.html",
        lang,
        f"filings/{press.filing_names[contents.filing.key]}.html",
        here="filings",
        title=title(contents, lang),
        subtitle=_subtitle(contents, lang),
        versions_href=f"{press.filing_names[contents.filing.key]}.versions.html"
        if contents.filing.key in press.histories
        else "",
        replaced=_replaced(press, contents, lang),
        f=f,
        said=panel_words(press, contents, lang),
        evidence=f"{press.filing_names[contents.filing.key]}.js",
    )


def _counts(press: Press, contents: Contents) -> dict[str, int]:
    """How all verdicts on the filing stand."""
    agree = Counter(one.status for one in contents.agreements)
    for one in contents.passed:
        agree[one.status] += one.number
    passed = [Tally("", status, number) for status, number in agree.items()]
    return strip([*contents.verdicts, *passed], press.severities)


def _replaced(press: Press, contents: Contents, lang: str) -> str:
    """That the document took the place of another under its address, with other figures; "" where it did not."""
    history = press.histories.get(contents.filing.key)
    last = history.comparisons[0] if history and history.comparisons else None
    if last is None or not last.replaced_at or not last.figures:
        return ""
    return say("replaced_here", lang, n=len(last.figures))


def _asked(press: Press, contents: Contents) -> bool:
    """Whether the filing stands in a notice with findings of its own."""
    broken = (verdict for verdict in contents.verdicts if verdict.status == "broken")
    return any(press.severities.get(verdict.rule, "critical") in ASKED for verdict in broken)


def title(contents: Contents, lang: str) -> str:
    """示例市档案局 · 2024 年度部门决算."""
    filing = contents.filing
    if filing.kind in SET_ASIDE:
        key = "title_set_aside" if filing.fiscal_year else "title_set_aside_undated"
        told = say(key, lang, year=filing.fiscal_year, kind=say(f"kind_{filing.kind}", lang))
        return f"{sayings.organisation(filing, lang)} · {told}"
    scope = say(f"scope_{filing.scope}" if filing.scope in ("department", "unit") else "scope_department", lang)
    key = "title_performance" if filing.kind == "performance" else "title_filing"
    key = key if filing.fiscal_year else f"{key}_undated"
    return f"{sayings.organisation(filing, lang)} · {say(key, lang, year=filing.fiscal_year, scope=scope)}"


def _subtitle(contents: Contents, lang: str) -> str:
    filing = contents.filing
    parts = [
        say("scope_line_unit" if filing.scope == "unit" else "scope_line_department", lang),
        say("unit_line", lang, unit=filing.unit) if filing.unit else say("unit_unstated", lang),
        filing.document.source.rsplit("/", 1)[-1],
        say("page_count", lang, n=filing.pages) if filing.pages and not filing.textual else "",
        filing.published_on.isoformat() if filing.published_on else "",
        say("version", lang, n=filing.version),
    ]
    return " · ".join(part for part in parts if part)


def _doubt(contents: Contents, id: str) -> tuple[str, ...]:
    """识读存疑：… in each language, or () for what was read with certainty."""
    return (
        tuple(say("doubtful", lang, why=contents.doubts[id][lang]) for lang in LANGUAGES)
        if id in contents.doubts
        else ()
    )


def _numbers(contents: Contents, lang: str) -> str:
    seen, placed = contents.filing.numbers_seen, contents.filing.numbers_placed
    if seen is None or placed is None:
        return ""
    return (
        say("numbers_all", lang, seen=seen) if placed == seen else say("numbers_some", lang, seen=seen, placed=placed)
    )


# ---- forms ------------------------------------------------------------------------------------------------------------


def _unread(press: Press, contents: Contents) -> Iterator[Figure]:
    """The cells of forms in which something stands that could not be read, or whose total is open because of one."""
    read = {figure.id for figure in contents.figures}
    for row in contents.rows if contents.doubts else ():
        form = press.vocabulary.forms.get(row.form)
        within = f"{row.form}({row.part})" if row.part else row.form
        for column in form.columns if form else ():
            id = f"{within}/{row.row_key}/{column.zh}"
            if id in contents.doubts and id not in read:
                yield Figure(id, row.form, row.part, row.row_key, column.zh, Decimal(0), "", None, UNREAD, "", row.spot)


def _cards(press: Press, contents: Contents, touched: Marks) -> list[FormCard]:
    known = {reading.form: reading for reading in contents.readings}
    order = [form for form in press.vocabulary.forms if form in known]
    order += [form for form in dict.fromkeys((*known, *(row.form for row in contents.rows))) if form not in order]
    return [_card(press, contents, form, known.get(form), touched) for form in order]


def _card(press: Press, contents: Contents, id: str, reading: FormReading | None, touched: Marks) -> FormCard:
    form = press.vocabulary.forms.get(id)
    rows = [row for row in contents.rows if row.form == id]
    figures = [figure for figure in contents.figures if figure.form == id]
    form_ulp = min((f.ulp for f in figures if f.ulp and f.unit != "%"), default=None)

    def mark(figure: Figure) -> Mark:
        measure = figure.relation or (
            form is not None and any(c.zh == figure.column and c.type == "measure" for c in form.columns)
        )
        ulp = figure.ulp if figure.ulp is not None else form_ulp
        verbatim = figure.raw == UNREAD or (measure and figure.raw)
        text = figure.raw if verbatim else printed(figure.value, ulp)
        title = _doubt(contents, figure.id)
        if figure.raw and figure.raw != text and places(ulp) is not None:
            titles = (tuple(say("as_printed", lang, raw=figure.raw) for lang in LANGUAGES), title)
            title = tuple(map(" · ".join, zip(*filter(None, titles), strict=True)))
        return touched.of(figure.id, text, title)

    indexes = {i for figure in figures for i in touched.touching.get(figure.id, ())}
    indexes.update(touched.wordless.get(id, ()))
    counts = Counter(touched.evidence[i].standing for i in indexes)
    if id in touched.forms:
        counts.update(touched.forms[id].counts)
    for one in contents.passed:
        if one.form == id:
            counts[standing(one.status, "")] += one.number
    status = reading.status if reading else "read"
    stands = worst(counts)
    stands = {"near": "ok"}.get(stands, stands) if status == "read" or counts["bad"] + counts["explain"] else "none"
    return FormCard(
        id=id,
        name=(form.zh if form else "") or (reading.title if reading else "") or id,
        status=status,
        standing=stands,
        findings=counts["bad"] + counts["explain"],
        where={lang: sayings.pages(reading.pages, contents.filing, lang) if reading else "" for lang in LANGUAGES},
        verdicts={
            lang: say("form_verdicts", lang, n=counts.total(), agree=counts["ok"] + counts["near"]) if counts else ""
            for lang in LANGUAGES
        },
        reason={"zh": reading.reason_zh if reading else "", "en": reading.reason_en if reading else ""},
        statement=reading.statement if reading else "",
        coded=bool(form and form.shape == "coded"),
        sheets=tuple((sheet, rows_pieces(sheet.rows)) for sheet in sheets(form, rows, figures, mark)),
    )


# ---- narrative --------------------------------------------------------------------------------------------------------


def _chapters(contents: Contents, touched: Marks) -> list[dict[str, Any]]:
    def of_claim(claim: Claim) -> Mark:
        return touched.of(claim.id, claim.quote, _doubt(contents, claim.id))

    def of_sentence(sentence: Sentence) -> Mark | None:
        id = sentence_id(sentence.position)
        return touched.of(id, "") if id in touched.touching else None

    return [
        {
            "anchor": chapter.anchor,
            "name": chapter.name,
            "title": runs_pieces(chapter.title),
            "where": {lang: sayings.spot(chapter.spot, contents.filing, lang) for lang in LANGUAGES},
            "blocks": blocks_pieces(chapter.blocks),
            "standing": {"near": "ok"}.get(stands := worst(mark.standing for mark in chapter.marks), stands),
            "findings": len({number for mark in chapter.marks for number in mark.notes}),
        }
        for chapter in chapters(contents.sentences, contents.claims, of_claim, of_sentence)
    ]


# ---- verdicts ---------------------------------------------------------------------------------------------------------


def _tied(item: Evidence, made: Sequence[Evidence], lang: str) -> dict[str, Any]:
    """From what the finding follows, and what follows from it, each as words and an address on the page."""

    def link(other: Evidence, words: str) -> list[str]:
        return [words, f"#finding-{other.verdict.fingerprint}"]

    id, root = item.verdict.fingerprint, item.verdict.root
    follows = next(
        (link(e, say("follows_from", lang, n=e.number)) for e in made if root and e.verdict.fingerprint == root), None
    )
    also = [link(e, str(e.number)) for e in made if e.verdict.root == id]
    return {"follows": follows, "also": also}


def _finding(
    press: Press,
    contents: Contents,
    item: Evidence,
    made: Sequence[Evidence],
    places: Mapping[str, Placed],
    lang: str,
) -> dict[str, Any]:
    listed = sayings.entry(press, item.verdict, contents.filing, lang, "../")
    rule = press.rules.get(item.verdict.rule)
    source = _source(contents, item, places, press.spoken, lang)
    where = listed.where if listed.where not in source[0] else ""
    return {
        **_tied(item, made, lang),
        "number": item.number,
        "standing": item.standing,
        "word": listed.word,
        "message": listed.message,
        "check": rule.formula if rule else "",
        "steps": item.steps,
        "about": listed.about,
        "where": " · ".join(part for part in (where, "" if listed.about else item.verdict.instance) if part),
        "rule": listed.rule,
        "rule_href": listed.rule_href,
        "fingerprint": listed.fingerprint,
        "source": source,
        "waived": listed.waived,
    }


def _source(
    contents: Contents, item: Evidence, places: Mapping[str, Placed], spoken: Collection[str], lang: str
) -> tuple[str, str]:
    """Words and the address of the place in the source, or of the document where the finding is about what is lacking."""
    place = place_of(item, places, spoken)
    if place is None:
        return say("to_document", lang), document_href(contents.filing, "../") + "#absent"
    where = sayings.spot(place.spot, contents.filing, lang)
    return say("to_source", lang, where=where), place_href(contents.filing, place.spot, "../", place.id)


def _unverified(press: Press, contents: Contents, made: Sequence[Evidence], lang: str) -> list[dict[str, Any]]:
    grouped: dict[str, list[sayings.Entry]] = defaultdict(list)
    for item in made:
        if item.standing == "none":
            why = sayings.reason(press, item.verdict, lang) or say("none", lang)
            grouped[why].append(sayings.entry(press, item.verdict, contents.filing, lang, "../"))
    return [{"reason": why, "entries": entries} for why, entries in grouped.items()]
