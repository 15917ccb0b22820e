"""The locks: what a cluster needs is pinned beside what Hedui itself needs, and nowhere otherwise."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement

from tests.conftest import REPOSITORY


def pins(name: str) -> dict[str, str]:
    """Package → version of every pin of a lock."""
    text = (REPOSITORY / name).read_text("utf-8")
    found = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", text, re.M))
    assert text.count("==") >= len(found) > 0 and "://" not in text
    assert all("--hash=sha256:" in block for block in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:])
    return found


def test_the_lock_of_a_cluster_pins_what_is_in_both_alike() -> None:
    here, cluster = pins("requirements.txt"), pins("requirements-cluster.txt")
    both = here.keys() & cluster.keys()
    assert len(both) > 50 and {name for name in both if here[name] != cluster[name]} == set()


def test_the_lock_of_a_cluster_has_all_that_its_extras_ask_for() -> None:
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    cluster = pins("requirements-cluster.txt")
    for one in map(Requirement, (*extras["spark"], *extras["dask"])):
        assert one.specifier.contains(cluster[one.name]), one
