"""Index pages: the links on them that lead to documents, with what they are called, page after page."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import quote, unquote_to_bytes, urldefrag, urljoin, urlsplit

from lxml import etree, html

from flows.collect.declared import DeclaredSource, matcher
from flows.collect.faults import Fault
from flows.collect.web.fetching import MIB, Answer, Visitor

_PAGE_SIZE = 16 * MIB
_LONGEST_NAME = 120
_TELLING = 4
"""Characters from which on a link's text names the document; “下载” and “PDF” do not."""
_HOLLOW = re.compile(r"[^\w.（）()《》“”—-]+")


@dataclass(frozen=True, slots=True)
class Link:
    """A document's address and the name by which it goes."""

    address: str
    name: str


def listed(source: DeclaredSource, visitor: Visitor) -> Iterator[Link]:
    """The documents that the pages of an index list, each address once, in their order. Raises `Fault` for a page that cannot be had.

    Links that leave the source's hosts are passed over.
    """
    hosts = {urlsplit(one).hostname for one in source.at} | set(source.hosts)
    once: set[str] = set()
    pages = (
        visitor
        if visitor.bounds.size <= _PAGE_SIZE
        else replace(visitor, bounds=replace(visitor.bounds, size=_PAGE_SIZE))
    )
    for first in source.at:
        at, seen = first, set[str]()
        while at and at not in seen and len(seen) < source.pages:
            seen.add(at)
            anchors = list(_anchors(at, pages))
            for address, text in anchors:
                name = named(address, text)
                if (
                    address in once
                    or urlsplit(address).hostname not in hosts
                    or not _wanted(source, address, text, name)
                ):
                    continue
                once.add(address)
                yield Link(address, name)
            at = _next(source, anchors, hosts)


def _anchors(at: str, visitor: Visitor) -> list[tuple[str, str]]:
    body = io.BytesIO()
    answer = visitor.fetch(at, body)
    return list(links(body.getvalue(), answer))


def links(page: bytes, answer: Answer) -> Iterator[tuple[str, str]]:
    """Every http(s) address that a page links to, whole and without fragment, and the link's text."""
    text, encoding = decoded(page, answer.headers.get("content-type", ""))
    try:
        # Given as UTF-8, so that no encoding that the page names is believed again; the parser opens nothing.
        tree = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8", no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Fault("not_an_index", "不是列有链接的网页", "it is not a page with links") from error
    base = answer.address
    for href in tree.xpath("//base/@href")[:1]:
        base = _joined(base, str(href), encoding) or base
    for anchor in tree.iter("a"):
        address = _joined(base, str(anchor.get("href") or ""), encoding)
        if address:
            said = " ".join(anchor.text_content().split()) or str(anchor.get("title") or "").strip()
            yield address, said


def decoded(page: bytes, content_type: str) -> tuple[str, str]:
    """The page as text, and its encoding: what the bytes themselves admit goes before what header or page say of them."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if page.startswith(mark):
            return page.decode(encoding, "replace"), "utf-8"
    told = re.search(r"charset=[\"']?([\w-]+)", content_type + page[:2048].decode("latin-1"), re.IGNORECASE)
    for encoding in ("utf-8", "gb18030", told[1] if told else "big5"):
        try:
            return page.decode(encoding), encoding
        except (UnicodeDecodeError, LookupError):
            continue
    return page.decode("gb18030", "replace"), "gb18030"


def named(address: str, text: str) -> str:
    """The document's name: its link's text where that tells something, with the ending of its file; else the file's name."""
    file = file_name(address)
    suffix = PurePosixPath(file).suffix if re.fullmatch(r"\.\w{1,5}", PurePosixPath(file).suffix) else ""
    said = _HOLLOW.sub(" ", text).strip()
    if len(said.replace(" ", "")) < _TELLING or said.isascii():
        return file
    return said[:_LONGEST_NAME] + ("" if said.lower().endswith(suffix.lower()) and suffix else suffix)


def file_name(address: str) -> str:
    """The last part of an address's path, percent-encoded names of any usual encoding undone."""
    last = unquote_to_bytes(urlsplit(address).path.rstrip("/").rsplit("/", 1)[-1])
    for encoding in ("utf-8", "gb18030"):
        try:
            name = last.decode(encoding)
            break
        except UnicodeDecodeError:
            name = last.decode("latin-1")
    return re.sub(r"[\x00-\x1f/\\]", " ", name)[-_LONGEST_NAME:] or urlsplit(address).hostname or address


def _joined(base: str, href: str, encoding: str) -> str:
    """The whole address, its query in the page's own encoding as browsers send it; "" for what is not on the web."""
    try:
        address = urldefrag(urljoin(base, re.sub(r"[\t\r\n]", "", href.strip())))[0]
        parts = urlsplit(address)
        if not href.strip() or parts.scheme not in ("http", "https") or not parts.hostname:
            return ""
    except ValueError:
        return ""
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._", encoding=encoding, errors="replace")
    return parts._replace(path=path, query=query).geturl()


def _wanted(source: DeclaredSource, address: str, text: str, name: str) -> bool:
    by_address, by_text = source.links.address, source.links.text
    if by_address and not (matcher(by_address).search(address) or matcher(by_address).search(file_name(address))):
        return False
    if by_text and not matcher(by_text).search(text):
        return False
    return source.takes(file_name(address)) or source.takes(name)


def _next(source: DeclaredSource, anchors: Iterable[tuple[str, str]], hosts: set[str | None]) -> str:
    for address, text in anchors if source.next else ():
        if matcher(source.next).search(text) and urlsplit(address).hostname in hosts:
            return address
    return ""
