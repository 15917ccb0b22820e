"""The arithmetic behind a verdict as a person reads it, and how each figure of a filing is to be coloured.

Amounts leave the warehouse's 万元 here and return to the unit in which the filing prints them.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from expectations import messages
from flows.explain.order import under_roots
from flows.publish.content.views import Agreement, Claim, Contents, Figure, Term, Verdict
from flows.publish.pages.forms import Mark
from flows.publish.pages.supposed import Supposed
from flows.publish.wording.numbers import BLANK, is_money, printed, scale
from flows.publish.wording.standing import WORST, graver, standing, worst
from flows.recognise.disclosure import RATIO


class Step(NamedTuple):
    """One line of the arithmetic, all numbers as text. `kind`: term, computed or stated; `target` a figure or claim id or ""."""

    kind: str
    sign: str
    label: str
    printed: str
    least: str
    most: str
    target: str = ""


class Evidence(NamedTuple):
    """A verdict made readable. `difference`, `bound`, `unexplained` are "" where they do not apply, and of what is no finding;
    `unit` is theirs. A verdict to which nothing on the page leads has no steps."""

    verdict: Verdict
    standing: str
    steps: tuple[Step, ...]
    difference: str
    bound: str
    unexplained: str
    unit: str
    number: int = 0
    """The number of the finding on its page; 0 for a verdict that is none."""


def evidence(contents: Contents, severities: Mapping[str, str]) -> tuple[Evidence, ...]:
    """Every verdict of the filing with its arithmetic; findings first, the gravest before the others, and numbered.

    A finding that follows from another stands right behind it.
    """
    printed_in: dict[str, Figure | Claim] = {figure.id: figure for figure in contents.figures}
    printed_in.update({claim.id: claim for claim in contents.claims})
    order = {"bad": 0, "explain": 1, "none": 2, "near": 3, "ok": 4}

    def rank(verdict: Verdict) -> tuple[int, int, str, str]:
        stands = standing(verdict.status, severities.get(verdict.rule, "critical"))
        return order[stands], verdict.page or 0, verdict.rule, verdict.instance

    made: list[Evidence] = []
    ordered = under_roots(sorted(contents.verdicts, key=rank), lambda one: one.fingerprint, lambda one: one.root)
    for number, verdict in enumerate(ordered, 1):
        stands = standing(verdict.status, severities.get(verdict.rule, "critical"))
        made.append(_readable(verdict, stands, number if verdict.finding else 0, contents.filing.unit, printed_in))
    return tuple(made)


def _readable(
    verdict: Verdict, stands: str, number: int, unit: str, printed_in: Mapping[str, Figure | Claim]
) -> Evidence:
    factor, own = scaled(verdict.measure, unit)
    if not verdict.finding and not any(term.id for term in verdict.terms):
        # Nothing on the page leads to it: it stands in the counts.
        return Evidence(verdict, stands, (), "", "", "", own, number)
    steps = tuple(_steps(verdict, factor, own, printed_in))
    if not verdict.finding or (verdict.status == "broken" and not verdict.unexplained):
        # It agrees, or what must differ is equal: no difference is told.
        return Evidence(verdict, stands, steps, "", "", "", own, number)
    return Evidence(
        verdict,
        stands,
        steps,
        _size(verdict.difference, verdict.measure, factor),
        _size(verdict.bound, verdict.measure, factor),
        _size(verdict.unexplained, verdict.measure, factor),
        own,
        number,
    )


def _size(value: Decimal | None, measure: str, factor: Decimal) -> str:
    """How large, without sign; "" for None. Amounts and rates show two decimals at least, six at most."""
    if value is None:
        return ""
    return messages.number(abs(value * factor), "percent" if measure in ("amount", "percent") else measure)


def scaled(measure: str, unit: str) -> tuple[Decimal, str]:
    """By what the amounts of a verdict are multiplied, and its unit, in a filing of this unit."""
    unit = unit if is_money(unit) else "万元"
    factor = scale(unit) if measure == "amount" else Decimal(1)
    return factor, {"amount": unit, "percent": "%"}.get(measure, "")


def _steps(verdict: Verdict, factor: Decimal, own: str, printed_in: Mapping[str, Figure | Claim]) -> list[Step]:
    sources = (printed_in.get(term.id or "") for term in verdict.terms)
    others = {one.unit for one in sources if one is not None and is_money(one.unit)} - {own}
    if not (verdict.finding and is_money(own) and others):
        return _in_order(verdict, factor, own, printed_in)
    # Beside another unit of money a number without its unit would be misread: each says its own.
    made = _in_order(verdict, factor, "", printed_in)
    return [
        step if step.target or step.printed == BLANK else step._replace(printed=f"{step.printed} {own}")
        for step in made
    ]


def _in_order(verdict: Verdict, factor: Decimal, own: str, printed_in: Mapping[str, Figure | Claim]) -> list[Step]:
    """What is computed, its terms first, then what is stated; units that are not `own` are named."""
    stated = [term for term in verdict.terms if term.side == "stated"]
    computed = [term for term in verdict.terms if term.side != "stated"]
    made = [term_step("term", term, factor, own, printed_in) for term in computed]
    radius = sum((term.radius or Decimal(0) for term in stated), Decimal(0))
    if verdict.computed is not None and has_total(len(computed)):
        slack = max(Decimal(0), verdict.bound - radius) if verdict.bound is not None else None
        made.append(result_step("computed", verdict.measure, verdict.computed, slack, factor))
    if len(stated) == 1:
        return [*made, term_step("stated", stated[0], factor, own, printed_in)._replace(sign="")]
    made.extend(term_step("term", term, factor, own, printed_in) for term in stated)
    if verdict.stated is not None:
        made.append(result_step("stated", verdict.measure, verdict.stated, radius, factor))
    return made


def has_total(computed: int) -> bool:
    """Whether what is computed of so many terms is told: of one it is that term."""
    return computed != 1


def result_step(kind: str, measure: str, value: Decimal, radius: Decimal | None, factor: Decimal) -> Step:
    """What terms come to: `kind` is computed or stated."""
    least, most = _interval(value, radius, factor)
    money = measure in ("amount", "percent")
    text = messages.number(value * factor, "percent") if money else printed(value * factor)
    return Step(kind, "=" if kind == "computed" else "", "", text, least, most)


def _interval(value: Decimal, radius: Decimal | None, factor: Decimal) -> tuple[str, str]:
    if radius is None:
        return "", ""
    return printed((value - radius) * factor), printed((value + radius) * factor)


def term_step(kind: str, term: Term, factor: Decimal, own: str, printed_in: Mapping[str, Figure | Claim]) -> Step:
    """A term in the unit in which it is printed; that unit is named where it is not the verdict's own."""
    source = printed_in.get(term.id or "")
    if source is not None:
        factor = scale_of(source.unit)
    target = source.id if source is not None else ""
    if term.value is None:
        return Step(kind, term.sign, term.label, BLANK, "", "", target)
    value = term.value * factor
    # A number without unit or rounding may be a year: no separators, and least and most say nothing.
    whole = source is None and not own and not term.radius
    ulp = term.radius * factor * 2 if term.radius else None
    text = f"{value.normalize():f}" if whole else printed(value, ulp)
    if source is not None:
        text = in_unit(text, source.unit, own)
    least, most = ("", "") if whole else _interval(term.value, term.radius, factor)
    return Step(kind, term.sign, term.label, text, least, most, target)


def scale_of(unit: str) -> Decimal:
    """By what the value of a figure is multiplied that is printed in `unit`."""
    return scale(unit) if is_money(unit) else Decimal("0.01") if unit == RATIO else Decimal(1)


def in_unit(text: str, unit: str, own: str) -> str:
    """A number with its unit behind it, where that is not the verdict's `own`."""
    return text if not unit or unit == own else f"{text} {unit}" if is_money(unit) else text + unit


@dataclass(frozen=True, slots=True)
class Agreed:
    """How many verdicts on the figures of a form agree, by standing, and the rules that say so."""

    counts: Counter[str] = field(default_factory=Counter)
    rules: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Marks:
    """Which findings touch each figure or claim: indexes into the evidence, by id; and which figures agree with others."""

    touching: Mapping[str, tuple[int, ...]]
    evidence: tuple[Evidence, ...]
    doubted: Collection[str] = ()
    """What was read without certainty: grey, whatever else is said of it."""
    agreed: Mapping[str, str] = field(default_factory=dict)
    """How what agrees with something stands: ok, or near where that is so only within rounding."""
    forms: Mapping[str, Agreed] = field(default_factory=dict)
    """What agrees of the figures of each form."""
    supposed: tuple[Supposed, ...] = ()
    """What is supposed of the findings."""
    known: dict[str, tuple[str, str, tuple[int, ...]]] = field(default_factory=dict)
    """Standing, role and notes of what was asked for already: both languages ask for the same."""

    @cached_property
    def wordless(self) -> Mapping[str, tuple[int, ...]]:
        """The verdicts without terms by the instance that they judge."""
        made: dict[str, list[int]] = defaultdict(list)
        for index, item in enumerate(self.evidence):
            if not item.verdict.terms:
                made[item.verdict.instance].append(index)
        return {instance: tuple(indexes) for instance, indexes in made.items()}

    @cached_property
    def suspects(self) -> Mapping[str, str]:
        """By id of a figure that may be wrong how the gravest finding stands that it would clear."""
        stands = {item.verdict.fingerprint: item.standing for item in self.evidence if item.verdict.finding}
        made: dict[str, str] = {}
        for case in self.supposed:
            gravest = worst(stands[id] for id in case.clears)
            for one in (one for some in case.sets for one in some if one.target):
                made[one.target] = graver(gravest, made.get(one.target, "bare"))
        return made

    @cached_property
    def explained(self) -> frozenset[str]:
        """The findings of which some figure is suspected: another that they state is none for that."""
        return frozenset(id for case in self.supposed if case.sets for id in case.clears)

    def of(self, id: str, text: str, title: tuple[str, ...] = ()) -> Mark:
        """The mark of one figure or claim, printed as `text`.

        It leads to its gravest finding, or nowhere where there is none: the script opens its evidence.
        """
        if id not in self.known:
            self.known[id] = self._stands(id)
        stands, role, notes = self.known[id]
        return Mark(id, text, title, stands, role, notes, f"#n{notes[0]}" if notes else "")

    def _stands(self, id: str) -> tuple[str, str, tuple[int, ...]]:
        agrees = self.agreed.get(id)
        if id not in self.touching and id not in self.doubted and id not in self.suspects:
            return agrees or "bare", "computed", ()
        touching = [self.evidence[i] for i in self.touching.get(id, ())]
        stands = (
            "none" if id in self.doubted else worst([*(e.standing for e in touching), *([agrees] if agrees else ())])
        )
        gravest = [e for e in touching if e.standing == stands]
        stated = any(
            (_states(e.verdict, id) and e.verdict.fingerprint not in self.explained)
            or e.verdict.about.sentence is not None
            for e in gravest
        )
        notes = tuple(e.number for e in touching if e.standing in ("bad", "explain"))
        if id in self.suspects and id not in self.doubted:
            return graver(stands, self.suspects[id]), "suspect", notes
        return stands, "stated" if stated else "computed", notes


def marks(
    made: Sequence[Evidence],
    spoken: Collection[str] = (),
    doubted: Collection[str] = (),
    agreements: Iterable[Agreement] = (),
    figures: Iterable[Figure] = (),
    supposed: tuple[Supposed, ...] = (),
) -> Marks:
    """Who touches whom: a figure is touched by every verdict in whose terms it stands, a sentence by findings about it.

    `spoken` are the rules whose instances are sentences, `doubted` the ids of what was read without certainty; `agreements` and
    `figures` are those of the filing.
    """
    touching: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(made):
        for id in dict.fromkeys(term.id for term in item.verdict.terms if term.id):
            touching[id].append(index)
        if (
            item.standing in ("bad", "explain")
            and item.verdict.about.sentence is not None
            and item.verdict.rule in spoken
        ):
            touching[sentence_id(item.verdict.about.sentence)].append(index)
    stated = {(t.id, i) for i, item in enumerate(made) for t in item.verdict.terms if t.id and t.side == "stated"}
    for id, indexes in touching.items():
        # Among equally grave verdicts the one that judges this figure comes before those that only use it.
        indexes.sort(key=lambda i: (WORST.index(made[i].standing), (id, i) not in stated, i))
    return Marks(
        {id: tuple(indexes) for id, indexes in touching.items()},
        tuple(made),
        doubted,
        *_agreed(agreements, figures),
        supposed,
    )


def _agreed(agreements: Iterable[Agreement], printed: Iterable[Figure]) -> tuple[dict[str, str], dict[str, Agreed]]:
    figures: dict[str, str] = {}
    forms: dict[str, Agreed] = defaultdict(Agreed)
    form_of: dict[str | None, str] = {figure.id: figure.form for figure in printed}
    for one in agreements:
        stands = standing(one.status, "")
        for form in {form_of[id] for id in one.ids if id in form_of}:
            forms[form].counts[stands] += 1
            forms[form].rules.add(one.rule)
        if stands == "near":
            figures.update((id, stands) for id in one.ids if id)
        else:
            for id in one.ids:
                if id:
                    figures.setdefault(id, stands)
    return figures, dict(forms)


def _states(verdict: Verdict, id: str) -> bool:
    return any(term.id == id and term.side == "stated" for term in verdict.terms)


def sentence_id(position: int | str) -> str:
    """The id under which a sentence of the narrative is marked as a whole."""
    return f"S/{position}"


@lru_cache(maxsize=20_000)
def anchor(id: str) -> str:
    """The anchor of a figure or claim on its filing's page: the same every night, and short, for a page holds thousands."""
    made = hashlib.blake2s(id.encode("utf-8", "surrogatepass"), digest_size=6).digest()
    return "f" + base64.urlsafe_b64encode(made).decode()
