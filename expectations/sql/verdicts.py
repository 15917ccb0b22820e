"""From a rule to its verdicts: one SELECT that judges every filing at once.

Statuses: holds, rounding (some true values behind the printed figures satisfy the rule), broken (none do), not_verifiable.
The arithmetic of intervals is in `intervals.py`, conditions are in `conditions.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from expectations.formula import Mistake, parse
from expectations.rules import Rule, RuleBook, RuleErrors, RuleProblem
from expectations.sql.arithmetic import Work, comparison, is_arithmetic
from expectations.sql.cells import TERMS, Leaf
from expectations.sql.conditions import names_compared, predicate
from expectations.sql.intervals import staged
from expectations.sql.leaves import leaf
from expectations.sql.outcomes import brief
from expectations.sql.query import for_years, verdicts_of
from expectations.sql.scope import ONLY, PREVIOUS_MARK, Scope, open_scope, there_by, word
from expectations.vocabulary import JUDGED, MONEY, PEERS, WITH_PREVIOUS, Vocabulary, status_column

VERDICT_COLUMNS = (
    ("filing", "VARCHAR"),
    ("instance", "VARCHAR"),
    ("status", "VARCHAR"),
    ("stated", MONEY),
    ("computed", MONEY),
    ("difference", MONEY),
    ("bound", MONEY),
    ("unexplained", MONEY),
    ("measure", "VARCHAR"),
    ("reason", "VARCHAR"),
    ("page", "INTEGER"),
    ("terms", TERMS),
)

_WORD = re.compile(r"\w+")

PARTS = ("own", "previous", "peers", "filers", "all")
"""What the verdicts of a rule depend on: its filing's own contents, those of the year before, the peers of its group, all who
publish in the year, or anything at all (a rule that is a query). Each includes what stands before it."""


def fingerprint_sql(identity: str, rule: str, verdict: str = "v") -> str:
    """The SQL of a verdict's fingerprint: the same from run to run, another once any figure involved changes."""
    values = f"list_transform({verdict}.terms, x -> coalesce(CAST(x.value AS VARCHAR), ''))"
    return f"md5(concat_ws('|', {identity}, {rule}, {verdict}.instance, array_to_string({values}, ',')))"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule as SQL. `base` is the table it runs over; `sql` and `outcomes` name where that table is read.

    `needs`: what beside the filing itself the rule compares with ("previous", "peers", "filers"); `lacking` is the part of its SQL that says which
    filings lack that: all its verdicts where no filing has any. `among` is what of other filings it looks at (see `Scope.among`);
    a filing on which nothing of this has changed, nor of itself and of its year before, has the same verdicts as before. `short`
    is the template of `outcomes`.
    """

    rule: Rule
    base: str
    template: str
    needs: tuple[str, ...] = ()
    lacking: str = ""
    among: tuple[tuple[str, str], ...] = ()
    short: str = ""

    @property
    def part(self) -> str:
        """The last of `PARTS` of which the rule needs anything: whose change may change its verdicts."""
        return "all" if self.rule.query else max(("own", *self.needs), key=PARTS.index)

    def reads(self, tables: Iterable[str]) -> set[str]:
        """Those of `tables` that its SQL reads: all that it names, which may be more."""
        return {self.base, *_WORD.findall(self.template)} & set(tables)

    def sql(self, source: str = "", filings: str = "") -> str:
        """The SELECT of all verdicts, with the columns of `VERDICT_COLUMNS`; `source` replaces the base table.

        With `filings`, a SELECT of their keys, it is that of their verdicts alone.
        """
        base, chosen = source or self.base, f"filing IN ({filings})"
        if not filings:
            return _filled(self.template, base, "")
        some = _filled(self.template, f"(SELECT * FROM {base} source WHERE {chosen})", f" AND {chosen}")
        return f"SELECT * FROM ({some}) WHERE {chosen}"

    def outcomes(self, source: str = "", filings: str = "") -> str:
        """The SELECT of (filing, status) of all verdicts, or of those on `filings`, and nothing more, many times as fast; of a
        filing in which anything was read without certainty the status is NULL: to know that one, its terms are needed."""
        base, chosen = source or self.base, f"filing IN ({filings})"
        if not filings:
            return _filled(self.short, base, "")
        some = _filled(self.short, f"(SELECT * FROM {base} source WHERE {chosen})", f" AND {chosen}")
        return f"SELECT * FROM ({some}) WHERE {chosen}"


def _filled(template: str, source: str, only: str) -> str:
    return template.replace("\0", source).replace(ONLY, only)


def compile_all(book: RuleBook, vocabulary: Vocabulary) -> tuple[Compiled, ...]:
    """Every active rule compiled.

    Raises `RuleErrors` naming file, line, cause and nearest names for each rule that cannot be.
    """
    compiled, problems = [], []
    for rule in book.active:
        try:
            compiled.append(compile_rule(rule, vocabulary))
        except Mistake as mistake:
            where = f"（第 {mistake.at + 1} 个字符）" if mistake.at >= 0 else ""
            at = f" (character {mistake.at + 1})" if mistake.at >= 0 else ""
            zh, en = f"规则 {rule.id}：{mistake.zh}{where}", f"rule {rule.id}: {mistake.en}{at}"
            problems.append(RuleProblem(rule.file, rule.line, zh, en, mistake.nearest))
    if problems:
        raise RuleErrors(problems)
    return tuple(compiled)


def compile_rule(rule: Rule, vocabulary: Vocabulary) -> Compiled:
    """The rule's SQL.

    Raises `Mistake` when its formula, its condition or its scope names something unknown.
    """
    if rule.query:
        query = verdicts_of(rule, vocabulary)
        return Compiled(rule, JUDGED, query, short=f"SELECT filing, status FROM ({query})")
    scope = open_scope(rule.for_each, rule.form, vocabulary)
    scope.until = rule.until
    if scope.form:
        there_by(scope, scope.form, exp.Null())
    condition = parse(rule.when) if rule.when else None
    when = predicate(scope, condition) if condition is not None else "true"
    work = Work(scope)
    tree = parse(rule.check)
    if is_arithmetic(scope, tree):
        stage, judged = comparison(work, tree)
    else:
        stage, judged = _statement(scope, work, tree)
    if condition is not None:
        work.given = _given(work, condition)
    needs = _needs(scope)
    told = tuple(need for need in needs if need in _NOT_THERE)
    lacking = _lacking(rule, told) if told else ""
    years = for_years(rule, scope.filing) + (f" AND {scope.filing}.peers >= {PEERS}" if scope.with_peers else "")
    where = f"({when}){years}{_children_only(scope)}"
    more = f" UNION ALL {lacking}" if lacking else ""
    query = _query(rule, scope, work, where, stage, judged) + more
    gate = "" if scope.for_each in _ABOUT else _gate(scope)
    short = brief(scope, work, f"{where} AND {_applies(scope, work, in_tables=True)}", gate, stage, judged)
    if lacking:
        short += f" UNION ALL SELECT filing, status FROM ({lacking})"
    return Compiled(rule, scope.base, query, needs, lacking, tuple(scope.among), short)


def _given(work: Work, condition: exp.Expr) -> list[Leaf]:
    """The values that the condition names and the formula does not: shown as context, not part of the arithmetic."""
    shown = {one.value for one, _, _ in work.leaves}
    given: dict[str, Leaf] = {}
    for node in condition.find_all(exp.Column):
        if not node.table and word(work.scope, node) is None and not node.find_ancestor(exp.Anonymous, exp.Bracket):
            found = leaf(work.scope, node)
            if found.value not in shown:
                given[found.value] = found
    return list(given.values())


def _statement(scope: Scope, work: Work, tree: exp.Expr) -> tuple[str, str]:
    for node in tree.find_all(exp.Column, exp.Dot):
        inside = node.find_ancestor(exp.Bracket, exp.Dot, exp.Sum)
        if inside is None and word(scope, node) is None and not node.find_ancestor(exp.Anonymous):
            work.add(leaf(scope, node), "stated", "+")
    work.leaves.extend((one, "stated", "+") for one in names_compared(scope, tree))
    null = ", ".join(
        f"CAST(NULL AS {MONEY}) AS {name}" for name in ("stated", "computed", "difference", "bound", "unexplained")
    )
    work.holds = predicate(scope, tree)
    work.status = f"CASE WHEN {work.holds} THEN 'holds' ELSE 'broken' END"
    stage = "CAST(NULL AS VARCHAR) AS base_reason, 'text' AS measure, p AS p"
    return stage, f"CASE WHEN p THEN 'holds' ELSE 'broken' END AS status, {null}"


# ---- the query --------------------------------------------------------------------------------------------------------


def _query(rule: Rule, scope: Scope, work: Work, where: str, stage: str, judged: str) -> str:
    leaves = "".join(_columns(one, str(k)) for k, (one, _, _) in enumerate(work.leaves))
    leaves += "".join(_columns(one, f"g{k}") for k, one in enumerate(work.given))
    statement = f", {work.holds} AS p" if work.holds else ""
    filings = "" if scope.base == JUDGED else f" JOIN {JUDGED} f ON f.filing = t.filing"
    if scope.previous_forms is not None:
        filings += f" JOIN {JUDGED} pf ON pf.filing = {scope.filing}.previous"
    stage_i = (
        f"SELECT t.filing AS filing, {_instance(scope)} AS instance, {_page(scope)} AS page, {_gate(scope)} AS gate, "
        f"{_doubted(scope)} AS doubted{leaves}{statement} "
        f"FROM b t{filings}{scope.joined()} WHERE {where}"
    )
    stage_j = f"SELECT filing, instance, page, doubted, {_reason(work)} AS reason, {_all_terms(work)} AS terms, {stage} FROM i WHERE {_applies(scope, work)}"
    stage_k = f"SELECT filing, instance, coalesce(reason, base_reason, {_DOUBT}) AS reason, page, terms, measure, {judged} FROM {staged('j', work.levels)}"
    verifiable = "reason IS NULL AND status IS NOT NULL"
    shown = ", ".join(
        f"CASE WHEN {verifiable} THEN CAST({name} AS {MONEY}) END AS {name}"
        for name in ("computed", "difference", "bound", "unexplained")
    )
    return (
        f"WITH b AS (SELECT * FROM \0), i AS ({stage_i}), j AS ({stage_j}), k AS ({stage_k}) "
        f"SELECT filing, instance, CASE WHEN {verifiable} THEN status ELSE 'not_verifiable' END AS status, CAST(stated AS {MONEY}) AS stated, "
        f"{shown}, measure, reason, CAST(page AS INTEGER) AS page, terms FROM k"
    )


def _needs(scope: Scope) -> tuple[str, ...]:
    """What beside the filing itself the rule compares with."""
    looked_at = {
        "previous": scope.previous_forms is not None,
        "peers": scope.with_peers,
        "filers": "usual" in scope.aliases,
    }
    return tuple(need for need, there in looked_at.items() if there)


_NOT_THERE = {
    "previous": ("f.previous IS NULL", "no_previous"),
    "peers": (f"coalesce(f.peers, 0) < {PEERS}", "few_peers"),
}


def _lacking(rule: Rule, needs: tuple[str, ...]) -> str:
    """One verdict for each filing that has nothing to be compared with: not verifiable, and why."""
    null = ", ".join(
        f"CAST(NULL AS {MONEY}) AS {name}" for name in ("stated", "computed", "difference", "bound", "unexplained")
    )
    cases = " ".join("WHEN {} THEN '{}'".format(*_NOT_THERE[need]) for need in needs)
    missing = " OR ".join(_NOT_THERE[need][0] for need in needs)
    return (
        f"SELECT f.filing, '' AS instance, 'not_verifiable' AS status, {null}, 'text' AS measure, CASE {cases} END AS reason, "
        f"CAST(NULL AS INTEGER) AS page, CAST([] AS {TERMS}) AS terms FROM {JUDGED} f "
        f"WHERE f.kind = '{WITH_PREVIOUS}' AND ({missing}){for_years(rule, 'f')}"
    )


def _children_only(scope: Scope) -> str:
    """Parents are rows with at least one printed row below them."""
    if scope.for_each != "parent":
        return ""
    for key, summed in scope.aliases.items():
        if key.startswith("sum|") and key.endswith("|parent_key"):
            return f" AND {summed}.rows_ > 0"  # the sum of the children is at hand: no need to look for them again
    children = (
        f"SELECT 1 FROM {scope.base} c WHERE c.filing = t.filing AND c.part = t.part AND c.parent_key = t.row_key"
    )
    return f" AND EXISTS ({children})"


def _instance(scope: Scope) -> str:
    if scope.form:
        return "CASE WHEN t.part = '' THEN t.row_key ELSE t.part || '/' || t.row_key END"
    if scope.relation:
        return "t.id"
    by_text = {"sentence": "CAST(t.position AS VARCHAR)", "heading": "t.position || '/' || t.text"}
    return {**by_text, "form": "t.form"}.get(scope.for_each, "''")


def _page(scope: Scope) -> str:
    return "t.page" if scope.form or scope.relation or scope.for_each in ("sentence", "heading") else "NULL"


_DOUBT = (
    "CASE WHEN len(doubted) > 0 THEN 'doubtful:' || list_filter(terms, x -> list_contains(doubted, x.id))[1].label END"
)
"""The first term that was read without certainty, as a reason; NULL when there is none."""


def _doubted(scope: Scope) -> str:
    """What was read without certainty, in this filing and in the one of the year before where that is needed."""
    own = f"{scope.filing}.doubted"
    if scope.previous_forms is None:
        return own
    return f"list_concat({own}, list_transform(pf.doubted, x -> '{PREVIOUS_MARK}' || x))"


_ABOUT = {"form": "t.form", "sentence": "'S/' || t.position", "heading": "'S/' || t.position"}
"""What a reader doubts of it stands under this id among the doubts of the filing."""


def _gate(scope: Scope) -> str:
    """Why a form, or the text, that the rule needs cannot be used, as a reason; NULL when all can."""
    cases = [*scope.gates]
    about = _ABOUT.get(scope.for_each)
    if about:
        cases.append(f"WHEN list_contains({scope.filing}.doubted, {about}) THEN 'doubtful_{scope.for_each}'")
    needed = [] if about else [(scope.filing, "", form) for form in scope.forms]
    needed += [("pf", "previous_", form) for form in scope.previous_forms or ()]
    for filing, prefix, form in needed:
        status = f"{filing}.{status_column(form)}"
        cases.append(f"WHEN {status} IN ('missing', 'unreadable') THEN '{prefix}form_' || {status} || ':{form}'")
    return f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS VARCHAR)"


def _reason(work: Work) -> str:
    cases = []
    for k, (one, _, _) in enumerate(work.leaves):
        if one.absent:
            cases.append(f"WHEN a{k} THEN '{one.absent_reason}'")
        if not one.blank_is_zero:
            cases.append(f"WHEN v{k} IS NULL THEN 'not_stated:{one.label}'")
    return f"CASE WHEN gate IS NOT NULL THEN gate {' '.join(cases)} END"


def _applies(scope: Scope, work: Work, in_tables: bool = False) -> str:
    """A rule whose every term is blank or unstated has nothing to say, unless a form that it needs is not there.

    Said of the columns of stage `i`, or of those of the tables.
    """
    if scope.relation or not work.leaves:
        return "true"
    gate = f"({_gate(scope)})" if in_tables else "gate"
    values = [one.value if in_tables else f"v{k}" for k, (one, _, _) in enumerate(work.leaves)]
    return f"({gate} IS NOT NULL OR {' OR '.join(f'{value} IS NOT NULL' for value in values)})"


def _columns(one: Leaf, k: str) -> str:
    """The columns of stage `i` for one value: v value, r radius, and d id or (of a sum) t terms; a whether its row is absent."""
    shown = f"{one.terms} AS t{k}" if one.terms else f"{one.id} AS d{k}"
    absent = f", {one.absent} AS a{k}" if one.absent else ""
    return f", CAST({one.value} AS {MONEY}) AS v{k}, CAST({one.radius} AS {MONEY}) AS r{k}, {shown}{absent}"


def _all_terms(work: Work) -> str:
    """One list of every value with its side, sign, id, label and interval: what a reader checks by hand."""
    lists: list[str] = []
    plain: list[str] = []
    for k, (one, side, sign) in enumerate(work.leaves):
        if one.terms:
            lists.append(_list(plain))
            lists.append(_summed(f"t{k}", side, sign))
            plain = []
        else:
            plain.append(_row(one, str(k), side, sign))
    lists.append(_list(plain))
    given = _list([_row(one, f"g{k}", "given", "") for k, one in enumerate(work.given) if not one.terms])
    if given:
        lists.append(f"list_filter({given}, x -> x.value IS NOT NULL)")
    joined = ""
    for one_list in filter(None, lists):
        joined = f"list_concat({joined}, {one_list})" if joined else one_list
    return joined or f"CAST([] AS {TERMS})"


def _row(one: Leaf, k: str, side: str, sign: str) -> str:
    label = one.label.replace("'", "''")
    return f"row('{side}', '{sign}', d{k}, '{label}', v{k}, r{k})"


def _list(rows: list[str]) -> str:
    return f"CAST([{', '.join(rows)}] AS {TERMS})" if rows else ""


def _summed(terms: str, side: str, sign: str) -> str:
    """The terms of a sum under the side and sign that the formula gives it."""
    listed = f"coalesce({terms}, CAST([] AS {TERMS}))"
    if (side, sign) == ("computed", "+"):
        return listed
    return f"CAST(list_transform({listed}, x -> row('{side}', '{sign}', x.id, x.label, x.value, x.radius)) AS {TERMS})"
