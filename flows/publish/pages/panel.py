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
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from expectations import messages
from flows.publish.content.views import Claim, Contents, Figure, Spot
from flows.publish.pages.agreeing import Agreeing
from flows.publish.pages.evidence import Evidence, Marks, Step, anchor, sentence_id
from flows.publish.pages.packing import Tables, separated, trimmed
from flows.publish.pages.supposed import Reading, Supposed
from flows.publish.press import Press
from flows.publish.source.album import page_name
from flows.publish.source.places import box, drawable, placed
from flows.publish.wording import sayings
from flows.publish.wording.numbers import printed
from flows.publish.wording.words import LANGUAGES, say

OUTCOMES = ("one", "several", "none", "unfinished")
STANDINGS = ("ok", "near", "bad", "explain", "none")
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


class Packed(Tables):
    """The tables while they fill."""

    def __init__(self, press: Press, contents: Contents, touched: Marks) -> None:
        super().__init__()
        self.press, self.contents, self.touched = press, contents, touched
        used = {index for indexes in touched.touching.values() for index in indexes}
        kept = [i for i, item in enumerate(touched.evidence) if i in used or item.verdict.finding]
        self.verdicts = {old: new for new, old in enumerate(kept)}
        self.roots = {touched.evidence[i].verdict.fingerprint: new + 1 for i, new in self.verdicts.items()}
        self.sentences = [s for s in contents.sentences if sentence_id(s.position) in touched.touching]
        self.found = {one.id for one in placed(contents, touched)}
        self.pictures = press.album.of(contents.filing.document.sha256).pages
        self.printed_in: dict[str, Figure | Claim] = {figure.id: figure for figure in contents.figures}
        self.printed_in.update({claim.id: claim for claim in contents.claims})

    def data(self) -> dict[str, Any]:
        figures = list(self._figures())
        verdicts = [self._verdict(self.touched.evidence[i]) for i in self.verdicts]
        agreements = Agreeing(self, self.printed_in, self.contents.filing.unit).rows(
            self.contents.agreements, STANDINGS
        )
        cases = [trimmed(self._case(one)) for one in self.touched.supposed]
        texts = [zh if zh == en else [zh, en] for zh, en in self.texts]
        made = {"texts": texts, "kinds": [trimmed([*kind]) for kind in self.kinds], "rules": list(self.rules)}
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

    # ---- findings ---------------------------------------------------------------------------------------------------

    def _verdict(self, item: Evidence) -> list[Any]:
        verdict = item.verdict
        stated = next((step.printed for step in item.steps if step.kind == "stated"), "")
        return trimmed([
            self.rule(verdict.rule),
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
        return trimmed([*both, zh.href])

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
        known = self.known(step, stated)
        return self.kind(step.kind, step.sign, step.label, known), known.own

    # ---- what is supposed -------------------------------------------------------------------------------------------

    def _case(self, case: Supposed) -> list[Any]:
        clears = [self.roots[id] - 1 for id in case.clears]
        sets = [[trimmed(self._reading(one)) for one in some] for some in case.sets]
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
        return trimmed([anchor(id), *name, [said for said in where if said], self._place(id, spot), touching])

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
