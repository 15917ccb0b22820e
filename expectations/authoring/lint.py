"""Rule files examined without data: what cannot be used, what contradicts or repeats another rule, what can never apply.

`lint` returns every problem, as errors (the rules must not be adopted so) and warnings. Only what is certain is an error.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

from sqlglot import exp

from expectations import rules
from expectations.authoring.logic import Fact, Reader, always, impossible, never_together
from expectations.formula import Mistake, at, function, nearest, parse
from expectations.rulefile.problems import RuleProblem
from expectations.rules import Rule, RuleBook
from expectations.sql import query
from expectations.sql.patterns import in_java
from expectations.sql.scope import CHILDREN, TEXTS, open_scope
from expectations.sql.spark import in_spark
from expectations.sql.verdicts import compile_rule
from expectations.vocabulary import Vocabulary, plain

FORM_STATUSES = ("read", "blank", "missing", "unreadable")
_UNUSABLE = {"missing", "unreadable"}


def lint(
    folders: Iterable[tuple[Path, str]],
    vocabulary: Vocabulary,
    more: Sequence[Path] = (),
    today: date | None = None,
    without: Sequence[Path] = (),
) -> tuple[RuleBook, list[RuleProblem]]:
    """The rules of `folders` and of the single files `more`, and every problem, by file and line.

    Files of the folders that are among `more` or `without` are left out.
    """
    today = today or date.today()
    book, problems = rules.read(folders, more, today, without)
    meaning = _synonyms(vocabulary)
    sound: list[Reader] = []
    for rule in book.rules:
        reader = Reader(rule, vocabulary)
        found = list(_of_rule(rule, reader, meaning))
        problems.extend(found)
        if rule.status != "retired" and not any(one.grade == "error" for one in found):
            sound.append(reader)
    problems.extend(_between([reader for reader in sound if not reader.rule.query]))
    problems.extend(_same_query([reader.rule for reader in sound if reader.rule.query], vocabulary))
    problems.extend(_of_amendments(book, today))
    order = {one.shown: number for number, one in enumerate(book.files)}
    problems.sort(key=lambda one: (order.get(one.file, -1), one.line, one.character))
    return book, list(dict.fromkeys(problems))


def problem(
    rule: Rule, key: str, zh: str, en: str, near: tuple[str, ...] = (), where: int = -1, grade: str = "error"
) -> RuleProblem:
    """A problem of a rule at the value of `key`, if known at its character `where` (from 0)."""
    line, start = rule.spots.get(key, (rule.line, 0))
    character = start + max(where, 0) if start else 0
    said_zh, said_en = f"规则 {rule.id}：{zh}", f"rule {rule.id}: {en}"
    return RuleProblem(rule.file, line, said_zh, said_en, near, character, grade)


# ---- one rule ------------------------------------------------------------------------------------------------------------


def _of_rule(rule: Rule, reader: Reader, meaning: dict[str, str]) -> Iterator[RuleProblem]:
    if rule.status == "stable" and not rule.basis:
        zh, en = (
            "没有 basis：写明出自哪个制度或哪张表（试行规则可暂缺）",
            "no basis: say which regulation or form it rests on",
        )
        yield problem(rule, "id", zh, f"{en} (a preview may lack it)")
    if rule.since and rule.until and rule.since > rule.until:
        zh = f"起始年度 {rule.since} 晚于截止年度 {rule.until}，永远不适用"
        yield problem(rule, "since", zh, f"since {rule.since} is after until {rule.until}: it never applies")
        return
    vocabulary = reader.vocabulary
    mistake = _mistake(rule, vocabulary)
    if mistake:
        yield mistake
        return
    yield from _not_in_spark(rule)
    if rule.query:
        return
    yield from _statuses(rule)
    given, said = [facts | reader.years() for facts in reader.condition()], reader.formula()
    if given and all(_never(facts, rule, vocabulary) for facts in given):
        zh, en = (
            "前提（连同适用年度）自相矛盾，永远不会核对",
            "its condition, with its years, contradicts itself: it never judges",
        )
        yield problem(rule, "when" if rule.when else "since", zh, en)
    if said and any(always(facts) for facts in said):
        yield problem(
            rule,
            "check",
            "公式无论如何都成立，什么也查不出",
            "the formula holds whatever the figures are: it finds nothing",
        )
    elif said and all(impossible(facts) for facts in said):
        yield problem(rule, "check", "公式自相矛盾，永远不成立", "the formula contradicts itself: it never holds")
    yield from _examples(rule, meaning)


def _mistake(rule: Rule, vocabulary: Vocabulary) -> RuleProblem | None:
    """What keeps the rule from being compiled, at its character."""
    try:
        compile_rule(rule, vocabulary)
    except Mistake as mistake:
        key = _where(rule, vocabulary)
        if key == "query":
            return _in_query(rule, mistake)
        return problem(rule, key, mistake.zh, mistake.en, mistake.nearest, mistake.at if key != "for_each" else 0)
    return None


def _not_in_spark(rule: Rule) -> Iterator[RuleProblem]:
    """What the author wrote that Spark cannot say: rules run unchanged on either engine.

    Whatever else a rule is compiled into is ours, and the same in both.
    """
    if rule.query:
        try:
            in_spark(rule.query)
        except Mistake as mistake:
            yield _in_query(rule, mistake)
        return
    for key, text in (("when", rule.when), ("check", rule.check)):
        for call in parse(text).find_all(exp.Anonymous) if text else ():
            if function(call) in ("matches", "mentions"):
                pattern = call.expressions[-1]
                try:
                    in_java(pattern.name)
                except Mistake as mistake:
                    yield problem(rule, key, mistake.zh, mistake.en, where=at(pattern) + 1 + mistake.at)


def _in_query(rule: Rule, mistake: Mistake) -> RuleProblem:
    if mistake.at >= 0 and not rule.spots.get("query", (0, 0))[1]:  # a query over several lines
        zh, en = f"{mistake.zh}（第 {mistake.at + 1} 个字符）", f"{mistake.en} (character {mistake.at + 1})"
        return problem(rule, "query", zh, en, mistake.nearest)
    return problem(rule, "query", mistake.zh, mistake.en, mistake.nearest, mistake.at)


def _where(rule: Rule, vocabulary: Vocabulary) -> str:
    """The key whose value cannot be understood: for_each, when, check or query."""
    if rule.query:
        return "for_each" if rule.for_each != "filing" else "when" if rule.when else "query"
    try:
        open_scope(rule.for_each, rule.form, vocabulary)
    except Mistake:
        return "form" if rule.for_each in ("row", "parent") and "form" in rule.spots else "for_each"
    try:
        compile_rule(replace(rule, when=""), vocabulary)
    except Mistake:
        return "check"
    return "when"


def _statuses(rule: Rule) -> Iterator[RuleProblem]:
    """Words compared with a form's status that no form can have."""
    for key in ("check", "when"):
        text = getattr(rule, key)
        tree = parse(text) if text else None
        for node in tree.find_all(exp.EQ, exp.NEQ, exp.In) if tree is not None else ():
            sides = [node.this, *node.expressions, *([node.expression] if node.expression else [])]
            if not any(_is_status(side, rule) for side in sides):
                continue
            for side in sides:
                if isinstance(side, exp.Literal) and side.name not in FORM_STATUSES:
                    zh, en = f"报表没有“{side.name}”这种状态", f"no form has the status “{side.name}”"
                    near = nearest(side.name, FORM_STATUSES) or FORM_STATUSES
                    yield problem(rule, key, zh, en, near, text.find(f"'{side.name}'"))


def _is_status(node: exp.Expr, rule: Rule) -> bool:
    own = rule.for_each == "form" and isinstance(node, exp.Column) and plain(node.name) in ("状态", "status")
    return function(node) == "status" or own


def _never(facts: frozenset[Fact], rule: Rule, vocabulary: Vocabulary) -> bool:
    """Whether the rule can never judge under these facts: they cannot be, or a form that it needs is then not there."""
    if impossible(facts):
        return True
    form = vocabulary.form_named(rule.form) if rule.for_each in ("row", "parent") else None
    own = f"status:{form.id}" if form else ""
    return any(fact.about == own and fact.op == "in" and fact.words <= _UNUSABLE for fact in facts)


# ---- examples ------------------------------------------------------------------------------------------------------------


def _examples(rule: Rule, meaning: dict[str, str]) -> Iterator[RuleProblem]:
    """Examples that use no name of the formula prove nothing; only of what is not verifiable may all be missing."""
    used = _words(parse(rule.check), meaning)
    for kind, found in rule.examples.items():
        for number, example in enumerate(found, 1):
            try:
                given = set().union(*(_words_of_example(name, value, meaning) for name, value in example.items()))
            except Mistake as mistake:
                yield problem(
                    rule, "examples", f"例子 {kind} {number}：{mistake.zh}", f"example {kind} {number}: {mistake.en}"
                )
                continue
            if kind != "not_verifiable" and not given & used:
                zh = f"例子 {kind} {number} 没有用到公式里的任何名称"
                yield problem(rule, "examples", zh, f"example {kind} {number} uses no name of the formula")


def _words_of_example(name: str, value: Any, meaning: dict[str, str]) -> set[str]:
    words = _words_of_name(name, meaning)
    for inner in value if isinstance(value, list) else ():
        for each in inner if isinstance(inner, dict) else ():
            words |= _words_of_name(str(each), meaning)
    return words


def _words_of_name(name: str, meaning: dict[str, str]) -> set[str]:
    if name.isidentifier():  # as nearly all are: parsing costs more than all else here
        return {meaning.get(plain(name), plain(name))}
    return _words(parse(name), meaning)


def _words(tree: exp.Expr, meaning: dict[str, str]) -> set[str]:
    named = {plain(node.name) for node in tree.find_all(exp.Identifier)}
    if tree.find(exp.Count):
        named |= set(CHILDREN)
    if any(function(node) == "mentions" for node in tree.find_all(exp.Anonymous)):
        named |= set(TEXTS)
    return {meaning.get(name, name) for name in named}


def _synonyms(vocabulary: Vocabulary) -> dict[str, str]:
    """Every name → the Chinese one of what it names."""
    known = {"children": "下级", "status": "状态", "sentence": "语句", "form": "报表", "row": "行", "code": "科目编码"}
    roles = [role for kind in vocabulary.relations.values() for role in (*kind.roles, *filter(None, [kind.members]))]
    columns: list[Any] = [one for form in vocabulary.forms.values() for one in (*form.columns, *form.lines)]
    for one in (*columns, *roles, *vocabulary.concepts):
        for name in (one.en, *one.also):
            known.setdefault(plain(name), plain(one.zh))
    return known


# ---- between rules -------------------------------------------------------------------------------------------------------


def _between(sound: Sequence[Reader]) -> Iterator[RuleProblem]:
    """Rules that say the same, or the opposite, of the same thing under the same condition."""
    grouped: dict[tuple[str, str, str], list[tuple[Rule, list[frozenset[Fact]], list[frozenset[Fact]]]]] = defaultdict(
        list
    )
    for reader in sound:
        rule, given, said = reader.rule, reader.condition(), reader.formula()
        scope = open_scope(rule.for_each, rule.form, reader.vocabulary)
        about = sorted({fact.about for facts in said for fact in facts})
        if given and said and "" not in about:
            grouped[rule.for_each if scope.relation is None else scope.base, scope.base, repr(about)].append(
                (rule, given, said)
            )
    for alike in grouped.values():
        for (first, given, said), (second, given_too, said_too) in combinations(alike, 2):
            if set(given) != set(given_too) or not _years_meet(first, second):
                continue
            where = f"{first.id}（{first.file}:{first.line}）"
            place = f"{first.id} ({first.file}:{first.line})"
            if set(said) == set(said_too):
                zh, en = f"与规则 {where} 说的是同一件事；删去一条", f"says the same as {place}: keep one of them"
                yield problem(second, "check", zh, en, grade="warning")
            elif never_together(said, said_too):
                zh, en = f"与规则 {where} 矛盾，不可能同时成立", f"contradicts {place}: both can never hold"
                yield problem(second, "check", zh, en)


def _same_query(rules_: Sequence[Rule], vocabulary: Vocabulary) -> Iterator[RuleProblem]:
    """Queries that are the same but for spaces and the case of words."""
    sql = {rule.id: query.read(rule.query, vocabulary).sql for rule in rules_}
    for first, second in combinations(rules_, 2):
        if sql[first.id] == sql[second.id] and _years_meet(first, second):
            zh = f"与规则 {first.id}（{first.file}:{first.line}）的查询相同；删去一条"
            en = f"asks the same as {first.id} ({first.file}:{first.line}): keep one of them"
            yield problem(second, "query", zh, en, grade="warning")


def _years_meet(one: Rule, other: Rule) -> bool:
    return max(one.since or 0, other.since or 0) <= min(one.until or 9999, other.until or 9999)


# ---- amendments ----------------------------------------------------------------------------------------------------------


def _of_amendments(book: RuleBook, today: date) -> Iterator[RuleProblem]:
    standing = {(one.file, one.line) for one in book.amendments}
    for file in book.files:
        for entry in file.amend:
            until = rules.day(entry.data.get("until"))
            if until and until < today:
                zh = f"对规则 {entry.data['id']} 的调整已于 {until} 失效；删去，或改日期"
                en = f"the amendment of {entry.data['id']} lapsed on {until}: remove it or change the date"
                yield RuleProblem(file.shown, entry.line, zh, en, grade="warning")
    for rule in book.rules:
        one = rule.amended
        if one and (one.file, one.line) in standing and not one.status and one.was == rule.severity:
            zh, en = f"对规则 {rule.id} 的调整没有改变什么", f"the amendment of {rule.id} changes nothing"
            yield RuleProblem(one.file, one.line, zh, en, grade="warning")
