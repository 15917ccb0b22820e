"""`hedui rules try`, `export`, `import`: a rule tried on last night's filings; the rules as a workbook and back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import (
    WAREHOUSE,
    LangOption,
    RulesOption,
    WarehouseOption,
    fail,
    fail_on_rules,
    in_force,
    language,
)
from flows.commands.rules import examined, rules_app


@rules_app.command("try")
def rules_try(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A rule file, adopted or not.")],
    most: Annotated[int, typer.Option("--most", metavar="N", help="Failures shown of each rule.")] = 5,
    warehouse: WarehouseOption = WAREHOUSE,
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Judge last night's filings by the rules of FILE, and change nothing: what they would find, and what they could not judge.

    Exit 0: it ran, whatever it found. 2: FILE has a mistake, or there is no warehouse yet.
    """
    say = language(context, lang)
    zh = say == "zh"
    book, problems = examined(rules, (file,), say)
    for one in problems:
        if one.file == str(file):
            typer.echo(one.text(say), err=True)
    if any(one.file == str(file) and one.grade == "error" for one in problems):
        raise typer.Exit(2)
    if not warehouse.exists():
        fail(
            f"还没有仓库 {warehouse}：先运行一次 hedui nightly，或用 --warehouse 指明位置",
            f"there is no warehouse {warehouse} yet: run hedui nightly once, or name it with --warehouse",
            say,
        )
    import duckdb

    from expectations import vocabulary
    from expectations.sql.verdicts import compile_rule
    from flows import trial
    from flows.night import runs
    from flows.night.plan import NightFailed

    words = vocabulary.load()
    compiled = [compile_rule(rule, words) for rule in book.rules if rule.file == str(file) and rule.status != "retired"]
    try:
        with runs.opened(warehouse, read_only=True) as connection:
            count = trial.filings(connection)
            trials = trial.tried(connection, compiled, most)
    except NightFailed as error:
        fail(error.message["zh"], error.message["en"], say, error.code)
    except duckdb.Error as error:
        cause = str(error).splitlines()[0]
        fail(
            f"仓库 {warehouse} 是别的版本写的（{cause}）：先运行一次 hedui nightly",
            f"the warehouse {warehouse} was written by another version ({cause}): run hedui nightly once",
            say,
            3,
        )
    names = {form.id: form.zh for form in words.forms.values()}
    for tried in trials:
        typer.echo("\n".join(trial.told(tried, names, say)))
    typer.echo(
        f"以仓库中 {count} 份决算试算了 {len(trials)} 条规则；没有改动任何东西。"
        if zh
        else f"{len(trials)} rules tried on the {count} filings of the warehouse; nothing was changed."
    )


@rules_app.command("export")
def rules_export(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The workbook to write.")] = Path("规则库.xlsx"),
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Write every rule into a workbook, one row a rule, with drop-down lists and a sheet that explains; `import` takes it back."""
    from expectations.authoring import workbook

    say = language(context, lang)
    book = in_force(rules, say)
    try:
        count = workbook.written(out, book, say)
    except OSError as error:
        cause = error.strerror or str(error)
        fail(f"写不了 {out}：{cause}；它是否正打开着？", f"{out} cannot be written: {cause}; is it open?", say)
    typer.echo(f"{count} 行规则已写入 {out}" if say == "zh" else f"{count} rows of rules are in {out}")


@rules_app.command("import")
def rules_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The workbook.")],
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="FOLDER",
            help="The team's folder that takes new rules and amendments; by default the first of --rules or HEDUI_RULES.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of every row; write nothing.")
    ] = False,
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Take rules back from a workbook: of every row it is said whether it is accepted, unchanged, changed or refused, and why.

    A team's own rules change in their files, comments kept; of shipped rules severity and switching off become amendments. What
    lint or its examples object to is refused. Exit 0: nothing was refused. 1: some rows were. 2: FILE is no such workbook.
    """  # fmt: skip
    from expectations import vocabulary
    from expectations.authoring import workbook_import
    from expectations.rules import RuleErrors, team_folders

    say = language(context, lang)
    zh = say == "zh"
    try:
        teams = team_folders(rules or ([into] if into and into.is_dir() else None))
        if into and into.is_dir() and into.resolve() not in {one.resolve() for one in teams}:
            teams = (*teams, into)
        target = into or (teams[0] if teams else None)
        outcomes, strange, absent = workbook_import.imported(file, teams, target, vocabulary.load(), say, dry_run)
    except workbook_import.Unusable as error:
        fail(error.zh, error.en, say)
    except RuleErrors as error:
        fail_on_rules(error, say)
        raise
    for letter, title in strange:
        typer.echo(
            f"{letter} 列“{title}”不是规则的内容，没有导入"
            if zh
            else f"column {letter} “{title}” is no part of a rule and is not imported",
            err=True,
        )
    counts = Counter(one.kind for one in outcomes)
    names = {"accepted": "接受", "unchanged": "未变", "changed": "有改动", "refused": "拒绝"}
    for one in outcomes:
        if one.kind != "unchanged":
            where = f"{one.column}{one.row}" if one.column else str(one.row)
            kind, why = names[one.kind] if zh else one.kind, one.zh if zh else one.en
            line = (
                f"第 {one.row} 行（{where}）{kind} {one.id}：{why}"
                if zh
                else f"row {one.row} ({where}) {kind} {one.id}: {why}"
            )
            typer.echo(line, err=one.kind == "refused")
    told = ("，" if zh else ", ").join(f"{names[kind] if zh else kind} {counts[kind]}" for kind in names)
    rest = (
        f"；表中没有的规则 {absent} 条，保持原样"
        if zh
        else f"; {absent} rules are not in the sheet and stay as they are"
    )
    tail = ("（没有写入任何文件）" if zh else " (nothing was written)") if dry_run else ""
    typer.echo(told + (rest if absent else "") + tail)
    raise typer.Exit(1 if counts["refused"] else 0)
