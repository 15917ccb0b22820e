"""`hedui notify`: who is told in the morning, what they would be told, and whether the way to them works."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.options import (
    WAREHOUSE,
    LangOption,
    NotifyOption,
    RulesOption,
    WarehouseOption,
    fail,
    in_force,
    language,
)

if TYPE_CHECKING:
    from flows.notify.receivers import Receiver

notify_app = typer.Typer(
    help="Who is told in the morning, and what. 晨间通知。", no_args_is_help=True, rich_markup_mode=None
)
NameArgument = Annotated[str, typer.Argument(metavar="[NAME]", help="One receiver; by default all.")]


@notify_app.command("lint")
def notify_lint(context: typer.Context, file: NotifyOption = None, lang: LangOption = None) -> None:
    """Check the file of receivers: every mistake with its line, and every address that is not there. Exit 1 when there is one."""
    from flows.notify.receivers import FROM_BLOCK, NoAddress, addresses, declared

    say = language(context, lang)
    found, problems = declared(file)
    lines = [one.text(say) for one in problems]
    for one in found:
        if not one.to.startswith(FROM_BLOCK):
            try:
                addresses(one, str)
            except NoAddress as error:
                lines.append(f"{one.name}: {error.message[say]}")
    for line in lines:
        typer.echo(line, err=True)
    told = f"{len(found)} 个收件人" if say == "zh" else f"{len(found)} receivers"
    typer.echo(told + (("，无误" if say == "zh" else ", no mistakes") if not lines else ""))
    raise typer.Exit(1 if lines else 0)


@notify_app.command("show")
def notify_show(
    context: typer.Context,
    name: NameArgument = "",
    file: NotifyOption = None,
    warehouse: WarehouseOption = WAREHOUSE,
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Print what each receiver would be told of the last run, since what they were told last. Nothing is sent."""
    say = language(context, lang)
    chosen = _chosen(file, name, say)
    from flows.night import runs
    from flows.night.plan import NightFailed
    from flows.notify import morning

    if not warehouse.exists():
        fail(
            f"还没有仓库 {warehouse}：先运行一次 hedui nightly",
            f"there is no warehouse {warehouse} yet: run hedui nightly once",
            say,
        )
    try:
        with runs.opened(warehouse, read_only=True) as connection:
            for one, told, write in morning.drafts(connection, in_force(rules, say), chosen):
                made = write(None)
                silent = not told.any and one.when == "changes"
                mark = (
                    ("（没有新情况，不会发送）" if say == "zh" else " (nothing new: nothing would be sent)")
                    if silent
                    else ""
                )
                typer.echo(f"== {one.name}{mark}\n{made.title}\n\n{made.text}")
    except NightFailed as error:
        fail(error.message["zh"], error.message["en"], say, error.code)
    except LookupError:
        fail("还没有完成的运行：先运行一次 hedui nightly", "no run has completed yet: run hedui nightly once", say)


@notify_app.command("test")
def notify_test(
    context: typer.Context,
    name: NameArgument = "",
    file: NotifyOption = None,
    warehouse: WarehouseOption = WAREHOUSE,
    lang: LangOption = None,
) -> None:
    """Send a message of one line to see whether it arrives. Exit 1 when one could not be sent."""
    say = language(context, lang)
    chosen = _chosen(file, name, say)
    from flows.notify.letter import trial
    from flows.notify.morning import sent

    failed = False
    for one in chosen:
        cause = sent(one, partial(trial, one), _blocks(warehouse))
        failed |= bool(cause["en"])
        good = "已发送" if say == "zh" else "sent"
        typer.echo(f"{one.name}: {cause[say] or good}", err=bool(cause["en"]))
    raise typer.Exit(1 if failed else 0)


def _chosen(file: Path | None, name: str, say: str) -> tuple[Receiver, ...]:
    """The receivers, or the one of that name; mistakes are told, and having none ends the command."""
    from expectations.formula import nearest
    from flows.notify.receivers import DEFAULT, declared

    found, problems = declared(file)
    for one in problems:
        typer.echo(one.text(say), err=True)
    if not found:
        fail(
            f"没有收件人：在 {file or DEFAULT} 中写明",
            f"there are no receivers: declare them in {file or DEFAULT}",
            say,
        )
    chosen = tuple(one for one in found if name in ("", one.name))
    if not chosen:
        near = "、".join(nearest(name, [one.name for one in found]) or [one.name for one in found])
        fail(f"没有名为“{name}”的收件人；相近的：{near}", f"there is no receiver “{name}”; nearest: {near}", say)
    return chosen


def _blocks(warehouse: Path) -> Callable[[str], str]:
    """What a Prefect block of a name holds; Prefect is imported when the first is asked for."""

    def held(name: str) -> str:
        from flows.night import runs
        from flows.night.plan import Plan

        runs.settle(Plan(warehouse=warehouse))
        from flows.nightly import secret

        return secret(name)

    return held
