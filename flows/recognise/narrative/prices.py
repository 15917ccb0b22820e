"""A price per head, how many heads, and what they come to: 按每人 100 元的标准为 320 人投保，共 3.2 万元."""

from __future__ import annotations

import re

from flows.recognise.narrative.mentions import Mention
from flows.recognise.narrative.statements import Relations, Statements, claim_id

_HEADS = {
    "人": "人|名|位|人次",
    "户": "户",
    "亩": "亩",
    "件": "件",
    "次": "次|场次",
    "台": "台",
    "套": "套",
    "辆": "辆",
    "个": "个",
    "场": "场",
    "所": "所",
    "村": "个",
}
_PER = re.compile(r"每(?P<head>[人户亩件次台套辆个场所村])(?:每?年|一次性)?(?:补助|补贴|发放|给予|按|标准|为|的)*$")
_PER_UNIT = re.compile(r"[/／每](?P<head>[人户亩件次台套辆个场所村])(?:[/／]年|一年)?$")
_OTHER_PERIOD = re.compile(r"每(?:人每?)?[月天日季学]|[/／][月天日]|个月|学期|分别|不等|其中|另")
_TOTAL = re.compile(
    r"(?:共|合计|共计|总计|总额|所需|需|发放|支付|支出|补助|资金|经费|金额|保费|费用)(?:[^，。；\d]{0,8})$"
)


def prices(statements: Statements, relations: Relations) -> None:
    """Add every sentence that states one price per head, one number of such heads and one total."""
    sentences: dict[int, list[Mention]] = {}
    for mention in statements.mentions:
        if mention.kind in ("amount", "count"):
            sentences.setdefault(statements.sentence(mention), []).append(mention)
    for sentence, stated in sentences.items():
        found = _priced(stated)
        if found:
            price, heads, total = found
            roles = {"total": claim_id(total), "price": claim_id(price), "heads": claim_id(heads)}
            relations.add("price", sentence, roles)


def _priced(stated: list[Mention]) -> tuple[Mention, Mention, Mention] | None:
    """Price, heads and total of a sentence that states each of them once and nothing else."""
    if len(stated) != 3 or any(m.about or m.residue for m in stated):
        return None
    plain = stated[0].paragraph.plain
    begin = max(plain.rfind(mark, 0, stated[0].quantity.start) for mark in "。；") + 1
    if _OTHER_PERIOD.search(plain[begin : stated[-1].quantity.end + 4]):
        return None
    amounts = [m for m in stated if m.kind == "amount"]
    heads = [m for m in stated if m.kind == "count"]
    prices = [(m, head) for m in amounts if (head := _head(m))]
    if len(amounts) != 2 or len(heads) != 1 or len(prices) != 1:
        return None
    price, head = prices[0]
    total = next(m for m in amounts if m is not price)
    fits = re.fullmatch(_HEADS[head], heads[0].quantity.unit)
    before = plain[max(0, total.quantity.start - 16) : total.quantity.start]
    return (price, heads[0], total) if fits and total is stated[-1] and _TOTAL.search(before) else None


def _head(mention: Mention) -> str:
    """What a price is for one of; "" for any other amount."""
    plain, quantity = mention.paragraph.plain, mention.quantity
    found = _PER.search(plain, max(0, quantity.start - 14), quantity.start) or _PER_UNIT.search(quantity.unit)
    return found["head"] if found else ""
