"""A register as its keeper writes it: columns in any order, mistakes told row by row, the good rows used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from flows.register.columns import COLUMNS
from flows.register.reading import Register, Unusable, read, told
from flows.register.terms import BadTerm, Term, chosen_terms

Write = Callable[[str, str | bytes], Path]
GOOD = """\
某市应公开名册,,
年度,单位名称,应公开日期,单位代码,种类,备注,级次,主管单位
2024,某市园林局,2025-09-30,101,部门决算,重点,市级,
2024,某市园林局（本级）,2025/9/3,101001,单位决算,,市,某市园林局
2023年,某市文物局,,102,,,县级,
"""


def register(write: Write, text: str, due: str = "approved+20") -> Register:
    return read(write("register.csv", text), chosen_terms(due))


def problems(found: Register, lang: str = "zh") -> list[str]:
    return [one.text(lang).removeprefix(f"{found.path}:") for one in told(found)]


def test_columns_stand_in_any_order_below_a_title(write: Write) -> None:
    found = register(write, GOOD)
    first, second, third = found.rows
    assert (first.row, first.organisation, first.fiscal_year, first.kind, first.scope) == (3, "某市园林局", 2024, "final_accounts", "department")  # fmt: skip
    assert (first.code, first.level, first.due, first.due_by) == ("101", "city", date(2025, 9, 30), "stated")
    assert (second.scope, second.parent, second.due) == ("unit", "某市园林局", date(2025, 9, 3))
    assert (third.fiscal_year, third.scope, third.due, third.due_by) == (2023, "", None, "")
    assert found.strange == ("备注",) and found.problems == ()
    assert any("备注" in line for line in problems(found)) and any("第 5 行" in line for line in problems(found))


def test_english_headings_and_a_workbook_with_dates_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "register.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    for at, head in enumerate(("Organisation", "Year", "Due", "Approved", "Published")):
        sheet.write(0, at, head)
    sheet.write(1, 0, "某市园林局")
    sheet.write_number(1, 1, 2024)
    for at, when in ((2, date(2025, 9, 30)), (3, date(2025, 8, 1)), (4, date(2025, 8, 2))):
        sheet.write_datetime(1, at, when, day)  # type: ignore[arg-type]
    book.close()
    (row,) = read(path).rows
    assert (row.fiscal_year, row.due, row.approved, row.published_on) == (2024, date(2025, 9, 30), date(2025, 8, 1), date(2025, 8, 2))  # fmt: skip


def test_a_csv_as_excel_saves_it_in_chinese_is_read(write: Write) -> None:
    found = read(write("register.csv", GOOD.encode("gb18030")))
    assert [row.organisation for row in found.rows] == ["某市园林局", "某市园林局（本级）", "某市文物局"]
    assert len(read(write("tabs.csv", GOOD.replace(",", "\t"))).rows) == 3


@pytest.mark.parametrize(
    ("row", "zh", "en"),
    [
        (",2024,,,", "没有单位名称", "it names no organisation"),
        ("某市文物局,24,,,", "年度“24”不是年份；应为 2024 这样的四位数", "the year “24” is none"),
        ("某市文物局,,,,", "没有年度", "it has no year"),
        ("某市文物局,2024,决筭,,", "种类不能是“决筭”；相近的名称：决算", "the kind cannot be “决筭”; nearest names: 决算"),
        ("某市文物局,2024,决算,大,", "口径不能是“大”", "the scope cannot be “大”"),
        ("某市文物局,2024,部门决算,单位,", "种类“部门决算”与口径“单位”不一致", "is not of scope"),
        ("某市文物局,2024,决算,,2025-02-30", "应公开日期“2025-02-30”不是日期", "due: “2025-02-30” is no date"),
        ("某市文物局,2024,决算,,年底", "应公开日期“年底”不是日期；应为 2025-08-31 这样的写法", "write it like 2025-08-31"),
        ("某市 园林局,2024,决算,,", "与第 2 行重复", "it repeats row 2"),
    ],
)  # fmt: skip
def test_a_bad_row_is_one_line_with_its_number_and_the_others_are_used(
    write: Write, row: str, zh: str, en: str
) -> None:
    head = "单位名称,年度,种类,口径,应公开日期\n某市园林局,2024,决算,,2025-09-30\n"
    found = register(write, f"{head}{row}\n某市体育局,2024,决算,,2025-09-30\n")
    assert [one.organisation for one in found.rows] == ["某市园林局", "某市体育局"]
    (problem,) = found.problems
    assert problem.line == 3 and zh in problem.text("zh") and en in problem.text("en")
    assert "\n" not in problem.text("zh")


@pytest.mark.parametrize(
    ("content", "zh", "en"),
    [
        ("甲,乙\n1,2\n", "没有标题行", "has no headings"),
        ("单位名称,应公开日期\n某市园林局,2025-09-30\n", "缺少“年度”一栏；请补上", "no column “fiscal_year”; add it"),
        (b"\x00\x01\x02", "读不出", "cannot be read"),
    ],
)
def test_what_is_no_register_says_what_to_do(write: Write, content: str | bytes, zh: str, en: str) -> None:
    with pytest.raises(Unusable) as refused:
        read(write("register.csv", content))
    assert zh in refused.value.message["zh"] and en in refused.value.message["en"]


def test_a_missing_register_says_where_it_was_looked_for_and_how_to_begin_one(tmp_path: Path) -> None:
    for name in ("register.csv", "register.xlsx"):
        with pytest.raises(Unusable) as refused:
            read(tmp_path / name)
        assert str(tmp_path / name) in refused.value.message["zh"]
        assert all("hedui register new" in line for line in refused.value.message.values()), refused.value.message


def test_terms_apply_where_the_register_names_no_date(write: Write) -> None:
    text = "单位名称,年度,种类,批复日期,应公开日期\n甲局,2024,决算,2025-08-20,\n乙局,2024,决算,,\n丙局,2024,决算,2025-08-20,2025-08-25\n丁局,2025,预算,,\n"
    assert [(row.due, row.due_by) for row in register(write, text).rows] == [
        (date(2025, 9, 9), "approved+20"),
        (None, ""),
        (date(2025, 8, 25), "stated"),
        (None, ""),
    ]
    assert [row.due for row in register(write, text, "approved+30, 9-30").rows] == [
        date(2025, 9, 19),
        date(2025, 9, 30),
        date(2025, 8, 25),
        date(2025, 9, 30),  # a budget is due within its own year
    ]


def test_terms_come_from_the_environment_and_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen_terms() == (Term("approved+20", days=20),)
    monkeypatch.setenv("HEDUI_DUE", "08-31")
    assert chosen_terms() == (Term("08-31", month=8, day=31),)
    for text in ("02-30", "soon", "approved", "approved-5"):
        with pytest.raises(BadTerm) as refused:
            chosen_terms(text)
        assert text in refused.value.message["zh"] and "approved+20" in refused.value.message["en"]


def test_no_heading_means_two_columns() -> None:
    words = [word for column in COLUMNS for word in (*column.zh, *column.en)]
    assert len(words) == len(set(words))
