"""`hedui rules new`: five questions, and the rule is written, proved, into the team's own folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from flows.commands.options import LangOption, RulesOption, fail, fail_on_rules, in_force, language
from flows.commands.rules import examined, rules_app

if TYPE_CHECKING:
    from expectations.authoring.drafting import Draft
    from expectations.formula import Mistake
    from expectations.vocabulary import Vocabulary

Check = Callable[[str], Any]
_QUESTIONS = {
    "over": (
        ("1/5 核对什么？", "报表名（每一行），报表名加“下级”（与下级之和），每份决算，每句，或一类表述（占比、完成率……）"),
        ("1/5 Judged over what?", "a form (its rows), a form and “parent” (against the rows below), filing, sentence, or a kind of statement"),
    ),
    "check": (
        ("2/5 应当成立的公式？", "如 本年支出合计 = 基本支出 + 项目支出；写法见 docs/grammar.md"),
        ("2/5 The formula that must hold?", "such as 本年支出合计 = 基本支出 + 项目支出; see docs/grammar.md"),
    ),
    "title": (
        ("3/5 用一句话说是什么？", "会写在每处问题前面"),
        ("3/5 What does it say, in a sentence?", "it stands before every finding"),
    ),
    "severity": (
        ("4/5 不符时的程度？", "critical 必须更正，warning 需要说明，info 提示"),
        ("4/5 How grave is it when broken?", "critical: must be put right, warning: to be explained, info"),
    ),
    "basis": (
        ("5/5 依据？", "哪个制度或哪张表的说明；写 - 则先作为试行"),
        ("5/5 What does it rest on?", "a regulation or form note; - makes it a preview for now"),
    ),
    "holds": (
        ("举一个相符的例子", "名称=数，用分号隔开，如 本年支出合计=264.87；基本支出=62.63"),
        ("An example that holds", "name=value, separated by semicolons"),
    ),
    "broken": (("再举一个不符的例子", "写法同上"), ("An example that is broken", "written likewise")),
}  # fmt: skip


@rules_app.command("new")
def rules_new(
    context: typer.Context,
    over: Annotated[
        str | None, typer.Option(help="What it runs over: T03, “T03 parent”, filing, sentence, 占比 …")
    ] = None,
    check: Annotated[str | None, typer.Option(help="The formula.")] = None,
    title: Annotated[str | None, typer.Option(help="What it says, in a sentence.")] = None,
    severity: Annotated[str | None, typer.Option(help="critical, warning or info.")] = None,
    basis: Annotated[str | None, typer.Option(help="The regulation or form note; - for a preview.")] = None,
    when: Annotated[str, typer.Option(help="Its condition, if any.")] = "",
    id_: Annotated[str, typer.Option("--id", help="Its id; by default made from the folder's name.")] = "",
    category: Annotated[str, typer.Option(help="Its category; by default taken from the formula.")] = "",
    status: Annotated[str, typer.Option(help="preview or stable.")] = "",
    owner: Annotated[str, typer.Option(help="Who answers for it.")] = "",
    holds: Annotated[str | None, typer.Option(help="An example that holds: name=value; name=value.")] = None,
    broken: Annotated[str | None, typer.Option(help="An example that is broken.")] = None,
    file: Annotated[
        str, typer.Option(metavar="NAME", help="The file in the folder; by default named after the form.")
    ] = "",
    create: Annotated[bool, typer.Option("--create", help="Create the folder where there is none.")] = False,
    defaults: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: take the default where no option is given.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the entry and write nothing.")] = False,
    rules: RulesOption = None,
    lang: LangOption = None,
) -> None:
    """Ask five questions and write a rule, checked and proved, into the team's own folder (--rules, else HEDUI_RULES).

    Every answer is checked at once. Examples are made from the formula where that can be done, else asked for. Exit 1: an example
    does not come out as it says. 2: an answer is wrong or there is no folder.
    """  # fmt: skip
    from expectations import vocabulary
    from expectations.authoring import drafting
    from expectations.authoring.meaning import meaning

    say = language(context, lang)
    words = vocabulary.load()
    folder = _folder(rules, create, defaults, dry_run, say)
    book = in_force([folder, *(rules or [])[1:]] if folder else None, say)
    asked = _Asked(say, defaults)
    each, form = asked.answer("over", over, "T03", lambda text: drafting.over(text, words))
    draft = drafting.Draft(each, form, when=when, status=status, owner=owner, id=id_)
    draft = asked.answer(
        "check", check, drafting.first_formula(draft, words), lambda text: _formula(draft, text, words)
    )
    draft = replace(draft, title=asked.answer("title", title, meaning(draft.rule(), say, bare=True), _said))
    draft = replace(draft, severity=asked.answer("severity", severity, "warning", drafting.severity))
    answered = asked.answer("basis", basis, drafting.likely_basis(draft, words) or "-", _said)
    draft = replace(
        draft, basis="" if answered == "-" else answered, category=category or drafting.likely_category(draft, words)
    )
    if not draft.id:
        name = folder.name if folder else "new"
        draft = replace(draft, id=drafting.free_id(name, draft, words, {rule.id for rule in book.rules}))
    draft = replace(draft, examples=_examples(asked, draft, holds, broken, words))
    _write(draft, folder, rules, file or drafting.file_name(draft.for_each, draft.form, words), dry_run, say)


class _Asked:
    """Asks, or takes what was given as an option or by default; a wrong answer is asked again, a wrong option ends the command."""

    def __init__(self, say: str, quiet: bool) -> None:
        self.say = say
        self.quiet = quiet

    def answer(self, name: str, given: str | None, default: str, check: Check) -> Any:
        """The answer to one question, as `check` returns it."""
        from expectations.formula import Mistake

        if given is not None or self.quiet:
            try:
                return check(default if given is None else given)
            except Mistake as mistake:
                self.refuse(f"--{name}", mistake)
        question, explained = _QUESTIONS[name][0 if self.say == "zh" else 1]
        typer.echo(f"{question}\n  {explained}")
        while True:
            try:
                return check(typer.prompt("  >", default=default or None, prompt_suffix=" "))
            except Mistake as mistake:
                typer.echo(f"  ✗ {_told(mistake, self.say)}", err=True)

    def refuse(self, what: str, mistake: Mistake) -> NoReturn:
        line = f"{what}: {_told(mistake, self.say)}"
        fail(line, line, self.say)


def _told(mistake: Mistake, say: str) -> str:
    zh = say == "zh"
    where = (f"（第 {mistake.at + 1} 个字符）" if zh else f" (character {mistake.at + 1})") if mistake.at >= 0 else ""
    near = (("；相近的名称：" if zh else "; nearest names: ") + "、".join(mistake.nearest)) if mistake.nearest else ""
    return (mistake.zh if zh else mistake.en) + where + near


def _said(text: str) -> str:
    from expectations.formula import Mistake

    if not text.strip():
        raise Mistake("不能空着", "it cannot be empty")
    return text.strip()


def _formula(draft: Draft, text: str, words: Vocabulary) -> Draft:
    from expectations.authoring import drafting

    made = replace(draft, check=text.strip())
    drafting.checked(made, words)
    return made


def _folder(rules: list[Path] | None, create: bool, quiet: bool, dry_run: bool, say: str) -> Path | None:
    """The team's own folder, made when that is wanted; None only where nothing is to be written."""
    named = rules or [
        Path(one).expanduser() for one in os.environ.get("HEDUI_RULES", "").split(os.pathsep) if one.strip()
    ]
    if not named:
        if dry_run:
            return None
        fail(
            "没有指明写到哪里：用 --rules 写出本单位规则的文件夹（没有就加 --create 新建），或设置 HEDUI_RULES",
            "where to write it is not said: name your team's folder with --rules (with --create to make it), or set HEDUI_RULES",
            say,
        )
    folder = named[0]
    if folder.is_dir():
        return folder
    if dry_run:
        return None
    if not create and not quiet:
        create = typer.confirm(
            f"没有文件夹 {folder}，现在建立？" if say == "zh" else f"There is no folder {folder}. Create it?",
            default=True,
        )
    if not create:
        fail(f"没有文件夹 {folder}；加 --create 可以新建", f"there is no folder {folder}; --create makes it", say)
    folder.mkdir(parents=True)
    return folder


def _examples(
    asked: _Asked, draft: Draft, holds: str | None, broken: str | None, words: Vocabulary
) -> dict[str, list[dict[str, Any]]]:
    """As given, else made from the formula, else asked for."""
    from expectations.authoring import drafting
    from expectations.rulefile import example_lines

    if holds is None and broken is None:
        made = drafting.made_examples(draft, words)
        if made:
            return made
        if asked.quiet:
            fail(
                "举不出例子：用 --holds 和 --broken 给出",
                "no examples can be made: give --holds and --broken",
                asked.say,
            )
    first = asked.answer("holds", holds, "", example_lines.example)
    return {"holds": [first], "broken": [asked.answer("broken", broken, "", example_lines.example)]}


def _write(draft: Draft, folder: Path | None, rules: list[Path] | None, name: str, dry_run: bool, say: str) -> None:
    """The entry is in the folder's file, or printed; one that lint or its examples refuse is neither."""
    from expectations import vocabulary
    from expectations.authoring import drafting
    from expectations.rulefile import editing
    from expectations.rules import RuleErrors

    zh = say == "zh"
    title = {"zh": "本单位规则", "en": "Rules of our own"}
    with tempfile.TemporaryDirectory() as aside:
        alone = Path(aside) / "new.yaml"
        alone.write_text(editing.with_rule(editing.begun(title), draft.entry()), "utf-8")
        _, problems = examined([folder, *(rules or [])[1:]] if folder else None, (alone,), say)
        mine = [one for one in problems if one.file == str(alone)]
    for one in mine:
        typer.echo("hedui: " + one.text(say).partition(": ")[2], err=True)
    if any(one.grade == "error" for one in mine):
        raise typer.Exit(2)
    unproved = drafting.proved(draft, vocabulary.load())
    for line in unproved:
        typer.echo(
            f"hedui: 例子没有得到应有的结果：{line}"
            if zh
            else f"hedui: an example does not come out as it says: {line}",
            err=True,
        )
    if unproved:
        raise typer.Exit(1)
    if folder is None or dry_run:
        typer.echo(editing.entry_text(draft.entry()), nl=False)
        return
    path = folder / name
    text = path.read_text("utf-8") if path.exists() else editing.begun(title)
    try:
        editing.save(path, editing.with_rule(text, draft.entry()))
    except RuleErrors as error:
        fail_on_rules(error, say)
    typer.echo(
        f"规则 {draft.id} 已写入 {path}，例子已验证。"
        if zh
        else f"Rule {draft.id} is written to {path}; its examples are proved."
    )
    typer.echo(editing.entry_text(draft.entry()), nl=False)
