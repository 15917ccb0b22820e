"""`hedui sources`: where disclosures come from, looked at without a night."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows import terminal
from flows.commands.options import WAREHOUSE, LangOption, WarehouseOption, fail, language

if TYPE_CHECKING:
    from flows.collect.declared import DeclaredSource

sources_app = typer.Typer(
    help="Where disclosures come from: the file that declares the sources, checked and tried. 文档来源。",
    no_args_is_help=True,
    rich_markup_mode=None,
)
FileOption = Annotated[Path, typer.Option("--sources", metavar="FILE", help="The file that declares the sources.")]
FILE = Path("data/sources.yaml")


@sources_app.command()
def lint(context: typer.Context, file: FileOption = FILE, lang: LangOption = None) -> None:
    """Say what is wrong with the file, line by line. Exit 0: nothing is. 2: something is."""
    say = language(context, lang)
    from flows.collect import declared

    found, problems = declared.load(file)
    for problem in (*problems, *declared.doubts(file, found)):
        typer.echo(problem.text(say), err=True)
    if problems:
        raise typer.Exit(2)
    typer.echo(f"{len(found)} 个来源，写法无误" if say == "zh" else f"{len(found)} sources, nothing wrong")


@sources_app.command("list")
def list_(context: typer.Context, file: FileOption = FILE, lang: LangOption = None) -> None:
    """List the sources: name, kind, addresses, owner."""
    say = language(context, lang)
    for one in _usable(file, say):
        more = f" … +{len(one.at) - 1}" if len(one.at) > 1 else ""
        told = [one.name, one.kind, one.at[0] + more, one.owner, one.region]
        typer.echo("\t".join(told).rstrip())


@sources_app.command("try")
def try_(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Sources to try; by default all.")
    ] = None,
    file: FileOption = FILE,
    warehouse: WarehouseOption = WAREHOUSE,
    lang: LangOption = None,
) -> None:
    """Fetch the lists of the sources and say what a night would take; no document is downloaded, nothing is recorded.

    Exit 0: every source can be listed. 2: one cannot, or the file is wrong.
    """
    say = language(context, lang)
    from expectations.formula import nearest
    from flows.night.plan import Plan
    from flows.night.sources import foreseen

    found = {one.name: one for one in _usable(file, say)}
    for name in names or ():
        if name not in found:
            near = "、".join(nearest(name, found) or tuple(found))
            fail(f"没有来源“{name}”；相近的名称：{near}", f"there is no source “{name}”; nearest names: {near}", say)
    failed = False
    for told in foreseen(Plan(warehouse=warehouse), [found[name] for name in names or found], _block):
        failed |= told.problem is not None
        for one in told.got:
            typer.echo(f"{_state(one.state, say)}  {one.document.name}  {one.document.address}")
        problem = told.problem.message[say] if told.problem else ""
        total = f"{len(told.got)} 份文档" if say == "zh" else f"{len(told.got)} documents"
        typer.echo(f"{told.source.name}: {total}" + (f" ✗ {problem}" if problem else ""))
    raise typer.Exit(2 if failed else 0)


@sources_app.command()
def prune(
    context: typer.Context,
    file: FileOption = FILE,
    warehouse: WarehouseOption = WAREHOUSE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; delete nothing.")] = False,
    lang: LangOption = None,
) -> None:
    """Delete downloads that their sources let go of (keep: days, versions).

    What stands at an address now, and what filings refer to, stays; of the latter `referred: delete` lets go.
    """
    say = language(context, lang)
    from flows.night import pruning, runs, sources
    from flows.night.plan import NightFailed, Plan

    plan = Plan(warehouse=warehouse)
    declared = _usable(file, say)
    if not warehouse.exists():
        fail(f"没有仓库 {warehouse}", f"there is no warehouse {warehouse}", say)
    try:
        with runs.alone(plan), runs.opened(warehouse) as connection:
            now = datetime.now(UTC).replace(tzinfo=None)
            found = pruning.prunable(connection, sources.folder_of(plan), declared, now)
            for one in found:
                typer.echo(f"{one.path.name[:12]}  {one.size:>12,}  {one.address}")
            if not dry_run:
                pruning.prune(found)
    except NightFailed as error:
        fail(error.message["zh"], error.message["en"], say, error.code)
    total = f"{sum(one.size for one in found) / 1024 / 1024:.1f} MiB"
    zh, en = ("可以删除", "may go") if dry_run else ("已删除", "deleted")
    typer.echo(f"{zh} {len(found)} 份，{total}" if say == "zh" else f"{len(found)} downloads, {total}: {en}")


def _usable(file: Path, say: str) -> tuple[DeclaredSource, ...]:
    """The sources that the file declares; a mistake in it ends the command."""
    from flows.collect import declared

    found, problems = declared.load(file)
    for problem in problems:
        typer.echo(problem.text(say), err=True)
    if problems:
        raise typer.Exit(2)
    return found


def _state(state: str, say: str) -> str:
    words = {
        "new": ("待取", "to take"),
        "known": ("已有", "known"),
        "unchanged": ("已有", "known"),
        "failed": ("打不开", "failed"),
    }
    return terminal.pick(words[state], say)


def _block(name: str) -> str:
    """What a Prefect block holds: only where one is named is Prefect imported, which costs seconds."""
    from flows.nightly import secret

    return secret(name)
