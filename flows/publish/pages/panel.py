"""What the panel reads: the evidence of one filing as data, written once for both languages and without a word twice.

`assets/panel.js` unpacks it. Fields at the end of a list that say nothing are left out. `texts` holds what is said, each text once:
one string, or [Chinese, English] where they differ; everywhere else a number stands for a text (0 for none). In order:

- kind: [term, computed or stated; sign; edges], where edges is "" (none), "half" (printed ± half a unit of its last place),
  "same" (as printed) or "own" (written out);
- rule: [id, title, formula, file name of its page, how a broken verdict is called];
- verdict: [rule, standing, steps, page, reason, number, fingerprint, root, gap]; root is the position of the verdict from which
  this one follows, plus one; gap is [difference, bound, unexplained, unit];
- step: [kind, label, printed, position of its figure plus one, least, most];
- figure, claim or sentence: [anchor, name, column, printed, unit, where, verdicts (the gravest first), place]; place is [whether
  the pages of the source name it, page, left, top, right, bottom], the box in points and only where `source` has that page;
- source: {name of the document's pages, pages: {number: [ending of the picture, width, height in points]}}.

Left out are the verdicts that no figure leads to and that are no finding: they stand in the counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from expectations import messages
from flows.publish.content.views import Claim, Contents, Figure, Spot
from flows.publish.pages.evidence import Evidence, Marks, Step, anchor, sentence_id
from flows.publish.press import Press
from flows.publish.source.album import page_name
from flows.publish.source.places import box, drawable, placed
from flows.publish.wording import sayings
from flows.publish.wording.numbers import printed
from flows.publish.wording.words import LANGUAGES, say

STANDINGS = ("ok", "near", "bad", "explain", "none")
_NUMBER = re.compile(r"(-?\d[\d,]*(?:\.\d+)?)\D*")
_SAID = (
    "arithmetic", "sign", "item", "printed", "least", "most", "computed", "stated", "close", "also", "touching_none",
    "follow_from_it", "copy_link", "copied", "rule_page", "finding_id", "source_of", "whole_page", "see_source", "copy_place", *STANDINGS,
)  # fmt: skip


def panel_words(press: Press, contents: Contents, lang: str) -> dict[str, str]:
    """What the panel says in one language, whatever the evidence; {n} and the like stand for what is filled in."""
    open_ = {name: f"{{{name}}}" for name in ("n", "difference", "bound", "unexplained")}
    page = sayings.page(0, contents.filing, lang).replace("0", "{n}", 1)
    told = {key: say(key, lang, **open_) for key in ("follows_from", "gap_exact", "gap_bound", "gap_unexplained")}
    return {key: say(key, lang) for key in _SAID} | told | {"page": page, "comma": "，" if lang == "zh" else ", "}


def panel_script(press: Press, contents: Contents, touched: Marks) -> str:
    """The script that hands the evidence to the panel; it cannot be anything but data."""
    text = json.dumps(_Packed(press, contents, touched).data(), ensure_ascii=False, separators=(",", ":"))
    for character in "\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"window.evidence = {text};\n".replace("<", "\\u003c")


class _Packed:
    """The tables while they fill."""

    def __init__(self, press: Press, contents: Contents, touched: Marks) -> None:
        self.press, self.contents, self.touched = press, contents, touched
        self.texts: dict[tuple[str, str], int] = {("", ""): 0}
        self.kinds: dict[tuple[str, str, str], int] = {}
        self.rules: dict[str, int] = {}
        used = {index for indexes in touched.touching.values() for index in indexes}
        kept = [i for i, item in enumerate(touched.evidence) if i in used or item.verdict.finding]
        self.verdicts = {old: new for new, old in enumerate(kept)}
        self.roots = {touched.evidence[i].verdict.fingerprint: new + 1 for i, new in self.verdicts.items()}
        sentences = [s for s in contents.sentences if sentence_id(s.position) in touched.touching]
        ids = [*(f.id for f in contents.figures), *(c.id for c in contents.claims)]
        self.broken = {e.verdict.rule: e.verdict for e in touched.evidence if e.verdict.status == "broken"}
        self.sentences, self.position = sentences, {id: i + 1 for i, id in enumerate(ids)}
        self.found = {one.id for one in placed(contents, touched)}
        self.pictures = press.album.of(contents.filing.document.sha256).pages

    def data(self) -> dict[str, Any]:
        figures = list(self._figures())
        verdicts = [self._verdict(self.touched.evidence[i]) for i in self.verdicts]
        rules = [self._rule(id) for id in self.rules]
        texts = [zh if zh == en else [zh, en] for zh, en in self.texts]
        kinds = [list(kind) for kind in self.kinds]
        made = {"texts": texts, "kinds": kinds, "rules": rules, "verdicts": verdicts, "figures": figures}
        return made | {"source": self._source()}

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

    def _rule(self, id: str) -> list[Any]:
        rule = self.press.rules.get(id)
        broken = self.broken.get(id)
        word = {lang: sayings.standing_word(self.press, broken, lang) if broken else "" for lang in LANGUAGES}
        title = {lang: sayings.rule_title(self.press, id, lang) for lang in LANGUAGES}
        return [id, self.both(title), rule.formula if rule else "", self.press.rule_names.get(id, ""), self.both(word)]

    def _verdict(self, item: Evidence) -> list[Any]:
        verdict = item.verdict
        return _trimmed([
            self.rules.setdefault(verdict.rule, len(self.rules)),
            STANDINGS.index(item.standing),
            [self._step(step) for step in item.steps],
            verdict.page or 0,
            self._reason(verdict.reason),
            item.number,
            verdict.fingerprint if verdict.finding else "",
            self.roots.get(verdict.root, 0) if verdict.status == "broken" and verdict.root else 0,
            self._gap(item),
        ])  # fmt: skip

    def _reason(self, reason: str) -> int:
        if not reason:
            return 0
        return self.both({lang: messages.reason_text(reason, lang, self.press.form_names) for lang in LANGUAGES})

    def _gap(self, item: Evidence) -> list[Any]:
        if not item.difference or item.verdict.status != "broken":
            return []
        unit = [say("points", lang) if item.unit == "%" else item.unit for lang in LANGUAGES]
        return [item.difference, item.bound, item.unexplained, self.text(*unit)]

    def _step(self, step: Step) -> list[Any]:
        edges = edges_of(step)
        kind = self.kinds.setdefault((step.kind, step.sign, edges), len(self.kinds))
        own = [step.least, step.most] if edges == "own" else []
        return _trimmed([kind, self.text(step.label), step.printed, self.position.get(step.target, 0), *own])

    def _figures(self) -> Iterator[list[Any]]:
        labels = {(row.form, row.part, row.row_key): row.label for row in self.contents.rows}
        for figure in self.contents.figures:
            yield self._figure(figure, labels)
        for claim in self.contents.claims:
            yield self._claim(claim)
        for sentence in self.sentences:
            told = sentence.text if len(sentence.text) <= sayings.QUOTE else sentence.text[: sayings.QUOTE] + "…"
            where = [self._spot(sentence.spot)]
            yield self._entry(sentence_id(sentence.position), [self.text(told), 0, "", 0], where, sentence.spot)

    def _figure(self, figure: Figure, labels: Mapping[tuple[str, str, str], str]) -> list[Any]:
        label = labels.get((figure.form, figure.part, figure.row_key)) or figure.row_key
        shown = figure.raw or printed(figure.value, figure.ulp)
        form = self.press.form_names.get(figure.form, figure.form)
        where = [self.text(form), self.text(figure.part), self._spot(figure.spot), self._doubt(figure.id)]
        name = [self.text(label), self.text(figure.column), shown, self.text(figure.unit)]
        return self._entry(figure.id, name, where, figure.spot)

    def _claim(self, claim: Claim) -> list[Any]:
        shown = printed(claim.value, claim.ulp)
        where = [self.text(f"“{claim.quote}”"), self._spot(claim.spot), self._doubt(claim.id)]
        return self._entry(claim.id, [self.text(claim.subject), 0, shown, self.text(claim.unit)], where, claim.spot)

    def _entry(self, id: str, name: Sequence[Any], where: Sequence[int], spot: Spot) -> list[Any]:
        touching = [self.verdicts[i] for i in self.touched.touching.get(id, ())]
        return _trimmed([anchor(id), *name, [text for text in where if text], touching, self._place(id, spot)])

    def _place(self, id: str, spot: Spot) -> list[Any]:
        """Whole points do: the box is drawn with a margin."""
        named, edges = int(id in self.found), box(spot)
        if spot.page in self.pictures:
            return [named, spot.page, *map(round, edges or ())]
        return [1] if named and not drawable(self.contents.filing) else [1, spot.page] if named and spot.page else []

    def _spot(self, spot: Spot) -> int:
        return self.both({lang: sayings.spot(spot, self.contents.filing, lang) for lang in LANGUAGES})

    def _doubt(self, id: str) -> int:
        why = self.contents.doubts.get(id)
        return self.both({lang: say("doubtful", lang, why=why[lang]) for lang in LANGUAGES}) if why else 0


def _trimmed(fields: list[Any]) -> list[Any]:
    """`fields` without those at the end that are 0, "" or []."""
    while fields and not fields[-1]:
        fields.pop()
    return fields


def edges_of(step: Step) -> str:
    """How least and most follow from what is printed: "", half, same or own. `panel.js` reckons them back in whole numbers."""
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
    return "half" if edges == (least, most) else "own"
