"""`hedui rules`: the rules listed, shown, checked and proved."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from flows import terminal
from flows.commands.options import (
    WAREHOUSE,
    Format,
    FormatOption,
    LangOption,
    RulesOption,
    WarehouseOption,
    compiled,
    fail,
    fail_on_rules,
    in_force,
    language,
)

if TYPE_CHECKING:
    from expectations.rulefile.problems import RuleProblem
    from expectations.rules import Rule, RuleBook

rules_app = typer.Typer(
    help="The rules: what must be true of the accounts. 规则。", no_args_is_help=True, rich_markup_mode=None
)


@rules_app.command("list")
def rules_list(
    context: typer.Context,
    topic: Annotated[str, typer.Option(help="Only the rules of this file or form, such as T03.")] = "",
    format_: FormatOption = Format.text,
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """List the rules, with what is not simply stable: previews, retired ones, those that a team has amended or added."""
    from expectations import messages

    say = language(context, lang)
    chosen = [rule for rule in in_force(rules, say).rules if not topic or topic in (rule.topic, rule.form)]
    if format_ is Format.json:
        typer.echo(json.dumps([_told(rule) for rule in chosen], ensure_ascii=False, indent=1))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("编号", "级别", "标题") if say == "zh" else ("id", "severity", "title"):
        table.add_column(heading, no_wrap=heading not in ("标题", "title"))
    for rule in chosen:
        said = messages.standing_of_rule(rule, say)
        title = rule.title[say] + (f"（{said}）" if said and say == "zh" else f" ({said})" if said else "")
        table.add_row(rule.id, messages.severity_name(rule.severity, say), title)
    terminal.console().print(table)
    typer.echo(f"{len(chosen)} 条规则" if say == "zh" else f"{len(chosen)} rules")


def _told(rule: Rule) -> dict[str, Any]:
    """A rule for programs."""
    keys = ("id", "title", "topic", "family", "for_each", "form", "check", "query", "when", "category", "severity", "status", "since", "until", "basis", "owner", "introduced", "team", "fingerprint")  # fmt: skip
    told = {key: getattr(rule, key) for key in keys}
    amended = asdict(rule.amended) | {"until": str(rule.amended.until or "")} if rule.amended else None
    return told | {"judges": rule.judges, "amended": amended, "source": f"{rule.file}:{rule.line}"}


@rules_app.command("show")
def rules_show(
    context: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="ID", help="The rule's id, such as T03.row.")],
    warehouse: WarehouseOption = WAREHOUSE,
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Show one rule: its formula, in words too, what it rests on, its examples, and how it came out run by run."""
    say = language(context, lang)
    rule = _wanted(in_force(rules, say), id_, say)
    typer.echo("\n".join([*_shown(rule, say), *_history(rule, warehouse, say)]))


def _history(rule: Rule, warehouse: Path, say: str) -> list[str]:
    """The rule's runs, as far as there is a warehouse that can be read."""
    if not warehouse.exists():
        return [
            f"  还没有仓库 {warehouse}，没有运行结果"
            if say == "zh"
            else f"  no runs: there is no warehouse {warehouse} yet"
        ]
    import duckdb

    from flows import history
    from flows.night import runs
    from flows.night.plan import NightFailed

    try:
        with runs.opened(warehouse, read_only=True) as connection:
            return history.rule_lines(history.of_rule(connection, rule.id), rule, say)
    except NightFailed as error:
        return [f"  {error.message[say]}"]
    except duckdb.Error as error:
        cause = str(error).splitlines()[0]
        return [
            f"  仓库 {warehouse} 读不出运行结果：{cause}"
            if say == "zh"
            else f"  no runs can be read from {warehouse}: {cause}"
        ]


def _wanted(book: RuleBook, id_: str, say: str) -> Rule:
    from expectations.formula import nearest

    rule = book.rule(id_)
    if rule is None:
        near = "、".join(nearest(id_, [one.id for one in book.rules]))
        fail(f"没有规则 {id_}；相近的编号：{near}", f"there is no rule {id_}; nearest ids: {near}", say)
    return rule


def _shown(rule: Rule, say: str) -> list[str]:
    from expectations import messages

    zh = say == "zh"
    lines = [f"{rule.id}  {rule.title[say]}", *(f"  {line}" for line in rule.formula.splitlines())]
    if rule.when:
        lines.append(("  当 " if zh else "  when ") + rule.when)
    lines.append("  " + _in_words(rule, say))
    severity = messages.severity_name(rule.severity, say)
    lines.append(
        f"  {severity} · {messages.family_name(rule.family, say)} · {rule.category} · for_each {rule.for_each}"
    )
    standing = messages.standing_of_rule(rule, say)
    if standing:
        lines.append(f"  {standing}")
    if rule.since or rule.until:
        lines.append(("  适用年度 " if zh else "  fiscal years ") + f"{rule.since or ''}–{rule.until or ''}")
    for name, value in ((("依据 ", "basis: "), rule.basis), (("负责 ", "owner: "), rule.owner), (("始于 ", "introduced: "), rule.introduced)):  # fmt: skip
        if value:
            lines.append("  " + messages.pick(name, say) + value)
    if rule.note:
        lines.append("  " + rule.note.get(say, ""))
    lines.append(f"  {rule.file}:{rule.line}")
    for kind, examples in rule.examples.items():
        for example in examples:
            lines.append(f"  {messages.status_name(kind, say)}: " + ", ".join(f"{k}={v}" for k, v in example.items()))
    return lines


def _in_words(rule: Rule, say: str) -> str:
    from expectations.authoring.meaning import meaning
    from expectations.formula import Mistake

    try:
        return meaning(rule, say)
    except Mistake as mistake:
        return mistake.zh if say == "zh" else mistake.en


@rules_app.command("lint")
def rules_lint(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="Rule files not yet adopted, examined beside those in force."),
    ] = None,
    format_: FormatOption = Format.text,
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Examine the rule files, without data: keys, names, formulas, examples; rules that repeat or contradict each other, that can
    never apply, or that rest on nothing.

    One line a problem: file, line, character, what, the nearest names. Exit 2 when one is an error; warnings do not count.
    """
    say = language(context, lang)
    book, problems = examined(rules, tuple(files or ()), say)
    errors = [one for one in problems if one.grade == "error"]
    if format_ is Format.json:
        told = [{"file": one.file, "line": one.line, "character": one.character, "grade": one.grade, "message": {"zh": one.zh, "en": one.en}, "nearest": list(one.nearest)} for one in problems]  # fmt: skip
        typer.echo(json.dumps({"rules": len(book.rules), "problems": told}, ensure_ascii=False, indent=1))
        raise typer.Exit(2 if errors else 0)
    for one in problems:
        typer.echo(one.text(say), err=True)
    if errors:
        raise typer.Exit(2)
    mild = f"，{len(problems)} 处提醒" if say == "zh" else f", {len(problems)} warnings"
    count = len(book.rules)
    typer.echo((f"{count} 条规则无误" if say == "zh" else f"{count} rules are in order") + (mild if problems else ""))


def examined(folders: list[Path] | None, files: tuple[Path, ...], say: str) -> tuple[RuleBook, list[RuleProblem]]:
    """The rules in force and of single files, with every problem; a file or folder that is not there ends the command."""
    from expectations import rules, vocabulary
    from expectations.authoring import lint

    for file in files:
        if not file.is_file():
            fail(f"没有文件 {file}", f"there is no file {file}", say)
    try:
        teams = rules.team_folders(folders)
    except rules.RuleErrors as error:
        fail_on_rules(error, say)
        raise
    return lint.lint([(rules.FOLDER, ""), *((folder, folder.name) for folder in teams)], vocabulary.load(), files)


@rules_app.command("schema")
def rules_schema() -> None:
    """Print the JSON Schema of rule files, with which editors complete and check them.

    It is committed as expectations/rules.schema.json and copied beside the files that `hedui rules new` writes; the first line of
    a rule file tells the editor where it is.
    """
    from expectations.rulefile import schema

    typer.echo(schema.text(), nl=False)


@rules_app.command("test")
def rules_test(
    context: typer.Context,
    only: Annotated[str, typer.Option("--only", metavar="ID", help="Only the examples of this rule.")] = "",
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Judge every rule's own examples. Exit 1 when one does not come out as it says."""
    from expectations import messages, vocabulary
    from expectations.proving.examples import test_examples

    say = language(context, lang)
    zh = say == "zh"
    book, judging = compiled(rules, say)
    if only:
        wanted = _wanted(book, only, say)
        judging = tuple(one for one in judging if one.rule.id == wanted.id)
    results = test_examples(judging, vocabulary.load())
    failed = [one for one in results if not one.passed]
    for one in failed:
        names = [messages.status_name(status, say) for status in one.got]
        got = one.problem or "、".join(names) or ("没有遇到适用的情形" if zh else "nothing to judge")
        expected = messages.status_name(one.expected, say)
        place, number = f"{one.rule.file}:{one.rule.line}: {one.rule.id}", one.number + 1
        said_zh = f"{place}: 第 {number} 个“{expected}”的例子，结果是：{got}；请核对公式和例子里的数"
        said_en = f"{place}: example {number} of “{expected}” ({one.expected}) came out as: {got}; check the formula and its numbers"
        typer.echo(said_zh if zh else said_en, err=True)
    passed = len(results) - len(failed)
    typer.echo(
        f"{passed}/{len(results)} 个例子相符" if zh else f"{passed} of {len(results)} examples came out as they say"
    )
    raise typer.Exit(1 if failed else 0)
