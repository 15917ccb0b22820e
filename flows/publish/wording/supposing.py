"""The words for what is supposed of findings."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "supposed": ("推测（供核实）", "Supposition, to be verified"),
    "supposed_short": ("推测：", "Supposed: "),
    "heat_causes": ("；不符和需说明的由 {n} 个原因引起", "; those broken or to be explained come from {n} causes"),
    "heat_one_cause": ("；不符和需说明的由同一原因引起", "; those broken or to be explained come from one cause"),
    "supposed_one": ("最可能：", "Most likely: "),
    "supposed_together": ("最可能以下各数同时有误：", "Most likely these are wrong together:"),
    "supposed_several": (
        "以下之一有误，恒等式无法判定是哪一个：",
        "One of these is wrong; the identities cannot tell which:",
    ),
    "supposed_none": (
        "改动任何数字都不能使这些恒等式全部成立。",
        "No change of figures makes all of these identities hold.",
    ),
    "supposed_unfinished": (
        "查找达到上限而中止：未列出的数字也可能有误。",
        "The search was ended by its limit: figures that are not listed may be wrong too.",
    ),
    "supposed_reads": ("{printed} 应为 {repair}", "{printed} should read {repair}"),
    "supposed_follows": ("（随之而变）", " (follows from it)"),
    "supposed_between": (
        "{least} 至 {most} 之间的数都能使恒等式成立",
        "any number from {least} to {most} makes the identities hold",
    ),
    "supposed_least": ("不小于 {least} 的数都能使恒等式成立", "any number from {least} up makes the identities hold"),
    "supposed_most": ("不大于 {most} 的数都能使恒等式成立", "any number up to {most} makes the identities hold"),
    "supposed_also": ("也可能：", "Or: "),
    "supposed_more": ("另有 {n} 种可能，未列出。", "{n} more possibilities are not listed."),
    "supposed_clears": ("若属实，随之消除的问题：", "If so, it clears the findings "),
    "supposed_why": ("：{why}", ": {why}"),
    "supposed_or": ("，或", ", or "),
    "supposed_and_more": (" 等（另有 {n} 种）", " (and {n} more)"),
    "supposed_cannot_tell": ("{sets}（恒等式无法判定）", "{sets} (the identities cannot tell)"),
    "supposed_ended": ("（查找未完）", " (the search was ended by its limit)"),
    "supposed_note": (
        "推测只依据公开数字之间的关系，不是对公开数字的更正。",
        "A supposition from the published figures alone, not a correction of them.",
    ),
    "suspects_parquet": ("疑误数字（推测）", "suspect figures (suppositions)"),
    "suspected": ("疑误", "suspect"),
}
