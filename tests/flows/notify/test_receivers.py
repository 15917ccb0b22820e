"""Who is told: read strictly, without a secret in the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.notify.receivers import NoAddress, Receiver, addresses, declared

GOOD = """
receivers:
  - name: 示例市财政局
    to: env:TEST_BUREAU
    regions: [示例省示例市]
    most: 5
    site: https://example.org/hedui
  - name: all
    to: block:chat
    lang: en
    when: always
    severity: critical
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "notify.yaml"
    path.write_text(text, "utf-8")
    return path


def test_receivers_are_read_with_what_they_leave_out(tmp_path: Path) -> None:
    found, problems = declared(written(tmp_path, GOOD))
    assert problems == ()
    bureau, everyone = found
    assert (bureau.most, bureau.severity, bureau.when, bureau.lang) == (5, "warning", "changes", "zh")
    assert bureau.site == "https://example.org/hedui/" and not bureau.everything and everyone.everything


@pytest.mark.parametrize(
    ("entry", "line", "said"),
    [
        ("{name: a, to: 'wecombot://KEY'}", 2, "a secret"),
        ("{name: a, to: 'env:'}", 2, "a secret"),
        ("{name: a}", 2, "to is missing"),
        ("{name: '', to: env:X}", 2, "name"),
        ("{name: a, to: env:X, severity: grave}", 2, "severity"),
        ("{name: a, to: env:X, region: [b]}", 2, "nearest names: regions"),
        ("{name: a, to: env:X, most: 0}", 2, "most"),
        ("{name: a, to: env:X}\n  - {name: a, to: env:Y}", 3, "stands at line 2 already"),
    ],
)
def test_a_mistake_names_its_line_and_what_to_write(tmp_path: Path, entry: str, line: int, said: str) -> None:
    _, problems = declared(written(tmp_path, f"receivers:\n  - {entry}\n"))
    (problem,) = problems
    assert problem.line == line and said in problem.text("en")


def test_the_file_is_named_by_hand_or_by_the_environment_or_lies_in_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HEDUI_NOTIFY", raising=False)
    assert declared(None) == ((), ())
    (tmp_path / "data").mkdir()
    written(tmp_path / "data", "receivers: [{name: a, to: env:X}]\n")
    assert [one.name for one in declared(None)[0]] == ["a"]
    monkeypatch.setenv("HEDUI_NOTIFY", str(tmp_path / "none.yaml"))
    found, (problem,) = declared(None)
    assert found == () and "cannot be opened" in problem.text("en")


def test_addresses_come_from_the_environment_or_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_BUREAU", "json://a  mailtos://b")
    assert addresses(Receiver(name="a", to="env:TEST_BUREAU"), str) == ["json://a", "mailtos://b"]
    assert addresses(Receiver(name="a", to="block:chat"), lambda name: f"json://{name}") == ["json://chat"]
    with pytest.raises(NoAddress) as error:
        addresses(Receiver(name="a", to="env:TEST_NOWHERE"), str)
    assert "TEST_NOWHERE" in error.value.message["zh"] and "TEST_NOWHERE" in error.value.message["en"]


@pytest.mark.parametrize(
    ("scope", "theirs"),
    [
        ({}, True),
        ({"regions": ("示例省",)}, True),
        ({"regions": ("别的省",)}, False),
        ({"organisations": ("*教育*",)}, True),
        ({"organisations": ("*水务*",)}, False),
        ({"regions": ("示例省",), "organisations": ("*水务*",)}, False),
        ({"owners": ("甲",)}, True),
        ({"owners": ("乙",)}, False),
    ],
)
def test_accounts_concern_whom_they_are_declared_to(scope: dict[str, tuple[str, ...]], theirs: bool) -> None:
    receiver = Receiver(name="a", to="env:X", **scope)  # type: ignore[arg-type]
    assert receiver.concerns("示例市教育局", "示例省示例市", "甲") is theirs
