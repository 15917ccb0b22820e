"""How each hypothesis is said, in zh and en: one sentence with its arithmetic, in the style of an audit note.

Whatever is said is a supposition; who shows it says so above it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

Facts = dict[str, str | Mapping[str, str]]
"""What a sentence is filled with: numbers as they are shown, labels in both languages."""

SENTENCES: Mapping[str, tuple[str, str]] = {
    "digits_swapped": (
        "相邻两位数字颠倒：{printed} ↔ {right}",
        "two neighbouring digits swapped: {printed} for {right}",
    ),
    "digit_wrong": ("一位数字有误：{printed} ↔ {right}", "one digit wrong: {printed} for {right}"),
    "digit_dropped": ("漏写一位数字“{digit}”：{right} → {printed}", "a digit {digit} left out: {printed} for {right}"),
    "digit_doubled": (
        "多写一位数字“{digit}”：{right} → {printed}",
        "a digit {digit} written twice: {printed} for {right}",
    ),
    "point_moved": (
        "小数点错位：{printed} 与 {right} 相差{times}倍",
        "decimal point moved: {printed} for {right}, a factor of {times}",
    ),
    "ratio": ("百分数与小数混淆：{printed} 与 {right}", "a ratio taken for a percentage: {printed} for {right}"),
    "unit_word": (
        "数字相符而单位有误：应为{number}{unit}，印作{number}{wrong}",
        "the number is right, its unit is not: {number} {unit}, printed {number} {wrong}",
    ),
    "unit_number": (
        "数字似以{wrong}为单位：{number}{wrong} = {right}{unit}",
        "the number looks like {wrong}: {number} {wrong} = {right} {unit}",
    ),
    "sign": ("正负号相反：{printed} ↔ {right}", "sign reversed: {printed} for {right}"),
    "truncated": (
        "截尾而未四舍五入：{exact}应为{right}，印作{printed}",
        "cut off instead of rounded: {exact} gives {right}, printed {printed}",
    ),
    "truncated_perhaps": (
        "可能截尾而未四舍五入：应为{right}，印作{printed}",
        "perhaps cut off instead of rounded: {right}, printed {printed}",
    ),
    "neighbouring_cell": (
        "与相邻一格相同：{label}也是{printed}",
        "the same as a cell beside it: {label} is {printed} too",
    ),
    "beside_in_text": (
        "与同一段文字中的另一数相同：{label}也是{printed}",
        "the same as another number of that passage: {label} is {printed} too",
    ),
    "other_form": (
        "与另一处数字相同：{label}也是{printed}",
        "the same as a figure elsewhere: {label} is {printed} too",
    ),
    "other_fund": (
        "与另一类资金的数字相同：{label}也是{printed}",
        "the same as the figure of another fund: {label} is {printed} too",
    ),
    "previous_year": ("与上年决算的同一数字相同：{printed}", "the same figure of the year before: {printed}"),
    "stated_previous": (
        "与上年数相同：{label}也是{printed}",
        "the figure of the year before: {label} is {printed} too",
    ),
    "implied_previous": (
        "与上年数相同：{right} {sign} {change}（{label}）= {printed}",
        "the figure of the year before: {right} {sign} {change} ({label}) = {printed}",
    ),
    "wrong_base": (
        "{rate} = {over} ÷ {base}（{label}），并非 ÷ {named}{named_label}",
        "{rate} = {over} ÷ {base} ({label}), not ÷ {named}{named_label}",
    ),
    "wrong_amount": (
        "{rate} = {amount}（{label}）÷ {under}，并非{named}{named_label} ÷ {under}",
        "{rate} = {amount} ({label}) ÷ {under}, not {named}{named_label} ÷ {under}",
    ),
    "other_subtrahend": (
        "{printed}是{over}与{base}（{label}）之差，并非与{named}{named_label}之差",
        "{printed} is the difference of {over} and {base} ({label}), not of {over} and {named}{named_label}",
    ),
    "left_out": (
        "少计一项：{printed} = {right} {sign} {part}（{label}）",
        "a part left out: {printed} = {right} {sign} {part} ({label})",
    ),
    "counted_twice": (
        "重复计算一项：{printed} = {right} {sign} {part}（{label}）",
        "a part counted twice: {printed} = {right} {sign} {part} ({label})",
    ),
    "row_missing": (
        "漏列一行：差额{part}等于{label}，本表没有这一行",
        "a row left out: the difference {part} is {label}, a row that this form lacks",
    ),
    "subtotal": (
        "误以小计为合计：{printed}是其中一项（{label}）",
        "a subtotal taken for the total: {printed} is one of its parts ({label})",
    ),
    "subtotal_of": (
        "误以小计为合计：{printed}是前{count}项之和（至{label}）",
        "a subtotal taken for the total: {printed} is the sum of the first {count} parts (to {label})",
    ),
    "total_of_last_year": (
        "合计未随分项更新：{label}为上年数{other}而非{part}时，合计为{printed}",
        "total not updated: it is {printed} with {label} at last year's {other}, not {part}",
    ),
    "total_of_other_form": (
        "合计未随分项更新：{label}为另一表所列{other}而非{part}时，合计为{printed}",
        "total not updated: it is {printed} with {label} at the {other} of another form, not {part}",
    ),
    "total_of_swapped": (
        "合计按颠倒的数字计算：{label}为{other}而非{part}时，合计为{printed}",
        "total of swapped digits: it is {printed} with {label} at {other}, not {part}",
    ),
    "changed_row": (
        "分项已改而上级合计未更新：本行按{printed}相加相符，{label}按{right}相加相符",
        "a part changed, the totals above not: its row adds up with {printed}, {label} with {right}",
    ),
    "changed_part": (
        "分项已改而上级合计可能未更新：{label}按{right}相加相符，印作{printed}",
        "a part changed, the totals above perhaps not: {label} adds up with {right}, printed {printed}",
    ),
    "shifted_row": (
        "金额与项目错开{by}行：{printed}是{label}的数，本栏有{count}处同样错开，本行应为{right}",
        "amounts {by} row off their labels: {printed} belongs to {label}, as {count} of this column do; here {right}",
    ),
    "residue_whole": (
        "疑为填表时保留的{printed}，计算为{right}",
        "{printed} may have been left as the form had it: computed {right}",
    ),
    "residue_whole_by": (
        "疑为填表时保留的{printed}：{arithmetic} = {right}",
        "{printed} may have been left as the form had it: {arithmetic} = {right}",
    ),
    "residue_pattern": (
        "{printed}形似样表中的示例数字，推算应为{right}",
        "{printed} looks like a placeholder of the template: the other figures give {right}",
    ),
    "residue_repeated": (
        "疑为套用的文字：{printed}在说明中出现{count}次，推算应为{right}",
        "text perhaps reused: {printed} stands {count} times in the narrative; the other figures give {right}",
    ),
    "recomputed_as": ("{label}为{right}，此处印作{printed}", "{label} is {right}, printed {printed} here"),
    "recomputed_by": ("{arithmetic} = {right}，印作{printed}", "{arithmetic} = {right}, printed {printed}"),
    "recomputed": ("按其余数字推算应为{right}，印作{printed}", "the other figures give {right}, printed {printed}"),
}


def said(name: str, **facts: str | Mapping[str, str]) -> Mapping[str, str]:
    """The sentence in both languages; a fact that is a label is taken in the same language."""
    zh, en = SENTENCES[name]
    return {"zh": zh.format(**_in("zh", facts)), "en": en.format(**_in("en", facts))}


LISTED = 3
"""Labels that are named where several fit equally well."""


def one_of(labels: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """Several labels as alternatives: those that come first, and "among others" where there are more."""
    first = [dict(one) for one in labels[:LISTED]]
    more = len(labels) > LISTED
    return {
        "zh": "或".join(one["zh"] for one in first) + ("等" if more else ""),
        "en": " or ".join(one["en"] for one in first) + (" or others" if more else ""),
    }


def _in(lang: str, facts: Facts) -> dict[str, str]:
    return {key: fact if isinstance(fact, str) else fact[lang] for key, fact in facts.items()}


def number(value: Decimal, ulp: Decimal, unit: str = "") -> str:
    """As the pages print it: thousands set apart, the decimals of the last place or those that it needs, % behind a percentage."""
    decimals = max(_decimals(ulp), _decimals(value))
    text = f"{value:,.{decimals}f}"
    return f"{text}%" if unit == "%" else text


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
