"""What each column of a form holds, told from the header above it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from expectations.vocabulary import Column, Form, plain
from flows.recognise.forms.table import Path
from flows.recognise.forms.titles import bare

_BRACKETED = re.compile(r"（[^（）]*）$")
_TOTALS = ("合计", "小计", "总计", "金额", "决算数", "决算金额", "支出决算", "本年决算数")
_FLOWS = re.compile(r"年初|年末|上年|结转|本年收入|下年")
_CODE_HEAD = re.compile(r"编码|代码|科目号")
_CODE_LEAF = ("类", "款", "项")
_NAME_HEAD = re.compile(
    r"名称|^(?:支出|收入)?项目(?:$|（)|^科目$|按(?:支出)?(?:功能|经济)|^经济分类|^功能分类|^支出功能分类"
)
_ORDINAL_HEAD = re.compile(r"^(?:行次|序号|行号)$")
_EXTRA = re.compile(r"预算数?$|预算数?（|上年|20\d\d年度?决算数?$|增减|增长|比重|占比|完成率|完成.{0,4}%|[%％]")
_RATIO = re.compile(r"[%％]|比重|占比|率|增长$")
_REMARK_HEAD = re.compile(r"^(?:备注|说明)$")
SHORTEST_CUT = 6
"""Fewer characters than these do not tell a name that its cell has cut off."""
SIDES = {"收入": "income", "支出": "expenditure"}


@dataclass(frozen=True, slots=True)
class Role:
    """What a column holds. `kind`: code, name, ordinal, remark or amount; `group` counts tables standing side by side.

    `column` is a column of the vocabulary or, where places print one more (上年决算数, 增减%), its heading as printed;
    `unit` is set where that heading says that it holds no amounts.
    """

    kind: str
    column: str = ""
    side: str = ""
    group: int = 0
    unit: str = ""


Layout = dict[int, Role]


def column_names(columns: Iterable[Column]) -> dict[str, Column]:
    """Every bare printed name of `columns`; of a name that two share, the first keeps it."""
    named: dict[str, Column] = {}
    kept = tuple(columns)
    for column in kept:
        named.setdefault(bare(column.zh), column)
    for column in kept:
        for name in column.also:
            named.setdefault(bare(name), column)
    return named


def heading(text: str, names: dict[str, Column]) -> Column | None:
    """The column whose printed name `text` is, a closing bracket (万元), （1） passed over."""
    name = bare(text)
    while name not in names and (closing := _BRACKETED.search(name)) and closing.start():
        name = name[: closing.start()]
    return names.get(name) or _cut_off(name, names)


def _cut_off(name: str, names: dict[str, Column]) -> Column | None:
    """The one column whose name begins with `name`, which its cell has cut off."""
    if len(name) < SHORTEST_CUT:
        return None
    found = {column.zh: column for whole, column in names.items() if whole.startswith(name)}
    return next(iter(found.values())) if len(found) == 1 else None


def column_under(path: Path, names: dict[str, Column]) -> Column | None:
    """The column of the vocabulary that stands under the header `path`; None when the header names no single one.

    A general leaf (合计, 小计, 金额) means what stands over it; the same leaf under another flow of money
    (基本支出 under 年初结转和结余) is another column.
    """
    if not path:
        return None
    whole = heading("".join(path), names)
    if whole is not None:
        return whole
    *over, leaf = path
    for upper in reversed(over) if bare(leaf) in _TOTALS else ():
        if bare(upper) not in _TOTALS and (named := heading(upper, names)):
            return named
    found = heading(leaf, names)
    return None if any(_is_foreign(upper, leaf, names) for upper in over) else found


def _is_foreign(upper: str, leaf: str, names: dict[str, Column]) -> bool:
    """True when `upper` is a flow of money of which `leaf` is not the column that the vocabulary means."""
    if not _FLOWS.search(upper) or ("收入" in upper and "收入" in leaf):
        return False
    return heading(upper, names) is None or heading(upper, names) is not heading(leaf, names)


def _passive(path: Path) -> Role | None:
    """The role of a column that holds no amounts, or None."""
    leaf = path[-1]
    if _ORDINAL_HEAD.match(leaf):
        return Role("ordinal")
    if _REMARK_HEAD.match(leaf):
        return Role("remark")
    if any(_NAME_HEAD.search(text) and _CODE_HEAD.search(text) for text in path) and "名称" in leaf:
        return Role("name")
    if leaf in _CODE_LEAF or any(_CODE_HEAD.search(text) for text in path):
        return Role("code") if "名称" not in leaf else Role("name")
    return Role("name") if _NAME_HEAD.search(leaf) else None


def extra(path: Path) -> Role | None:
    """The role of a column that some places print beside those of the form: other years, budgets, changes, shares."""
    leaf = path[-1]
    if not _EXTRA.search(leaf):
        return None
    return Role("amount", "·".join(bare(text) for text in path), unit="%" if _RATIO.search(leaf) else "")


def _of_other_flow(path: Path, names: dict[str, Column]) -> Role | None:
    """The role of a column of the form under a flow of money that is not the form's own (年初结转和结余·基本支出)."""
    if len(path) < 2 or heading(path[-1], names) is None or not any(_FLOWS.search(upper) for upper in path[:-1]):
        return None
    return Role("amount", "·".join(bare(text) for text in path))


def coded_layout(paths: dict[int, Path], form: Form) -> Layout:
    """The roles of the columns of a form with codes; a column that is not understood has none."""
    names = column_names(form.columns)
    layout: Layout = {}
    group, after_amount = 0, False
    for number in sorted(paths):
        role = _passive(paths[number])
        if role is None:
            column = heading(paths[number][-1], names) if form.codes == "economic" else None
            column = column or column_under(paths[number], names)
            role = Role("amount", column.zh) if column else extra(paths[number]) or _of_other_flow(paths[number], names)
        if role is None:
            continue
        if role.kind == "amount":
            after_amount = True
        elif after_amount and role.kind in ("code", "name"):
            group, after_amount = group + 1, False
        layout[number] = replace(role, group=group)
    return layout | _codes_without_heading(paths, layout)


def _codes_without_heading(paths: dict[int, Path], layout: Layout) -> Layout:
    """The columns of 款 and 项 beside that of 类 whose common heading has lost its span: nothing stands over them."""
    found: Layout = {}
    for number, role in layout.items():
        beside = [number + step for step in (1, 2)]
        after = layout.get(number + 3)
        if role.kind == "code" and not any(column in paths for column in beside) and after and after.kind == "name":
            found |= dict.fromkeys(beside, role)
    return found


def sided_layout(paths: dict[int, Path], form: Form) -> Layout:
    """The roles of the columns of a form with income on one side and expenditure on the other."""
    names = {
        side: column_names(column for column in form.columns if column.side in ("", side)) for side in SIDES.values()
    }
    layout: Layout = {}
    side = ""
    for number in sorted(paths):
        said = [SIDES[word] for text in paths[number] for word in SIDES if _names_side(text, word)]
        rest = tuple(text for text in paths[number] if not any(_names_side(text, word) for word in SIDES))
        starts = not rest or bool(_NAME_HEAD.search(rest[-1]))
        if said:
            side = said[-1]
        elif starts:
            side = "expenditure" if side else "income"
        role = Role("name") if not rest else _passive(rest)
        if role is None:
            column = column_under(rest, names.get(side, {}))
            role = Role("amount", column.zh) if column else extra(rest)
        if role is not None:
            kind = "name" if role.kind == "code" else role.kind
            layout[number] = replace(role, kind=kind, side=side, group=int(side == "expenditure"))
    return layout


def _names_side(text: str, word: str) -> bool:
    return plain(text) == word or _BRACKETED.sub("", plain(text)) == word


def inconsistent(layout: Layout) -> str:
    """The name of a column that stands twice within one group, or ""."""
    seen: set[tuple[int, str]] = set()
    for role in layout.values():
        if role.kind == "amount":
            if (role.group, role.column) in seen:
                return role.column
            seen.add((role.group, role.column))
    return ""
