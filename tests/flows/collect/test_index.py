"""Index pages: which links are taken, by what name, however the page is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flows.collect.declared import DeclaredSource
from flows.collect.faults import Fault
from flows.collect.web.connection import Home
from flows.collect.web.fetching import Bounds, Visitor
from flows.collect.web.index import file_name, listed, named
from flows.collect.web.manners import Manners
from tests.flows.collect.lying import Lying, answer, lying_server, moved

NAME = "示例市档案局2024年度部门决算"


@pytest.fixture
def server() -> Iterator[Lying]:
    with lying_server() as made:
        yield made


def found(server: Lying, **more: Any) -> list[tuple[str, str]]:
    """(address without the server's root, name) of every document that the index lists."""
    given = {"name": "s", "kind": "index", "at": f"{server.root}/list/", **more}
    source = DeclaredSource.model_validate(given)
    home = Home(frozenset({("127.0.0.1", server.port)}))
    visitor = Visitor(home, Manners("t"), Bounds(seconds=3, tries=1), 0.0)
    return [(one.address.removeprefix(server.root), one.name) for one in listed(source, visitor)]


def test_links_are_taken_by_pattern_each_once_and_keep_their_names(server: Lying) -> None:
    server.answers["/list/"] = answer(
        f"""<a href="../files/a.pdf">{NAME}</a> <a href="/files/a.pdf#page=2">again</a> <a href=b.xlsx>下载</a>
        <a href="/files/c.pdf">2024年预算公开</a> <a href="javascript:x()">决算</a> <a href="mailto:a@b.cn">决算</a>
        <a href="ftp://h/决算.pdf">决算</a> <a href="http://elsewhere.example/d.pdf">决算</a> <a name="x">决算</a>
        <a href="//[/">决算</a>""".encode()
    )
    assert found(server, names=["*.pdf", "*.xlsx"]) == [
        ("/files/a.pdf", f"{NAME}.pdf"),
        ("/list/b.xlsx", "b.xlsx"),
        ("/files/c.pdf", "2024年预算公开.pdf"),
    ]
    assert found(server, links={"text": "/决算/", "address": "*.pdf"}) == [("/files/a.pdf", f"{NAME}.pdf")]
    hosts = found(server, links={"address": "*.pdf"}, hosts=["elsewhere.example"])
    assert ("http://elsewhere.example/d.pdf", "d.pdf") in hosts


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", "text/html"),
        ("gb18030", "text/html; charset=gb2312"),
        ("gb18030", "text/html; charset=utf-8"),
        ("utf-8", "text/html; charset=gb2312"),
        ("gb18030", "text/html; charset=no-such"),
        ("utf-16", "text/html"),
        ("utf-8-sig", "text/html; charset=iso-8859-1"),
    ],
)
def test_what_a_page_says_of_its_encoding_is_not_believed_against_its_bytes(
    server: Lying, encoding: str, content_type: str
) -> None:
    page = f'<html><head><meta charset="big5"></head><a href="a.pdf">{NAME}</a></html>'
    server.answers["/list/"] = answer(page.encode(encoding), content_type=content_type)
    assert found(server) == [("/list/a.pdf", f"{NAME}.pdf")]


def test_names_in_addresses_are_undone_in_either_encoding() -> None:
    assert file_name("http://h/%E5%86%B3%E7%AE%97.pdf?x=1") == "决算.pdf"
    assert file_name("http://h/%BE%F6%CB%E3.pdf") == "决算.pdf"
    assert file_name("http://h/a%2F..%2Fb%00.pdf") == "a .. b .pdf"
    assert named("http://h/a.pdf", f"{NAME}.PDF") == f"{NAME}.PDF"
    assert named("http://h/a.pdf", f"  附件 1\u3000{NAME}  ") == f"附件 1 {NAME}.pdf"
    assert named("http://h/down?id=1", "下载") == "down"


def test_an_address_in_chinese_is_sent_as_browsers_send_it(server: Lying) -> None:
    server.answers["/list/"] = answer('<a href="决算.pdf?n=决">决算</a>'.encode("gb18030"))
    assert found(server) == [("/list/%E5%86%B3%E7%AE%97.pdf?n=%BE%F6", "决算.pdf")]


def test_pages_are_followed_as_far_as_is_said_and_never_in_circles(server: Lying) -> None:
    for n in range(1, 6):
        page = f'<a href="/f/{n}.pdf">{n}</a><a href="/f/1.pdf">1</a><a href="/list/{n % 4 + 1}">下一页</a>'
        server.answers[f"/list/{n}"] = answer(page.encode())
    server.answers["/list/"] = moved("/list/1")
    every = [(f"/f/{n}.pdf", f"{n}.pdf") for n in range(1, 5)]
    assert found(server, next="下一页", names="*.pdf", pages=2) == every[:2]
    assert found(server, next="下一页", names="*.pdf", pages=50) == every
    assert found(server, names="*.pdf") == every[:1]


def test_a_base_that_leads_elsewhere_takes_nobody_there(server: Lying) -> None:
    server.answers["/list/"] = answer(b'<base href="http://10.0.0.1/"><a href="a.pdf">a</a>')
    assert found(server) == []


@pytest.mark.parametrize(
    "page", [b"", b"%PDF-1.7\0\xff", b"\0" * 5000, b"<a" * 100_000], ids=["empty", "pdf", "nul", "a"]
)
def test_what_is_no_page_lists_nothing(server: Lying, page: bytes) -> None:
    server.answers["/list/"] = answer(page)
    try:
        assert found(server) == []
    except Fault as fault:
        assert fault.reason == "not_an_index"
