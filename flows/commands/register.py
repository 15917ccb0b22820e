"""`hedui register`: the register of expected filings examined, begun, and compared with what the last night found."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from flows import terminal
from flows.commands.options import (
    WAREHOUSE,
    DueOption,
    Format,
    FormatOption,
    LangOption,
    WarehouseOption,
    fail,
    language,
)

if TYPE_CHECKING:
    from flows.register.kept import Kept
    from flows.register.terms import Term

register_app = typer.Typer(
    help="The register of expected filings: who must publish what by when. 应公开名册。",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_FILE = typer.Argument(
    metavar="[FILE]", help="The register; by default that of HEDUI_REGISTER, else data/register.csv or .xlsx."
)


@register_app.command("lint")
def register_lint(
    context: typer.Context,
    file: Annotated[Path | None, _FILE] = None,
    due: DueOption = None,
    lang: LangOption = None,
) -> None:
    """Examine a register: one line for each row that cannot be used, with its number; columns that are not known.

    Exit 0: every row is good. 1: some are not, and the night would use the others. 2: FILE is no register.
    """
    say = language(context, lang)
    from flows.night.expected import chosen_register
    from flows.register import reading

    path = chosen_register(file)
    if path is None:
        _absent(say)
    try:
        register = reading.read(path, _terms(due, say))
    except reading.Unusable as error:
        fail(error.message["zh"], error.message["en"], say)
    for problem in reading.told(register):
        typer.echo(problem.text(say), err=True)
    good, bad = len(register.rows), len(register.problems)
    typer.echo(
        f"{good} 行可用" + (f"，{bad} 行有问题" if bad else "")
        if say == "zh"
        else f"{good} rows are in order" + (f", {bad} are not" if bad else "")
    )
    raise typer.Exit(1 if bad else 0)


@register_app.command("status")
def register_status(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what was published in time or is not yet due.")
    ] = False,
    format_: FormatOption = Format.text,
    warehouse: WarehouseOption = WAREHOUSE,
    lang: LangOption = None,
) -> None:
    """Say who has not published, who was late, and what nobody registered: the register against the last night's filings.

    Exit 0: it was told, whatever it is. 2: there is no warehouse, or no register in it.
    """
    say = language(context, lang)
    from flows.night import runs
    from flows.night.plan import NightFailed
    from flows.register import kept, telling

    if not warehouse.exists():
        fail(
            f"还没有仓库 {warehouse}：先运行一次 hedui nightly，或用 --warehouse 指明位置",
            f"there is no warehouse {warehouse} yet: run hedui nightly once, or name it with --warehouse",
            say,
        )
    try:
        with runs.opened(warehouse) as db:
            found = kept.given_out(db, date.today())
    except NightFailed as error:
        fail(error.message["zh"], error.message["en"], say, error.code)
    if found is None:
        _absent(say)
    if format_ is Format.json:
        typer.echo(json.dumps(telling.as_json(found), ensure_ascii=False, indent=1))
        return
    _print(found, everything, say)


def _print(found: Kept, everything: bool, say: str) -> None:
    from rich.table import Table
    from rich.text import Text

    from flows.register import telling

    for problem in found.problems:
        typer.echo(problem.text(say), err=True)
    table = Table(box=None, pad_edge=False)
    for word in telling.HEADS:
        table.add_column(telling.word(word, say), no_wrap=word in ("status", "year", "due", "published"))
    for one in found.compared.standings:
        if everything or one.status not in ("in_time", "not_due") or one.twice:
            table.add_row(*(Text(cell) for cell in telling.cells(one, say)))
    if table.row_count:
        terminal.console().print(table)
    typer.echo(telling.counted(found.compared.counts(), say))


@register_app.command("new")
def register_new(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The workbook to begin, such as data/register.xlsx.")],
    warehouse: WarehouseOption = WAREHOUSE,
    lang: LangOption = None,
) -> None:
    """Begin a register as a workbook: its columns with what each holds, and a row for every filing that the warehouse knows.

    Exit 2: FILE is there already, or cannot be written.
    """
    say = language(context, lang)
    from flows.register import beginning

    if file.exists():
        fail(f"{file} 已经存在，没有改动它", f"{file} is there already and was left as it is", say)
    try:
        rows = beginning.begin(file, warehouse if warehouse.exists() else None, say)
    except OSError as error:
        cause = error.strerror or str(error)
        fail(f"写不了 {file}：{cause}", f"{file} cannot be written: {cause}", say)
    typer.echo(
        f"{file}：{rows} 行，请核对、补全" if say == "zh" else f"{file}: {rows} rows, to be checked and completed"
    )


def _absent(say: str) -> NoReturn:
    fail(
        "没有应公开名册：用 hedui register new data/register.xlsx 新建，或用 --register、HEDUI_REGISTER 指明",
        "there is no register: begin one with hedui register new data/register.xlsx, or name it with --register or HEDUI_REGISTER",
        say,
    )


def _terms(due: str | None, say: str) -> tuple[Term, ...]:
    from flows.register.terms import BadTerm, chosen_terms

    try:
        return chosen_terms(due)
    except BadTerm as error:
        fail(error.message["zh"], error.message["en"], say)
