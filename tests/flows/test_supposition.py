"""The line of `hedui check` that says which figure may be wrong: always a supposition, several where the identities cannot tell."""

from __future__ import annotations

from typing import Any

import pytest

from flows.terminal import supposition


def suspect(number: int, name: str, printed: str, repair: str, follows: bool = False) -> dict[str, Any]:
    label = {"zh": f"“{name}”", "en": f"“{name}”"}
    made = {"set": number, "figure": name, "label": label, "printed": printed, "repair": repair, "unit": "万元"}
    return {**made, "least": None, "most": None, "follows": follows}


def finding(outcome: str | None, *suspects: dict[str, Any], said: str = "") -> dict[str, Any]:
    told = {"set": 1, "figure": "甲", "said": {"zh": said, "en": said}}
    return {"outcome": outcome, "suspects": list(suspects), "hypotheses": [told] if said else []}


ONE = suspect(1, "甲", "548.77", "584.77")


@pytest.mark.parametrize(
    ("told", "zh", "en"),
    [
        (finding(None), "", ""),
        (finding("one", ONE), "最可能：“甲” 548.77 万元 应为 584.77 万元", "most likely: “甲” 548.77 万元 should read 584.77 万元"),
        (finding("one", ONE, said="颠倒"), "最可能：“甲” 548.77 万元 应为 584.77 万元（颠倒）", "most likely: “甲” 548.77 万元 should read 584.77 万元 (颠倒)"),
        (finding("one", ONE, suspect(1, "乙", "1", "2", True)), "最可能：“甲” 548.77 万元 应为 584.77 万元", "most likely: “甲” 548.77 万元 should read 584.77 万元"),
        (finding("one", suspect(1, "甲", "5", "5"), said="另一基数"), "最可能：“甲” 5 万元（另一基数）", "most likely: “甲” 5 万元 (另一基数)"),
        (
            finding("several", ONE, suspect(2, "乙", "1", "2")),
            "“甲” 548.77 万元 应为 584.77 万元；或 “乙” 1 万元 应为 2 万元：恒等式无法判定",
            "“甲” 548.77 万元 should read 584.77 万元; or “乙” 1 万元 should read 2 万元: the identities cannot tell",
        ),
        (finding("none"), "推测：改动数字不能使相关恒等式全部成立", "supposed: no change of figures lets all identities hold"),
        (finding("unfinished"), "推测：未查完，尚有其他可能", "supposed: the search was ended by its limit; there may be others"),
    ],
)  # fmt: skip
def test_what_is_supposed_is_said_in_one_line(told: dict[str, Any], zh: str, en: str) -> None:
    assert (supposition(told, "zh"), supposition(told, "en")) == (zh, en)


def test_of_many_sets_three_are_named_and_the_others_counted() -> None:
    told = finding("several", *(suspect(k, f"第{k}", "1", "2") for k in range(1, 6)))
    assert "第3" in supposition(told, "zh") and "第4" not in supposition(told, "zh")
    assert "另有 2 种可能" in supposition(told, "zh") and "2 others" in supposition(told, "en")
