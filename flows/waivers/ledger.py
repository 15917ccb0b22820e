"""The replies of a ledger (整改台账) as waivers: of every row it is said what became of it, and why."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from python_calamine import CalamineError, CalamineWorkbook

from flows.waivers.reading import ID, Waiver

FINDING, REASON, WHO, EVIDENCE, UNTIL = "问题编号", "核实说明", "责任人", "佐证材料", "说明有效期至"
"""The headings of the ledger that make a waiver; the first two must be there."""
HEADINGS_WITHIN = 20


class Unusable(Exception):
    """The file is no ledger; `message` says why in each language."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.message = {"zh": zh, "en": en}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: accepted, changed, unchanged or refused, and why; `waiver` is what is to be written."""

    sheet: str
    row: int
    finding: str
    kind: str
    zh: str = ""
    en: str = ""
    waiver: Waiver | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What holds for rows that do not say it themselves: who explains, until when; and the day on which they are taken in."""

    who: str
    until: date
    today: date


def replies(
    path: Path, held: Mapping[str, Waiver], about: Callable[[str], str | None], given: Given
) -> tuple[list[Outcome], int]:
    """What becomes of every row with a reply, and how many rows have none. `held`: the waivers there are, by finding; `about`: what
    a finding of the last run is about, None where there is no such finding. Raises `Unusable`."""
    made: list[Outcome] = []
    empty = 0
    seen: dict[str, tuple[str, int]] = {}
    for sheet, row, cells in _rows(path):
        if not _text(cells.get(REASON)):
            empty += 1
            continue
        finding = _text(cells.get(FINDING))
        try:
            if finding in seen:
                raise _Refused(f"与“{seen[finding][0]}”第 {seen[finding][1]} 行是同一问题", f"it is the finding of row {seen[finding][1]} of “{seen[finding][0]}”")  # fmt: skip
            waiver = _waiver(finding, cells, held.get(finding), about, given)
            kind, zh, en = _against(waiver, held.get(finding))
            made.append(Outcome(sheet, row, finding, kind, zh, en, waiver))
            seen[finding] = sheet, row
        except _Refused as refused:
            made.append(Outcome(sheet, row, finding, "refused", refused.zh, refused.en))
    return made, empty


class _Refused(Exception):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def _waiver(
    finding: str,
    cells: Mapping[str, Any],
    old: Waiver | None,
    about: Callable[[str], str | None],
    given: Given,
) -> Waiver:
    if not ID.fullmatch(finding):
        raise _Refused(f"问题编号“{finding}”不完整", f"the finding's id “{finding}” is not whole")
    told = about(finding)
    if told is None:
        raise _Refused(
            "最近一次运行没有这个问题：数字已变或已更正；请用最新的台账",
            "the last run has no such finding: a figure changed or was put right; use the newest ledger",
        )
    who = _text(cells.get(WHO)) or given.who or (old.who if old else "")
    if not who:
        raise _Refused(
            "没有责任人；请填写，或用 --who 指明", "it names nobody in 责任人; fill it in, or name one with --who"
        )
    until: Any = cells.get(UNTIL)
    values = {
        "finding": finding,
        "about": old.about if old and old.about else told,
        "reason": _text(cells.get(REASON)),
        "who": who,
        "evidence": _text(cells.get(EVIDENCE)) or (old.evidence if old else ""),
        "granted": given.today,
        "until": until if _text(until) else old.until if old and old.until >= given.today else given.until,
    }
    if old and old.reason["zh"] == values["reason"]:
        values |= {"reason": old.reason}
    try:
        made = Waiver.model_validate(values)
    except ValidationError as error:
        zh, _, en = error.errors()[0]["msg"].removeprefix("Value error, ").partition(" / ")
        raise _Refused(zh, en or zh) from error
    if old is None:
        return made
    return old if _said(old) == _said(made) else made.model_copy(update={"source": old.source})


def _said(one: Waiver) -> tuple[Any, ...]:
    return one.reason["zh"], one.who, one.evidence, one.until


def _against(new: Waiver, old: Waiver | None) -> tuple[str, str, str]:
    """What a row is against the waiver that there is: accepted, changed or unchanged, and what changes."""
    if old is None:
        return "accepted", f"有效期至 {new.until}", f"until {new.until}"
    if old is new:
        return "unchanged", "", ""
    names = (("原因", "reason"), ("说明人", "who"), ("佐证材料", "evidence"), ("有效期", "until"))
    pairs = [(names[k], a, b) for k, (a, b) in enumerate(zip(_said(old), _said(new), strict=True)) if a != b]
    told = [[f"{name[lang]}：{a or '（空）'} → {b}" for name, a, b in pairs] for lang in (0, 1)]
    return "changed", "；".join(told[0]), "; ".join(told[1])


# ---- the workbook --------------------------------------------------------------------------------------------------------


def _rows(path: Path) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Sheet, number and cells of every row below the headings, on every sheet that has those of a ledger."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    except (CalamineError, OSError, ValueError) as error:
        cause = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise Unusable(f"台账 {path} 读不出（{cause}）", f"the ledger {path} cannot be read ({cause})") from error
    found = False
    for name in book.sheet_names:
        table = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for top, line in enumerate(table[:HEADINGS_WITHIN]):
            heads = {_text(cell): at for at, cell in enumerate(line)}
            if FINDING in heads and REASON in heads:
                found = True
                for number, cells in enumerate(table[top + 1 :], top + 2):
                    row = {head: cells[at] for head, at in heads.items() if head and at < len(cells)}
                    if any(_text(cell) for cell in row.values()):
                        yield name, number, row
                break
    if not found:
        raise Unusable(
            f"{path} 不是整改台账：没有同时有“{FINDING}”和“{REASON}”两栏的工作表",
            f"{path} is no ledger: no sheet has both columns “{FINDING}” and “{REASON}”",
        )


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).replace("\r\n", "\n").strip()
