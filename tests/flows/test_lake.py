"""The lake: whole or not at all, written anew only where something changed, and read alike by everybody."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import fsspec
import pandas
import pytest

from flows import lake as lakes
from flows import warehouse as store
from flows.lake import version, writing
from flows.lake.place import Lake, NoLake
from flows.night import judging
from flows.night.engine import Engine
from flows.night.plan import NightFailed, Plan
from flows.warehouse import Connection

FILINGS = (
    # filing, year, region
    ("a-1", 2024, "浙江省某市"),
    ("b-1", 2024, "某市"),
    ("c-1", 2023, "浙江省"),
    ("d-1", None, ""),
)
TOTALS = {"a-1": "30.50", "b-1": "-4.00", "c-1": "12345678901.1234567", "d-1": None}


@pytest.fixture
def warehouse() -> Iterator[Connection]:
    with store.connect() as connection:
        for filing, year, region in FILINGS:
            connection.execute(
                "INSERT INTO filing (filing, identity, organisation, fiscal_year, kind, scope, region, current) "
                "VALUES (?, ?, '某市园林局', ?, 'final_accounts', 'department', ?, true)",
                [filing, filing, year, region],
            )
            connection.execute(
                "INSERT INTO expenditure (filing, part, row_key, position, page, total) VALUES (?, '', '合计', 0, 3, ?)",
                [filing, TOTALS[filing]],
            )
            connection.execute(
                "INSERT INTO form_reading (filing, form, status, pages) VALUES (?, 'T03', 'read', [3, 4])", [filing]
            )
        yield connection


def folder(tmp_path: Path) -> Lake:
    return lakes.opened(str(tmp_path / "数据湖"))


def totals(connection: Connection, lake: Lake, table: str = "expenditure", column: str = "total") -> dict[str, Decimal]:
    found = lakes.current(lake)
    assert found
    return dict(connection.execute(f"SELECT filing, {column} FROM {lake.rows(found.name, table)}").fetchall())


def printed(connection: Connection) -> dict[str, Decimal]:
    return dict(connection.execute("SELECT filing, total FROM expenditure").fetchall())


def partitions(lake: Lake, table: str) -> dict[str, int]:
    """The files of what stands, by path below the table, and which file on the disk each is."""
    found = lakes.current(lake)
    assert found
    root = Path(lake.path(found.name, table))
    return {one.relative_to(root).as_posix(): one.stat().st_ino for one in root.rglob("*.parquet")}


def test_each_table_stands_by_year_and_province_with_its_own_columns_and_types(
    warehouse: Connection, tmp_path: Path
) -> None:
    lake = folder(tmp_path)
    written = lakes.write(warehouse, lake, "one")

    assert set(partitions(lake, "expenditure")) == {
        f"of_year={year}/of_region={region}/part_0.parquet"
        for year, region in ((2024, 330000), (2024, 0), (2023, 330000), (0, 0))
    }
    assert totals(warehouse, lake) == printed(warehouse)
    assert totals(warehouse, lake)["c-1"] == Decimal("12345678901.1234567")
    assert not {"of_year", "of_region", "of_part"} & {
        one[0] for held in written.tables.values() for one in held.columns
    }
    for table in ("filing", "form_reading", "expenditure"):
        names = ", ".join(f'"{name}"' for name, _, _ in written.tables[table].columns)
        told = warehouse.execute(f"DESCRIBE SELECT {names} FROM {lake.rows(written.name, table)}").fetchall()
        assert [(name, type_) for name, type_, *_ in told] == [one[:2] for one in written.tables[table].columns]
    assert written.tables["narrative_share"].rows == 0 and not partitions(lake, "narrative_share")
    codes = warehouse.execute(f"SELECT count(*) FROM {lake.rows(written.name, 'classification', False)}").fetchone()
    assert codes == warehouse.execute("SELECT count(*) FROM classification").fetchone()


def test_every_file_says_what_its_columns_are_called_in_chinese(warehouse: Connection, tmp_path: Path) -> None:
    lake = folder(tmp_path)
    written = lakes.write(warehouse, lake, "one")
    file = lake.path(written.name, "expenditure", "of_year=2024", "of_region=0", "part_0.parquet")
    told = dict(warehouse.execute("SELECT key, value FROM parquet_kv_metadata(?)", [file]).fetchall())
    assert told[b"table"].decode() == "支出决算表"
    assert json.loads(told[b"columns"])["total"] == "本年支出合计"


def test_only_partitions_in_which_something_changed_are_written_anew(warehouse: Connection, tmp_path: Path) -> None:
    lake = folder(tmp_path)
    first = lakes.write(warehouse, lake, "one")
    before = partitions(lake, "expenditure")
    assert lakes.write(warehouse, lake, "two") == first

    warehouse.execute("UPDATE expenditure SET total = 31.50 WHERE filing = 'a-1'")
    second = lakes.write(warehouse, lake, "three")

    after = partitions(lake, "expenditure")
    changed = "of_year=2024/of_region=330000/part_0.parquet"
    assert second.former == first.name and set(after) == set(before)
    assert {path for path in before if before[path] != after[path]} == {changed}
    assert totals(warehouse, lake)["a-1"] == Decimal("31.5")


def test_a_filing_that_moves_or_goes_leaves_its_partition(warehouse: Connection, tmp_path: Path) -> None:
    lake = folder(tmp_path)
    lakes.write(warehouse, lake, "one")
    warehouse.execute(
        "UPDATE filing SET fiscal_year = 2022 WHERE filing = 'd-1'; DELETE FROM expenditure WHERE filing = 'b-1'"
    )
    lakes.write(warehouse, lake, "two")
    assert totals(warehouse, lake) == printed(warehouse)
    assert not {one for one in partitions(lake, "expenditure") if "of_year=0" in one or "of_region=0/" in one} - {
        "of_year=2022/of_region=0/part_0.parquet"
    }


@pytest.mark.parametrize("stage", ["_bring", "make_current"])
def test_a_writing_that_is_cut_off_leaves_what_stood(
    warehouse: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    lake = folder(tmp_path)
    first = lakes.write(warehouse, lake, "one")
    before = totals(warehouse, lake)
    warehouse.execute("UPDATE expenditure SET total = 31.50 WHERE filing = 'a-1'")
    done = 0

    def killed(*arguments: object) -> None:
        nonlocal done
        done += 1
        if done > 10 or stage == "make_current":
            raise KeyboardInterrupt
        bring(*arguments)  # type: ignore[arg-type]

    bring = writing._bring
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(writing, stage, killed)
        lakes.write(warehouse, lake, "two")
    assert lakes.current(lake) == first
    assert totals(warehouse, lake) == before
    assert len([one for one in os.listdir(lake.root) if one.startswith("v-")]) == 2

    third = lakes.write(warehouse, lake, "three")
    assert totals(warehouse, lake) == printed(warehouse)
    assert {one for one in os.listdir(lake.root) if one.startswith("v-")} == {first.name, third.name}


def test_who_reads_the_version_before_may_finish(warehouse: Connection, tmp_path: Path) -> None:
    lake = folder(tmp_path)
    names = []
    for number in range(3):
        warehouse.execute("UPDATE expenditure SET total = ?", [number])
        names.append(lakes.write(warehouse, lake, "night").name)
        assert Path(lake.root, "current").resolve().name == names[-1]
    assert len(set(names)) == 3
    assert {one for one in os.listdir(lake.root) if one.startswith("v-")} == set(names[1:])
    found = warehouse.execute(f"SELECT DISTINCT total FROM {lake.rows(names[1], 'expenditure')}").fetchall()
    assert found == [(Decimal(1),)]


def test_a_plain_reader_finds_it_by_the_link(warehouse: Connection, tmp_path: Path) -> None:
    lake = folder(tmp_path)
    lakes.write(warehouse, lake, "one")
    path = Path(lake.root) / "current" / "expenditure" / "*" / "*" / "*.parquet"
    found = warehouse.execute(
        f"SELECT filing, total FROM read_parquet('{path}', hive_partitioning = true) WHERE of_year = 2023"
    ).fetchall()
    assert found == [("c-1", Decimal("12345678901.1234567"))]


def test_pandas_reads_rows_and_decimals_as_duckdb_does(warehouse: Connection, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="pandas reads Parquet through pyarrow: make cluster")
    lake = folder(tmp_path)
    written = lakes.write(warehouse, lake, "one")
    for table in ("filing", "form_reading", "expenditure", "classification"):
        names = [name for name, _, _ in written.tables[table].columns]
        read = pandas.read_parquet(Path(lake.root) / "current" / table, dtype_backend="pyarrow")
        rows = [
            tuple(list(one) if hasattr(one, "tolist") else None if one is pandas.NA else one for one in row)
            for row in read[names].itertuples(index=False)
        ]
        columns = ", ".join(f'"{name}"' for name in names)
        held = warehouse.execute(f"SELECT {columns} FROM {table}").fetchall()
        assert sorted(map(repr, rows)) == sorted(map(repr, held)) and rows
    assert str(
        pandas.read_parquet(Path(lake.root) / "current" / "expenditure", dtype_backend="pyarrow")["total"].dtype
    ) == ("decimal128(18, 7)[pyarrow]")


def test_any_address_that_fsspec_knows_will_do(warehouse: Connection) -> None:
    lake = lakes.opened("memory://bucket/lake")
    try:
        first = lakes.write(warehouse, lake, "one")
        warehouse.execute("UPDATE expenditure SET total = 31.50 WHERE filing = 'a-1'")
        second = lakes.write(warehouse, lake, "two")
        assert totals(warehouse, lake) == printed(warehouse)
        assert second.former == first.name
        old = warehouse.execute(
            f"SELECT total FROM {lake.rows(first.name, 'expenditure')} WHERE filing = 'a-1'"
        ).fetchone()
        assert old == (Decimal("30.5"),)
    finally:
        fsspec.filesystem("memory").rm("/bucket", recursive=True)


def test_the_address_is_told_to_spark_in_its_own_words(tmp_path: Path) -> None:
    assert folder(tmp_path).for_spark("v-1", "filing").startswith("file:///")
    assert Lake(_Store(), "bucket/lake").for_spark("v-1") == "s3a://bucket/lake/v-1"
    with pytest.raises(NoLake, match="nonsense"):
        lakes.opened("nonsense://bucket")


class _Store:
    protocol = ("s3", "s3a")

    def unstrip_protocol(self, path: str) -> str:
        return f"s3://{path}"


def test_a_folder_of_something_else_is_refused_and_left_as_it_is(warehouse: Connection, tmp_path: Path) -> None:
    for name in (".profile", "v-2.txt", "judged.txt"):
        (tmp_path / name).write_text("mine")
    with pytest.raises(NoLake, match="other than a lake"):
        lakes.write(warehouse, lakes.opened(str(tmp_path)), "one")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".profile", "judged.txt", "v-2.txt"]
    stores = fsspec.filesystem("memory")
    stores.pipe_file("/someone/else", b"mine")
    with pytest.raises(NoLake, match="memory://"):
        lakes.write(warehouse, lakes.opened("memory://someone"), "one")
    assert stores.find("/someone") == ["/someone/else"]


def test_a_lake_that_cannot_be_is_told_before_the_night_begins(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    for address in (str(tmp_path), "nonsense://x"):
        with pytest.raises(NightFailed) as told:
            judging.ready(Plan(engine=Engine(lake=address)))
        assert told.value.code == 2
    judging.ready(Plan(engine=Engine(lake=str(tmp_path / "new"))))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_pointer_of_another_form_is_none(warehouse: Connection, tmp_path: Path) -> None:
    lake = folder(tmp_path)
    lakes.write(warehouse, lake, "one")
    pointer = Path(lake.path(version.POINTER))
    pointer.write_text(pointer.read_text().replace('"format": 1', '"format": 2'))
    assert lakes.current(lake) is None
    lakes.write(warehouse, lake, "two")
    assert totals(warehouse, lake) == printed(warehouse)


def test_where_the_lake_is_by_the_option_the_environment_or_beside_the_warehouse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    monkeypatch.delenv("HEDUI_LAKE", raising=False)
    assert lakes.chosen("", warehouse) == ""
    assert lakes.chosen("", warehouse, needed=True) == str(tmp_path / "lake")
    monkeypatch.setenv("HEDUI_LAKE", "s3://bucket/lake")
    assert lakes.chosen("", warehouse) == "s3://bucket/lake"
    assert lakes.chosen("/srv/lake", warehouse) == "/srv/lake"
