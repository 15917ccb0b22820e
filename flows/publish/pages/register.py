"""The register of expected filings on the pages: who has not published, who was late, what nobody registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from expectations.rulefile.problems import RuleProblem
from flows.publish.press import Press
from flows.publish.wording.words import LANGUAGES, say
from flows.register import telling
from flows.register.kept import Kept
from flows.register.standing import STATUSES, Standing

SHOWN = 2000
"""Rows on the page, the most overdue first; the workbook has them all."""
NAMED = 8
"""Organisations that the overview names."""
_LOOK = {"missing": "bad", "late": "explain", "wrong_scope": "explain", "in_time": "ok"}
_LEVELS = ("central", "province", "city", "county", "township")
TILES = ("expected", "published", "late", "missing", "unexpected")

Written = Callable[[str, str, str], None]


def write_register(press: Press, found: Kept, write: Written) -> None:
    """The page is written in both languages."""
    for lang in LANGUAGES:
        write(lang, "register.html", _page(press, found, lang))


def _page(press: Press, found: Kept, lang: str) -> str:
    standings = found.compared.standings
    shown = standings[:SHOWN]
    return press.print(
        "register.html",
        lang,
        "register.html",
        here="overview",
        title=say("register", lang),
        subtitle=telling.counted(found.compared.counts(), lang),
        outside=found.compared.outside,
        source=found.source.rsplit("/", 1)[-1],
        problems=[_problem(problem, lang) for problem in found.problems],
        rows=[_row(press, one, lang) for one in shown],
        rest=len(standings) - len(shown),
        fields=_fields(shown, lang),
    )


def _problem(problem: RuleProblem, lang: str) -> str:
    """第 10 行：年度…"""
    said = problem.zh if lang == "zh" else problem.en
    return say("register_row", lang, n=problem.line, said=said) if problem.line else said


def for_overview(press: Press, found: Kept | None, lang: str) -> dict[str, Any] | None:
    """What the overview says first; None without a register."""
    if found is None:
        return None
    counts = found.compared.counts()
    open_ = [one for one in found.compared.standings if one.status in ("missing", "late", "wrong_scope")]
    return {
        "tiles": [_tile(name, counts, lang) for name in TILES],
        "rows": [_row(press, one, lang) for one in open_[:NAMED]],
        "more": len(open_) - NAMED,
        "problems": len([one for one in found.problems if one.grade == "error"]),
        "others": [
            (telling.word(name, lang), counts[name], f"register.html#/?status={name}")
            for name in ("wrong_scope", "duplicate", "not_due")
            if counts[name]
        ],
    }


def _tile(name: str, counts: dict[str, int], lang: str) -> dict[str, Any]:
    href = {"expected": "register.html", "published": "register.html#/?status=published"}
    look = {"missing": "bad", "late": "explain", "unexpected": "explain"}.get(name, "")
    return {
        "number": counts[name],
        "word": say(f"register_tile_{name}", lang),
        "note": say(f"register_tile_{name}_note", lang),
        "look": look if counts[name] else "",
        "href": href.get(name, f"register.html#/?status={name}"),
    }


def _row(press: Press, one: Standing, lang: str) -> dict[str, Any]:
    key = one.published.filing if one.published else ""
    expected = one.expected
    status, organisation, year, kind, due, published, remarks = telling.cells(one, lang)
    notes = telling.remarks(one, lang)[1 if one.days else 0 :]  # the days have a column of their own
    groups = [one.status, *(["published"] if one.status in ("late", "in_time") else []), *(["duplicate"] if one.twice else [])]  # fmt: skip
    return {
        "status": " ".join(groups),
        "look": _LOOK.get(one.status, "none"),
        "word": status,
        "twice": bool(one.twice),
        "organisation": organisation,
        "href": f"filings/{press.filing_names[key]}.html" if key in press.filing_names else "",
        "under": " · ".join(part for part in (expected.code, expected.parent) if part) if expected else "",
        "region": expected.region if expected else "",
        "level": level_word(expected.level, lang) if expected else "",
        "level_code": expected.level if expected else "",
        "year": year,
        "kind": kind,
        "due": due,
        "published": published,
        "days": one.days,
        "remarks": remarks,
        "notes": ("；" if lang == "zh" else "; ").join(notes),
        "address": expected.address if expected and expected.address.startswith(("https://", "http://")) else "",
    }


def level_word(level: str, lang: str) -> str:
    """A level in words; as the register writes it where it is none that is known."""
    return say(f"level_{level}", lang) if level in _LEVELS else level


def _fields(shown: Iterable[Standing], lang: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The choices above the list: name of the field, values with their words; only those that occur."""
    rows = list(shown)
    statuses = [name for name in STATUSES if any(one.status == name for one in rows)]
    words = [(name, telling.word(name, lang)) for name in statuses]
    if any(one.twice for one in rows):
        words.append(("duplicate", telling.word("duplicate", lang)))
    if any(one.status in ("late", "in_time") for one in rows):
        words.append(("published", telling.word("published_count", lang)))
    years = sorted({str(telling.year(one)) for one in rows if telling.year(one)}, reverse=True)
    regions = sorted({one.expected.region for one in rows if one.expected and one.expected.region})
    levels = {one.expected.level for one in rows if one.expected and one.expected.level}
    named = [level for level in _LEVELS if level in levels] + sorted(levels.difference(_LEVELS))
    fields = [
        ("status", words),
        ("year", [(year, year) for year in years]),
        ("region", [(value(region), region) for region in regions]),
        ("level", [(value(level), level_word(level, lang)) for level in named]),
    ]
    return [(name, choices) for name, choices in fields if len(choices) > 1]


def value(text: str) -> str:
    """A text as the value of a choice: a row's values are separated by spaces."""
    return "_".join(text.split())
