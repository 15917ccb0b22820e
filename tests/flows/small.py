"""A small invented disclosure, for tests of what happens after recognition."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from expectations import rules
from flows.read.document import Place
from flows.recognise.disclosure import (
    Claim,
    Disclosure,
    Figure,
    Filing,
    FormReading,
    FormRow,
    Reading,
    Relation,
    Sentence,
)

ORG = "某市园林局"


def row(form: str, key: str, position: int, level: int = 1, parent: str = "", part: str = "") -> FormRow:
    code = key if key.isdigit() else ""
    return FormRow(form, part, key, code, f"名称{key}", level, parent, position, Place(page=3))


def figure(form: str, key: str, column: str, value: str, unit: str = "万元", part: str = "") -> Figure:
    number = Decimal(value)
    ulp = Decimal(1).scaleb(number.as_tuple().exponent)  # type: ignore[arg-type]
    whole = f"{form}({part})" if part else form
    place = Place(page=3, bbox=(1.5, 2.0, 3.0, 4.0))
    return Figure(f"{whole}/{key}/{column}", form, part, key, column, number, unit, ulp, value, place)


def claim(number: int, value: str, kind: str = "amount", unit: str = "万元", subject: str = "本年支出") -> Claim:
    decimal = Decimal(value)
    ulp = Decimal(1).scaleb(decimal.as_tuple().exponent)  # type: ignore[arg-type]
    return Claim(
        f"N/{number:04}",
        kind,
        subject,
        "",
        "",
        decimal,
        unit,
        ulp,
        "none",
        value,
        Place(line=9),
        0,
        0,
        len(value),
        2024,
    )


FORMS = (
    FormReading("T03", "支出决算表", (3,), "read", "万元"),
    FormReading("T08", "政府性基金预算财政拨款收入支出决算表", (4,), "blank", "万元", "本单位无政府性基金"),
    FormReading("T09", "", (), "missing"),
)


def disclosure(sha256: str = "a" * 64, **changes: Any) -> Disclosure:
    """支出决算表 with one class and two items, and a statement about it."""
    rows = (row("T03", "合计", 0, 0), row("T03", "212", 1, 1, "合计"), row("T03", "2120501", 2, 3, "212"))
    figures = (
        figure("T03", "合计", "本年支出合计", "100.50"),
        figure("T03", "合计", "基本支出", "60.50"),
        figure("T03", "合计", "项目支出", "40.00"),
        figure("T03", "212", "本年支出合计", "100.50"),
    )
    made = Disclosure(
        source="园林局.pdf",
        sha256=sha256,
        media_type="application/pdf",
        filing=Filing(ORG, 2024, unit="万元", region="某市"),
        reading=Reading(9, 4, 4, (("17", Place(page=3)),), FORMS),
        rows=rows,
        figures=figures,
        sentences=(Sentence(0, "第三部分/支出", "本年支出100.50万元，下降3.5%。", Place(line=9)),),
        claims=(claim(1, "100.50"), claim(2, "3.5", "change_pct", "%"), claim(3, "3.65", "change_amount")),
        relations=(
            Relation("R/1", "citation", {"stated": "N/0001", "printed": "T03/合计/本年支出合计"}, 0, (), {"form": "T03"}),
            Relation("R/2", "change_pct", {"rate": "N/0002", "change": "N/0003", "current": "N/0001"}, 0, (), {"direction": "down"}),
            Relation("R/3", "sum", {"whole": "N/0001"}, 0, ("T03/合计/基本支出", "T03/合计/项目支出")),
        ),
    )  # fmt: skip
    return replace(made, **changes)


def few_rules(path: Path) -> None:
    """A file of a team's at `path`, by which all rules are off but those of one form: for tests of the night, not of rules."""
    off = sorted({rule.id for rule in rules.in_force(()).rules if rule.topic != "T07" and rule.judges})
    lines = [f"  - {{id: {id_}, status: off, reason: 试验}}" for id_ in off]
    path.write_text("\n".join(["amend:", *lines, ""]), "utf-8")
