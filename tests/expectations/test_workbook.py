"""Rules in a workbook and back: nothing is lost on the way, and every row says what became of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import Result
from typer.testing import CliRunner

from expectations import rules, vocabulary
from expectations.authoring import lint
from expectations.authoring.workbook import cell, headings, meant, rows, values
from flows.cli import app

OURS = """# 国库科维护
title: {zh: 本单位规则, en: Ours}
form: 支出决算表
rules:
  - id: ours.sum   # 第一条
    title: {zh: 合计等于两项之和, en: The total is the sum of two}
    for_each: row
    check: 本年支出合计 = 基本支出 + 项目支出
    when: 上缴上级支出 is null
    category: sum
    severity: warning
    basis: 示例
    note: 上缴支出另行核对
    examples:
      holds: [{本年支出合计: 3.00, 基本支出: 1.00, 项目支出: 2.00}]
      broken: [{本年支出合计: 3.00, 基本支出: 1.00, 项目支出: 5.00}]
amend:
  - {id: T03.rollup, severity: warning, reason: 逐级核对}
"""
Change = Callable[[Any, dict[str, int], dict[str, int]], None]


def hedui(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["rules", *map(str, arguments)])


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    folder = tmp_path / "国库科"
    folder.mkdir()
    (folder / "T03.yaml").write_text(OURS, "utf-8")
    return folder


def exported(ours: Path, lang: str = "zh") -> Path:
    path = ours.parent / f"{lang}.xlsx"
    result = hedui("export", "--out", path, "--rules", ours, "--lang", lang)
    assert result.exit_code == 0, result.output
    return path


def edited(path: Path, change: Change) -> Path:
    """The workbook after `change` was made by hand: the sheet, rows by id, columns by key."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    names = {name: one.key for one in headings() for name in (one.zh, one.en)}
    columns = {names[str(cell.value)]: cell.column for cell in sheet[1]}
    rows = {str(row[0].value): row[0].row for row in sheet.iter_rows(min_row=2)}
    change(sheet, rows, columns)
    book.save(path)
    return path


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.yaml"))}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_export_and_import_without_a_change_writes_nothing(ours: Path, lang: str) -> None:
    before = files(ours)
    result = hedui("import", exported(ours, lang), "--rules", ours, "--lang", lang)
    count = len({(rule.file, rule.line) for rule in rules.in_force([ours]).rules})
    said = (
        f"接受 0，未变 {count}，有改动 0，拒绝 0"
        if lang == "zh"
        else f"accepted 0, unchanged {count}, changed 0, refused 0"
    )
    assert (result.exit_code, result.stdout.strip()) == (0, said), result.output
    assert files(ours) == before and [one.name for one in ours.iterdir()] == ["T03.yaml"]


def test_the_workbook_is_made_to_be_filled_in(ours: Path) -> None:
    book = openpyxl.load_workbook(exported(ours))
    sheet = book.worksheets[0]
    heads = {str(cell.value): cell.column_letter for cell in sheet[1]}
    assert book.sheetnames == ["规则库", "取值", "填写说明"] and sheet.freeze_panes == "C2"
    assert {"编号", "公式", "程度", "状态", "依据", "相符的例子", "不符的例子", "调整原因", "来源"} <= set(heads)
    listed = {str(one.sqref).split(":")[0][:-1] for one in sheet.data_validations.dataValidation}
    assert {heads[name] for name in ("对每一", "类别", "大类", "程度", "状态")} == listed
    row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == "ours.sum")
    held = {name: row[openpyxl.utils.column_index_from_string(letter) - 1].value for name, letter in heads.items()}
    assert held["相符的例子"] == "本年支出合计=3.00；基本支出=1.00；项目支出=2.00"
    assert (held["程度"], held["状态"], held["对每一"], held["来源"]) == (
        "需要说明",
        "正式",
        "每行",
        "国库科 T03.yaml:5",
    )
    assert sheet.column_dimensions[heads["公式"]].width > 40


def test_a_changed_row_says_old_and_new_and_keeps_comments(ours: Path) -> None:
    def change(sheet: Any, rows: dict[str, int], columns: dict[str, int]) -> None:
        sheet.cell(rows["ours.sum"], columns["severity"]).value = "必须更正"
        sheet.cell(rows["ours.sum"], columns["since"]).value = 2023
        sheet.cell(rows["ours.sum"], columns["note_zh"]).value = None
        sheet.cell(rows["ours.sum"], columns["note_en"]).value = None

    path = edited(exported(ours), change)
    trial = hedui("import", path, "--rules", ours, "--lang", "zh", "--dry-run")
    assert files(ours) == {"T03.yaml": OURS} and "没有写入任何文件" in trial.stdout
    result = hedui("import", path, "--rules", ours, "--lang", "zh")
    assert result.exit_code == 0 and "程度：需要说明 → 必须更正；起始年度：（空） → 2023" in result.stdout, (
        result.output
    )
    text = files(ours)["T03.yaml"]
    assert text == OURS.replace(
        "severity: warning\n    basis", "severity: critical\n    since: 2023\n    basis"
    ).replace("    note: 上缴支出另行核对\n", "")
    assert hedui("import", exported(ours), "--rules", ours, "--lang", "en").stdout.startswith("accepted 0, unchanged")


def test_a_new_row_becomes_a_rule_that_lint_accepts(ours: Path) -> None:
    row = {
        "id": "ours.share", "title_zh": "占比不超过 100%", "for_each": "表述：占比", "check": "占比 <= 100", "category": "占比",
        "severity": "提示", "status": "试行", "holds": "占比=37.50", "broken": "占比=137.50\n占比=200.00",
    }  # fmt: skip

    def change(sheet: Any, rows: dict[str, int], columns: dict[str, int]) -> None:
        for key, text in row.items():
            sheet.cell(max(rows.values()) + 2, columns[key]).value = text

    result = hedui("import", edited(exported(ours), change), "--rules", ours, "--lang", "zh")
    assert result.exit_code == 0 and f"接受 ours.share：新规则，写入 {ours / 'narrative.yaml'}" in result.stdout, (
        result.output
    )
    found = rules.in_force([ours]).rule("ours.share")
    assert found and (found.for_each, found.declared, found.status, found.category) == (
        "claim of 占比",
        "info",
        "preview",
        "share",
    )
    assert [one["占比"] for one in found.examples["broken"]] == ["137.50", "200.00"]
    _, problems = lint.lint([(rules.FOLDER, ""), (ours, "国库科")], vocabulary.load())
    assert [one for one in problems if one.grade == "error"] == []


def test_a_shipped_rule_is_graded_or_switched_off_with_a_reason_and_back(ours: Path) -> None:
    def amend(sheet: Any, rows: dict[str, int], columns: dict[str, int]) -> None:
        sheet.cell(rows["T03.row"], columns["severity"]).value = "提示"
        sheet.cell(rows["T03.row"], columns["reason"]).value = "另行核对"
        sheet.cell(rows["C.form"], columns["status"]).value = "本单位不用"
        sheet.cell(rows["C.form"], columns["reason"]).value = "报表在附件中"

    assert hedui("import", edited(exported(ours), amend), "--rules", ours, "--lang", "zh").exit_code == 0
    book = rules.in_force([ours])
    graded, off = book.rule("T03.row"), book.rule("C.form")
    assert graded and graded.amended and (graded.severity, graded.amended.reason["zh"]) == ("info", "另行核对")
    assert off and not off.judges and files(ours)["T03.yaml"] == OURS

    def restore(sheet: Any, rows: dict[str, int], columns: dict[str, int]) -> None:
        for id_, key, text in (
            ("T03.row", "severity", "必须更正"),
            ("C.form", "status", "正式"),
            ("T03.rollup", "severity", "必须更正"),
        ):
            sheet.cell(rows[id_], columns[key]).value = text

    result = hedui("import", edited(exported(ours), restore), "--rules", ours, "--lang", "zh")
    assert result.exit_code == 0 and "状态：本单位不用 → 正式" in result.stdout, result.output
    assert rules.in_force([ours]).amendments == ()


def refusal(key: str, text: Any, id_: str = "ours.sum") -> Change:
    def change(sheet: Any, rows: dict[str, int], columns: dict[str, int]) -> None:
        sheet.cell(rows[id_], columns[key]).value = text

    return change


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        (refusal("severity", "必须改正"), "severity", "不能是“必须改正”；可以是：必须更正"),
        (refusal("check", "本年支出合计 = 基本支岀"), "check", "没有“基本支岀”这一项"),
        (refusal("when", "基本支出 > 0 and 基本支出 < 0"), "when", "自相矛盾"),
        (refusal("since", "去年"), "since", "since 应为年度"),
        (refusal("basis", None), "id", "没有 basis"),
        (refusal("broken", "本年支出合计=3.00；基本支出=1.00；项目支出=2.00"), "broken", "第 1 个例子的结果是 holds"),
        (refusal("broken", None), "holds", "缺少不符的例子"),
        (refusal("holds", "本年支出合计 3.00"), "holds", "应写成 名称=数"),
        (refusal("status", "本单位不用"), "status", "状态写“已停用”"),
        (refusal("id", None), "id", "没有编号"),
        (refusal("id", "T03.row"), "id", "编号与第"),
        (refusal("check", "本年支出合计 = 基本支出", "T03.row"), "check", "随软件的规则不能改“公式”"),
        (refusal("severity", "提示", "T03.row"), "reason", "写明调整原因"),
        (refusal("status", "试行", "T03.row"), "status", "只能改为“本单位不用”"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_with_its_cell_and_cause(
    change: Change, key: str, said: str, ours: Path
) -> None:
    where: dict[str, Any] = {}

    def noted(sheet: Any, rows: dict[str, int], columns: dict[str, int]) -> None:
        where.update(columns)
        change(sheet, rows, columns)

    result = hedui("import", edited(exported(ours), noted), "--rules", ours, "--lang", "zh")
    (line,) = result.stderr.splitlines()
    assert result.exit_code == 1 and said in line and f"（{openpyxl.utils.get_column_letter(where[key])}" in line, (
        result.output
    )
    assert files(ours) == {"T03.yaml": OURS}


def test_a_refused_row_does_not_keep_the_others_from_being_taken(ours: Path) -> None:
    def change(sheet: Any, rows: dict[str, int], columns: dict[str, int]) -> None:
        sheet.cell(rows["ours.sum"], columns["severity"]).value = "提示"
        sheet.cell(rows["T03.row"], columns["check"]).value = "本年支出合计 = 1"

    result = hedui("import", edited(exported(ours), change), "--rules", ours, "--lang", "en")
    assert result.exit_code == 1 and "changed 1, refused 1" in result.stdout
    assert "severity: info" in files(ours)["T03.yaml"]


def test_rows_taken_out_and_columns_of_ones_own_are_told(ours: Path) -> None:
    def change(sheet: Any, rows: dict[str, int], columns: dict[str, int]) -> None:
        sheet.cell(1, max(columns.values()) + 1).value = "备注"
        sheet.delete_rows(rows["ours.sum"])

    result = hedui("import", edited(exported(ours), change), "--rules", ours, "--lang", "zh")
    assert (
        result.exit_code == 0
        and "列“备注”不是规则的内容" in result.stderr
        and "表中没有的规则 1 条，保持原样" in result.stdout
    )
    assert files(ours) == {"T03.yaml": OURS}


def test_a_file_that_is_no_such_workbook_is_one_line(ours: Path) -> None:
    (ours.parent / "a.xlsx").write_bytes(b"not a workbook")
    openpyxl.Workbook().save(ours.parent / "b.xlsx")
    for name in ("a.xlsx", "b.xlsx", "no.xlsx"):
        result = hedui("import", ours.parent / name, "--rules", ours, "--lang", "zh")
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1), result.output


def test_without_a_folder_changes_have_nowhere_to_go(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEDUI_RULES", raising=False)
    path = ours.parent / "a.xlsx"
    assert hedui("export", "--out", path).exit_code == 0
    change = refusal("status", "本单位不用", "C.form")
    result = hedui("import", edited(path, change), "--lang", "zh")
    assert result.exit_code == 1 and "用 --into 指明本单位的文件夹" in result.stderr


@pytest.mark.parametrize(
    "entry",
    [
        "  - title: 甲\n    id: ours.sum\n    for_each: row\n    check: 本年支出合计 >= 基本支出\n    category: sum\n    severity: warning\n    basis: 示例\n"
        "    examples: {holds: [{本年支出合计: 2.00, 基本支出: 1.00}], broken: [{本年支出合计: 1.00, 基本支出: 2.00}]}\n",
        "  - {title: 甲, id: ours.sum, for_each: row, check: 本年支出合计 >= 基本支出, category: sum, severity: warning, basis: 示例, "
        "examples: {holds: [{本年支出合计: 2.00, 基本支出: 1.00}], broken: [{本年支出合计: 1.00, 基本支出: 2.00}]}}\n",
    ],
)
def test_the_row_at_fault_is_refused_however_its_entry_is_written(ours: Path, entry: str) -> None:
    other = OURS[OURS.index("  - id: ours.sum") : OURS.index("amend:")].replace("ours.sum", "ours.other")
    (ours / "T03.yaml").write_text(OURS[: OURS.index("  - id: ours.sum")] + other + entry, "utf-8")

    def change(sheet: Any, rows: dict[str, int], columns: dict[str, int]) -> None:
        sheet.cell(rows["ours.other"], columns["severity"]).value = "提示"
        sheet.cell(rows["ours.sum"], columns["check"]).value = "本年支出合计 >= 基本支岀"

    result = hedui("import", edited(exported(ours), change), "--rules", ours, "--lang", "zh")
    assert result.exit_code == 1 and "拒绝 ours.sum：规则 ours.sum：没有“基本支岀”这一项" in result.stderr, (
        result.output
    )
    assert "severity: info" in files(ours)["T03.yaml"] and "基本支岀" not in files(ours)["T03.yaml"]


def test_every_rule_comes_back_from_its_cells() -> None:
    """Whatever it runs over, in either language."""
    for lang in ("zh", "en"):
        for row in rows(rules.load()):
            held = values(row)
            for heading in (one for one in headings() if one.words):
                text = cell(heading, held[heading.key], lang)
                assert not text or meant(heading, text) == str(held[heading.key]), f"{held['id']}: {heading.key} {text}"
