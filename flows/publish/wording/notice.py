"""Words of the notice to an organisation, in Chinese and English; they join those of `words`."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "notice": ("核查通知", "Notice for verification"),
    "notice_to": ("致", "To"),
    "notice_checked": (
        "我们按公开报表的审核公式，核对了贵单位公开的决算：共核对 {n} 项，其中 {agree} 项相符（含四舍五入的尾差 {near} 项）。",
        "The published accounts were checked with the audit formulas of the published forms: of {n} checks, {agree} agree ({near} of them within rounding).",
    ),
    "notice_none": ("另有 {n} 项因缺少数字或识读存疑未能核对。", " {n} more could not be made, because a number is absent or its reading uncertain."),
    "notice_findings": ("以下 {n} 处按公开的数字计算不能相符，或需要说明。", "The following {n} do not agree as computed from the published numbers, or need an explanation."),
    "notice_one_finding": ("以下 1 处按公开的数字计算不能相符，或需要说明。", "The following one does not agree as computed from the published numbers, or needs an explanation."),
    "notice_please": (
        "请核实。如公开的数字有误，请更正并重新公开；如数字无误，请说明；如系我们识读有误，也请告知。",
        "Please verify. Where a published number is wrong, please correct and publish it again; where it is right, please explain; and please tell us where we have misread it.",
    ),
    "notice_filing": ("{year} 年度{scope}", "{scope} {year}"),
    "notice_department": ("部门决算", "Final accounts of the department,"),
    "notice_unit": ("单位决算", "Final accounts of the unit,"),
    "notice_performance": ("绩效自评", "Performance self-evaluation,"),
    "notice_asks_bad": ("请核实更正", "please verify"),
    "notice_asks_explain": ("请说明", "please explain"),
    "notice_place": ("出处", "Place"),
    "notice_follow": ("由此引起，更正后往往随之消除：", "These follow from it and often disappear with it:"),
    "notice_reply": ("核实说明：", "Your reply:"),
    "notice_nothing": ("这份决算没有需要核实的问题。", "Nothing needs to be verified in this filing."),
    "notice_person": ("核实人", "Verified by"),
    "notice_phone": ("联系电话", "Telephone"),
    "notice_seal": ("单位（盖章）", "Organisation (seal)"),
    "notice_date": ("日期", "Date"),
    "notice_link": ("核查通知（可打印）", "Notice (to be printed)"),
    "notice_short": ("通知", "notice"),
}  # fmt: skip
