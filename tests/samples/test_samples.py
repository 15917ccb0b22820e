"""The shipped samples are what the generator writes, the clean year is clean, and every planted error stands in its place."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from ruamel.yaml import YAML

from . import write_samples
from .accounts import Year, published
from .archive import YEAR_2023, YEAR_2024
from .narrative import Paragraph
from .planted import ERRORS, plant_in_forms, plant_in_text
from .sheets import forms

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "samples"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return folder


def cells(path: Path) -> dict[str, Any]:
    book = openpyxl.load_workbook(path)
    values = {
        f"{s.title}!{c.coordinate}": (c.value, c.number_format) for s in book for row in s for c in row if c.value
    }
    merged = {f"{s.title}!merged": sorted(map(str, s.merged_cells.ranges)) for s in book}
    return values | merged


def pages(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    return [page.get_textpage().get_text_range() for page in document]


def amounts(year: Year, form: str) -> dict[str, dict[str, Decimal]]:
    """Printed amounts of a form by row, then column."""
    sheet = next(sheet for sheet in forms(year, numbered=True) if sheet.form == form)
    rows: dict[str, dict[str, Decimal]] = {}
    for cell in sheet.cells:
        if isinstance(cell.value, Decimal):
            row, column = cell.key.split("/")
            rows.setdefault(row, {})[column] = cell.value
    return rows


def test_the_shipped_files_are_what_the_generator_writes(written: Path) -> None:
    for path in sorted(written.iterdir()):
        shipped = SHIPPED / path.name
        if path.suffix == ".xlsx":
            assert cells(path) == cells(shipped)
        elif path.suffix == ".pdf":
            assert pages(path) == pages(shipped)
        else:
            assert path.read_text() == shipped.read_text()
    assert len(list(written.iterdir())) == 3


def test_the_generator_writes_the_same_bytes_twice(written: Path, tmp_path: Path) -> None:
    for path in write_samples(tmp_path):
        assert path.read_bytes() == (written / path.name).read_bytes()


@pytest.mark.parametrize("year", [YEAR_2023, YEAR_2024], ids=lambda year: str(year.year))
@pytest.mark.parametrize(
    ("form", "total", "parts"),
    [
        ("T02", "本年收入合计", ("财政拨款收入", "事业收入", "其他收入")),
        ("T03", "本年支出合计", ("基本支出", "项目支出")),
        ("T05", "小计", ("基本支出", "项目支出")),
    ],
)
def test_rows_and_levels_of_the_model_add_up_within_rounding(
    year: Year, form: str, total: str, parts: tuple[str, ...]
) -> None:
    rows = amounts(year, form)
    for row in rows.values():
        printed = [row[part] for part in parts if part in row]
        assert abs(row[total] - sum(printed)) <= Decimal("0.005") * (len(printed) + 1)
    for column in (total, *parts):
        for parent in rows:
            length = {0: 3, 3: 5, 5: 7}.get(len(parent.replace("合计", "")))
            prefix = parent.replace("合计", "")
            children = [r[column] for c, r in rows.items() if len(c) == length and c.startswith(prefix) and column in r]
            if children:
                assert abs(rows[parent][column] - sum(children)) <= Decimal("0.005") * (len(children) + 1)


def test_some_differences_are_rounding_and_not_zero() -> None:
    rows = amounts(YEAR_2023, "T03")
    assert any(r["本年支出合计"] != r.get("基本支出", 0) + r.get("项目支出", 0) for r in rows.values())


def test_a_year_opens_with_what_the_year_before_left() -> None:
    assert YEAR_2024.opening == YEAR_2023.closing
    assert amounts(YEAR_2024, "T08")["合计"]["年初结转和结余"] == amounts(YEAR_2023, "T08")["合计"]["年末结转和结余"]
    for year in (YEAR_2023, YEAR_2024):
        assert year.grand_total == year.expenditure() + year.distribution + year.closing


def test_basic_expenditure_by_function_is_basic_expenditure_by_kind() -> None:
    for year in (YEAR_2023, YEAR_2024):
        assert year.general("basic") == year.basic_by_kind()
        assert published(year.outturn.reception) == published(year.economic["30217"])


def test_every_planted_error_is_printed_on_the_page_that_the_list_names(written: Path) -> None:
    listed = YAML(typ="safe").load((SHIPPED / "示例市档案局-2024.errors.yaml").read_text())
    text = pages(written / listed["document"])
    assert [entry["id"] for entry in listed["errors"]] == [error.id for error in ERRORS]
    for entry in listed["errors"]:
        page = text[entry["page"] - 1].replace("\r", "").replace("\n", "")
        assert entry["printed"].split("，")[0] in page, entry["id"]


def test_the_controls_are_printed_and_explained_by_rounding(written: Path) -> None:
    listed = YAML(typ="safe").load((SHIPPED / "示例市档案局-2024.errors.yaml").read_text())
    text = "".join(pages(written / listed["document"])).replace("\r\n", "").replace(",", "")
    for control in listed["controls"]:
        assert control["printed"] in text
        assert 0 < abs(Decimal(control["printed"]) - Decimal(control["computed"])) <= Decimal(control["bound"])
        if "form" in control:
            rows = amounts(YEAR_2024, control["form"])
            parent, column = control["place"].split("/")
            length = 3 if parent == "合计" else 5
            parts = [
                r[column] for code, r in rows.items() if len(code) == length and code.startswith(parent.strip("合计"))
            ]
            assert (rows[parent][column], sum(parts)) == (Decimal(control["printed"]), Decimal(control["computed"]))
            assert Decimal(control["bound"]) == Decimal("0.005") * (len(parts) + 1)


def test_an_error_that_finds_no_place_is_refused() -> None:
    with pytest.raises(KeyError, match="E01"):
        plant_in_forms(forms(YEAR_2024, numbered=False), (replace(ERRORS[0], place="2101109/本年支出合计"),))
    with pytest.raises(ValueError, match="E01"):
        plant_in_forms(forms(YEAR_2024, numbered=False), (replace(ERRORS[0], right="14.31"),))
    with pytest.raises(ValueError, match="E04"):
        plant_in_text([Paragraph("一", "增长2.70%")], (ERRORS[3],))
