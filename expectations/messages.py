"""Everything Hedui says of a verdict, in Chinese and English: one catalogue for command line, JSON, pages and ledger."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from expectations.vocabulary import WAN

LANGUAGES = ("zh", "en")

_STATUS = {
    "holds": ("相符", "holds"),
    "rounding": ("尾差相符", "holds within rounding"),
    "broken": ("不符", "broken"),
    "not_verifiable": ("无法核对", "not verifiable"),
}
_SEVERITY = {
    "critical": ("必须更正", "must be put right"),
    "warning": ("需要说明", "to be explained"),
    "info": ("提示", "for information"),
}
_FAMILY = {
    "reading": ("识读", "reading"),
    "within_form": ("表内", "within a form"),
    "between_forms": ("表间", "between forms"),
    "text_vs_form": ("说明与报表", "narrative and forms"),
    "rates": ("比例与增幅", "rates and changes"),
    "wording": ("方向与用语", "wording"),
    "three_public": ("“三公”", "“three public”"),
    "performance": ("绩效", "performance"),
    "completeness": ("完整", "completeness"),
    "reasonableness": ("合理性", "reasonableness"),
}
_CATEGORY = {
    "sum": ("合计", "sum"),
    "rollup": ("逐级汇总", "roll-up"),
    "cross_form": ("表间", "between forms"),
    "text_vs_form": ("说明与报表", "narrative against form"),
    "share": ("占比", "share"),
    "change": ("增减", "change"),
    "completion": ("完成率", "completion"),
    "direction": ("方向用语", "direction"),
    "year": ("年度", "year"),
    "placeholder": ("模板残留", "template residue"),
    "missing_form": ("缺表", "missing form"),
    "missing_figure": ("缺数", "missing figure"),
    "unit": ("单位", "unit"),
    "wrong_base": ("基数有误", "wrong base"),
    "stale_text": ("旧文未改", "stale text"),
    "label": ("科目名称", "label"),
    "score_sum": ("分值合计", "sum of scores"),
    "budget_execution": ("预算执行", "budget execution"),
    "reasonableness": ("合理性", "reasonableness"),
    "other": ("其他", "other"),
}
REASONS = {
    "form_missing": ("未公开或未找到{form}", "{form} was not published or not found"),
    "form_unreadable": ("{form}未能完整识读", "{form} could not be read in full"),
    "doubtful": ("“{what}”识读存疑", "the reading of “{what}” is not certain"),
    "doubtful_sentence": ("这句话识读存疑", "the reading of this sentence is not certain"),
    "doubtful_heading": ("这个标题识读存疑", "the reading of this heading is not certain"),
    "doubtful_text": (
        "有文字没有可靠读出，所说的可能就在那里",
        "text was not read with certainty, and it may stand there",
    ),
    "code_unknown": (
        "科目目录中没有这个编码，或该年度不适用",
        "the list of codes does not have this code for the year",
    ),
    "doubtful_form": ("有页面没有读出，这张表可能在那里", "there are unread pages on which the form may stand"),
    "no_previous": ("没有收到上年的决算", "last year's filing is not there"),
    "few_peers": (
        "同一地区、层级、年度的决算太少，不能比较",
        "there are too few filings of the same region, level and year to compare with",
    ),
    "previous_form_missing": ("上年的决算中没有{form}", "last year's filing has no {form}"),
    "previous_form_unreadable": (
        "上年决算的{form}未能完整识读",
        "{form} of last year's filing could not be read in full",
    ),
    "previous_row_missing": ("上年的报表中没有{what}这一行", "last year's form has no row {what}"),
    "row_missing": ("报表中没有{what}这一行", "the form has no row {what}"),
    "not_stated": ("文中没有写明“{what}”，或无法确定所指", "the text does not state “{what}”, or not clearly"),
    "query_null": ("查询没有给出可以比较的数", "the query gives nothing to compare"),
    "zero_base": (
        "基数为 0 或小到与 0 无法区分，不能计算比率",
        "the base is 0, or so small that it cannot be told from 0: no rate exists",
    ),
}


def pick(pair: tuple[str, str], lang: str) -> str:
    """The text of `pair` (zh, en) in `lang`."""
    return pair[0] if lang == "zh" else pair[1]


def status_name(status: str, lang: str = "zh") -> str:
    """相符, 尾差相符, 不符, 无法核对."""
    return pick(_STATUS[status], lang)


def severity_name(severity: str, lang: str = "zh") -> str:
    """必须更正, 需要说明, 提示."""
    return pick(_SEVERITY[severity], lang)


def family_name(family: str, lang: str = "zh") -> str:
    """The name of a family of rules."""
    return pick(_FAMILY.get(family, (family, family)), lang)


_LIFECYCLE = {
    "preview": ("试行", "preview"),
    "stable": ("正式", "stable"),
    "retired": ("已停用", "retired"),
    "off": ("本单位不用", "switched off here"),
}


def lifecycle_name(lifecycle: str, lang: str = "zh") -> str:
    """试行, 正式, 已停用, 本单位不用."""
    return pick(_LIFECYCLE[lifecycle], lang)


def standing_of_rule(rule: Any, lang: str = "zh") -> str:
    """What is not ordinary about a rule: a preview, retired, amended here and why, a team's own; "" for any other."""
    zh = lang == "zh"
    parts = [] if rule.status == "stable" else [lifecycle_name(rule.status, lang)]
    if rule.amended:
        parts.append(amendment_text(rule.amended, lang))
    if rule.team:
        parts.append(f"{rule.team} 的规则" if zh else f"a rule of {rule.team}")
    return ("；" if zh else "; ").join(parts)


def amendment_text(amendment: Any, lang: str = "zh") -> str:
    """What a team has decided about a rule that is not its own, why, until when, and where that is written."""
    zh = lang == "zh"
    if amendment.status == "off":
        what = lifecycle_name("off", lang)
    else:
        was, now = severity_name(amendment.was, lang), severity_name(amendment.severity, lang)
        what = f"由“{was}”改为“{now}”" if zh else f"“{now}” here instead of “{was}”"
    said = f"{what}：{amendment.reason[lang]}" if zh else f"{what}: {amendment.reason[lang]}"
    if amendment.until:
        said += f"，到 {amendment.until} 为止" if zh else f", until {amendment.until}"
    owner = f"{amendment.owner}，" if zh and amendment.owner else f"{amendment.owner}, " if amendment.owner else ""
    place = f"{amendment.file}:{amendment.line}"
    return said + (f"（{owner}{place}）" if zh else f" ({owner}{place})")


def category_name(category: str, lang: str = "zh") -> str:
    """The name of a category of findings."""
    return pick(_CATEGORY[category], lang)


def families() -> tuple[str, ...]:
    """The families of rules in the order in which a reviewer works."""
    return tuple(_FAMILY)


def reason_text(reason: str | None, lang: str = "zh", form_names: Mapping[str, str] | None = None) -> str:
    """Why a rule could not judge, from its code ("form_missing:T03")."""
    if not reason:
        return ""
    code, _, what = reason.partition(":")
    if code not in REASONS:
        return reason
    named = (form_names or {}).get(what, what)
    return pick(REASONS[code], lang).format(form=f"《{named}》" if lang == "zh" else f"“{named}”", what=what)


def number(value: Decimal | None, measure: str = "amount", unit: str = "万元") -> str:
    """A value as people read it: amounts in `unit` with every decimal, rates to four, thousands separated, dates as 2025-10-31;
    "" for None."""
    if value is None:
        return ""
    if measure == "date":  # 20251031
        digits = f"{value:.0f}"
        return f"{digits[:-4]}-{digits[-4:-2]}-{digits[-2:]}"
    shown = value / WAN.get(unit, Decimal(1)) if measure == "amount" else value
    trimmed = shown.normalize()
    exponent = trimmed.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    if measure in ("amount", "percent") and places < 2:
        places = 2
    thousands = "" if measure == "count" else ","  # a year is a count too
    return f"{shown:{thousands}.{min(places, 4 if measure == 'percent' else 6)}f}"


def measured(value: Decimal | None, measure: str = "amount", unit: str = "万元", lang: str = "zh") -> str:
    """`number` with its unit behind it; units of money stay as they are printed."""
    text = number(value, measure, unit)
    if not text:
        return ""
    points = pick((" 分", " points"), lang)
    return text + {"amount": " " + unit, "percent": "%", "score": points}.get(measure, "")


def finding_message(
    rule: Any,
    verdict: Mapping[str, Any],
    unit: str = "万元",
    lang: str = "zh",
    form_names: Mapping[str, str] | None = None,
) -> str:
    """One sentence: what is printed, what it computes to, the difference, and what rounding can explain.

    `verdict` is a mapping with the columns of `VERDICT_COLUMNS`.
    """
    title = rule.title[lang]
    if verdict["status"] == "not_verifiable":
        return (
            f"{title}：{reason_text(verdict['reason'], lang, form_names)}"
            if lang == "zh"
            else f"{title}: {reason_text(verdict['reason'], lang, form_names)}"
        )
    measure = str(verdict["measure"])
    if measure == "text" or verdict["computed"] is None:
        return f"{title}：不符" if lang == "zh" else f"{title}: broken"
    if measure == "date":
        dates = [number(verdict[key], measure) for key in ("stated", "computed")]
        zh, en = "{0}：公布 {1}，期限 {2}", "{0}: published {1}, due {2}"
        return (zh if lang == "zh" else en).format(title, *dates)
    shown = {
        key: measured(verdict[key], measure, unit, lang)
        for key in ("stated", "computed", "difference", "bound", "unexplained")
    }
    if (
        verdict["status"] == "broken" and not verdict["unexplained"]
    ):  # what must differ is equal: there is no difference to tell
        alike = (
            "{0}：公布 {stated}，不应等于 {computed}"
            if lang == "zh"
            else "{0}: printed {stated}, must not equal {computed}"
        )
        return alike.format(title, **shown)
    if lang == "zh":
        return "{0}：公布 {stated}，计算得 {computed}，相差 {difference}；尾差最多能解释 {bound}，至少 {unexplained} 无法解释".format(
            title, **shown
        )
    return (
        "{0}: printed {stated}, computed {computed}, difference {difference}; rounding explains at most {bound}, "
        "at least {unexplained} remains unexplained"
    ).format(title, **shown)
