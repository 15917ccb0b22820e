"""What the command says on the terminal: the report of `hedui check` for a reader, and progress for whoever waits."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any, Protocol

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from expectations import messages
from expectations.messages import pick
from flows import logs

if TYPE_CHECKING:
    from flows.night.plan import Outlook, SourceResult, Summary

_MARK = {"critical": ("✗", "bold red"), "warning": ("!", "bold yellow"), "info": ("·", "cyan")}
_QUIET_SECONDS = 10.0


def console() -> Console:
    """Standard output; wide enough for one line a row where it is no terminal."""
    return Console() if sys.stdout.isatty() else Console(width=200)


def language(chosen: str | None = None) -> str:
    """zh or en: as chosen, else as the environment's locale says, else Chinese, the language of the accounts."""
    if chosen:
        return chosen
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "en" if locale.lower().startswith("en") else "zh"


# ---- the report --------------------------------------------------------------------------------------------------------

_FORM_STATUS = {
    "blank": ("空表", "no data"),
    "missing": ("未找到", "not found"),
    "unreadable": ("未能识读", "not readable"),
}


_SET_ASIDE = {
    "template": ("这是未填写的公开表样，没有可核对的数。", "This is an empty form set: there is nothing to check."),
    "budget": ("这是部门预算，不在核对之列。", "This is a budget, which is not checked."),
    "government_accounts": (
        "这是政府决算（不是部门决算），不在核对之列。",
        "These are the accounts of a government, not of a department: they are not checked.",
    ),
    "unknown": ("看不出是哪一种账目，没有核对。", "What kind of accounts this is does not appear: it was not checked."),
}


def print_report(report: Mapping[str, Any], lang: str, console: Console) -> None:
    """Every document of a report of `flows.check`, its findings first by severity, each with its place."""
    for document in report["documents"]:
        console.rule(f"[bold]{escape(document['source'])}[/]", align="left")
        if "error" in document:
            console.print(f"[bold red]✗[/] {escape(document['error']['message'][lang])}\n")
        else:
            _print_document(document, lang, console)


def report_text(report: Mapping[str, Any], lang: str) -> str:
    """The same report as Markdown: as printed, then for programs without the figures and claims, which `hedui check` gives."""
    page = StringIO()
    print_report(report, lang, Console(file=page, width=120))
    brief = [{key: one[key] for key in one if key not in ("figures", "claims")} for one in report["documents"]]
    told = json.dumps({**report, "documents": brief}, ensure_ascii=False, indent=1)
    return f"~~~~text\n{page.getvalue().rstrip()}\n~~~~\n\n~~~~json\n{told}\n~~~~\n"


def _print_document(document: Mapping[str, Any], lang: str, console: Console) -> None:
    zh = lang == "zh"
    filing, numbers, rules = document["filing"], document["reading"]["numbers"], document["rules"]
    name = filing["organisation"] or ("单位不详" if zh else "organisation unknown")
    year = filing["fiscal_year"] or ("年度不详" if zh else "year unknown")
    console.print(f"{escape(name)} · {year}" + (f" · {filing['unit']}" if filing["unit"] else ""))
    console.print(_forms_line(document["reading"]["forms"], lang), style="dim")
    if numbers["unplaced"]:
        left = "、".join(escape(one["text"]) for one in numbers["unplaced"][:8])
        more = "…" if len(numbers["unplaced"]) > 8 else ""
        said = "表内数字未归位：" if zh else "numbers on forms without a place: "
        console.print(f"[yellow]{said}{left}{more}[/] ({numbers['placed']}/{numbers['seen']})")
    counts = [
        f"{messages.status_name(key, lang)} {rules[key]}" for key in ("holds", "rounding", "broken", "not_verifiable")
    ]
    console.print(("核对 " if zh else "checked ") + f"{rules['evaluated']}：" + " · ".join(counts))
    if rules["causes"] < rules["broken"]:
        console.print(causes_line(rules["broken"], rules["causes"], lang))
    console.print()
    broken = [one for one in document["findings"] if one["status"] == "broken"]
    followers = Counter(one["root"] for one in broken)
    for finding in broken:
        _print_finding(finding, followers[finding["id"]], lang, console)
    quiet = [one for one in document["findings"] if one["status"] == "not_verifiable"]
    if quiet:
        console.print("无法核对：" if zh else "not verifiable:", style="dim")
        for reason, several in _nothing_to_compare(quiet).items():
            many = f"：{len(several)} 条规则" if zh else f": {len(several)} rules"
            line = Text(messages.reason_text(reason, lang) + many)
            console.print(Padding(line, (0, 0, 0, 2), expand=False), style="dim")
        for one in (one for one in quiet if one["reason"] not in _NOTHING_TO_COMPARE):
            times = f" ×{one['count']}" if one["count"] > 1 else ""
            line = Text(f"{one['message'][lang]} [{one['rule']}]{times}")
            console.print(Padding(line, (0, 0, 0, 2), expand=False), style="dim")
        console.print()
    if filing["kind"] in _SET_ASIDE:
        console.print(pick(_SET_ASIDE[filing["kind"]], lang) + "\n", style="yellow")
    elif not broken:
        console.print("没有不符之处。\n" if zh else "Nothing is broken.\n", style="green")


_NOTHING_TO_COMPARE = ("no_previous", "few_peers")
"""Reasons that say the same of many rules: a document checked alone has neither a year before nor peers."""


def _nothing_to_compare(quiet: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The findings that lack another filing to be compared with, by reason."""
    found = {reason: [one for one in quiet if one["reason"] == reason] for reason in _NOTHING_TO_COMPARE}
    return {reason: several for reason, several in found.items() if several}


def _forms_line(forms: list[dict[str, Any]], lang: str) -> str:
    read = [form["form"] for form in forms if form["status"] == "read"]
    parts = [("已读 " if lang == "zh" else "read: ") + (" ".join(read) or "-")]
    for status, name in _FORM_STATUS.items():
        some = [form["form"] for form in forms if form["status"] == status]
        if some:
            parts.append(f"{pick(name, lang)} {' '.join(some)}")
    return " · ".join(parts)


def causes_line(findings: int, causes: int, lang: str) -> str:
    """12 处不符由 5 个原因引起."""
    zh = f"{findings:,} 处不符由 {causes:,} 个原因引起"
    return zh if lang == "zh" else f"{findings:,} findings from {causes:,} {'cause' if causes == 1 else 'causes'}"


def _print_finding(finding: Mapping[str, Any], followers: int, lang: str, console: Console) -> None:
    """The finding with its place and figures, indented if it follows from the one above; then how many `followers` come next."""
    indent = 4 if finding["root"] else 0
    mark, style = _MARK[finding["severity"]]
    place = where(finding, lang)
    severity = messages.severity_name(finding["severity"], lang)
    if finding["rule_status"] == "preview":
        severity += "（试行）" if lang == "zh" else " (preview)"
    head = Text.assemble((f"{mark} {severity} ", style), finding["message"][lang], (f" [{finding['rule']}]", "dim"))
    console.print(Padding(head, (0, 0, 0, indent), expand=False))
    if place:
        console.print(Padding(place, (0, 0, 0, indent + 2), expand=False), style="dim")
    if finding["quote"]:
        console.print(Padding(escape(f"“{finding['quote']}”"), (0, 0, 0, indent + 2), expand=False), style="italic")
    for term in finding["figures"]:
        spot = where(term, lang)
        line = f"{term['label']}  {term['value']} {term['unit']}" + (f"  （{spot}）" if spot else "")
        console.print(Padding(escape(line), (0, 0, 0, indent + 4), expand=False))
    if supposed := supposition(finding, lang):
        console.print(Padding(escape(supposed), (0, 0, 0, indent + 2), expand=False), style="cyan")
    if followers:
        one = "also: 1 consequence" if followers == 1 else f"also: {followers} consequences"
        said = f"另有 {followers} 处由此引起：" if lang == "zh" else f"{one}:"
        console.print(Padding(said, (0, 0, 0, 2), expand=False), style="bold")
    console.print()


_OUTCOME = {
    "none": ("推测：改动数字不能使相关恒等式全部成立", "supposed: no change of figures lets all identities hold"),
    "unfinished": ("推测：未查完，尚有其他可能", "supposed: the search was ended by its limit; there may be others"),
}
_TOLD = 3  # of several sets so many are named


def supposition(finding: Mapping[str, Any], lang: str) -> str:
    """最可能：甲 548.77 应为 584.77（…）; or several between which the identities cannot decide; "" where nothing is supposed."""
    outcome, suspects = finding["outcome"], finding["suspects"]
    if not suspects:
        return messages.pick(_OUTCOME[outcome], lang) if outcome in _OUTCOME else ""
    sets: dict[int, list[str]] = {}
    for one in suspects:
        if not one["follows"]:
            sets.setdefault(one["set"], []).append(_should_read(one, finding["hypotheses"], lang))
    joined = [("，且" if lang == "zh" else ", and ").join(some) for some in sets.values()]
    if len(joined) == 1:
        line = f"最可能：{joined[0]}" if lang == "zh" else f"most likely: {joined[0]}"
    else:
        more = len(joined) - _TOLD
        told = ("；或 " if lang == "zh" else "; or ").join(joined[:_TOLD])
        rest = "" if more < 1 else f"；另有 {more} 种可能" if lang == "zh" else f"; {more} others"
        cannot = "恒等式无法判定" if lang == "zh" else "the identities cannot tell"
        line = f"{told}{rest}：{cannot}" if lang == "zh" else f"{told}{rest}: {cannot}"
    return f"{line}。{messages.pick(_OUTCOME[outcome], lang)}" if outcome == "unfinished" else line


def _should_read(one: Mapping[str, Any], hypotheses: Sequence[Mapping[str, Any]], lang: str) -> str:
    unit = one["unit"] if one["unit"] == "%" else f" {one['unit']}".rstrip()
    told = next((h["said"][lang] for h in hypotheses if (h["set"], h["figure"]) == (one["set"], one["figure"])), "")
    why = f"（{told}）" if told and lang == "zh" else f" ({told})" if told else ""
    if one["printed"] == one["repair"]:
        return f"{one['label'][lang]} {one['printed']}{unit}{why}"
    reads = "应为" if lang == "zh" else "should read"
    return f"{one['label'][lang]} {one['printed']}{unit} {reads} {one['repair']}{unit}{why}"


def where(place: Mapping[str, Any], lang: str) -> str:
    """第 8 页, 支出决算表!C7, 第 120 行; "" when no place is known."""
    if place.get("line"):
        return f"第 {place['line']} 行" if lang == "zh" else f"line {place['line']}"
    if place.get("cell"):
        return f"{place.get('sheet', '')}!{place['cell']}"
    if place.get("page"):
        return f"第 {place['page']} 页" if lang == "zh" else f"page {place['page']}"
    return ""


# ---- the night ---------------------------------------------------------------------------------------------------------


STAGES = {
    "collect": ("收集", "collecting"),
    "read": ("读取", "reading"),
    "lake": ("写数据湖", "writing the lake"),
    "validate": ("核对", "judging"),
    "explain": ("说明", "explaining"),
    "publish": ("发布", "publishing"),
}
"""The night's steps, in their order; reading includes loading."""


def print_outlook(outlook: Outlook, lang: str, console: Console) -> None:
    """What a night would read and judge."""
    fresh = {one.address for one in outlook.fresh}
    for one in outlook.found:
        new = one.address in fresh
        state = pick(("待读", "to be read") if new else ("已读过", "already read"), lang)
        console.print(Text.assemble((f"{state}  ", "green" if new else "dim"), one.address))
    zh = f"{len(outlook.found)} 份文档，其中 {len(fresh)} 份待读；{outlook.rules} 条规则。没有改动任何东西。"
    en = f"{len(outlook.found)} documents, {len(fresh)} to be read; {outlook.rules} rules. Nothing was changed."
    console.print(zh if lang == "zh" else en)


LATE_SHOWN = 20
"""Of the documents that were put off so many are named."""


def print_summary(summary: Summary, lang: str, console: Console) -> None:
    """The morning's summary: documents, verdicts, what is new, what could not be read, and where it is published."""
    zh = lang == "zh"
    for address, message in summary.unreadable:
        console.print(Text.assemble(("✗ ", "bold red"), f"{address}: {message[lang]}"))
    for address, first in summary.copies:
        console.print(
            Text(
                f"= {address}: "
                + (f"与 {first} 内容相同，只记录一次" if zh else f"same content as {first}, recorded once")
            )
        )
    for address in summary.postponed[:LATE_SHOWN]:
        console.print(
            Text(
                f"… {address}: "
                + ("时间不够，推迟到下次最先读取" if zh else "no time was left, it comes first next time")
            )
        )
    for note in summary.notes:
        console.print(Text.assemble(("! ", "bold yellow"), note[lang]), soft_wrap=True)
    for told in summary.replaced:
        console.print(Text.assemble(("! ", "bold yellow"), told[lang]), soft_wrap=True)
    for one in summary.sources:
        print_source(one, lang, console)
    grid = Table.grid(padding=(0, 2))
    for name, value in _summary_lines(summary, lang):
        grid.add_row(Text(name, "dim"), Text(value))
    console.print(grid)
    console.print(Text(str(summary.page)), soft_wrap=True)


def print_source(one: SourceResult, lang: str, console: Console) -> None:
    """What one source gave, and why it did not give more."""
    zh = lang == "zh"
    counts = f"找到 {one.found}，新 {one.new}，未变 {one.unchanged}，未取到 {one.failed}"
    in_english = f"{one.found} found, {one.new} new, {one.unchanged} unchanged, {one.failed} failed"
    state, style = ("✗ ", "bold red") if one.problem or one.failed else ("· ", "dim")
    told = f"{one.source}: {counts if zh else in_english}"
    if one.problem:
        told += f"{'；' if zh else '; '}{one.problem[lang]}"
    console.print(Text.assemble((state, style), told + (f"（{one.owner}）" if one.owner else "")))


def _summary_lines(summary: Summary, lang: str) -> Iterator[tuple[str, str]]:
    zh, counts, change = lang == "zh", summary.counts, summary.change
    documents = f"{summary.documents}（新读 {summary.loaded}，无法读取 {len(summary.unreadable)}）"
    in_english = f"{summary.documents} ({summary.loaded} read anew, {len(summary.unreadable)} unreadable)"
    yield ("文档", documents) if zh else ("documents", in_english)
    if late := len(summary.postponed):
        yield (
            ("结果不全", f"{late} 份文档时间不够，下次最先读取")
            if zh
            else ("partial", f"there was no time for {late} documents, they come first next time")
        )
    yield ("决算", str(summary.filings)) if zh else ("filings", str(summary.filings))
    if summary.set_aside:
        yield (
            ("其中搁置", f"{summary.set_aside}（预算、政府决算）")
            if zh
            else (
                "of these set aside",
                f"{summary.set_aside} (budgets, government accounts)",
            )
        )
    if summary.stands_since:
        yield (
            ("其中本次核对", f"{summary.judged}（其余判定沿用 {summary.stands_since}）")
            if zh
            else (
                "of these judged tonight",
                f"{summary.judged} (the others' verdicts stand, as of {summary.stands_since})",
            )
        )
    if summary.expected:
        from flows.register.telling import counted

        yield "名册" if zh else "register", counted(summary.expected, lang)
    total = sum(counts.values())
    yield ("核对" if zh else "verdicts"), f"{total:,}"
    for status in ("holds", "rounding", "broken", "not_verifiable"):
        by_severity = ""
        if status == "broken":
            by_severity = (
                " (" + ", ".join(f"{messages.severity_name(s, lang)} {n}" for s, n in summary.broken.items()) + ")"
            )
            if summary.causes < counts[status]:
                by_severity += ("，" if zh else ", ") + causes_line(counts[status], summary.causes, lang)
            if explained := sum(summary.waived.values()):
                by_severity += f"，其中 {explained:,} 处已有说明" if zh else f", {explained:,} of them explained"
        yield "  " + messages.status_name(status, lang), f"{counts[status]:,}{by_severity}"
    if summary.lapsed:
        yield ("失效的说明", f"{summary.lapsed}") if zh else ("waivers lapsed", f"{summary.lapsed}")
    if change.since:
        yield (
            (
                "较上次",
                f"新增 {change.new}，仍在 {change.still}，消失 {change.gone}（其中 {change.changed} 处数字已变而仍不符）",
            )
            if zh
            else (
                "since last run",
                f"{change.new} new, {change.still} still there, {change.gone} gone "
                f"({change.changed} of them changed: other figures, still broken)",
            )
        )
    if summary.told:
        yield ("已通知", "、".join(summary.told)) if zh else ("told", ", ".join(summary.told))
    steps = ("，" if zh else ", ").join(
        f"{pick(STAGES[one.stage], lang)} {one.seconds:.0f}" for one in summary.timings if one.seconds >= 1
    )
    steps = (f"（{steps}）" if zh else f" ({steps})") if steps else ""
    yield ("用时", f"{summary.seconds:.0f} 秒{steps}") if zh else ("took", f"{summary.seconds:.0f} s{steps}")


# ---- progress ----------------------------------------------------------------------------------------------------------


def note(zh: str, en: str, lang: str) -> None:
    """One line about what begins, on the error stream: results go to the other."""
    logs.say(logging.INFO, "note", pick((zh, en), lang))


class Step(Protocol):
    """Called once for each unit of work done, with a word about it."""

    def __call__(self, done: str = "") -> None: ...


@contextmanager
def progress(title: str, total: int) -> Iterator[Step]:
    """A bar on the terminal's error stream; elsewhere (a log) a line every ten seconds at most. Nothing for a quick step."""
    if sys.stderr.isatty() and not logs.json_wanted():
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[now]}"),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(title, total=total, now="")
            yield lambda done="": bar.update(task, advance=1, now=escape(done[:40]))
        return
    state = {"done": 0, "told": time.monotonic()}

    def step(done: str = "") -> None:
        state["done"] += 1
        now = time.monotonic()
        if now - state["told"] >= _QUIET_SECONDS:
            state["told"] = now
            now_done = int(state["done"])
            logs.say(logging.INFO, "progress", f"{title} {now_done}/{total}", done=now_done, total=total)

    yield step
