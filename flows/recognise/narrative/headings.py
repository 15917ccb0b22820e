"""Which lines are headings: by the enumerator in front of them, or by what they are called."""

from __future__ import annotations

import re

from flows.recognise.narrative.punctuation import uniform

_CHINESE = "一二三四五六七八九十百"
_NO_DECIMAL = r"(?!\d(?!\d{3}年))"
"""A point before a digit is a decimal point, unless a year follows (1.2024年…)."""
_ENUMERATORS = (
    (1, re.compile(rf"第[{_CHINESE}]+(?:部[分份]|章|篇)[：:、]?")),
    (2, re.compile(rf"[{_CHINESE}]{{1,3}}[、.．]{_NO_DECIMAL}")),
    (3, re.compile(rf"[（(][{_CHINESE}]{{1,3}}[）)][、.．]?")),
    (4, re.compile(rf"\d{{1,3}}[、.．]{_NO_DECIMAL}")),
    (5, re.compile(r"[（(]\d{1,2}[）)][、.．]?")),
    (6, re.compile(r"(?:目标|指标)\d{1,2}(?:完成情况)?[：:、]?")),
)
_AMOUNT = re.compile(r"\d(?:万|亿)?(?:元|%|辆|个|人|批次|台)")
_CALLED = re.compile(
    r"(?:(?:19|20)\d{2}年度?)?(?:关于)?[^，。；：、\d]{0,24}?(?:收入支出决算|收支决算|收入决算|支出决算|三公”?经费|机关运行经费|政府采购"
    r"|国有资产占|绩效管理|预算绩效|政府性基金|国有资本经营预算)[^，。；：\d]{0,16}(?:情况|说明)"
    r"|(?:(?:19|20)\d{2}年度?)?(?:部门|单位)决算(?:情况)?的?说明|(?:专业)?名词解释|(?:部门|单位)(?:基本)?概况|主要职[能责]|机构设置(?:情况)?"
)


def enumerator(text: str) -> tuple[int, str]:
    """Level and text of the enumerator at the front of `text`; (0, "") when there is none."""
    for level, pattern in _ENUMERATORS:
        found = pattern.match(text)
        if found:
            return level, found.group()
    return 0, ""


def is_heading(text: str) -> bool:
    """Whether `text` is a heading that an enumerator numbers."""
    level, number = enumerator(text)
    if not 1 <= level <= 5:
        return False
    body = uniform(text[len(number) :]).rstrip("。：")
    if level == 1 and not body:
        return True
    if not body or len(body) > 45 or _AMOUNT.search(body) or "（类）" in body or "（款）" in body or "：指" in body:
        return False
    if re.search(r"[，；。]", body) or text.endswith(("、", "，", "；", ";", ",")):
        return False
    return level <= 3 or len(body) <= 30


def is_title(text: str) -> bool:
    """Whether `text` is called like a section of the narrative, without a number in front of it."""
    return len(text) <= 45 and bool(_CALLED.fullmatch(uniform(text)))
