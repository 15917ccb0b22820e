"""What each number is the number of: its item, named right here or understood, its measure and its concept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flows.recognise.narrative.concepts import Name
from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.phrases import BUDGETS, OUTTURN, PRIOR, Path, Phrase, key_of, read_path
from flows.recognise.narrative.quantities import Quantity
from flows.recognise.narrative.sentences import Paragraph

if TYPE_CHECKING:
    from flows.recognise.narrative.scope import Scope

_MOVED = re.compile(
    r"(?:新增|增加|减少|压减|压缩|追加|调增|调减|核减|节约|收回)了?(?!的|到|至)[^\d，。；：（）]{2,20}(?:\d[^，。；]*、[^，。；]*)?$"
)
"""Before an amount that is itself a change: 主要是压减办公费 2 万元、差旅费 3 万元."""
_DEPENDENT = re.compile(r"^(?:涉及|资金|平均得分|得分|总?金额|人数|人次|累计|总?人数|共计|接待人次|接待人数)")
_NOUN = re.compile(r"[^，。；、：（）\d\s%]{1,20}")
_OPEN_ENDED = re.compile(
    r"(?:^|对|了|开展|举办|召开|组织|成立|由|和|及|为期|邀请|采购|购置|印制|编制|实施|等|机关|单位|部门|我委|我局|我院)$"
)
_SPENT = ("支出", "实际支出")
_PRONOUNS = ("费用支出", "费用", "支出决算", "该项支出", "该项费用", "该项经费")
"""What stands in a new sentence for the item spoken of in the one before."""

Item = tuple[str, Path | None, bool]
"""An item's name, its functional path, and whether it is named right here."""


def item_of(scope: Scope, phrase: Phrase, quantity: Quantity, paragraph: Paragraph) -> Item:
    """The item that a number speaks of: named by `phrase`, or the one spoken of before."""
    item = phrase.item
    if phrase.kind.startswith("change") and item in _PRONOUNS and phrase.base and not scope.in_period():
        return _understood(scope)
    if phrase.kind == "count":
        return _counted(scope, item, quantity, paragraph)
    if item and _DEPENDENT.match(item) and scope.latest:
        return f"{scope.latest.item} {item}", None, True
    if not item and phrase.kind.startswith("change") and (last := _changed(scope)):
        return last.item, last.path, False
    if not item and phrase.kind.startswith("change") and scope.spoken and phrase.base in ("", scope.base):
        return scope.spoken, None, True
    if item:
        if scope.goal and scope.topic == scope.goal and item.endswith("率"):
            return f"{scope.goal} {item}", None, True
        path = read_path(item)
        return (path[0].item, path[0], True) if path else (item, None, True)
    return _understood(scope)


def _understood(scope: Scope) -> Item:
    if scope.in_period() and scope.latest is not None:
        return scope.latest.item, scope.latest.path, False
    last = scope.made[-1] if scope.made else None
    if last and last.period == scope.period and last.kind == "amount" and last.measure == PRIOR and last.named:
        return last.item, last.path, False
    if scope.topic:
        return scope.topic, scope.path, False
    if scope.head:
        return scope.head.item, scope.head.path, False
    return "", None, False


def _changed(scope: Scope) -> Mention | None:
    """The change whose item was named last: what else is said of a change is of that item too."""
    last = scope.made[-1] if scope.made else None
    if last is None or last.period != scope.period or not last.kind.startswith("change"):
        return None
    latest = scope.latest if scope.in_period() else None
    return last if latest is None or last.item != latest.item else None


def _counted(scope: Scope, item: str, quantity: Quantity, paragraph: Paragraph) -> Item:
    """A count is named before its number (公务接待 4 批次) or behind it (7 个项目)."""
    noun = _NOUN.match(paragraph.plain, quantity.end)
    people = quantity.unit in ("人", "人次", "批次", "批", "万人次")
    touching = (
        bool(scope.made) and scope.made[-1].block == scope.block and scope.made[-1].quantity.end == quantity.start
    )
    bare = paragraph.plain[quantity.start - 1 : quantity.start] in "，；、（：" or touching
    inherits = (not item and bare) or _DEPENDENT.match(item)
    if inherits and scope.in_period() and scope.latest is not None and (people or not noun):
        return scope.latest.item, None, False
    if noun and (not item or _OPEN_ENDED.search(item)):
        return item + noun.group(), None, True
    return item, None, True


def measure(scope: Scope, phrase: Phrase, item: Item) -> tuple[str, Item]:
    """The measure of a number, and its item: a bare 支出 behind a budget is the outturn of that budget's item."""
    if phrase.kind != "amount":
        return phrase.measure, item
    fiscal = scope.filing.fiscal_year
    if phrase.measure in ("", OUTTURN) and fiscal and phrase.year == fiscal - 1 and scope.in_period():
        return PRIOR, item
    if phrase.measure:
        return phrase.measure, item
    last = scope.latest if scope.in_period() else None
    if item[0] in _SPENT and last and last.measure in BUDGETS:
        return OUTTURN, (last.item, last.path, False)
    listing = scope.lists[-1] if scope.lists else None
    if not phrase.year and listing and listing.whole:
        return _of_list(scope, listing.whole), item
    return "", item


def _of_list(scope: Scope, whole: Mention) -> str:
    """The budget measure that a list takes over from a whole stated by that measure alone."""
    if whole.measure not in BUDGETS:
        return ""
    beside = any(m.period == whole.period and m.kind == "amount" and m.measure == OUTTURN for m in scope.made)
    return "" if beside else whole.measure


def name(scope: Scope, mention: Mention, clause: str) -> None:
    """Say which concept the mention's item and its number mean; `clause` is the sentence up to the number."""
    whole = mention.whole.item if mention.whole else mention.within
    unit = "万元" if mention.quantity.family == "percent" else mention.quantity.unit
    outturn = Name(mention.item, OUTTURN, unit, mention.headings, whole, clause, mention.path)
    mention.entity = scope.concepts.resolve(outturn) or key_of(mention.item)
    fiscal = scope.filing.fiscal_year
    other_year = mention.year and fiscal and mention.year != fiscal
    if mention.about or _MOVED.search(clause) or not mention.plain or mention.quantity.per or other_year:
        return
    printed = Name(mention.item, mention.measure, mention.quantity.unit, mention.headings, whole, clause, mention.path)
    stated = {m.concept for m in scope.made if m.concept and m.quantity.value == mention.quantity.value}
    mention.concept = scope.concepts.quoted(printed, mention.quantity, stated)
