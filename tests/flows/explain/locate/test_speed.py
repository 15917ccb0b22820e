"""How long it takes on a filing of 351 figures and 284 identities: wide bounds, for machines that do other work as well."""

from __future__ import annotations

import random
from decimal import Decimal
from statistics import median
from time import process_time

from flows.explain.locate import located
from tests.flows.explain.accounts import Identity
from tests.flows.explain.locate.test_single import judged

COLUMNS = ("合计", "基本", "项目", "上缴", "经营")
ROWS = 24


def accounts(seed: int) -> tuple[dict[str, Decimal], list[Identity]]:
    """Two forms of 24 rows and a total that agree, amounts of the narrative, the share of each row."""
    draw = random.Random(seed)
    printed: dict[str, Decimal] = {}
    made = []
    amounts = {(row, column): Decimal(draw.randint(100, 99999)) / 100 for row in range(ROWS) for column in COLUMNS[1:]}
    for form in ("T03", "T05"):
        printed |= {f"{form}/{row}/{column}": amount for (row, column), amount in amounts.items()}
        for row in range(ROWS):
            parts = tuple(f"{form}/{row}/{column}" for column in COLUMNS[1:])
            printed[f"{form}/{row}/合计"] = sum((printed[id] for id in parts), Decimal(0))
            made.append(Identity(f"{form}row {row}", f"{form}/{row}/合计", parts))
        for column in COLUMNS:
            parts = tuple(f"{form}/{row}/{column}" for row in range(ROWS))
            printed[f"{form}/合计/{column}"] = sum((printed[id] for id in parts), Decimal(0))
            made.append(Identity(f"{form}column {column}", f"{form}/合计/{column}", parts))
    for row in (*range(ROWS), "合计"):
        made += [Identity(f"copy {row}{column}", f"T05/{row}/{column}", (f"T03/{row}/{column}",)) for column in COLUMNS]
    for k, column in enumerate(COLUMNS):
        printed[f"N/{k}"] = printed[f"T03/合计/{column}"]
        made.append(Identity(f"text {column}", f"N/{k}", (f"T03/合计/{column}",)))
        for row in range(ROWS) if k else ():
            part, whole, share = f"T05/{row}/{column}", f"T05/合计/{column}", f"N/s{row}{k}"
            printed[share] = round(printed[part] / printed[whole] * 100, 2)
            made.append(Identity(f"share {row}{column}", share, (part,), base=whole))
    return printed, made


def altered(seed: int, many: int) -> tuple[list[str], dict[str, Decimal], list[Identity]]:
    printed, made = accounts(seed)
    draw = random.Random(seed)
    wrong = draw.sample(sorted(printed), many)
    for id in wrong:
        printed[id] += Decimal(draw.randint(100, 9000)) / 100
    return wrong, printed, made


def test_the_wrong_figures_are_found_in_no_time() -> None:
    """Most cases need no search: the median is far below 50 ms, and no filing takes 2 s of computing."""
    taken = []
    for many in (1, 1, 2, 3):
        for seed in range(5):
            wrong, printed, made = altered(seed, many)
            listed = judged(printed, made)
            began = process_time()
            cases = located(listed)
            taken.append(process_time() - began)
            assert all(case.whole for case in cases)
            assert {id for case in cases for each in case.sets for id in each.figures} >= set(wrong)
    assert median(taken) < 0.05 and max(taken) < 2


def test_a_slip_carried_through_a_form_and_the_narrative_is_one_set() -> None:
    printed, made = accounts(1)
    moved = ("T03/4/项目", "T03/4/合计", "T03/合计/项目", "T03/合计/合计", "N/0", "N/2")
    for id in moved:
        printed[id] += Decimal("37.50")
    began = process_time()
    (case,) = located(judged(printed, made))
    assert process_time() - began < 2
    assert [set(each.figures) for each in case.sets] == [set(moved)] and case.whole
    assert case.sets[0].follows == set(moved) - {"T03/4/项目"}
