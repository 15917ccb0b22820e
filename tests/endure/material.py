"""Fifty small documents: one form each, of departments that publish two years; some with a mistake, some replaced later."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

from expectations import rules

DOCUMENTS = 50
BEFORE = 40
"""So many are there in the first night; in the second one the others too, and some are replaced or broken."""
RULE_FILES = ("T07.yaml",)

_FORM = """{organisation}
{year}年度部门决算公开
财政拨款“三公”经费支出决算表
公开07表
部门：{organisation}　　　　金额单位：万元
项目\t预算数\t决算数
合计\t{budget}\t{total}
一、因公出国（境）费\t0.00\t0.00
二、公务用车购置及运行维护费\t{cars_budget}\t{cars}
其中：公务用车购置费\t0.00\t0.00
公务用车运行维护费\t{cars_budget}\t{running}
三、公务接待费\t1.00\t1.00
注：预算数为全年预算数。
"""


def lay_out(folder: Path, *, later: bool) -> None:
    """The documents of the first night are in `folder`, or those of the second (`later`), a copy and an unreadable one among them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(DOCUMENTS if later else BEFORE):
        (folder / f"{number:02}.txt").write_text(_document(number, Decimal(later and number % 9 == 0)), "utf-8")
    (folder / "copy of 01.txt").write_bytes((folder / "01.txt").read_bytes())
    (folder / "empty.pdf").write_bytes(b"")
    (folder / ("cut.pdf" if later else "letter.txt")).write_text("%PDF-1.7" if later else "不是决算")
    if later:
        (folder / "letter.txt").unlink(missing_ok=True)


def _document(number: int, more: Decimal) -> str:
    cars = Decimal(9 + number) + more
    wrong = Decimal(number % 7 == 0)
    return _FORM.format(
        organisation=f"临江省东溪市第{number // 2 + 1}局",
        year=2023 + number % 2,
        budget=f"{cars + 3:.2f}",
        total=f"{cars + 1:.2f}",
        cars_budget=f"{cars + 2:.2f}",
        cars=f"{cars:.2f}",
        running=f"{cars + wrong:.2f}",
    )


def rule_folder(folder: Path) -> Path:
    """A folder of few shipped rules: what is killed is the night, not the rules."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in RULE_FILES:
        shutil.copy(rules.FOLDER / name, folder / name)
    return folder
