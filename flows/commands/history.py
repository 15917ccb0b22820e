"""`hedui history`: what became of a filing's findings, or how a rule came out, run by run."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

import typer

from flows.commands.options import (
    WAREHOUSE,
    Format,
    FormatOption,
    LangOption,
    RulesOption,
    WarehouseOption,
    fail,
    in_force,
    language,
)


def history(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="FILING|RULE",
            help="An organisation, organisation/year, a filing's key, or a rule's id.",
        ),
    ],
    since: Annotated[str, typer.Option(metavar="DATE", help="Only runs since this day, such as 2025-09-01.")] = "",
    format_: FormatOption = Format.text,
    warehouse: WarehouseOption = WAREHOUSE,
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Show what became of a filing's findings, or how a rule came out, run by run.

    Exit 0: it is shown. 2: nothing is known by that name, or the call is wrong. 3: the warehouse cannot be read.
    """
    say = language(context, lang)
    day = _day(since, say)
    if not warehouse.exists():
        fail(
            f"没有仓库 {warehouse}；请先运行 hedui nightly",
            f"there is no warehouse {warehouse}; run hedui nightly first",
            say,
        )
    import duckdb

    from flows import history as past
    from flows.night import runs
    from flows.night.plan import NightFailed

    book = in_force(rules, say)
    known = {rule.id: rule for rule in book.rules}
    try:
        with runs.opened(warehouse, read_only=True) as connection:
            identities = past.filings(connection, name)
            if not identities and name not in {*known, *past.judged_rules(connection)}:
                raise past.unknown(connection, name, known)
            filings = [past.of_filing(connection, identity, day) for identity in identities]
            nights = () if filings else past.of_rule(connection, name, None, day)
    except past.Unknown as error:
        fail(error.message["zh"], error.message["en"], say)
    except NightFailed as error:
        fail(error.message["zh"], error.message["en"], say, 3)
    except duckdb.Error as error:
        cause = str(error).splitlines()[0]
        fail(
            f"仓库 {warehouse} 出自另一版本，读不出历次结果（{cause}）",
            f"the warehouse {warehouse} is of another version: no history can be read from it ({cause})",
            say,
            3,
        )
    if format_ is Format.json:
        told = {"filings": [past.plain(one) for one in filings]} if filings else {"rule": name, "runs": [past.plain(one) for one in nights]}  # fmt: skip
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    titles = {rule.id: rule.title[say] for rule in book.rules}
    lines = [line for one in filings for line in past.filing_lines(one, titles, say)]
    if not filings:
        lines = [f"{name}  {titles.get(name, '')}".rstrip(), *past.rule_lines(nights, known.get(name), say)]
    typer.echo("\n".join(lines))


def _day(text: str, say: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fail(
            f"--since {text} 不是日期；写成 2025-09-01",
            f"--since {text} is no date; write it as 2025-09-01",
            say,
        )
