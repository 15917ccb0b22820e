"""Web pages saved as one file, as Word and Excel do under the names of their own formats."""

from __future__ import annotations

import base64

import pytest

from flows.read import read_bytes
from flows.read.document import Grid, Line, Unreadable
from flows.recognise import recognise

HEAD = 'MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related;\r\n\tboundary="----=_Next"\r\n\r\n'


def part(kind: str, body: bytes, charset: str = "", name: str = "a.htm") -> str:
    declared = f'; charset="{charset}"' if charset else ""
    coded = base64.encodebytes(body).decode()
    head = f"Content-Location: file:///C:/{name}\r\nContent-Transfer-Encoding: base64\r\nContent-Type: {kind}{declared}"
    return f"------=_Next\r\n{head}\r\n\r\n{coded}\r\n"


def archive(*parts: str) -> bytes:
    return (HEAD + "".join(parts) + "------=_Next--\r\n").encode()


def page(title: str, amount: str) -> str:
    rows = f"<tr><td>功能分类科目编码</td><td>科目名称</td><td>合计</td><td>基本支出</td><td>项目支出</td></tr><tr><td>201</td><td>一般公共服务支出</td><td>{amount}</td><td>{amount}</td><td></td></tr>"
    return f"<html><body><p>{title}</p><p>单位：万元</p><table>{rows}</table></body></html>"


@pytest.mark.parametrize("name", ["a.doc", "a.xls", "a.mht"])
def test_every_part_with_text_is_a_page_in_the_character_set_that_it_names(name: str) -> None:
    frames = part("text/html", b"<html><head></head><frameset><frame src=sheet001.htm></frameset></html>")
    first = part("text/html", page("支出决算表", "1.50").encode("gbk"), "gb2312")
    second = part("text/html", page("一般公共预算财政拨款支出决算表", "2.50").encode(), "utf-8", "sheet002.htm")
    document = read_bytes(archive(frames, part("image/png", b"\x89PNG"), first, second), name)
    assert [page.number for page in document.pages] == [1, 2]
    assert next(item.text for page in document.pages for item in page.items if isinstance(item, Line)) == "支出决算表"
    assert all(any(isinstance(item, Grid) for item in page.items) for page in document.pages)
    found = recognise(document)
    assert {(f.form, str(f.value)) for f in found.figures} == {("T03", "1.50"), ("T05", "2.50")}


def test_an_archive_without_a_page_says_so() -> None:
    with pytest.raises(Unreadable) as caught:
        read_bytes(archive(part("image/png", b"\x89PNG")), "a.mht")
    assert caught.value.reason == "truncated"
