"""A night's sources: what is new, what is not, what failed; and what a warehouse remembers of addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest

from flows.collect import downloads
from flows.collect.declared import DeclaredSource
from flows.collect.gathering import Gathered, Ground, Held, foresee, gather
from flows.collect.web.fetching import Bounds
from flows.collect.web.manners import Manners
from tests.flows.collect.lying import HTML, PDF, Lying, answer, chunked, in_turn, lying_server, moved, validated

NOW = datetime(2026, 1, 10, 1, 30)
QUICK = Bounds(seconds=3, answer=1, idle=0.5, window=0.5, tries=2, pause=0.01)
LATER = PDF.replace(b"a page", b"a Page")


@pytest.fixture
def server() -> Iterator[Lying]:
    with lying_server() as made:
        yield made


def declared(server: Lying, **more: Any) -> DeclaredSource:
    given = {"name": "s", "kind": "documents", "at": [f"{server.root}/a.pdf"], "delay": 0, **more}
    return DeclaredSource.model_validate(given)


class Nights:
    """One night after another over the same downloads and memory."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.held, self.now = folder / "downloads", dict[str, Held](), NOW

    def ground(self) -> Ground:
        return Ground(self.folder, self.held, self.now, Manners("t"), bounds=QUICK)

    def run(self, *sources: DeclaredSource, days: int = 1) -> list[Gathered]:
        told = gather(sources, self.ground())
        self.held |= {one.held.address: one.held for source in told for one in source.got if one.held}
        self.now += timedelta(days=days)
        return told

    def one(self, source: DeclaredSource) -> tuple[str, str, bytes]:
        """State, reason and bytes of the only document."""
        (told,) = self.run(source)
        assert told.problem is None, told.problem.message
        (got,) = told.got
        return got.state, got.fault.reason if got.fault else "", got.document.data() if not got.fault else b""


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def test_a_document_is_fetched_once_and_then_asked_for_conditionally(server: Lying, nights: Nights) -> None:
    server.answers["/a.pdf"] = validated(lambda: PDF, '"1"')
    assert nights.one(declared(server)) == ("new", "", PDF)
    assert nights.one(declared(server)) == ("unchanged", "", PDF)
    assert 'if-none-match: "1"' in server.asked[-1].lower()
    assert len(list(downloads.all_held(nights.folder))) == 1


def test_a_changed_document_is_new_and_the_earlier_one_is_kept(server: Lying, nights: Nights) -> None:
    server.answers["/a.pdf"] = in_turn(answer(PDF), answer(LATER))
    nights.one(declared(server))
    assert nights.one(declared(server)) == ("new", "", LATER)
    assert {downloads.read(path) for path in downloads.all_held(nights.folder)} == {PDF, LATER}


def test_an_etag_that_lies_is_caught_when_its_days_are_over_and_never_believed_again(
    server: Lying, nights: Nights
) -> None:
    body = [PDF]
    server.answers["/a.pdf"] = validated(lambda: body[0], '"same"')
    source = declared(server, recheck=3)
    assert nights.one(source)[0] == "new"
    body[0] = LATER
    assert [nights.one(source)[0] for _ in range(2)] == ["unchanged", "unchanged"]  # the server swears that it is
    assert nights.one(source) == ("new", "", LATER)  # after three days nobody asks it
    assert "if-none-match" not in server.asked[-1].lower()
    nights.one(source)
    assert "if-none-match" not in server.asked[-1].lower()


def test_not_modified_is_not_asked_for_what_is_not_held_any_more(server: Lying, nights: Nights) -> None:
    server.answers["/a.pdf"] = validated(lambda: PDF, '"1"')
    nights.one(declared(server))
    for path in downloads.all_held(nights.folder):
        path.unlink()
    assert nights.one(declared(server)) == ("unchanged", "", PDF)


def test_a_damaged_download_is_not_read_and_fetched_anew(server: Lying, nights: Nights) -> None:
    server.answers["/a.pdf"] = validated(lambda: PDF, '"1"')
    nights.one(declared(server))
    (path,) = downloads.all_held(nights.folder)
    path.write_bytes(PDF.replace(b"a page", b"a pale"))
    (told,) = nights.run(declared(server))
    with pytest.raises(OSError, match="damaged"):
        told.got[0].document.data()
    assert nights.one(declared(server)) == ("unchanged", "", PDF)


NOT_IT = {
    "page with status 200": (answer(HTML), "not_the_document"),
    "page in place after a redirect": (moved("/sorry.html"), "not_the_document"),
    "empty": (answer(b""), "empty"),
    "JSON": (answer(b'{"code": 500, "msg": "error"}'), "not_the_document"),
    "cut where nobody says how long it is": (answer(PDF[:900], content_length="none"), "truncated"),
    "cut": (answer(PDF, content_length="90000"), "truncated"),
    "gone": (answer(b"", "404 Not Found"), "gone"),
}


@pytest.mark.parametrize("name", NOT_IT)
def test_what_is_not_the_document_is_no_version_of_it(server: Lying, nights: Nights, name: str) -> None:
    lie, reason = NOT_IT[name]
    server.answers["/sorry.html"] = answer(HTML)
    server.answers["/a.pdf"] = in_turn(answer(PDF), lie)
    nights.one(declared(server))
    before = nights.held[f"{server.root}/a.pdf"]
    assert nights.one(declared(server)) == ("failed", reason, b"")
    assert nights.held[f"{server.root}/a.pdf"] == before
    assert [downloads.read(path) for path in downloads.all_held(nights.folder)] == [PDF]
    assert not list((nights.folder / ".incoming").iterdir())


def test_a_whole_document_of_which_nobody_says_how_long_it_is_is_taken(server: Lying, nights: Nights) -> None:
    server.answers["/a.pdf"] = in_turn(answer(PDF, content_length="none"), chunked(LATER, end=True))
    assert nights.one(declared(server))[0] == "new"
    assert nights.one(declared(server)) == ("new", "", LATER)


def test_a_page_where_a_nameless_document_was_is_not_it(server: Lying, nights: Nights) -> None:
    server.answers["/down?id=5"] = in_turn(answer(PDF), answer(HTML))
    source = declared(server, at=[f"{server.root}/down?id=5"])
    assert nights.one(source)[0] == "new"
    assert nights.one(source)[:2] == ("failed", "not_the_document")


def test_a_source_that_fails_hides_no_other(server: Lying, nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEDUI_NOT_SET", raising=False)
    server.answers["/a.pdf"] = answer(PDF)
    bad = declared(server, name="secret", credentials={"token": "env:HEDUI_NOT_SET"})
    gone = declared(server, name="index", kind="index", at=[f"{server.root}/nowhere/"])
    told = nights.run(bad, gone, declared(server))
    assert [one.problem.reason if one.problem else "" for one in told] == ["credentials", "gone", ""]
    assert told[2].count("new") == 1


def test_a_fault_of_ours_costs_one_document(server: Lying, nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("odd")

    server.answers["/a.pdf"] = answer(PDF)
    monkeypatch.setattr("flows.collect.gathering.check_for", broken)
    assert nights.one(declared(server))[:2] == ("failed", "failed")


def test_a_full_disk_is_no_fault_of_the_source(server: Lying, nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    server.answers["/a.pdf"] = answer(PDF)
    monkeypatch.setattr("flows.collect.downloads.keep", full)
    with pytest.raises(OSError, match="No space"):
        nights.run(declared(server))


def test_a_source_has_its_minutes(server: Lying, nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """One document takes the time of the source: the others are left for the next night, and that is said."""
    monkeypatch.setattr(DeclaredSource, "minutes", 0.01, raising=False)
    paths = [f"/{n}.pdf" for n in range(5)]
    for path in paths:
        server.answers[path] = answer(PDF)
    source = declared(server, at=[server.root + path for path in paths], delay=0.5).model_copy(update={"minutes": 0.01})
    (told,) = nights.run(source)
    assert told.problem and told.problem.reason == "no_time"
    assert 1 <= len(told.got) < 5


def test_a_store_is_copied_and_its_marks_are_remembered(nights: Nights) -> None:
    files = fsspec.filesystem("memory")
    files.pipe({"/shop/甲.pdf": PDF, "/shop/乙.pdf": HTML, "/shop/README.md": b"x"})
    source = DeclaredSource.model_validate({"name": "s", "kind": "store", "at": "memory://shop", "names": "*.pdf"})
    try:
        (told,) = nights.run(source)
        assert {one.document.name: one.state for one in told.got} == {"甲.pdf": "new", "乙.pdf": "failed"}
        assert next(one for one in told.got if not one.fault).document.data() == PDF
        (again,) = nights.run(source)
        assert [again.count(state) for state in ("new", "unchanged", "failed")] == [0, 1, 1]
    finally:
        files.rm("/shop", recursive=True)


def test_a_link_out_of_a_folder_is_not_followed(tmp_path: Path, nights: Nights) -> None:
    inbox, outside = tmp_path / "inbox", tmp_path / "secret.pdf"
    inbox.mkdir()
    outside.write_bytes(PDF)
    (inbox / "in.pdf").write_bytes(PDF)
    (inbox / "out.pdf").symlink_to(outside)
    (inbox / "also.pdf").symlink_to(inbox / "in.pdf")
    (inbox / "folder").symlink_to(tmp_path)
    (told,) = nights.run(DeclaredSource.model_validate({"name": "s", "kind": "folder", "at": str(inbox)}))
    assert {one.document.name: one.state for one in told.got} == {
        "also.pdf": "new",
        "in.pdf": "new",
        "out.pdf": "failed",
    }
    assert "leads out" in next(one.fault.message["en"] for one in told.got if one.fault)


def test_what_would_be_taken_is_said_without_taking_it(server: Lying, nights: Nights) -> None:
    page = '<a href="a.pdf">示例市档案局2024年度部门决算</a><a href="b.html">other</a>'
    server.answers["/list/"] = answer(page.encode())
    source = declared(server, kind="index", at=[f"{server.root}/list/"], names=["*.pdf"])
    told = foresee(source, nights.ground())
    assert [(one.document.name, one.state) for one in told.got] == [("示例市档案局2024年度部门决算.pdf", "new")]
    assert server.paths() == ["/robots.txt", "/list/"] and not nights.folder.exists()
