"""What Prefect keeps of a night that was killed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flows.night import runs
from flows.night.plan import Plan


def test_a_killed_night_is_no_longer_running_to_prefect_once_the_next_one_begins(tmp_path: Path) -> None:
    plan = Plan(warehouse=tmp_path / "data" / "w.duckdb")
    runs.settle(plan)
    from prefect.client.orchestration import get_client
    from prefect.states import Running
    from prefect.testing.utilities import prefect_test_harness

    from flows import nightly

    with prefect_test_harness(server_startup_timeout=180), get_client(sync_client=True) as client:
        here, elsewhere = (
            client.create_flow_run(nightly.nightly, parameters={"warehouse": str(one.warehouse)}, state=Running())
            for one in (plan, replace(plan, warehouse=tmp_path / "other.duckdb"))
        )
        nightly.bury_dead(plan)
        told = [client.read_flow_run(one.id).state for one in (here, elsewhere)]
        assert [one.type.value for one in told if one] == ["CRASHED", "RUNNING"]
