"""Whose accounts these are, of which region, year and kind: from the cover, the headings and the lines above the forms.

The name of the file only helps where the document is silent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from expectations.vocabulary import plain
from flows.read.document import NOT_READ, Document, Line
from flows.recognise.disclosure import Filing, FormReading
from flows.recognise.forms.titles import printed
from flows.recognise.numbers import ascii_digits
from flows.recognise.region import region_of

_CHINESE = str.maketrans("〇○零ＯOo一二三四五六七八九", "000000123456789")
_YEAR = r"(?P<year>(?:19|20)\d{2}|二[〇○零ＯOo][〇○零ＯOo一二三四五六七八九]{2})年?度?"
_KIND = r"(?P<scope>部门|单位|整体|汇总)?(?:综合|收支)?(?P<kind>预决算|决算|预算)"
_ACCOUNTS = re.compile(rf"^(?P<before>.*?){_YEAR}(?P<between>.{{0,40}}?){_KIND}")
_UNDATED = re.compile(r"^(?P<before>.*?)(?P<scope>部门|单位)(?P<kind>预决算|决算|预算)(?:公开)?(?:报告|说明|报表)?$")
_GOVERNMENT = re.compile(
    r"(?:政府|财政|财政收支|预算执行(?:情况)?和财政|总)$|(?:财政总|一般公共(?:预算)?(?:收支|收入|支出)?|政府性基金(?:预算)?(?:收支|收入|支出)?"
    r"|社会保险基金(?:预算)?(?:收支|收入|支出)?|国有资本经营(?:预算)?(?:收支|收入|支出)?|地方财政.{0,4})$"
)
"""What stands before 决算 in the accounts of a government as a whole, which has other forms than a department."""
_FUND_BUDGET = re.compile(
    r"(?:一般公共|政府性基金|国有资本经营|社会保险基金)预算(?=(?:收支|收入|支出)?总?决算|财政拨款)"
)
_EVALUATION = re.compile(r"预算.*(?:自评|自我评价|绩效评价)")
"""The evaluation of what a budget was spent on is no budget: 2024年度部门预算项目支出绩效自评表."""
_PART = re.compile(
    r"^(?:第[一二三四五六七八九十]+部分|附件[\d一二三四五六七八九十]*[:：.、]?|附表\d*[:：.、]?|[一二三四五六七八九十]+、|关于|(?:名称|标题)[:：]|\d{1,2}[.、．]|20\d{6})"
)
_AFTER = re.compile(r"(?:关于|（?汇总）?|部门|全市|全县|全区)$")
_NAMED = re.compile(
    r"^(?:(?:填报|编制|公开|预算|主管)?(?:部门|单位)(?:名称)?(?:（公章）|（盖章）)?|(?:填报|编制)(?:单位|部门))[:：](?P<name>.+)$"
)
_OVERVIEW = re.compile(r"^第一部分(?P<name>.{2,50}?)(?P<scope>部门|单位)?(?:基本)?概况$")
_AFTER_NAME = re.compile(r"(?:金额单位|单位[:：]|公开\d|日期|20\d{2}年).*$")
_YEAR_ALONE = re.compile(r"^(?:19|20)\d{2}年度?$")
_GENERAL = re.compile(
    r"(?:本|我|各|该)?(?:部门|单位|公开|年度|决算|预算|情况|报告|说明|汇总|信息|报表|的|（|）|(?:中央|省|市|县|区|州|镇|乡)?本?级)*"
)
_NO_NAME = re.compile(
    r"财政拨款|一般公共预算|政府性基金|国有资本经营|三公|收入支出|基本支出|项目支出|绩效|机关运行|情况|批复|执行"
)
_DATE = re.compile(r"^[\d〇○零一二三四五六七八九十]+年[\d〇○零一二三四五六七八九十]+月.*|^\d+$|^二[〇○零].*月.*")
_FURNITURE = re.compile(
    r"^(?:当前位置|您的位置|所在位置|发布时间|发布日期|发布机构|信息来源|来源|索引号|浏览|点击|字号|字体|打印|分享|作者|责任编辑|文号|发文|公开时间|公开日期|时间|日期"
    r"|附件[\d一二三四五六七八九十]*[:：]?$|（.*章）$)|[>＞»]"
)
_LIKE_NAME = re.compile(
    r"(?:[局委办厅室院校园会府部队站所处馆社团署司庭场台组科宫联心学级]|中心|公司|街道|委员会|[省市县区旗州盟镇乡]|（[^（）]{2,30}）)$"
)
_BEGINS_WITH_WHOSE = re.compile(r"^(?:中共|中国|政协|共青团|民[革盟建进]|九三|国家|国务院|全国)")
_MAY_SPEAK = re.compile(r"[。；;？！]")
_DEPARTMENTS_OWN = ("T01", "T02", "T03", "T04", "T06")
"""Forms that a government's accounts as a whole do not have."""
MOST_COVER_LINES = 20
LONGEST_HEADING = 70
T = TypeVar("T", str, int)
FINAL, BUDGET, GOVERNMENT = "final_accounts", "budget", "government_accounts"


@dataclass(frozen=True, slots=True)
class _Said:
    """What one heading says of the filing; "" or None where it is silent."""

    organisation: str = ""
    year: int | None = None
    scope: str = ""
    kind: str = ""


def identify(document: Document, lines: Sequence[Line], above: Sequence[str], forms: Sequence[FormReading]) -> Filing:
    """The filing that `document` is. `lines`: its text; `above`: texts over the forms, which name the department."""
    cover = _from_cover(document)
    headings = [heading for line in lines if (heading := _from_heading(line.text))]
    named = [name for text in above if (name := _named(text))]
    overview = [found for line in lines if (found := _OVERVIEW.match(plain(printed(line.text))))]
    names = [*(_clean(found["name"]) for found in overview), *named, *(said.organisation for said in headings)]
    file = _from_heading(_file_title(document.name)) or _Said()
    organisation = cover.organisation or _commonest(names) or file.organisation
    dates = [int(name[:4]) for text in above if _YEAR_ALONE.match(name := plain(ascii_digits(text)))]
    scopes = [*(said.scope for said in headings), *(found["scope"] and _scope(found["scope"]) for found in overview)]
    region = region_of(organisation) or next((region for name in names if (region := region_of(name))), "")
    kind = _kind(cover, headings, file, forms)
    if kind == FINAL and organisation == region and region and not (cover.scope or _departments_own(forms)):
        kind = GOVERNMENT
    return Filing(
        organisation,
        cover.year or _commonest(said.year for said in headings) or _commonest(dates) or file.year,
        kind,
        cover.scope or _commonest(scopes) or _spoken_scope(lines) or file.scope or "department",
        _commonest(form.unit for form in forms if form.status in ("read", "unreadable"))
        or _commonest(form.unit for form in forms)
        or "",
        region,
    )


def _kind(cover: _Said, headings: Sequence[_Said], file: _Said, forms: Sequence[FormReading]) -> str:
    """The kind of accounts: forms that call themselves final accounts outweigh words about a budget."""
    told = cover.kind or _commonest(said.kind for said in headings) or ""
    if told == BUDGET and sum("决算" in form.title and form.status == "read" for form in forms) > 1:
        return FINAL
    there = any(form.title or form.status in ("read", "blank") for form in forms)
    if told == GOVERNMENT != cover.kind and _departments_own(forms):
        return FINAL
    return told or file.kind or (FINAL if there else "unknown")


def _departments_own(forms: Sequence[FormReading]) -> bool:
    """Whether a form was read that a government's accounts as a whole do not have."""
    return any(form.form in _DEPARTMENTS_OWN and form.status == "read" for form in forms)


def _commonest(values: Iterable[T | None]) -> T | None:
    counted = Counter(value for value in values if value)
    return counted.most_common(1)[0][0] if counted else None


def _spoken_scope(lines: Iterable[Line]) -> str:
    """How the text calls whose accounts it explains, where it clearly keeps to one word."""
    text = "".join(line.text for line in lines)
    departments, units = text.count("本部门"), text.count("本单位")
    if max(departments, units) < 2 or departments == units:
        return ""
    return "unit" if units > departments else "department"


# ---- the cover ---------------------------------------------------------------------------------------------------------


def _from_cover(document: Document) -> _Said:
    """What the first lines say: a name may run over two lines, the year stand before or behind it, menus around it."""
    texts = _cover_lines(document)
    for end, text in enumerate(texts):
        if "算" not in text:
            continue
        for start in range(end, max(-1, end - 3), -1):
            said = _accounts("".join(texts[start : end + 1]))
            if said is not None and not (start and not said.organisation and _is_numeral(texts[start - 1])):
                return _with_name(said, texts, start, end)
        undated = _UNDATED.match(text)
        if undated:
            said = _Said(_clean(undated["before"]), None, _scope(undated["scope"]), _kind_of(undated["kind"], ""))
            return _with_name(said, texts, end, end)
    return _Said()


def _is_numeral(text: str) -> bool:
    return _DATE.match(text) is not None


def _cover_lines(document: Document) -> list[str]:
    """The first lines as they are compared, up to the contents, the first sentence or the first part."""
    texts: list[str] = []
    for item in document.pages[0].items[:MOST_COVER_LINES] if document.pages else ():
        text = plain(ascii_digits(printed(item.text))) if isinstance(item, Line) else ""
        if isinstance(item, Line) and (not text or item.text in NOT_READ or _FURNITURE.search(text)):
            continue
        if not text or text in ("目录", "目次") or _MAY_SPEAK.search(text) or text.startswith("第一部分"):
            break
        texts.append(text)
    return texts


def _with_name(said: _Said, texts: Sequence[str], start: int, end: int) -> _Said:
    """`said` of the lines from `start` to `end`, with the (rest of the) name that stands above or below them."""
    above = [text for text in texts[:start] if not _is_numeral(text)]
    if said.organisation:
        led = texts[start].startswith(said.organisation)
        name = _completed(said.organisation, above) if led else said.organisation
    else:
        name = next((name for text in texts if (name := _named(text))), "")
        if not name and above and _may_be_name(above[-1]) and _LIKE_NAME.search(above[-1]):
            name = _completed(_clean(above[-1]), above[:-1])
        name = name or next((_clean(text) for text in texts[end + 1 :] if _may_be_name(text)), "")
    return _Said(name, said.year, said.scope, said.kind)


def _completed(name: str, above: Sequence[str]) -> str:
    """`name` behind the line above it, where that is a name too and this one does not say whose it is."""
    if region_of(name) or _BEGINS_WITH_WHOSE.match(name):
        return name
    leads = above and _may_be_name(above[-1]) and _LIKE_NAME.search(above[-1])
    return _clean(above[-1]) + name if leads else name


def _may_be_name(text: str) -> bool:
    return len(text) >= 3 and "算" not in text and not _is_numeral(text) and bool(_clean(text))


# ---- one heading -------------------------------------------------------------------------------------------------------


def _from_heading(text: str) -> _Said | None:
    name = plain(ascii_digits(printed(text)))
    if len(name) > LONGEST_HEADING or _MAY_SPEAK.search(name) or ("决算" not in name and "预算" not in name):
        return None
    return _accounts(name)


def _file_title(name: str) -> str:
    """The name of a file without its extension and what separates words in it."""
    return re.sub(r"^\d{8}(?!\d)|[-_—\s]|（定稿）", "", name.rsplit(".", 1)[0])


def _accounts(text: str) -> _Said | None:
    """What "某某局2024年度部门决算" says, whichever way round name and year stand."""
    shown = _FUND_BUDGET.sub(lambda found: found.group().replace("预算", ""), text)
    found = _ACCOUNTS.match(shown)
    if found is None:
        return None
    kind = "" if _EVALUATION.search(text) else _kind_of(found["kind"], "" if found["scope"] else found["between"])
    between = found["between"]
    if kind == GOVERNMENT:
        between = _GOVERNMENT.sub("", between).removesuffix("本级")
    # Behind the words for the kind: 2023年度部门决算 某某局.
    after = "" if kind == GOVERNMENT else shown[found.end() :].removeprefix("公开")
    name = _clean(found["before"]) or _clean(between) or (_clean(after) if _LIKE_NAME.search(after) else "")
    return _Said(name, int(found["year"].translate(_CHINESE)), _scope(found["scope"]), kind)


def _kind_of(word: str, before: str) -> str:
    if word == "预算":
        return BUDGET
    return GOVERNMENT if _GOVERNMENT.search(before) else FINAL


def _scope(word: str | None) -> str:
    return {"单位": "unit", "部门": "department", "汇总": "department"}.get(word or "", "")


def _named(text: str) -> str:
    """The name behind 部门： or 编制单位：, or ""."""
    found = _NAMED.match(plain(ascii_digits(printed(text))))
    return _clean(_AFTER_NAME.sub("", found["name"])) if found else ""


def _clean(name: str) -> str:
    """`name` without what surrounds it in headings; "" when nothing of a name is left."""
    name = name.strip("：:·-—*#|，, ")
    while found := _PART.match(name):
        name = name[found.end() :].strip("：:、 ")
    while len(name) > 4 and (found := _AFTER.search(name)):
        name = name[: found.start()]
    return (
        ""
        if len(name) < 2 or _GENERAL.fullmatch(name) or _NO_NAME.search(name) or not re.search(r"[\u4e00-\u9fff]", name)
        else name
    )
