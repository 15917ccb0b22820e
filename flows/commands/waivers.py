"""`hedui waivers`: explanations of findings listed, examined, written, and taken back from a ledger."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import terminal
from flows.commands.options import (
    WAREHOUSE,
    Format,
    FormatOption,
    LangOption,
    WaiversOption,
    WarehouseOption,
    fail,
    fail_on_rules,
    language,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flows.waivers.ledger import Outcome
    from flows.warehouse import Connection

waivers_app = typer.Typer(
    help="Waivers: what was looked into and explained of findings, until when. 核实说明。",
    no_args_is_help=True,
    rich_markup_mode=None,
)
YEAR = 365
SHORTEST = 6
"""Characters of a finding's id that may stand for the whole."""
IntoOption = Annotated[
    Path | None,
    typer.Option("--into", metavar="FILE", help="The YAML file that takes new entries; by default one of this year in the first folder."),
]  # fmt: skip


@waivers_app.command("list")
def waivers_list(
    context: typer.Context,
    lapsed: Annotated[bool, typer.Option("--lapsed", help="Only those that are not in force.")] = False,
    format_: FormatOption = Format.text,
    warehouse: WarehouseOption = WAREHOUSE,
    lang: LangOption = None,
) -> None:
    """List the waivers as they stood in the last night: in force until when, or why not and what to do."""
    say = language(context, lang)
    from rich.table import Table
    from rich.text import Text

    from flows.waivers import kept, telling

    with _opened(warehouse, say) as db:
        found = [one for one in kept.given_out(db) if not lapsed or one.status != "in_force"]
    if format_ is Format.json:
        typer.echo(json.dumps(telling.as_json(found), ensure_ascii=False, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for head in (
        ("状态", "问题", "原因", "说明人", "说明")
        if say == "zh"
        else ("status", "finding", "reason", "who", "standing")
    ):
        table.add_column(head, no_wrap=head in ("状态", "status"))
    for one in found:
        waiver = one.waiver
        cells = (telling.word(one.status, say), waiver.about or waiver.finding, waiver.reason[say], waiver.who, telling.why(one, say))  # fmt: skip
        table.add_row(*map(Text, cells))
    if found:
        terminal.console().print(table)
    counts = telling.counted(found)
    zh, en = (
        f"{len(found)} 条核实说明，{counts['in_force']} 条有效",
        f"{len(found)} waivers, {counts['in_force']} in force",
    )
    typer.echo(zh if say == "zh" else en)


@waivers_app.command("lint")
def waivers_lint(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Files; by default all of the folders.")
    ] = None,
    waivers: WaiversOption = None,
    lang: LangOption = None,
) -> None:
    """Examine the files of waivers: one line for each mistake, with file and line. Exit 1 when there is one.

    The night goes on with the entries that are good, and says which it did not take.
    """
    say = language(context, lang)
    from flows.night.waiving import chosen_folders
    from flows.waivers import reading

    paths = list(files or reading.files(chosen_folders(waivers or ())))
    for path in paths:
        if not path.is_file():
            fail(f"没有文件 {path}", f"there is no file {path}", say)
    found, problems = reading.read_all(paths)
    for problem in problems:
        typer.echo(problem.text(say), err=True)
    bad = len(problems)
    zh, en = f"{len(paths)} 个文件，{len(found)} 条可用", f"{len(found)} waivers of {len(paths)} files are in order"
    typer.echo(zh + (f"，{bad} 处有误" if bad else "") if say == "zh" else en + (f", {bad} mistakes" if bad else ""))
    raise typer.Exit(1 if bad else 0)


@waivers_app.command("new")
def waivers_new(
    context: typer.Context,
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="The finding's id, or its first characters.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it stands.")],
    who: Annotated[str, typer.Option("--who", help="Who answers for it.")],
    evidence: Annotated[str, typer.Option("--evidence", help="A link, or the name of a file.")] = "",
    until: Annotated[
        str, typer.Option("--until", help="The last day on which it stands; by default a year from now.")
    ] = "",
    into: IntoOption = None,
    waivers: WaiversOption = None,
    warehouse: WarehouseOption = WAREHOUSE,
    lang: LangOption = None,
) -> None:
    """Write a waiver of a finding of the last night. To undo it, delete the entry: the finding stands all the while.

    Exit 2: there is no such finding, it is explained already, or something is not as it should be.
    """
    say = language(context, lang)
    from pydantic import ValidationError

    from expectations.rules import RuleErrors
    from flows.night.waiving import chosen_folders
    from flows.waivers import kept, reading, writing
    from flows.waivers.reading import Waiver

    folders = chosen_folders(waivers or ())
    target = _target(folders, into)
    with _opened(warehouse, say) as db:
        found = kept.findings(db)
    near = [id_ for id_ in found if id_.startswith(finding)] if len(finding) >= SHORTEST else []
    if not near:
        fail(f"最近一次运行没有问题 {finding}", f"the last run has no finding {finding}", say)
    if len(near) > 1:
        zh, en = (
            f"{finding} 开头的问题有 {len(near)} 个，请写完整",
            f"{len(near)} findings begin with {finding}: write it in full",
        )
        fail(zh, en, say)
    held, _ = reading.read_all([*reading.files(folders), *([target] if target.exists() else [])])
    old = next((one for one in held if one.finding == near[0]), None)
    if old:
        fail(f"{old.source}:{old.line} 已有说明；请改那里", f"{old.source}:{old.line} explains it already: change it there", say)  # fmt: skip
    today = date.today()
    values = {"finding": near[0], "about": found[near[0]], "reason": reason, "who": who, "evidence": evidence, "granted": today, "until": until or today + timedelta(YEAR)}  # fmt: skip
    try:
        made = Waiver.model_validate(values)
        writing.written(target, [made])
    except ValidationError as error:
        zh, _, en = error.errors()[0]["msg"].removeprefix("Value error, ").partition(" / ")
        fail(zh, en or zh, say)
    except RuleErrors as error:
        fail_on_rules(error, say)
        raise
    except OSError as error:
        fail(f"写不了 {target}：{error.strerror}", f"{target} cannot be written: {error.strerror}", say)
    typer.echo(writing.entry_text(made), nl=False)
    typer.echo(
        f"已写入 {target}；下一次运行起公布"
        if say == "zh"
        else f"written into {target}; published from the next night on"
    )


@waivers_app.command("import")
def waivers_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The ledger with replies in 核实说明.")],
    who: Annotated[str, typer.Option("--who", help="Who answers for rows that name nobody in 责任人.")] = "",
    until: Annotated[
        str, typer.Option("--until", help="Until when, for rows that do not say; by default a year from now.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of every row; write nothing.")
    ] = False,
    into: IntoOption = None,
    waivers: WaiversOption = None,
    warehouse: WarehouseOption = WAREHOUSE,
    lang: LangOption = None,
) -> None:
    """Take the replies of a ledger back as waivers: of every row it is said whether it is accepted, changed, unchanged or refused.

    Exit 0: nothing was refused. 1: some rows were. 2: FILE is no ledger, or there is no warehouse yet.
    """
    say = language(context, lang)
    from expectations.rules import RuleErrors
    from flows.night.waiving import chosen_folders
    from flows.waivers import kept, ledger, reading

    folders = chosen_folders(waivers or ())
    target = _target(folders, into)
    today = date.today()
    try:
        last = date.fromisoformat(until) if until else today + timedelta(YEAR)
    except ValueError:
        fail(f"“{until}”不是日期；应为 2026-12-31 这样的写法", f"“{until}” is no date; write it like 2026-12-31", say)
    held, problems = reading.read_all(dict.fromkeys([*reading.files(folders), *([target] if target.exists() else [])]))
    for problem in problems:
        typer.echo(problem.text(say), err=True)
    try:
        with _opened(warehouse, say) as db:
            found = kept.findings(db)
        outcomes, empty = ledger.replies(
            file, {one.finding: one for one in held}, found.get, ledger.Given(who, last, today)
        )
        if not dry_run:
            _write(outcomes, target)
    except ledger.Unusable as error:
        fail(error.message["zh"], error.message["en"], say)
    except RuleErrors as error:
        fail_on_rules(error, say)
        raise
    except OSError as error:
        fail(f"写不了 {target}：{error.strerror}", f"{target} cannot be written: {error.strerror}", say)
    _tell(outcomes, empty, target, dry_run, say)
    raise typer.Exit(1 if any(one.kind == "refused" for one in outcomes) else 0)


def _tell(outcomes: Sequence[Outcome], empty: int, target: Path, dry_run: bool, say: str) -> None:
    """What became of the rows, one line for each that is not unchanged, and how many of each kind."""
    zh = say == "zh"
    names = {"accepted": "接受", "changed": "有改动", "unchanged": "未变", "refused": "拒绝"}
    for one in outcomes:
        if one.kind != "unchanged":
            kind, why = (names[one.kind], one.zh) if zh else (one.kind, one.en)
            line = f"“{one.sheet}”第 {one.row} 行 {kind}：{why}" if zh else f"“{one.sheet}” row {one.row} {kind}: {why}"
            typer.echo(line, err=one.kind == "refused")
    counts = Counter(one.kind for one in outcomes)
    told = ("，" if zh else ", ").join(f"{names[kind] if zh else kind} {counts[kind]}" for kind in names)
    rest = f"；没有填写核实说明 {empty} 行" if zh else f"; {empty} rows have no reply"
    if dry_run:
        tail = "（没有写入任何文件）" if zh else " (nothing was written)"
    else:
        tail = (f"；写入 {target}" if zh else f"; into {target}") if counts["accepted"] else ""
    typer.echo(told + (rest if empty else "") + tail)


def _write(outcomes: Sequence[Outcome], target: Path) -> None:
    """Accepted waivers stand in `target`, changed ones where they stood. Raises `RuleErrors` and OSError."""
    from flows.waivers import writing

    some = [one.waiver for one in outcomes if one.waiver and one.kind in ("accepted", "changed")]
    for path in dict.fromkeys(one.source or str(target) for one in some):
        writing.written(Path(path), [one for one in some if (one.source or str(target)) == path])


def _target(folders: Sequence[Path], into: Path | None) -> Path:
    from flows.night.waiving import USUAL

    return into or (folders[0] if folders else USUAL) / f"{date.today().year}.yaml"


@contextmanager
def _opened(warehouse: Path, say: str) -> Iterator[Connection]:
    """The warehouse; that there is none yet ends the command."""
    from flows.night import runs
    from flows.night.plan import NightFailed

    if not warehouse.exists():
        fail(
            f"还没有仓库 {warehouse}：先运行一次 hedui nightly，或用 --warehouse 指明位置",
            f"there is no warehouse {warehouse} yet: run hedui nightly once, or name it with --warehouse",
            say,
        )
    try:
        connection = runs.opened(warehouse)
    except NightFailed as error:
        fail(error.message["zh"], error.message["en"], say, error.code)
    with connection:
        yield connection
