"""What a register of expected filings may hold: its columns, how people head them, and the words that they write in them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name here, the headings by which it is known (the first is the one we write), what it holds."""

    name: str
    zh: tuple[str, ...]
    en: tuple[str, ...]
    about_zh: str
    about_en: str
    needed: bool = False


COLUMNS = (
    Column(
        "organisation",
        ("单位名称", "部门名称", "机构名称", "预算单位", "单位", "部门", "机构", "名称"),
        ("organisation", "organization", "name"),
        "公开时所用的全称",
        "the name as it is published",
        True,
    ),
    Column(
        "code",
        ("单位代码", "部门代码", "机构代码", "预算代码", "预算单位代码", "统一社会信用代码", "代码", "编码"),
        ("code",),
        "单位代码",
        "its code",
    ),
    Column(
        "alias",
        ("别名", "曾用名", "简称", "其他名称", "又名"),
        ("alias", "aliases"),
        "同一单位的其他名称，用分号隔开",
        "other names of the same organisation, separated by semicolons",
    ),
    Column("region", ("行政区域", "行政区划", "地区", "区域"), ("region",), "行政区域", "its region"),
    Column(
        "level",
        ("级次", "层级", "级别", "预算级次"),
        ("level",),
        "中央、省、市、县、乡",
        "central, province, city, county, township",
    ),
    Column(
        "parent",
        ("主管单位", "主管部门", "上级单位", "归口部门"),
        ("parent", "supervisor"),
        "主管单位",
        "the department that it belongs to",
    ),
    Column(
        "fiscal_year",
        ("年度", "财政年度", "决算年度", "会计年度", "年份"),
        ("fiscal_year", "fiscal year", "year"),
        "财政年度，如 2024",
        "the fiscal year, such as 2024",
        True,
    ),
    Column(
        "kind",
        ("种类", "类型", "公开种类", "公开内容"),
        ("kind", "type"),
        "部门决算、单位决算、决算、绩效自评、部门预算、政府决算；不写为决算",
        "final accounts when left out; or performance, budget, government accounts",
    ),
    Column("scope", ("口径", "范围", "公开范围"), ("scope",), "部门或单位；不写为不限", "department or unit; either when left out"),
    Column(
        "approved",
        ("批复日期", "批复时间", "决算批复日期"),
        ("approved", "approved on", "approval date"),
        "财政部门批复的日期；公开期限由此推算",
        "when it was approved; the term runs from here",
    ),
    Column(
        "due",
        ("应公开日期", "应公开时间", "公开期限", "截止日期"),
        ("due", "due date"),
        "应公开的最后一天；写了就以此为准",
        "the last day to publish; it goes before any term",
    ),
    Column(
        "published_on",
        ("公开日期", "实际公开日期", "公布日期", "公开时间"),
        ("published", "published on", "published_on"),
        "核实过的实际公开日期",
        "when it was in fact published, if that was looked up",
    ),
    Column("address", ("公开地址", "网址", "链接", "公开网址", "公开网页"), ("address", "url"), "公开地址", "where it is published"),
)  # fmt: skip

KINDS: dict[str, tuple[str, str]] = {
    "": ("final_accounts", ""),
    "决算": ("final_accounts", ""),
    "部门决算": ("final_accounts", "department"),
    "单位决算": ("final_accounts", "unit"),
    "部门决算公开": ("final_accounts", "department"),
    "决算公开": ("final_accounts", ""),
    "final_accounts": ("final_accounts", ""),
    "final accounts": ("final_accounts", ""),
    "绩效": ("performance", ""),
    "绩效自评": ("performance", ""),
    "performance": ("performance", ""),
    "预算": ("budget", ""),
    "部门预算": ("budget", "department"),
    "单位预算": ("budget", "unit"),
    "budget": ("budget", ""),
    "政府决算": ("government_accounts", ""),
    "government_accounts": ("government_accounts", ""),
    "government accounts": ("government_accounts", ""),
}
"""How a kind is written → the kind, and the scope that it names."""
SCOPES = {
    "": "",
    "部门": "department",
    "汇总": "department",
    "部门汇总": "department",
    "department": "department",
    "单位": "unit",
    "本级": "unit",
    "unit": "unit",
}
LEVELS = {
    "central": ("中央", "中央级", "国家级"),
    "province": ("省", "省级", "自治区", "自治区级", "直辖市", "省本级"),
    "city": ("市", "市级", "地级", "地市级", "设区市", "州级", "市本级", "州"),
    "county": ("县", "县级", "区级", "区", "区县级", "县区级", "旗", "县本级", "区本级"),
    "township": ("乡", "镇", "乡级", "镇级", "乡镇级", "乡镇", "街道"),
}
