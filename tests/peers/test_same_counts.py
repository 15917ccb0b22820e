"""Every way to express the checks counts the same in filings with errors; a real environment is made and used."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import duckdb
import pytest

from tests.bench import judging
from tests.peers import checks, environments, rounds
from tests.peers.__main__ import FOLDER
from tests.peers.field import JUDGING
from tests.peers.material import _write_tables, some
from tests.peers.rounds import Material
from tests.peers.runners.measured import failing_rows
from tests.peers.running import Limits

LIMITS = Limits(memory=6144, seconds=300)
FOUND = ("T02.rollup.total", "T03.row", "T03.rollup.total", "T05.row", "T01.income", "T07.total.outturn", "T04.expenditure_grand_total.total",
         "X.T01-T03.expenditure", "X.T03-T05.project", "X.T04-T07.total")  # fmt: skip


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Sixteen filings, half of them with an error of each kind."""
    folder: Path = tmp_path_factory.mktemp("peers")
    path = folder / "warehouse.duckdb"
    judging.build(path, 16, one_in=2)
    made = checks.checks()
    _write_tables(path, folder, made)
    by_hand, sample = checks.queries(made), some(path, 5)
    return Material(16, path, folder, made, by_hand, sample, checks.counted(path, by_hand, sample))


@pytest.fixture(scope="module")
def truth(material: Material) -> dict[str, int]:
    with duckdb.connect(str(material.warehouse), read_only=True) as connection:
        return {rule: connection.execute(sql).fetchall()[0][0] for rule, sql in material.queries.items()}


def test_the_rows_that_fail_are_as_many_as_the_sql_by_hand_counts(material: Material, truth: dict[str, int]) -> None:
    with duckdb.connect(str(material.warehouse), read_only=True) as connection:
        found = {one.rule: len(connection.execute(failing_rows(asdict(one))).fetchall()) for one in material.checks}
    assert found == truth and [rule for rule in FOUND if not truth[rule]] == []


def test_a_sample_counts_less_than_all(material: Material, truth: dict[str, int]) -> None:
    assert len(set(material.sample)) == 5
    assert all(material.counts_of_sample[rule] <= number for rule, number in truth.items())
    assert 0 < sum(material.counts_of_sample.values()) < sum(truth.values())


@pytest.mark.parametrize("keys", [("hand", "hedui", "hedui-rules"), ("hand", "pandera-pandas", "pandera-polars")])
def test_peers_count_what_the_sql_by_hand_counts(keys: tuple[str, ...], material: Material, tmp_path: Path) -> None:
    peers = [peer for peer in JUDGING if peer.key in keys]
    for group in {peer.group for peer in peers if peer.group}:
        try:
            environments.python(group, FOLDER)
        except environments.Missing as error:
            pytest.skip(str(error))
        (tmp_path / group).symlink_to(FOLDER / group)
    outcomes = rounds.judge(material, peers, 1, LIMITS, tmp_path, print)
    assert [(one.peer, one.why, one.differs, len(one.rounds)) for one in outcomes] == [(key, "", (), 1) for key in keys]
