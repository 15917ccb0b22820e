"""`hedui rules new`, `try`, `export`, `import`: how a rule comes to be."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli_options import (
    WAREHOUSE,
    LangOption,
    RulesOption,
    WarehouseOption,
    fail,
    language,
)
from flows.cli_rules import examined, rules_app


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
    from expectations.verdicts import compile_rule
    from flows import night, trial

    words = vocabulary.load()
    compiled = [compile_rule(rule, words) for rule in book.rules if rule.file == str(file) and rule.status != "retired"]
    try:
        with night.opened(warehouse, read_only=True) as connection:
            count = trial.filings(connection)
            trials = trial.tried(connection, compiled, most)
    except night.NightFailed as error:
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
