"""What the file of sources may say: secrets never, mistakes with their line, and the example that ships."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.collect import declared
from flows.collect.faults import Fault
from tests.conftest import REPOSITORY

EXAMPLE = REPOSITORY / "data" / "sources.example.yaml"


def problems(folder: Path, *lines: str) -> list[str]:
    path = folder / "sources.yaml"
    path.write_text("sources:\n" + "\n".join(lines), "utf-8")
    return [one.text("en").removeprefix(f"{folder}/") for one in declared.load(path)[1]]


def test_the_example_is_right_and_shows_every_kind() -> None:
    found, wrong = declared.load(EXAMPLE)
    assert not wrong
    assert {one.kind for one in found} == {"folder", "store", "documents", "index"}


def test_every_key_is_explained() -> None:
    text = (REPOSITORY / "docs" / "sources.md").read_text("utf-8")
    parts = (declared.DeclaredSource, declared.Links, declared.Keep)
    keys = {key for part in parts for key in part.model_fields if key not in ("line", "address", "text")}
    assert {key for key in keys if f"`{key}" not in text} == set()


@pytest.mark.parametrize(
    "address",
    [
        "https://user:word@h/a.pdf",
        "https://user@h/a.pdf",
        "https://h/a.pdf?id=1&TOKEN=word",
        "sftp://user:word@h/folder",
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_repeated(tmp_path: Path, address: str) -> None:
    kind = "store" if address.startswith("sftp") else "documents"
    (told,) = problems(tmp_path, "  - name: s", f"    kind: {kind}", f"    at: {address}")
    assert told.startswith("sources.yaml:4: at: the address ") and "credentials: {password: env:VARIABLE}" in told
    assert "word" not in told.replace("password", "")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["    kind: idnex", "    at: x"], "sources.yaml:3: kind cannot be “idnex”; nearest names: index"),
        (
            ["    kind: folder", "    at: x", "    ownr: y"],
            "sources.yaml:5: there is no key “ownr”; nearest names: owner",
        ),
        (["    kind: folder", "    at: x", "    delay: soon"], "sources.yaml:5: delay must be a number, not “soon”"),
        (["    kind: folder", "    at: x", "    keep: {days: 0}"], "sources.yaml:5: keep.days must be at least 1"),
        (["    kind: folder", "    at: x", "    pages: 3"], "sources.yaml:5: pages: belongs to kind: index"),
        (["    kind: folder"], "sources.yaml:2: at is missing"),
        (
            ["    kind: store", "    at: https://h/"],
            "sources.yaml:4: at: https://h/ goes with kind: documents or index",
        ),
        (
            ["    kind: index", "    at: https://h/", "    links: {text: '/(/'}"],
            "sources.yaml:5: links.text: not a regular expression",
        ),
        (
            ["    kind: folder", "    at: x", "    credentials: {password: word}"],
            "sources.yaml:5: credentials: password says where the secret is kept, never the secret",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, lines: list[str], told: str) -> None:
    (found,) = problems(tmp_path, "  - name: s", *lines)
    assert found.startswith(told)


def test_two_sources_of_one_name_are_a_mistake(tmp_path: Path) -> None:
    one = "  - {name: s, kind: folder, at: x}"
    assert problems(tmp_path, one, one) == ["sources.yaml:3: the source “s” stands twice"]


def test_secrets_come_from_the_environment_or_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"token": "env:HEDUI_TEST_TOKEN", "password": "block:bureau"}
    one = declared.DeclaredSource.model_validate(
        {"name": "s", "kind": "documents", "at": "https://h/a.pdf", "credentials": given}
    )
    monkeypatch.setenv("HEDUI_TEST_TOKEN", "word")
    assert one.secrets(lambda name: f"of {name}") == {"token": "word", "password": "of bureau"}
    assert "word" not in repr(one) and "HEDUI_TEST_TOKEN" not in repr(one)
    with pytest.raises(Fault, match="cannot be opened here"):
        one.secrets()
    monkeypatch.delenv("HEDUI_TEST_TOKEN")
    with pytest.raises(Fault, match="HEDUI_TEST_TOKEN is not set"):
        one.secrets()


def test_the_commands(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.txt").write_text("x")
    file = tmp_path / "sources.yaml"
    file.write_text(f"sources:\n  - {{name: 收件夹, kind: folder, at: {inbox}, owner: 综合科}}\n", "utf-8")

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["--lang", "en", "sources", *arguments, "--sources", str(file)])
        return done.exit_code, done.output

    assert run("lint") == (0, "1 sources, nothing wrong\n")
    assert run("list") == (0, f"收件夹\tfolder\t{inbox}\t综合科\n")
    code, told = run("try", "--warehouse", str(tmp_path / "none.duckdb"))
    assert code == 0 and "to take  a.txt" in told and "收件夹: 1 documents" in told
    assert not (tmp_path / "none.duckdb").exists()
    file.write_text("sources:\n  - {name: s, kind: folders, at: x}\n", "utf-8")
    code, told = run("lint")
    assert code == 2 and "kind cannot be “folders”; nearest names: folder" in told
