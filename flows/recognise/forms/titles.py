"""Titles of forms: which form a line of text announces, if any, and whether it only announces it in a table of contents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from expectations.vocabulary import Vocabulary, plain

Names = tuple[tuple[str, str], ...]
"""Bare titles and the forms' ids, longest first: what `title_names` makes once for a document."""

UNKNOWN = ""
"""`Title.form` of a title that no form of the vocabulary bears."""

_NUMBERING = re.compile(
    r"(?:[一二三四五六七八九十百]+[、.．,，:：]|[（(](?:[一二三四五六七八九十]+|\d{1,2})[）)][、.．]?|\d{1,2}[、.．](?!\d)"
    r"|[①-⑳]|其中[:：、]?|[加减][:：])"
)
_TABLE_NUMBER = re.compile(
    r"^(?:(?:(?:部门)?(?:决算)?公开表|附表|表|附件|公开|[A-Z]{1,3})?[0-9０-９]{1,2}(?:[-－—][0-9０-９]{1,2})?(?:表|[:：、.．_]|(?=[^\d年月]))"
    r"|(?:附表|表|附件)[一二三四五六七八九十]{0,2}(?=[:：、.．_])"
    r"|(?:附表|表|附件)[一二三四五六七八九十]{1,2}(?=收|支|财政|一般|政府|国有|部门|单位|公共|三公|20))[:：、.．_]?"
)
_MARK = re.compile(r"[（(]?(?:财决)?公开[0-9０-９]{1,2}(?:[-－][0-9０-９]+)?表?[）)]?")
_TAIL = re.compile(r"(?:（[^（）]*）|[（(]?续表?[一二三四五六七八九十\d]*[）)]?)$")
_UNIT_TAIL = re.compile(r"[（(]?(?:金额)?单位[:：]?(?:人民币)?[百千万亿]?元[）)]?$")
_CONTINUED = re.compile(r"^（?续表?）?[:：]?")
_LEADER = re.compile(r"(?:[.．·…。\-—_\s]{3,}|\s+)[（(]?\d{1,3}[）)]?\s*$|[.．·…]{3,}\s*\d*\s*$")
_MARKDOWN = re.compile(r"^[#>*\-\s|]+|[*|《》]+")
_THREE_PUBLIC = re.compile(r"三公经费(?!.*预算表).*(?:决算|支出).*表$")
_PUBLISHER = re.compile(
    r"(?:.*[0-9〇○零一二三四五六七八九]{4}年度?)?(?:.{0,40}(?:[局委办院校园会府部队站所处馆社团厅署司庭场团]|中心|公司|医院|大学|学院|中学|小学|（本级）|本级|汇总|机关|单位))?(?:部门|单位|本部门|本单位)?(?:公开)?"
)
_OF_ALL = re.compile(r"(?:部门|单位)?(?:决算|预算)?(?:公开)?(?:报|附)?表(?:格)?$")
_SENTENCE = re.compile(r"[。；;，,！？：:]")
_REMARK = re.compile(r"^(?:注|说明|备注|备 注)")


@dataclass(frozen=True, slots=True)
class Title:
    """A line that is the title of a table. `form` is the form's id or UNKNOWN; `announced` when a page number follows it."""

    form: str
    text: str
    announced: bool = False


@lru_cache(maxsize=8192)
def bare(label: str) -> str:
    """`label` as lines are compared and keyed: without white space, quotes and leading numbering (一、 （二） 3. 其中：)."""
    text = plain(label)
    while found := _NUMBERING.match(text):
        if found.end() == len(text):
            break
        text = text[found.end() :]
    return text


def printed(text: str) -> str:
    """`text` without the marks of Markdown and white space at its ends."""
    return _MARKDOWN.sub("", text).strip()


def title_names(vocabulary: Vocabulary) -> Names:
    """Every printed title of every form, bare, longest first."""
    forms = reversed(vocabulary.forms.values())
    names = {bare(name): form.id for form in forms for name in (*form.also, form.zh)}
    return tuple(sorted(names.items(), key=lambda item: -len(item[0])))


def title_of(text: str, names: Names) -> Title | None:
    """The title that `text` is as a whole; None for anything that is not the title of a table."""
    shown = printed(text)
    if not 3 <= len(shown) <= 120 or "表" not in shown:
        return None
    announced = _LEADER.search(shown)
    name = plain(_MARK.sub("", shown[: announced.start()] if announced else shown))
    name = bare(_TABLE_NUMBER.sub("", bare(_CONTINUED.sub("", _UNIT_TAIL.sub("", name)))))
    name = name[: len(name) // 2] if name == 2 * name[: len(name) // 2] else name
    known = _known(name, names)
    while known is None and (tail := _TAIL.search(name)):
        name = name[: tail.start()]
        known = _known(name, names)
    if known is not None:
        return Title(known, shown, announced is not None)
    if not name.endswith("表") or len(name) > 45 or _SENTENCE.search(name) or _REMARK.match(name) or _heads_all(name):
        return None
    return Title(UNKNOWN, shown, announced is not None)


def mark_of(text: str) -> int | None:
    """The number of the form's mark (公开03表: 3) in `text`; None when there is none."""
    found = _MARK.search(plain(text))
    return int(re.sub(r"\D", "", found.group())[:2]) if found else None


def _known(name: str, names: Names) -> str | None:
    """The id of the form named `name`, or named so behind its publisher and year. The longest name wins.

    Places add other costs to the title of the “three public” form in many ways: it is known by those two words.
    """
    for known, form in names:
        if name.endswith(known) and _PUBLISHER.fullmatch(name[: -len(known)]):
            return form
    return "T07" if _THREE_PUBLIC.search(name) and not _SENTENCE.search(name) else None


def _heads_all(name: str) -> bool:
    """True for the heading above all forms (某某局2024年度部门决算表), which is the title of none."""
    found = _OF_ALL.search(name)
    return found is not None and _PUBLISHER.fullmatch(name[: found.start()]) is not None
