"""One printed value as SQL: its number, its precision, its place and its label."""

from __future__ import annotations

from dataclasses import dataclass

from expectations.sql.scope import Year
from expectations.vocabulary import MONEY, Column, Form

TERMS = f"STRUCT(side VARCHAR, sign VARCHAR, id VARCHAR, label VARCHAR, value {MONEY}, radius {MONEY})[]"  # one struct a term


@dataclass(frozen=True, slots=True)
class Leaf:
    """One named value of a formula, as SQL expressions over the rule's query.

    `value` may be NULL; `radius` is half a unit of its last place (0 where nothing is printed). `blank_is_zero` says whether a
    NULL is a blank cell (zero in a sum) or something not known. `absent` tells (SQL, or "") that the whole row is not there, and
    `absent_reason` names it. `terms` is a list of term structs for sums, "" for a single value.
    """

    label: str
    type: str
    value: str
    radius: str
    id: str
    blank_is_zero: bool
    absent: str = ""
    absent_reason: str = ""
    terms: str = ""
    count: str = ""


def cell(form: Form, column: Column, alias: str, label: str, key: str, year: Year) -> Leaf:
    """A value of a row table under `alias`."""
    part = f"CASE WHEN {alias}.part = '' THEN '' ELSE '(' || {alias}.part || ')' END"
    place = f"'{year.mark}{form.id}' || {part} || '/' || {key} || '/{column.zh}'"
    value = f"{alias}.{column.en}"
    return Leaf(label, column.type, value, _radius(column, alias, value), place, True)


def claimed(role: Column, alias: str, label: str, year: Year) -> Leaf:
    """A value of the narrative: what is not stated is not known."""
    value = f"{alias}.{role.en}"
    id_ = f"'{year.mark}' || {value}_id" if year.mark else f"{value}_id"
    return Leaf(label, role.type, value, _own_radius(role.type, value, f"{value}_ulp"), id_, False)


def term(side: str, sign: str, id_: str, label: str, value: str, radius: str) -> str:
    """One term of a sum as the struct that a verdict lists."""
    return (
        f"struct_pack(side := '{side}', sign := '{sign}', id := {id_}, label := {label}, "
        f"value := CAST({value} AS {MONEY}), radius := CAST({radius} AS {MONEY}))"
    )


def _radius(column: Column, alias: str, value: str) -> str:
    if column.type == "amount":
        return f"CASE WHEN {value} IS NULL THEN 0 ELSE {alias}.ulp * 0.5 END"
    return _own_radius(column.type, value, f"{alias}.{column.en}_ulp")


def _own_radius(type_: str, value: str, ulp: str) -> str:
    """Counts, and points given as whole numbers, are exact; any other printed number stands for half a last place either way."""
    if type_ == "count":
        return "0"
    if type_ == "score":
        return f"CASE WHEN {value} IS NULL OR {ulp} >= 1 THEN 0 ELSE {ulp} * 0.5 END"
    return f"CASE WHEN {value} IS NULL THEN 0 ELSE coalesce({ulp}, 0) * 0.5 END"
