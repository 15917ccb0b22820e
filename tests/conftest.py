"""Fixtures that many tests share: the labelled real disclosures beside the repository, and small invented ones."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
SLOW = (
    "alike/test_alike.py", "bench/test_bench.py", "bench/test_judging.py", "bench/test_publishing.py",
    "endure/test_endure.py", "expectations/test_spark_parity.py", "flows/publish/test_access.py",
    "flows/publish/test_scale.py", "flows/publish/test_source.py", "flows/test_nightly.py::test_three_nights", "flows/spark/test_nights.py", "flows/spark/test_page.py",
    "flows/spark/test_validation.py", "flows/test_cluster.py", "flows/test_deployments.py",
    "flows/test_prefect_left.py", "flows/test_read_only.py", "flows/test_worker.py", "peers/test_same_counts.py",
    "prove/test_filings.py", "prove/test_prove.py", "test_walk.py",
)  # fmt: skip
"""Files of tests, or single ones, that take a quarter of a minute to five minutes each: real servers, killed nights, whole proofs and
benches."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests and those of slow files say so."""
    for item in items:
        file = item.path.relative_to(REPOSITORY / "tests").as_posix()
        if file in SLOW or f"{file}::{item.name}" in SLOW:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of labelled real disclosures that stands beside the repository; tests skip where it is absent."""
    folder = REPOSITORY.parent / "shared" / "disclosures"
    if not folder.is_dir():
        pytest.skip("the labelled disclosures are not beside this repository")
    return folder


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file into the test's own folder and returns its path."""

    def _write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return _write


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are understood here instead of in a worker, so that a test can say what is understood of them."""
    from flows import collect
    from flows.workers.pool import Worker

    monkeypatch.setattr(Worker, "start", lambda worker: None)
    monkeypatch.setattr(Worker, "read", lambda worker, data, name: pickle.dumps(collect.understand(data, name)))
