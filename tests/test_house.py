"""The house of DESIGN: who may import what, and rooms that stay small enough to be understood."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
CODE = sorted(path for folder in ("flows", "expectations") for path in (REPOSITORY / folder).rglob("*.py"))
ALONE = {
    "prefect": {"flows/nightly.py"},
    "prefect_dask": {"flows/nightly.py"},
    "distributed": {"flows/night/cluster.py", "flows/night/joining.py"},
    "pyspark": {"flows/spark/session.py", "flows/spark/tables.py"},  # these within functions alone
    "great_expectations": {
        "flows/validate/__init__.py",
        "flows/validate/running.py",
        "flows/validate/warehouse.py",
        "flows/validate/spark.py",
        "expectations/suites.py",
        "expectations/reconcile.py",
    },
}
"""Each costs seconds to import: only these files may, directly."""


def imported(path: Path) -> set[str]:
    """Every module that a file imports, at its top or inside a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def users(prefix: str, folder: str = "") -> set[str]:
    return {
        path.relative_to(REPOSITORY).as_posix()
        for path in CODE
        if path.relative_to(REPOSITORY).as_posix().startswith(folder)
        and any(name == prefix or name.startswith(prefix + ".") for name in imported(path))
    }


@pytest.mark.parametrize("library", list(ALONE))
def test_a_heavy_library_is_imported_by_its_own_files_alone(library: str) -> None:
    assert users(library) <= ALONE[library]


def test_reading_knows_nothing_of_accounts() -> None:
    assert users("flows.recognise", "flows/read/") == set()
    assert users("expectations", "flows/read/") == set()


def test_rules_know_nothing_of_documents() -> None:
    assert users("flows", "expectations/") == set()


def test_recognition_knows_nothing_of_file_formats() -> None:
    readers = {path.relative_to(REPOSITORY).with_suffix("") for path in (REPOSITORY / "flows" / "read").rglob("*.py")}
    formats = {".".join(path.parts) for path in readers} - {"flows.read.document", "flows.read.__init__"}
    assert {name for module in formats for name in users(module, "flows/recognise/")} == set()


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_a_file_stays_within_about_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 420
