"""Whose accounts these are and of which year, from the cover, the headings and the lines above the forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from expectations.vocabulary import plain
from flows.read.document import Document, Line
from flows.recognise.disclosure import Filing, FormReading
from flows.recognise.forms.titles import printed
from flows.recognise.numbers import ascii_digits

_CHINESE = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_YEAR = r"(?P<year>(?:19|20)\d{2}|二[〇○零][〇○零一二三四五六七八九]{2})年?度?"
_ACCOUNTS = re.compile(
    rf"^(?P<before>.*?){_YEAR}(?P<between>.{{0,40}}?)(?P<scope>部门|单位|整体|汇总)?(?P<kind>决算|预算)"
)
_PART = re.compile(
    r"^(?:第[一二三四五六七八九十]+部分|附件\d*[:：.、]?|附表\d*[:：.、]?|[一二三四五六七八九十]+、|关于)"
)
_NAMED = re.compile(
    r"^(?:(?:填报|编制|公开|预算|主管)?(?:部门|单位)(?:名称)?(?:（公章）|（盖章）)?|(?:填报|编制)(?:单位|部门))[:：](?P<name>.+)$"
)
_OVERVIEW = re.compile(r"^第一部分(?P<name>.{2,50}?)(?:部门|单位)?(?:基本)?概况$")
_AFTER_NAME = re.compile(r"(?:金额单位|单位[:：]|公开\d|日期|20\d{2}年).*$")
_GENERAL = re.compile(r"(?:本|我|各|该)?(?:部门|单位|公开|年度|决算|预算|情况|报告|的)*")
_NO_NAME = re.compile(
    r"财政拨款|一般公共预算|政府性基金|国有资本经营|三公|收入支出|基本支出|项目支出|绩效|机关运行|情况"
)
_DATE = re.compile(r"^[\d〇○零一二三四五六七八九十]+年.*|^\d+$")
_MAY_SPEAK = re.compile(r"[。；;？！]")
MOST_COVER_LINES = 12
T = TypeVar("T", str, int)


@dataclass(frozen=True, slots=True)
class _Said:
    """What one heading says of the filing; "" or None where it is silent."""

    organisation: str = ""
    year: int | None = None
    scope: str = ""
    kind: str = ""


def identify(document: Document, lines: Sequence[Line], above: Iterable[str], forms: Sequence[FormReading]) -> Filing:
    """The filing that `document` is. `lines`: its text; `above`: texts over the forms, which name the department."""
    cover = _from_cover(document)
    headings = [heading for line in lines if (heading := _from_heading(line.text))]
    named = [name for text in above if (name := _named(text))]
    overview = [_clean(found["name"]) for line in lines if (found := _OVERVIEW.match(plain(printed(line.text))))]
    file = _from_heading(document.name.rsplit(".", 1)[0].replace("-", "").replace("_", "")) or _Said()
    said = [cover, *headings, file]
    organisation = cover.organisation or _commonest([*overview, *named, *(s.organisation for s in headings)])
    kind = next((each.kind for each in said if each.kind), "")
    if not kind:
        kind = "final_accounts" if any(form.title or form.status in ("read", "blank") for form in forms) else "unknown"
    return Filing(
        organisation or file.organisation,
        cover.year or _commonest([s.year for s in headings]) or file.year,
        kind,
        cover.scope or _commonest([s.scope for s in headings]) or file.scope or "department",
        _commonest([form.unit for form in forms if form.status in ("read", "unreadable")])
        or _commonest([form.unit for form in forms])
        or "",
    )


def _commonest(values: Iterable[T | None]) -> T | None:
    counted = Counter(value for value in values if value)
    return counted.most_common(1)[0][0] if counted else None


def _from_cover(document: Document) -> _Said:
    """What the first lines say, taken together: a name may run over two lines, the year stand before or behind it."""
    if not document.pages:
        return _Said()
    texts: list[str] = []
    for item in document.pages[0].items[:MOST_COVER_LINES]:
        text = plain(ascii_digits(printed(item.text))) if isinstance(item, Line) else ""
        if not text or text in ("目录", "目次") or _MAY_SPEAK.search(text):
            break
        texts.append(text)
    said = _accounts("".join(texts))
    if said is None or said.organisation:
        return said or _Said()
    alone = [
        text for text in texts if not _ACCOUNTS.match(text) and not _DATE.match(text) and not _GENERAL.fullmatch(text)
    ]
    names = [_named(text) or _clean(text) for text in alone if len(text) >= 3]
    return _Said(names[0] if names else "", said.year, said.scope, said.kind)


def _from_heading(text: str) -> _Said | None:
    name = plain(ascii_digits(printed(text)))
    if len(name) > 70 or _MAY_SPEAK.search(name) or ("决算" not in name and "预算" not in name):
        return None
    return _accounts(name)


def _accounts(text: str) -> _Said | None:
    """What "某某局2024年度部门决算" says, whichever way round name and year stand."""
    found = _ACCOUNTS.match(text)
    if found is None:
        return None
    kind = "final_accounts" if found["kind"] == "决算" else "budget"
    scope = {"单位": "unit", "部门": "department"}.get(found["scope"] or "", "")
    year = int(found["year"].translate(_CHINESE))
    return _Said(_clean(found["before"]) or _clean(found["between"]), year, scope, kind)


def _named(text: str) -> str:
    """The name behind 部门： or 编制单位：, or ""."""
    found = _NAMED.match(plain(ascii_digits(printed(text))))
    return _clean(_AFTER_NAME.sub("", found["name"])) if found else ""


def _clean(name: str) -> str:
    """`name` without what surrounds it in headings; "" when nothing of a name is left."""
    name = name.strip("：:·-—*#|，, ")
    while found := _PART.match(name):
        name = name[found.end() :].strip("：:、 ")
    return (
        ""
        if len(name) < 2 or _GENERAL.fullmatch(name) or _NO_NAME.search(name) or not re.search(r"[\u4e00-\u9fff]", name)
        else name
    )
