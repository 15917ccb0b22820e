"""Peers: the median of a value over the other filings of one region, level, fiscal year and scope."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from expectations.formula import Mistake, at, function, shown
from expectations.sql.cells import Leaf
from expectations.sql.intervals import Linear, Quotient
from expectations.sql.scope import OTHERS, Scope, alias
from expectations.vocabulary import FACTOR, JUDGED, MONEY, PEER_GROUP, PEERS, plain, status_column

_MEDIAN = ("同类.中位数(…)", "peers.median(…)")
_STEPS = 10**7
"""MONEY's steps in 1: a quotient is worked out in whole steps, so that no float decides."""


def asked(node: exp.Expr) -> exp.Expr | None:
    """What is asked of the peers, of 同类.中位数(x): x; None when `node` is nothing of the kind.

    Raises `Mistake` for anything else that is asked of peers.
    """
    if not isinstance(node, exp.Dot) or plain(node.this.name) not in OTHERS or isinstance(node.this, exp.Bracket):
        return None
    call = node.expression
    if function(call) == "median":
        inner: exp.Expr = call.expressions[0]
        return inner
    zh, en = f"“{shown(node)}”不完整：写成 同类.中位数(…)", f"“{shown(node)}” is incomplete: peers.median(…)"
    raise Mistake(zh, en, at(node), _MEDIAN)


def median(scope: Scope, own: Scope, leaves: Sequence[Leaf], value: Linear | Quotient, node: exp.Expr) -> Leaf:
    """The median of `value` over the peers of each filing, itself left out.

    `own` is the scope in which `leaves` and `value` were found. A peer counts where the value is to be had and every form that
    it needs was read. Half a last place of the median is the widest of theirs: it cannot move by more.
    """
    group = ", ".join(PEER_GROUP)
    # Ranked once. With a filing's own rank k left out, place j among the m others is place j, or from k on j + 1, among all.
    steps = (
        f"x AS (SELECT filing, {group}, v, r, row_number() OVER (PARTITION BY {group} ORDER BY v, filing) AS k "
        f"FROM ({_values(own, leaves, value)}) w)",
        f"g AS (SELECT {group}, count(*) AS n, max(r) AS r FROM x GROUP BY {group})",
        f"d AS (SELECT j.filing, g.*, coalesce(x.k, g.n + 1) AS k, g.n - CASE WHEN x.k IS NULL THEN 0 ELSE 1 END AS m "
        f"FROM {JUDGED} j JOIN g ON {_same('g', 'j')} LEFT JOIN x ON x.filing = j.filing)",
        "p AS (SELECT *, (m + 1) // 2 AS low, (m + 2) // 2 AS high FROM d WHERE m >= " + f"{PEERS})",
    )
    middle = (
        f"WITH {', '.join(steps)} SELECT p.filing, CAST(CAST(a.v + b.v AS {FACTOR}) * CAST(0.5 AS DECIMAL(2,1)) AS {MONEY}) AS v, p.r FROM p "
        f"JOIN x a ON {_same('a', 'p')} AND a.k = p.low + CASE WHEN p.low >= p.k THEN 1 ELSE 0 END "
        f"JOIN x b ON {_same('b', 'p')} AND b.k = p.high + CASE WHEN p.high >= p.k THEN 1 ELSE 0 END"
    )
    known_as = alias(scope, f"median|{middle}")
    scope.among.append(("filing", middle))
    scope.joins.setdefault(known_as, f"LEFT JOIN ({middle}) {known_as} ON {known_as}.filing = t.filing")
    type_ = value.type if isinstance(value, Linear) else "number"
    label = f"同类中位数·{leaves[0].label}" if len(leaves) == 1 else f"同类中位数·{shown(node)}"
    absent = f"{known_as}.filing IS NULL"
    return Leaf(label, type_, f"{known_as}.v", f"coalesce({known_as}.r, 0)", "NULL", False, absent, "few_peers")


def _same(left: str, right: str) -> str:
    return " AND ".join(f"{left}.{name} = {right}.{name}" for name in PEER_GROUP)


def _values(own: Scope, leaves: Sequence[Leaf], value: Linear | Quotient) -> str:
    """filing, its group, v and r: the value of every filing that can be a peer and has it."""
    columns, needed = "", []
    for k, one in enumerate(leaves):
        columns += f", CAST({one.value} AS {MONEY}) AS v{k}, CAST({one.radius} AS {MONEY}) AS r{k}"
        if one.absent:
            needed.append(f"NOT ({one.absent})")
        if not one.terms and one.id != "NULL":
            needed.append(f"NOT coalesce(list_contains(t.doubted, {one.id}), false)")
    statuses = [f"t.{status_column(form)}" for form in own.forms]
    joins = own.joined(terms=False)
    if own.previous_forms is not None:
        joins = f" JOIN {JUDGED} pf ON pf.filing = t.previous" + joins
        statuses += [f"pf.{status_column(form)}" for form in own.previous_forms]
    needed += [f"{status} IN ('read', 'blank')" for status in statuses]
    stated = [f"v{k} IS NOT NULL" for k, one in enumerate(leaves) if not one.blank_is_zero]
    stated.append("(" + " OR ".join(f"v{k} IS NOT NULL" for k in range(len(leaves))) + ")")
    group = ", ".join(f"t.{name}" for name in PEER_GROUP)
    rows = f"SELECT t.filing, {group}{columns} FROM {JUDGED} t{joins} WHERE {' AND '.join(['t.peers IS NOT NULL', *needed])}"
    v, r, more = _sql(value)
    return (
        f"SELECT filing, {', '.join(PEER_GROUP)}, CAST({v} AS {MONEY}) AS v, CAST({r} AS {MONEY}) AS r "
        f"FROM ({rows}) w WHERE {' AND '.join(stated + more)}"
    )


def _sql(value: Linear | Quotient) -> tuple[str, str, list[str]]:
    """Value, radius and conditions; a quotient in whole steps, cut off behind the last, which its radius says."""
    if isinstance(value, Linear):
        return value.value, value.radius, []
    over, under = value.left, value.under
    if value.right is not None:
        product = f"CAST({over.value} AS {FACTOR}) * CAST({value.right.value} AS {FACTOR})"
        over = Linear(f"CAST({product} AS {MONEY})", "0", over.type)
    times = f" * {value.factor}" if value.factor != 1 else ""
    whole = f"CAST(CAST({over.value} AS DECIMAL(30,7)){times} * {_STEPS} AS HUGEINT) * {_STEPS}"
    part = f"CAST(CAST(abs({under.value}) AS DECIMAL(30,7)) * {_STEPS} AS HUGEINT)"
    sign = f"CASE WHEN {under.value} < 0 THEN -1 ELSE 1 END"
    v = f"CAST({sign} * ({whole} // {part}) AS DECIMAL(30,0)) * CAST(0.0000001 AS DECIMAL(8,7))"
    return v, "CAST(0.0000001 AS DECIMAL(8,7))", [f"abs({under.value}) > {under.radius}", f"{under.value} <> 0"]
