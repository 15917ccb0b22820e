"""The command `hedui`."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.table import Table

import flows
from flows import terminal

if TYPE_CHECKING:
    from expectations.rules import RuleBook
    from expectations.verdicts import Compiled
    from flows.workers.limits import Limits

app = typer.Typer(
    name="hedui",
    help="Reads published government accounts and says which figures reconcile. 核对公开的决算。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
rules_app = typer.Typer(
    help="The rules: what must be true of the accounts. 规则。", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(rules_app, name="rules")


class Lang(StrEnum):
    zh = "zh"
    en = "en"


class Format(StrEnum):
    text = "text"
    json = "json"


class FailOn(StrEnum):
    critical = "critical"
    warning = "warning"
    unreadable = "unreadable"


LangOption = Annotated[
    Lang | None, typer.Option("--lang", help="Language of what is printed; by default your locale's.")
]
RulesOption = Annotated[
    list[Path] | None,
    typer.Option("--rules", help="A folder of rule files to use instead of the shipped ones; may be given again."),
]
SecondsOption = Annotated[
    int | None,
    typer.Option(
        "--reading-seconds",
        metavar="N",
        help="Seconds that reading one document may take; by default HEDUI_READING_SECONDS, else 120.",
    ),
]
MemoryOption = Annotated[
    int | None,
    typer.Option(
        "--reading-memory",
        metavar="N",
        help="MiB of memory that reading one document may take; by default HEDUI_READING_MEMORY, else 2048.",
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--reading-workers",
        metavar="N",
        help="Documents read at a time; by default HEDUI_READING_WORKERS, else one for each core.",
    ),
]


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


@app.command()
def nightly(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...", help="Files, folders or URLs to read; by default data/samples and data/inbox."
        ),
    ] = None,
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option(
            "--fail-on",
            help="Exit 1 when something critical (or to be explained) is broken, 2 when a document could not be read.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be read and judged; change nothing.")
    ] = False,
    warehouse: Annotated[Path, typer.Option(help="The DuckDB file.")] = Path("data/warehouse.duckdb"),
    site: Annotated[Path, typer.Option(help="Where the pages are published.")] = Path("reports/site"),
    reading_seconds: SecondsOption = None,
    reading_memory: MemoryOption = None,
    reading_workers: WorkersOption = None,
    lang: LangOption = None,
) -> None:
    """Read every disclosure, judge it, publish the pages and print a summary.

    Exit 0: the night completed, whatever it found. 2: the call or a rule file is wrong. 3: the run failed.
    """
    say = _language(context, lang)
    from flows import collect, night

    limits = _limits(reading_seconds, reading_memory, reading_workers, say)
    plan = night.Plan(tuple(sources or night.DEFAULT_SOURCES), warehouse, site, limits)
    try:
        if dry_run:
            terminal.print_outlook(night.foresee(plan), say, terminal.console())
            return
        # Prefect and Great Expectations cost seconds: rules and paths are checked before they are imported.
        night.judges()
        collect.find(plan.sources)
        night.settle(plan)
        terminal.note("启动 Prefect…", "starting Prefect…", say)
        from flows.nightly import run_night

        summary = run_night(plan, say)
    except collect.Missing as error:
        _fail(error.message[say], 2)
    except night.NightFailed as error:
        _fail(error.message[say], error.code)
    except Exception as error:
        _fail_on_rules(error, say)
        raise
    terminal.print_summary(summary, say, terminal.console())
    raise typer.Exit(night.exit_code(summary, [one.value for one in fail_on or ()]))


@app.command()
def serve(
    context: typer.Context,
    cron: Annotated[str, typer.Option(help="When to run, as a cron expression.")] = "30 1 * * *",
    timezone: Annotated[str, typer.Option(help="The time zone of that expression.")] = "Asia/Shanghai",
    lang: LangOption = None,
) -> None:
    """Wait here and run the night on its schedule, one run at a time; end with Ctrl-C."""
    say = _language(context, lang)
    from flows import night

    night.settle(night.Plan(limits=_limits(None, None, None, say)))
    from flows.nightly import serve_nightly

    typer.echo(
        f"等待日程 {cron}（{timezone}）；Ctrl-C 结束"
        if say == "zh"
        else f"waiting for {cron} ({timezone}); Ctrl-C ends"
    )
    serve_nightly(cron, timezone)


@app.command()
def check(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Documents or folders of documents.")],
    format_: Annotated[Format, typer.Option("--format", help="text for people, json for programs.")] = Format.text,
    reading_seconds: SecondsOption = None,
    reading_memory: MemoryOption = None,
    reading_workers: WorkersOption = None,
    lang: LangOption = None,
) -> None:
    """Read and judge documents at once, without the warehouse.

    Exit 0: nothing critical is broken. 1: something is. 2: a document could not be read, or the call is wrong.
    """
    say = _language(context, lang)
    limits = _limits(reading_seconds, reading_memory, reading_workers, say)
    from flows import check as checking
    from flows import collect

    try:
        total = len(collect.find(paths))
        with terminal.progress("核对" if say == "zh" else "checking", total) as step:
            report = checking.check(paths, step, limits)
    except collect.Missing as error:
        _fail(error.message[say], 2)
    except Exception as error:
        _fail_on_rules(error, say)
        raise
    if format_ is Format.json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        terminal.print_report(report, say, terminal.console())
    raise typer.Exit(checking.exit_code(report))


@rules_app.command("list")
def rules_list(
    context: typer.Context,
    topic: Annotated[str, typer.Option(help="Only the rules of this file or form, such as T03.")] = "",
    format_: Annotated[Format, typer.Option("--format", help="text for people, json for programs.")] = Format.text,
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """List the rules."""
    from expectations import messages
    from expectations.rules import Rule

    say = _language(context, lang)

    def wanted(rule: Rule) -> bool:
        return not topic or topic in (rule.topic, rule.form)

    chosen = [rule for rule in _book(rules, say).rules if wanted(rule)]
    if format_ is Format.json:
        keys = ("id", "title", "topic", "family", "for_each", "check", "category", "severity", "status")
        typer.echo(
            json.dumps([{key: getattr(rule, key) for key in keys} for rule in chosen], ensure_ascii=False, indent=1)
        )
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("编号", "级别", "标题") if say == "zh" else ("id", "severity", "title"):
        table.add_column(heading, no_wrap=heading not in ("标题", "title"))
    for rule in chosen:
        table.add_row(rule.id, messages.severity_name(rule.severity, say), rule.title[say])
    terminal.console().print(table)
    typer.echo(f"{len(chosen)} 条规则" if say == "zh" else f"{len(chosen)} rules")


@rules_app.command("show")
def rules_show(
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="The rule's id, such as T03.row.")],
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Show one rule: its formula, what it rests on, its examples."""
    from expectations import messages
    from expectations.formula import nearest

    say = _language(context, lang)
    book = _book(rules, say)
    rule = book.rule(id_)
    if rule is None:
        near = "、".join(nearest(id_, [one.id for one in book.rules]))
        _fail(
            f"没有规则 {id_}；相近的编号：{near}" if say == "zh" else f"there is no rule {id_}; nearest ids: {near}", 2
        )
    severity = messages.severity_name(rule.severity, say)
    lines = [f"{rule.id}  {rule.title[say]}", f"  {rule.check}"]
    if rule.when:
        lines.append(("  当 " if say == "zh" else "  when ") + rule.when)
    lines.append(
        f"  {severity} · {messages.family_name(rule.family, say)} · {rule.category} · for_each {rule.for_each}"
    )
    if rule.basis:
        lines.append(("  依据 " if say == "zh" else "  basis: ") + rule.basis)
    if rule.note:
        lines.append("  " + rule.note.get(say, ""))
    lines.append(f"  {rule.file}:{rule.line}")
    for kind, examples in rule.examples.items():
        for example in examples:
            lines.append(f"  {messages.status_name(kind, say)}: " + ", ".join(f"{k}={v}" for k, v in example.items()))
    typer.echo("\n".join(lines))


@rules_app.command("lint")
def rules_lint(context: typer.Context, rules: RulesOption = None, lang: LangOption = None) -> None:
    """Check the rule files: keys, names, formulas, examples. Exit 2 when one is wrong."""
    say = _language(context, lang)
    _, compiled = _compiled(rules, say)
    typer.echo(f"{len(compiled)} 条规则无误" if say == "zh" else f"{len(compiled)} rules are in order")


@rules_app.command("test")
def rules_test(context: typer.Context, rules: RulesOption = None, lang: LangOption = None) -> None:
    """Judge every rule's own examples. Exit 1 when one does not come out as it says."""
    from expectations import vocabulary
    from expectations.examples import test_examples

    say = _language(context, lang)
    _, compiled = _compiled(rules, say)
    results = test_examples(compiled, vocabulary.load())
    failed = [one for one in results if not one.passed]
    for one in failed:
        got = one.problem or ", ".join(one.got) or "-"
        place = f"{one.rule.file}:{one.rule.line}: {one.rule.id}"
        if say == "zh":
            typer.echo(f"{place}: 例子 {one.expected} {one.number + 1} 的结果是 {got}", err=True)
        else:
            typer.echo(f"{place}: example {one.expected} {one.number + 1} came out as {got}", err=True)
    passed = len(results) - len(failed)
    typer.echo(
        f"{passed}/{len(results)} 个例子相符"
        if say == "zh"
        else f"{passed} of {len(results)} examples came out as they say"
    )
    raise typer.Exit(1 if failed else 0)


# ---- shared ------------------------------------------------------------------------------------------------------------


def _language(context: typer.Context, chosen: Lang | None) -> str:
    """The language chosen here, or before the command's name, or by the locale."""
    outer = context.find_root().obj
    one = chosen or outer
    return terminal.language(one.value if one else None)


def _limits(seconds: int | None, memory: int | None, workers: int | None, say: str) -> Limits:
    from flows.workers.limits import BadLimit, chosen_limits

    try:
        return chosen_limits(seconds, memory, workers)
    except BadLimit as error:
        _fail(error.message[say], 2)


def _book(folders: list[Path] | None, say: str) -> RuleBook:
    from expectations import rules

    for folder in folders or ():
        if not folder.is_dir():
            _fail(f"没有规则文件夹 {folder}" if say == "zh" else f"there is no folder of rules at {folder}", 2)
    try:
        return rules.load(*folders or ())
    except rules.RuleErrors as error:
        _fail_on_rules(error, say)
        raise


def _compiled(folders: list[Path] | None, say: str) -> tuple[RuleBook, tuple[Compiled, ...]]:
    from expectations import rules, verdicts, vocabulary

    book = _book(folders, say)
    try:
        return book, verdicts.compile_all(book, vocabulary.load())
    except rules.RuleErrors as error:
        _fail_on_rules(error, say)
        raise


def _fail_on_rules(error: Exception, say: str) -> None:
    """Ends the command with one line for each mistake if `error` is about rule files."""
    from expectations.rules import RuleErrors

    if isinstance(error, RuleErrors):
        for problem in error.problems:
            typer.echo(problem.text(say), err=True)
        raise typer.Exit(2) from error


def _fail(line: str, code: int) -> NoReturn:
    typer.echo(f"hedui: {line}", err=True)
    sys.exit(code)
