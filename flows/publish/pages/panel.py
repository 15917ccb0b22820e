"""What the panel reads: the evidence of one filing as data, written once for both languages and without a word twice.

`assets/evidence.js` unpacks it. Fields at the end of a list that say nothing are left out. `texts` holds what is said, each text once:
one string, or [Chinese, English] where they differ; everywhere else a number stands for a text (0 for none). In order:

- rules: the ids of rules; `rules_script` says what they are, once for all filings;
- kind: [term, computed or stated; sign; label; edges; unit], what many steps have in common: the label is a text, or -1 or -2 for
  the first or second name of the figure; edges are "" (none), "half" (printed ± half a unit of its last place), "same" (as printed),
  "own" (written out) or "±x"; the unit is what stands behind the number;
- verdict: [rule, standing, steps, page, reason, number, fingerprint, root, gap, waived], of findings; the number of a step's kind is followed by
  what is its own: the position of its figure plus one, which prints the number; 0 for the number that is stated; a text; or
  [position plus one, printed, least, most]. root is the position of the verdict from which this one follows, plus one; gap is
  [difference, bound, unexplained, unit]; waived is [reason, by whom and until when, evidence, address of the evidence];
- agreement: [rule, standing, kinds, what is each step's own], of any number of verdicts whose steps are of these kinds: what is their own
  follows one after the other;
- figure, claim or sentence: [anchor, name, second name, printed, unit, where, place, verdicts]; where holds texts and, less than 0, a
  page or line; place is [whether the pages of the source name it, page, left, top, right, bottom], the box in points and only where
  `source` has that page; verdicts only of a sentence: of the others they are those in whose steps they stand;
- case: [outcome, verdicts that it clears as positions, the root first; sets, how many more]; of a set each figure that may be wrong:
  [position of the figure plus one, its name, what it should read, what else would do, follows, ways in which it came about]; all
  but the first and follows are texts. A verdict of none of them is of no case;
- source: {name of the document's pages, pages: {number: [ending of the picture, width, height in points]}}.

Left out are the verdicts that no figure leads to and that are no finding: they stand in the counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from expectations import messages
from flows.publish.content.views import Agreement, Claim, Contents, Figure, Spot, Term
from flows.publish.pages.evidence import (
    Evidence,
    Marks,
    Step,
    anchor,
    has_total,
    result_step,
    scaled,
    sentence_id,
    term_step,
)
from flows.publish.pages.supposed import Reading, Supposed
from flows.publish.press import Press
from flows.publish.source.album import page_name
from flows.publish.source.places import box, drawable, placed
from flows.publish.wording import sayings
from flows.publish.wording.numbers import printed
from flows.publish.wording.standing import standing
from flows.publish.wording.words import LANGUAGES, say

OUTCOMES = ("one", "several", "none", "unfinished")
STANDINGS = ("ok", "near", "bad", "explain", "none")
_NUMBER = re.compile(r"(-?\d[\d,]*(?:\.\d+)?)(\D*)")
_PLAIN = re.compile(r"(-?)(\d{4,})((?:\.\d+)?)")
_THOUSANDS = re.compile(r"(?<=\d)(?=(?:\d{3})+$)")
_SAID = (
    "arithmetic", "sign", "item", "printed", "least", "most", "computed", "stated", "close", "also", "touching_none",
    "follow_from_it", "supposed", "supposed_one", "supposed_together", "supposed_several", "supposed_none", "supposed_unfinished",
    "supposed_follows", "supposed_also", "supposed_clears", "supposed_note", "waived_head", "waived_still", "copy_link", "copied", "rule_page", "finding_id", "source_of", "whole_page", "see_source", "copy_place", *STANDINGS,
)  # fmt: skip


def panel_words(press: Press, contents: Contents, lang: str) -> dict[str, str]:
    """What the panel says in one language, whatever the evidence; {n} and the like stand for what is filled in."""
    open_ = {name: f"{{{name}}}" for name in ("n", "difference", "bound", "unexplained")}
    page = sayings.page(0, contents.filing, lang).replace("0", "{n}", 1)
    told = {
        key: say(key, lang, **open_)
        for key in ("follows_from", "supposed_more", "gap_exact", "gap_bound", "gap_unexplained")
    }
    return (
        {key: say(key, lang) for key in _SAID}
        | told
        | {
            "page": page,
            "comma": "，" if lang == "zh" else ", ",
            "semicolon": "；" if lang == "zh" else "; ",
            "list_comma": "、" if lang == "zh" else ", ",
        }
    )


def panel_script(press: Press, contents: Contents, touched: Marks) -> str:
    """The script that hands the evidence to the panel; it cannot be anything but data."""
    return _script("evidence", Packed(press, contents, touched).data())


def rules_script(press: Press) -> str:
    """The script that says of every rule by its id: [title, how a broken verdict is called, formula, file name of its page]; the first
    two as [Chinese, English]."""
    return _script("rules", {
        id: [
            [sayings.rule_title(press, id, lang) for lang in LANGUAGES],
            [sayings.broken_word(press, id, lang) for lang in LANGUAGES],
            rule.formula,
            press.rule_names.get(id, ""),
        ]
        for id, rule in sorted(press.rules.items())
    })  # fmt: skip


def _script(name: str, data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"window.{name} = {text};\n".replace("<", "\\u003c")


class _Known(NamedTuple):
    """A step as it is packed: how least and most follow, what stands behind its number, what is its own, both names of its figure,
    and all that is printed."""

    edges: str
    behind: str
    own: Any
    first: str
    second: str
    printed: str


class Packed:
    """The tables while they fill."""

    def __init__(self, press: Press, contents: Contents, touched: Marks) -> None:
        self.press, self.contents, self.touched = press, contents, touched
        self.texts: dict[tuple[str, str], int] = {("", ""): 0}
        self.kinds: dict[tuple[str, str, int, str, str], int] = {}
        self.rules: dict[str, int] = {}
        used = {index for indexes in touched.touching.values() for index in indexes}
        kept = [i for i, item in enumerate(touched.evidence) if i in used or item.verdict.finding]
        self.verdicts = {old: new for new, old in enumerate(kept)}
        self.roots = {touched.evidence[i].verdict.fingerprint: new + 1 for i, new in self.verdicts.items()}
        self.sentences = [s for s in contents.sentences if sentence_id(s.position) in touched.touching]
        self.found = {one.id for one in placed(contents, touched)}
        self.pictures = press.album.of(contents.filing.document.sha256).pages
        self.printed_in: dict[str, Figure | Claim] = {figure.id: figure for figure in contents.figures}
        self.printed_in.update({claim.id: claim for claim in contents.claims})
        self.names: dict[str, tuple[int, str, str, str]] = {}
        """Of a figure or claim by id: its position plus one, its names, and the number that the panel prints for it."""
        self.known: dict[tuple[str | None, str, str], _Known] = {}

    def data(self) -> dict[str, Any]:
        figures = list(self._figures())
        verdicts = [self._verdict(self.touched.evidence[i]) for i in self.verdicts]
        agreements = self._agreements()
        cases = [_trimmed(self._case(one)) for one in self.touched.supposed]
        texts = [zh if zh == en else [zh, en] for zh, en in self.texts]
        made = {"texts": texts, "kinds": [_trimmed([*kind]) for kind in self.kinds], "rules": list(self.rules)}
        return made | {
            "verdicts": verdicts,
            "agreements": agreements,
            "figures": figures,
            "cases": cases,
            "source": self._source(),
        }

    def _source(self) -> dict[str, Any]:
        """Where the pages of the source stand, and their pictures."""
        pages = {number: [one.file.rpartition(".")[2], one.width, one.height] for number, one in self.pictures.items()}
        return {"name": page_name(self.contents.filing.document.sha256), "pages": pages}

    def text(self, zh: str, en: str | None = None) -> int:
        """The number of a text."""
        return self.texts.setdefault((zh, zh if en is None else en), len(self.texts))

    def both(self, said: Mapping[str, str]) -> int:
        """The number of a text that is said in both languages."""
        return self.text(*(said[lang] for lang in LANGUAGES))

    def _rule(self, id: str) -> int:
        return self.rules.setdefault(id, len(self.rules))

    def _kind(self, role: str, sign: str, label: int, edges: str, unit: str) -> int:
        return self.kinds.setdefault((role, sign, label, edges, unit), len(self.kinds))

    # ---- findings ---------------------------------------------------------------------------------------------------

    def _verdict(self, item: Evidence) -> list[Any]:
        verdict = item.verdict
        stated = next((step.printed for step in item.steps if step.kind == "stated"), "")
        return _trimmed([
            self._rule(verdict.rule),
            STANDINGS.index(item.standing),
            [part for step in item.steps for part in self._step(step, stated)],
            verdict.page or 0,
            self._reason(verdict.reason),
            item.number,
            verdict.fingerprint if verdict.finding else "",
            self.roots.get(verdict.root, 0) if verdict.status == "broken" and verdict.root else 0,
            self._gap(item),
            self._waived(verdict.fingerprint),
        ])  # fmt: skip

    def _waived(self, fingerprint: str) -> list[Any]:
        """What explains the finding: reason, by whom and until when, evidence, its address."""
        said = {lang: sayings.waived(self.press, fingerprint, lang) for lang in LANGUAGES}
        zh, en = said["zh"], said["en"]
        if zh is None or en is None:
            return []
        both = [self.text(getattr(zh, name), getattr(en, name)) for name in ("reason", "by", "evidence")]
        return _trimmed([*both, zh.href])

    def _reason(self, reason: str) -> int:
        if not reason:
            return 0
        return self.both({lang: messages.reason_text(reason, lang, self.press.form_names) for lang in LANGUAGES})

    def _gap(self, item: Evidence) -> list[Any]:
        if not item.difference or item.verdict.status != "broken":
            return []
        unit = [say("points", lang) if item.unit == "%" else item.unit for lang in LANGUAGES]
        return [item.difference, item.bound, item.unexplained, self.text(*unit)]

    def _step(self, step: Step, stated: str) -> tuple[int, Any]:
        """The number of the step's kind, and what is its own."""
        known = self._known(step, stated)
        return self._kind(step.kind, step.sign, self._label(step.label, known), known.edges, known.behind), known.own

    def _label(self, label: str, known: _Known) -> int:
        if not label:
            return 0
        return -1 if label == known.first else -2 if label == known.second else self.text(label)

    def _known(self, step: Step, stated: str = "") -> _Known:
        position, first, second, shown = self.names.get(step.target, (0, "", "", ""))
        number = _NUMBER.fullmatch(step.printed)
        text, behind = (number[1], number[2]) if number else (step.printed, "")
        edges = edges_of(step)
        own: Any = text if not position else position if text == shown else [position, text]
        if edges == "own":
            own = [position, text, step.least, step.most]
        elif step.kind == "computed" and step.printed == stated:
            own, behind = 0, ""
        return _Known(edges, behind, own, first, second, step.printed)

    # ---- what is supposed -------------------------------------------------------------------------------------------

    def _case(self, case: Supposed) -> list[Any]:
        clears = [self.roots[id] - 1 for id in case.clears]
        sets = [[_trimmed(self._reading(one)) for one in some] for some in case.sets]
        return [OUTCOMES.index(case.outcome), clears, sets, case.more]

    def _reading(self, one: Reading) -> list[Any]:
        position, *_ = self.names.get(one.target, (0,))
        span = self.both(one.span) if one.span else 0
        return [
            position,
            self.both(one.label),
            self.both(one.reads),
            span,
            int(one.follows),
            [self.both(said) for said in one.why],
        ]

    # ---- what agrees ------------------------------------------------------------------------------------------------

    def _agreements(self) -> list[list[Any]]:
        """What agrees: within rounding, then exactly, in the order of its rules."""
        made: dict[tuple[str, str, tuple[int, ...]], list[Any]] = {}
        for one in self.contents.agreements:
            kinds, own = self._agreement(one)
            made.setdefault((one.status, one.rule, kinds), []).extend(own)
        return [
            [self._rule(rule), STANDINGS.index(standing(status, "")), kinds, own]
            for (status, rule, kinds), own in sorted(made.items(), key=lambda item: (item[0][0] == "holds", item[0][1]))
        ]

    def _agreement(self, one: Agreement) -> tuple[tuple[int, ...], list[Any]]:
        """The kinds of its steps and what is their own, in the order in which a reader has them."""
        factor, unit = scaled(one.measure, self.contents.filing.unit)
        kinds: list[int] = []
        owns: list[Any] = []
        computed, stated = _sides(one.shape)
        known = {at: self._read(one.ids[at], one.values[at], factor, unit) for at, *_ in (*computed, *stated)}
        said = known[stated[0][0]].printed if len(stated) == 1 else ""

        def put(role: str, sign: str, label: str, step: _Known) -> None:
            kinds.append(self._kind(role, sign, self._label(label, step), step.edges, step.behind))
            owns.append(step.own)

        value, total, bound = one.result.split(" ")
        radius = sum((_decimal(one.values[at].partition(" ")[2]) or Decimal(0) for at, *_ in stated), Decimal(0))
        for at, sign, label in computed:
            put("term", sign, label, known[at])
        if total and has_total(len(computed)):
            slack = max(Decimal(0), Decimal(bound) - radius) if bound else None
            put("computed", "=", "", self._known(_total("computed", one.measure, total, slack, factor), said))
        for at, sign, label in stated:
            put(*(("stated", "") if said else ("term", sign)), label, known[at])
        if value and not said:
            put("stated", "", "", self._known(_total("stated", one.measure, value, radius, factor)))
        return tuple(kinds), owns

    def _read(self, id: str | None, value: str, factor: Decimal, unit: str) -> _Known:
        """The term of a verdict in this unit; the same figure takes part in many."""
        key = id, value, unit
        if key not in self.known:
            amount, _, radius = value.partition(" ")
            term = Term("", "", id, "", _decimal(amount), _decimal(radius))
            self.known[key] = self._known(term_step("term", term, factor, unit, self.printed_in))
        return self.known[key]

    # ---- figures ----------------------------------------------------------------------------------------------------

    def _figures(self) -> Iterator[list[Any]]:
        labels = {(row.form, row.part, row.row_key): row.label for row in self.contents.rows}
        for figure in self.contents.figures:
            yield self._figure(figure, labels)
        for claim in self.contents.claims:
            yield self._claim(claim)
        for sentence in self.sentences:
            told = sentence.text if len(sentence.text) <= sayings.QUOTE else sentence.text[: sayings.QUOTE] + "…"
            id = sentence_id(sentence.position)
            touching = [self.verdicts[i] for i in self.touched.touching[id]]
            yield self._entry(id, [self.text(told), 0, "", 0], [self._spot(sentence.spot)], sentence.spot, touching)

    def _figure(self, figure: Figure, labels: Mapping[tuple[str, str, str], str]) -> list[Any]:
        label = labels.get((figure.form, figure.part, figure.row_key)) or figure.row_key
        shown = figure.raw or printed(figure.value, figure.ulp)
        form = self.press.form_names.get(figure.form, figure.form)
        where = [self.text(form), self.text(figure.part), self._spot(figure.spot), self._doubt(figure.id)]
        name = [self.text(label), self.text(figure.column), shown, self.text(figure.unit)]
        self.names[figure.id] = (len(self.names) + 1, label, figure.column, separated(shown))
        return self._entry(figure.id, name, where, figure.spot)

    def _claim(self, claim: Claim) -> list[Any]:
        shown = printed(claim.value, claim.ulp)
        where = [self.text(f"“{claim.quote}”"), self._spot(claim.spot), self._doubt(claim.id)]
        self.names[claim.id] = (len(self.names) + 1, claim.subject, "", separated(shown))
        return self._entry(claim.id, [self.text(claim.subject), 0, shown, self.text(claim.unit)], where, claim.spot)

    def _entry(
        self, id: str, name: Sequence[Any], where: Sequence[int], spot: Spot, touching: Sequence[int] = ()
    ) -> list[Any]:
        return _trimmed([anchor(id), *name, [said for said in where if said], self._place(id, spot), touching])

    def _place(self, id: str, spot: Spot) -> list[Any]:
        """Whole points do: the box is drawn with a margin."""
        named, edges = int(id in self.found), box(spot)
        if spot.page in self.pictures:
            return [named, spot.page, *map(round, edges or ())]
        return [1] if named and not drawable(self.contents.filing) else [1, spot.page] if named and spot.page else []

    def _spot(self, spot: Spot) -> int:
        """Less than 0: a page or line, as the words for a place of this filing have it; else the number of a text."""
        filing = self.contents.filing
        if not spot.sheet and (spot.page is not None or filing.textual):
            return -(spot.line or 0) if spot.page is None else -spot.page
        return self.both({lang: sayings.spot(spot, filing, lang) for lang in LANGUAGES})

    def _doubt(self, id: str) -> int:
        why = self.contents.doubts.get(id)
        return self.both({lang: say("doubtful", lang, why=why[lang]) for lang in LANGUAGES}) if why else 0


def _trimmed(fields: list[Any]) -> list[Any]:
    """`fields` without those at the end that are 0, "" or []."""
    while fields and not fields[-1]:
        fields.pop()
    return fields


def separated(shown: str) -> str:
    """A number with thousands separators; anything else as it is. `evidence.js` does the same."""
    found = _PLAIN.fullmatch(shown)
    return f"{found[1]}{_THOUSANDS.sub(',', found[2])}{found[3]}" if found else shown


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@lru_cache(maxsize=5000)
def _sides(
    shape: tuple[tuple[str, str, str], ...],
) -> tuple[tuple[tuple[int, str, str], ...], tuple[tuple[int, str, str], ...]]:
    """Position, sign and label of the terms of which something is computed, and of those that are stated."""
    terms = [(at, *term) for at, term in enumerate(shape)]
    return (
        tuple((at, sign, label) for at, side, sign, label in terms if side != "stated"),
        tuple((at, sign, label) for at, side, sign, label in terms if side == "stated"),
    )


@lru_cache(maxsize=20_000)
def _total(kind: str, measure: str, value: str, radius: Decimal | None, factor: Decimal) -> Step:
    return result_step(kind, measure, Decimal(value), radius, factor)


def edges_of(step: Step) -> str:
    """How least and most follow from what is printed: "", half, same, ±x or own. `evidence.js` reckons them back in whole numbers."""
    return _edges(step.printed, step.least, step.most)


@lru_cache(maxsize=20_000)
def _edges(shown: str, least: str, most: str) -> str:
    if not least and not most:
        return ""
    found = _NUMBER.fullmatch(shown)
    if not found:
        return "own"
    text = found[1]
    if least == most == text:
        return "same"
    decimals = len(text.partition(".")[2])
    value, half = Decimal(text.replace(",", "")), Decimal(5).scaleb(-decimals - 1)
    edges = tuple(f"{edge:,.{decimals + 1}f}" for edge in (value - half, value + half))
    if edges == (least, most):
        return "half"
    by = Decimal(most.replace(",", "")) - value
    return f"±{by:f}" if by >= 0 and (printed(value - by), printed(value + by)) == (least, most) else "own"
