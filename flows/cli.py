"""The command `hedui`: its commands stand in `flows.commands`."""

from __future__ import annotations

from typing import Annotated

import typer

import flows
from flows import logs
from flows.commands import author, new  # noqa: F401  # their commands join those of `rules`
from flows.commands.check import check
from flows.commands.doctor import doctor
from flows.commands.history import history
from flows.commands.night import nightly
from flows.commands.notify import notify_app
from flows.commands.options import LangOption
from flows.commands.register import register_app
from flows.commands.rules import rules_app
from flows.commands.serve import serve
from flows.commands.sources import sources_app
from flows.commands.waivers import waivers_app

app = typer.Typer(
    name="hedui",
    help="Reads published government accounts and says which figures reconcile. 核对公开的决算。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(nightly)
app.command()(serve)
app.command()(check)
app.command()(doctor)
app.command()(history)
app.add_typer(rules_app, name="rules")
app.add_typer(register_app, name="register")
app.add_typer(waivers_app, name="waivers")
app.add_typer(notify_app, name="notify")
app.add_typer(sources_app, name="sources")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hedui {flows.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    context: typer.Context,
    lang: LangOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = lang
    logs.to_stderr()
