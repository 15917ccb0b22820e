"""The harness measures, ends what takes too much, names what cannot be had, and finds out who counts differently."""

from __future__ import annotations

import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from tests.peers import __main__ as command
from tests.peers import environments, page, results, rounds, running
from tests.peers.chart import APART, Curve, drawn
from tests.peers.field import GROUPS, JUDGING, READING, Peer
from tests.peers.results import Results, Setting
from tests.peers.rounds import Material, Outcome, Papers
from tests.peers.running import Limits

REPOSITORY = Path(__file__).resolve().parents[2]
HAND = JUDGING[0]
LIMITS = Limits(memory=6144, seconds=60)


def nothing(line: str) -> None:
    """No progress is told."""


@pytest.fixture
def material(tmp_path: Path) -> Material:
    """An empty warehouse and two questions that need no table."""
    warehouse = tmp_path / "w.duckdb"
    duckdb.connect(str(warehouse)).close()
    return Material(100, warehouse, tmp_path, (), {"A": "SELECT 2", "B": "SELECT 0"}, ("x", "y"), {"A": 1, "B": 0})


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of runners: the real ones and `invented.py`, which is to be written."""
    folder = tmp_path / "runners"
    folder.mkdir()
    for name in ("measured", "by_hand"):
        (folder / f"{name}.py").write_text((running.RUNNERS / f"{name}.py").read_text("utf-8"), "utf-8")
    monkeypatch.setattr(running, "RUNNERS", folder)
    return folder / "invented.py"


def invented(told: str, before: str = "") -> str:
    return (
        f"import time\nfrom measured import run\n{before}\n"
        f"if __name__ == '__main__':\n    run(lambda task: lambda: {told})\n"
    )


def test_the_limit_is_measured_round_for_round(material: Material, tmp_path: Path) -> None:
    (outcome,) = rounds.judge(material, [HAND], 2, LIMITS, tmp_path, nothing)
    assert len(outcome.rounds) == 2 and not outcome.why and not outcome.differs
    assert all(0 < one["seconds"] < 60 and 0 <= one["computing"] < 60 for one in outcome.rounds)
    assert 10 < outcome.value("memory") < 1000 and outcome.value("starting") > 0  # type: ignore[operator]


@pytest.mark.parametrize(
    ("told", "differs"),
    [("{'A': 2, 'B': 0}", ()), ("{'A': 1, 'B': 0}", ("A: 1 ≠ 2",)), ("{'A': 2}", ("B: None ≠ 0",))],
)
def test_who_counts_differently_is_named(
    told: str, differs: tuple[str, ...], material: Material, runner: Path, tmp_path: Path
) -> None:
    runner.write_text(invented(f"{{'broken': {told}}}"), "utf-8")
    _, outcome = rounds.judge(material, [HAND, Peer("soda", "S", "invented")], 1, LIMITS, tmp_path, nothing)
    assert outcome.differs == differs and outcome.rounds


def test_a_sample_is_held_against_its_own_counts_and_extrapolated(
    material: Material, runner: Path, tmp_path: Path
) -> None:
    runner.write_text(invented("time.sleep(0.1) or {'broken': {'A': 1, 'B': 0}}"), "utf-8")
    peer = Peer("gx", "G", "invented", sampled=2)
    _, outcome = rounds.judge(material, [HAND, peer], 1, LIMITS, tmp_path, nothing)
    assert outcome.differs == () and outcome.sampled == 2
    assert 5 <= outcome.value("seconds") < 25, "2 of 100 filings took a tenth of a second"  # type: ignore[operator]
    assert outcome.value("memory") < 1000  # type: ignore[operator]


@pytest.mark.parametrize(
    ("before", "limits", "why"),
    [
        ("raise ValueError('out of order')", LIMITS, "failed: ValueError: out of order"),
        ("print('no figures'); raise SystemExit", LIMITS, "failed: no figures"),
        ("x = bytearray(400_000_000); time.sleep(60)", Limits(256, 60), "more than 0.25 GiB of memory"),
        (
            "import subprocess, sys; subprocess.run([sys.executable, '-c', 'x = bytearray(400_000_000); import time; time.sleep(60)'])",
            Limits(256, 60),
            "more than 0.25 GiB of memory",
        ),
    ],
)
def test_what_fails_or_takes_too_much_is_a_row_that_says_so_and_the_others_go_on(
    before: str, limits: Limits, why: str, material: Material, runner: Path, tmp_path: Path
) -> None:
    runner.write_text(invented("{'broken': {}}", before), "utf-8")
    peers = [Peer("soda", "S", "invented"), HAND]
    told: list[str] = []
    bad, good = rounds.judge(material, peers, 2, limits, tmp_path, told.append)
    assert bad.why == why and bad.rounds == () and len(good.rounds) == 2
    tried = [line.partition(": ")[0] for line in told]
    assert tried == ["round 1 of 2  S", f"round 1 of 2  {HAND.title}", f"round 2 of 2  {HAND.title}"]


def test_what_takes_too_long_is_ended(material: Material, runner: Path, tmp_path: Path) -> None:
    runner.write_text(invented("{'broken': {}}", "time.sleep(60)"), "utf-8")
    (bad,) = rounds.judge(material, [Peer("soda", "S", "invented")], 2, Limits(6144, 1), tmp_path, nothing)
    assert bad.why == "more than 0.0166667 minutes" and bad.rounds == ()


def test_what_cannot_be_installed_is_a_row_that_says_so(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*command: str) -> None:
        raise environments.Missing("ERROR: No matching distribution found")

    monkeypatch.setattr(environments, "_called", refused)
    good, bad = rounds.judge(material, [HAND, JUDGING[-1]], 1, LIMITS, tmp_path, nothing)
    assert good.rounds and bad.why == "could not be installed: ERROR: No matching distribution found"


def test_an_installer_that_fails_is_told_by_its_error() -> None:
    with pytest.raises(environments.Missing, match=r"^ERROR: none of it$"):
        environments._called(sys.executable, "-c", "raise SystemExit('a note\\nERROR: none of it\\nanother')")


def test_an_environment_is_kept_while_its_requirements_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, ...]] = []
    monkeypatch.setattr(environments, "_called", lambda *command: made.append(command))
    monkeypatch.setattr(environments, "requirements", lambda group: tmp_path / f"{group}.txt")
    (tmp_path / "a.txt").write_text("x==1\n")
    (tmp_path / "a").mkdir()
    for _ in range(2):
        environments.python("a", tmp_path)
    assert len(made) == 2, "a venv and its packages, once"
    (tmp_path / "a.txt").write_text("x==2\n")
    assert not environments.ready("a", tmp_path)
    environments.python("a", tmp_path)
    assert len(made) == 4


@pytest.mark.parametrize("group", GROUPS)
def test_requirements_are_pinned_and_hold_no_addresses(group: str) -> None:
    lines = environments.requirements(group).read_text("utf-8").splitlines()
    assert lines and all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in lines)


def test_a_reader_is_told_how_many_numbers_of_the_forms_it_found(tmp_path: Path, runner: Path) -> None:
    runner.write_text(invented("{'amounts': [['1.50', '2.00', '2.00', '9.99'], ['3.1']]}"), "utf-8")
    papers = Papers((tmp_path / "a.pdf", tmp_path / "b.pdf"), (Counter(["1.5", "2", "4"]), Counter(["3.1"])), 2)
    (outcome,) = rounds.read(papers, [Peer("pdfium", "P", "invented")], 1, LIMITS, tmp_path, nothing)
    assert outcome.found == (3, 4)


def test_a_plan_does_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "peers"
    assert command.main(["--plan", "--folder", str(folder), "--peers", "soda", "--filings", "12345"]) == 0
    said = capsys.readouterr().out
    assert not folder.exists()
    assert "environment soda: to be made" in said and "12,345 filings: DuckDB SQL, by hand, Soda" in said
    assert "dbt" not in said and "reading" not in said


def test_a_name_that_nobody_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--peers", "nobody"]) == 2
    assert "nobody is called nobody" in capsys.readouterr().err


def outcome(peer: Peer, seconds: float, **said: object) -> Outcome:
    one = {"seconds": seconds, "computing": seconds, "memory": 100 * seconds, "starting": 1.0, "load": 2.5}
    return Outcome(peer.key, (one, one, one), **said)  # type: ignore[arg-type]


@pytest.fixture
def kept() -> Results:
    """Everyone at two sizes; one that took too long at the larger, one that counted differently."""
    small = tuple(outcome(peer, 1.0 + at, sampled=peer.sampled) for at, peer in enumerate(JUDGING))
    large = tuple(outcome(peer, 10.0 + at, sampled=peer.sampled) for at, peer in enumerate(JUDGING[:-2]))
    large += (
        outcome(JUDGING[-2], 7, differs=("T03.row: 1 ≠ 2",)),
        Outcome(JUDGING[-1].key, (), "more than 10 minutes"),
    )
    reading = tuple(outcome(peer, 1.0 + at, found=(at, 9)) for at, peer in enumerate(READING))
    return Results(
        "2 cores", {Setting("judging", 1000): small, Setting("judging", 10_000): large, Setting("reading", 38): reading}
    )


def test_what_was_measured_is_kept_beside_what_was_measured_before(tmp_path: Path, kept: Results) -> None:
    path = tmp_path / "deep" / "results.json"
    results.keep(kept, path)
    assert results.load(path) == kept
    results.keep(Results("3 cores", {Setting("judging", 1000): (outcome(JUDGING[1], 5.0),)}), path)
    again = results.load(path)
    assert again.machine == "3 cores" and set(again.tables) == set(kept.tables)
    assert [one.peer for one in again.tables[Setting("judging", 1000)]] == [peer.key for peer in JUDGING]
    assert again.tables[Setting("judging", 1000)][1].value("seconds") == 5.0
    assert json.loads(path.read_text("utf-8"))["tables"][0]["outcomes"][1]["ratios"]["seconds"] == 5.0


def test_the_page_tells_of_everyone_what_it_took_or_why_not(kept: Results) -> None:
    text = page.page(kept)
    for peer in (*JUDGING, *READING):
        assert peer.title in text
    assert (
        "more than 10 minutes" in text
        and "T03.row: 1 ≠ 2" in text
        and "| ≈ " in text
        and "3 轮 rounds, 负载 load 2.5" in text
    )
    rows = [line for line in text.splitlines() if line.startswith("|")]
    widths = {line.replace("\\|", "").count("|") for line in rows}
    assert widths == {9, 11, 6}, "every row of a table has its cells"


def test_the_curves_follow_the_scheme_and_say_where_they_end(kept: Results) -> None:
    for svg in page.charts(kept).values():
        ElementTree.fromstring(svg)
        assert "prefers-color-scheme: dark" in svg and f"{JUDGING[-1].title} (≤ 1,000)" in svg
    assert page.charts(Results("m", {})) == {}


@pytest.mark.parametrize("end", [1.0, 4.0, 9.9])
def test_names_of_curves_that_end_together_do_not_cover_each_other(end: float) -> None:
    curves = [Curve(f"n{at}", ((1, 1.0), (10, end + at / 1000)), "ours" if at == 3 else "") for at in range(9)]
    heights = sorted(float(y) for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)">n\d', drawn(curves, "t", "x", "y")))
    assert len(heights) == 9 and heights[-1] <= 380
    assert all(low - high >= APART - 0.01 for high, low in pairwise(heights))


def test_the_page_that_ships_tells_of_everyone() -> None:
    text = (REPOSITORY / "docs" / "peers.md").read_text("utf-8")
    assert [
        peer.title
        for peer in (*JUDGING, *READING)
        if f"| {peer.title} |" not in text and f"**{peer.title}**" not in text
    ] == []
    for name, _, _ in page.CHARTS.values():
        ElementTree.parse(REPOSITORY / "docs" / name)
        assert f"]({name})" in text
