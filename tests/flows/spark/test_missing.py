"""What is missing for Spark is told in a line, before anything is begun."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.night.engine import BadEngine, Engine, chosen_engine
from flows.schema import TERMS
from flows.spark import missing
from flows.spark.tables import spark_type


def _no_pyspark(patched: pytest.MonkeyPatch) -> str:
    patched.setattr(missing, "installed", lambda: False)
    return "local[2]"


def _no_java(patched: pytest.MonkeyPatch) -> str:
    patched.setattr(missing, "installed", lambda: True)
    patched.setenv("JAVA_HOME", "/nowhere")
    return "local[2]"


def _no_master(patched: pytest.MonkeyPatch) -> str:
    patched.setattr(missing, "installed", lambda: True)
    patched.setattr(missing, "java", lambda: "/usr/bin/java")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"spark://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.parametrize(
    ("lacking", "said"),
    [(_no_pyspark, "make cluster"), (_no_java, "openjdk-17"), (_no_master, "does not answer")],
    ids=["pyspark", "java", "master"],
)
def test_the_night_does_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: Callable[[pytest.MonkeyPatch], str], said: str
) -> None:
    master = lacking(monkeypatch)
    warehouse = tmp_path / "w.duckdb"
    call = ["nightly", str(tmp_path), "--warehouse", str(warehouse), "--site", str(tmp_path / "site")]
    ran = CliRunner().invoke(app, [*call, "--engine", "spark", "--spark-master", master, "--lang", "en"])
    assert ran.exit_code == 2 and said in ran.stderr and len(ran.stderr.strip().splitlines()) == 1
    assert not warehouse.exists()


def test_the_engine_is_as_given_or_as_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = tmp_path / "w.duckdb"
    for name in ("HEDUI_ENGINE", "HEDUI_SPARK_MASTER", "HEDUI_LAKE"):
        monkeypatch.delenv(name, raising=False)
    assert chosen_engine("", "", "", warehouse) == Engine()
    beside = str(tmp_path / "lake")
    assert chosen_engine("spark", "", "", warehouse) == Engine("spark", "local[*]", beside)
    monkeypatch.setenv("HEDUI_ENGINE", "spark")
    monkeypatch.setenv("HEDUI_SPARK_MASTER", "spark://one:7077,two:7077")
    assert chosen_engine("", "", "", warehouse) == Engine("spark", "spark://one:7077,two:7077", beside)
    assert chosen_engine("duckdb", "", "s3://b/lake", warehouse) == Engine("duckdb", "", "s3://b/lake")


@pytest.mark.parametrize(("engine", "master"), [("polars", ""), ("spark", "spark://host"), ("spark", "host:7077")])
def test_an_engine_that_is_none_is_refused_with_what_may_be_given(tmp_path: Path, engine: str, master: str) -> None:
    with pytest.raises(BadEngine, match=r"spark"):
        chosen_engine(engine, master, "", tmp_path / "w.duckdb")


def test_types_of_the_warehouse_in_sparks_words() -> None:
    assert spark_type("DECIMAL(38,10)") == "DECIMAL(38,10)"
    assert spark_type("INTEGER[]") == "ARRAY<INT>"
    assert spark_type("TIMESTAMP") == "TIMESTAMP_NTZ"
    assert spark_type(TERMS).startswith(
        "ARRAY<STRUCT<side: STRING, sign: STRING, id: STRING, label: STRING, value: DECIMAL("
    )
