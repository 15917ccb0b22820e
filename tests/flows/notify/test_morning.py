"""What receivers are told of the little warehouse: what is new to them, in their language, once, and by the way they chose."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from expectations.rules import RuleBook
from flows import warehouse
from flows.notify import morning, post
from flows.notify.receivers import Receiver
from tests.flows.notify.servers import mailbox, webhook
from tests.flows.publish import little

Connection = warehouse.Connection


@pytest.fixture
def db(filled: Path, tmp_path: Path) -> Connection:
    """Two nights; in the second the archive bureau's total has gone wrong (and drags others along), and a hostile filing came."""
    return warehouse.connect(Path(shutil.copy(filled, tmp_path / "w.duckdb")))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "SECONDS_BETWEEN", 0.0)


def deliver(db: Connection, book: RuleBook, *receivers: Receiver) -> dict[str, str]:
    return {one.receiver: one.outcome for one in morning.deliver(db, book, receivers, str)}


def to(monkeypatch: pytest.MonkeyPatch, address: str, **more: object) -> Receiver:
    monkeypatch.setenv("TEST_TO", address)
    return Receiver(name="甲", to="env:TEST_TO", **more)  # type: ignore[arg-type]


def test_what_is_new_is_told_once(db: Connection, book: RuleBook, monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook() as (address, arrived):
        receiver = to(monkeypatch, address, organisations=("示例市*",), site="https://example.org/r")
        assert deliver(db, book, receiver) == {"甲": "sent"}
        assert deliver(db, book, receiver) == {}, "the same night is not told twice"
        (message,) = arrived
        assert message["title"] == "决算核对 2025-09-02：新增 3，变化 0，消失 0" or "新增" in message["title"]
        new = db.execute(
            "SELECT count(*) FROM (SELECT fingerprint FROM verdict v JOIN filing f USING (filing) WHERE run = 'night-2' AND v.status = 'broken' "
            "AND organisation LIKE '示例市%' EXCEPT SELECT fingerprint FROM verdict WHERE run = 'night-1' AND status = 'broken')"
        ).fetchone()
        assert new and new[0] and f"新增 {new[0]}，" in message["title"]
        assert "示例市档案局 2024" in message["message"] and "https://example.org/r/filings/" in message["message"]
        assert little.HOSTILE not in message["message"], "whose accounts are not theirs"
        little.judge(db, book, "night-3", datetime(2025, 9, 3, 2, 0))
        assert deliver(db, book, receiver) == {"甲": "nothing"} and len(arrived) == 1
        assert deliver(db, book, receiver.model_copy(update={"name": "乙", "when": "always"})) == {"乙": "sent"}


def test_news_that_did_not_arrive_is_told_the_next_time(
    db: Connection,
    book: RuleBook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with webhook(503) as (address, refused):
        receiver = to(monkeypatch, address)
        (failed,) = morning.deliver(db, book, [receiver], str)
        assert failed.outcome == "failed" and failed.cause["zh"] and failed.cause["en"]
        assert len(refused) == 1 + post.RETRIES
    little.judge(db, book, "night-3", datetime(2025, 9, 3, 2, 0))
    with webhook() as (address, arrived):
        assert deliver(db, book, to(monkeypatch, address)) == {"甲": "sent"}
    assert arrived[0]["title"].partition("：")[2] == refused[0]["title"].partition("：")[2]
    assert "night-1" in arrived[0]["message"]


def test_a_finding_that_changed_its_figures_is_neither_new_nor_gone(
    db: Connection,
    book: RuleBook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with webhook() as (address, arrived):
        receiver = to(monkeypatch, address, organisations=("示例市档案局",), lang="en")
        deliver(db, book, receiver)
        little.fill(db, [little.disclosure("示例市档案局", "515.84")])
        little.judge(db, book, "night-3", datetime(2025, 9, 3, 2, 0))
        deliver(db, book, receiver)
        little.fill(db, [little.disclosure("示例市档案局", "551.83", "档案馆（更正）")])
        little.judge(db, book, "night-4", datetime(2025, 9, 4, 2, 0))
        deliver(db, book, receiver)
    _, changed, mended = [one["title"].partition(": ")[2] for one in arrived]
    assert changed.startswith("0 new, ") and changed.endswith(" 0 gone") and " 0 changed" not in changed
    assert mended.startswith("0 new, 0 changed, ") and not mended.endswith(" 0 gone")


def test_mail_is_html_in_which_a_hostile_name_is_text(
    db: Connection,
    book: RuleBook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with mailbox() as (address, arrived):
        assert deliver(db, book, to(monkeypatch, address)) == {"甲": "sent"}
    (mail,) = arrived
    assert mail["To"] == "bureau@example.org" and str(mail["Subject"]).startswith("决算核对")
    page = mail.get_body(("html",))
    assert page is not None
    html = page.get_content()
    assert "示例市档案局" in html and "<script" not in html and "sealed.pdf" in html


def test_a_message_fits_the_way_it_takes(db: Connection, book: RuleBook) -> None:
    receiver = Receiver(name="甲", to="env:X", severity="info", site="https://example.org/r")
    ((_, told, write),) = morning.drafts(db, book, [receiver])
    whole, short, none = write(None), write(700), write(10)
    assert len(f"{short.title}\n{short.text}".encode()) <= 700 < len(whole.text.encode())
    named = short.text.count("https://example.org/r/filings/")
    assert 0 < named < len(told.named)
    assert f"另有 {told.new + told.changed - named} 项" in short.text and "findings.html" in short.text
    assert f"共 {told.new + told.changed} 项" in none.text


def test_lines_about_the_whole_night_go_to_those_whom_all_accounts_concern(db: Connection, book: RuleBook) -> None:
    further = [{"zh": "名册：应公开 3，已公开 2", "en": "register: 3 expected, 2 published"}]
    everyone, bureau = Receiver(name="甲", to="env:X", lang="en"), Receiver(name="乙", to="env:X", regions=("示例",))
    letters = {one.name: write(None) for one, _, write in morning.drafts(db, book, [everyone, bureau], further)}
    assert "register: 3 expected" in letters["甲"].text and "register: 3 expected" in letters["甲"].html
    assert "名册" not in letters["乙"].text


def test_owners_of_a_source_are_told_of_its_documents(db: Connection, book: RuleBook) -> None:
    db.execute(
        "INSERT INTO collection (run, source, owner) VALUES ('night-1', '省', '丙'), ('night-2', '市', '乙'), ('night-2', '省', '甲')"
    )
    db.execute(
        "INSERT INTO address (address, source, sha256) SELECT 'a', '省', document FROM filing WHERE organisation = '示例市档案局' AND current"
    )
    db.execute(f"INSERT INTO address (address, source, sha256) VALUES ('b', '市', '{'0' * 64}')")
    told = {
        name: one
        for name in "甲乙丙"
        for _, one, _ in morning.drafts(db, book, [Receiver(name=name, to="env:X", owners=(name,))])
    }
    assert told["甲"].new and told["甲"].filings == 1 and not told["甲"].unread
    assert not told["乙"].new and [source for source, _, _ in told["乙"].unread] == ["sealed.pdf"]
    assert not told["丙"].any, "no longer responsible"


def test_causes_hold_no_secret() -> None:
    write = lambda most: pytest.fail("nothing is written for nowhere")  # noqa: E731
    assert "verysecret" not in post.post("nonsense://verysecret", write) and post.post("nonsense://verysecret", write)
    assert post.post("verysecret", write)
    receiver = Receiver(name="甲", to="env:X")
    from flows.notify.letter import trial

    cause = post.post("json://user:verysecret@127.0.0.1:9/hook?retry=0", lambda most: trial(receiver, most))
    assert cause and "verysecret" not in cause
