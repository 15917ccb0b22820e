"""Damage that reaches the reader: archives are changed in their parts, texts in their tokens, the rest in its bytes.

A flipped bit of a compressed part is only ever a wrong checksum; a part that is unpacked, changed and packed again is read.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from copy import deepcopy
from random import Random

from lxml import etree

_PDF_TOKEN = re.compile(rb"<<|>>|/[\w.+-]+|\d+ \d+ R|[+-]?\d*\.?\d+|\([^()]{0,80}\)|\b[A-Za-z*']{1,9}\b|[\[\]{}]|\n")
_MARKUP_TOKEN = re.compile(
    rb"<[^<>]{0,400}>|[\w:.-]+=(?:\"[^\"]{0,200}\"|'[^']{0,200}')|[+-]?\d+(?:\.\d+)?|&\w+;|[\x80-\xff]+|\s+"
)
_TEXT_TOKEN = re.compile(rb"[+-]?\d+(?:[.,]\d+)*|[\x80-\xff]+|[A-Za-z]+|\r?\n|[\t,;|\"]|[^\w\s]")

_NUMBERS = [
    b"0", b"-1", b"1", b"2", b"-0", b"0.5", b"255", b"256", b"999", b"1000", b"16383", b"16384", b"16385", b"65535", b"65536",
    b"1048575", b"1048576", b"1048577", b"2147483647", b"-2147483648", b"4294967295", b"4294967296", b"99999999999999999999",
    b"1e308", b"-1e308", b"1e999", b"NaN", b"inf", b"0.00000001", b"1.7976931348623157e308", b"", b"00000000012", b"\xef\xbc\x91\xef\xbc\x92",
]  # fmt: skip
_WORDS = [number.decode() for number in _NUMBERS if number] + [
    "", " ", "合计", "12.50", "1,234.50", "A1", "XFD1048576", "A0", "A1:B2", "B2:A1", "s", "b", "e", "d", "n", "str", "true", "false",
    "none", "restart", "continue", "\u200b", "\u3000", "x" * 5000, "General", "#,##0.00", "yyyy-mm-dd", "[h]:mm", "0.0E+0", "collapse", "\ud7ff\ue000",
]  # fmt: skip
_PIECES = {
    "pdf": [b"<<", b">>", b"[", b"]", b"1 0 R", b"4 0 R", b"99 0 R", b"/Rotate 90", b"/Type/Page", b"/Kids[1 0 R]", b"null", b"q", b"Q", b"BT", b"ET",
            b"0 0 0 0 0 0 cm", b"1e9 0 0 1e9 0 0 cm", b"0 Tf", b"3 Tr", b"/MediaBox[0 0 0 0]", b"/CropBox[9 9 1 1]", b"re f", b"/Filter/ASCII85Decode", b"endobj", b"endstream"],
    "markup": [b"<a>", b"</a>", b"<!-- ", b" -->", b"<![CDATA[", b"]]>", b"&#0;", b"&#xD800;", b"&#x10FFFF;", b"&#1;", b"&amp;", b"&nbsp;", b"&x;", b"<table>", b"</table>", b"<tr>", b"<td>",
               b"</td>", b"<td rowspan=0 colspan=0>", b"<br>", b"<pre>\n\n", b"<select>", b"<script>", b"<style>", b"<p hidden>", b"<!DOCTYPE x>", b"<?x y?>", b" r=\"A1\"", b" r=\"XFD1048576\"",
               b" t=\"s\"", b" t=\"b\"", b" t=\"e\"", b" t=\"d\"", b" s=\"1\"", b" hidden=\"1\"", b"<w:vMerge/>", b"<w:gridSpan w:val=\"9\"/>", b"<f>1/0</f>", b"\xe2\x80\x8b", b"\xff\xfe", b"\x00"],
    "text": [b"\t", b"\t\t\t", b"|", b"|---|---|", b"\"", b"\"\"", b"\r", b"\x0b", b"\x0c", b"\x1c", b"\x85", b"\xe2\x80\xa8", b"\xe3\x80\x80", b"\x00", b"\xff", b"**", b"# ", b"- ", b"> ", b"<br>",
             b"\\|", b"\xef\xbb\xbf", b"\xff\xfe", "亿元".encode(), "％".encode(), "第1页".encode(), "合计".encode(), "（".encode(), "其中：".encode(), "增加".encode()],
}  # fmt: skip


def mutate(data: bytes, reader: str, random: Random, others: list[bytes]) -> bytes:
    """`data` changed in one to four places; `others` are files of the same format from which pieces are taken."""
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        data = _mutated(data, reader, random, others)
    return data[: 2**20]


def _mutated(data: bytes, reader: str, random: Random, others: list[bytes]) -> bytes:
    if reader in ("xlsx", "ods", "docx") and random.random() < 0.95:
        return _archive(data, random, others)
    if reader in ("xls", "scan") or random.random() < 0.1:
        return _bytes(data, random, others)
    if reader == "pdf":
        return _tokens(data, _PDF_TOKEN, _PIECES["pdf"], random, others)
    if reader == "html":
        return _tokens(data, _MARKUP_TOKEN, _PIECES["markup"], random, others)
    return _tokens(data, _TEXT_TOKEN, _PIECES["text"], random, others)


def _archive(data: bytes, random: Random, others: list[bytes]) -> bytes:
    parts = _parts(data)
    if not parts:
        return _bytes(data, random, others)
    name = _chosen(parts, random)
    chance = random.random()
    if chance < 0.04:
        del parts[name]
    elif chance < 0.06:
        parts[random.choice(["../" + name, "/" + name, name + "/", name.upper(), "xl/../" + name])] = parts.pop(name)
    elif chance < 0.1:
        parts[name] = _bytes(parts[name], random, list(parts.values()))
    elif chance < 0.75 and (changed := _tree(parts[name], random)):
        parts[name] = changed
    else:
        same = [part for other in others for key, part in _parts(other).items() if key == name]
        parts[name] = _tokens(parts[name], _MARKUP_TOKEN, _PIECES["markup"], random, [*same, *parts.values()])
    stream = io.BytesIO()
    with zipfile.ZipFile(
        stream, "w", random.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)), compresslevel=1
    ) as made:
        for key, content in parts.items():
            made.writestr(zipfile.ZipInfo(key), content)
    packed = stream.getvalue()
    return _bytes(packed, random, others) if chance > 0.97 else packed


def _chosen(parts: dict[str, bytes], random: Random) -> str:
    """A part, the content more often than what stands around it."""
    content = [one for one in parts if re.search(r"sheet\d|content\.xml|document\.xml|sharedStrings", one)]
    around = [one for one in parts if not re.search(r"theme|docProps|fontTable", one)]
    return random.choice(content if content and random.random() < 0.8 else around or list(parts))


def _tree(part: bytes, random: Random) -> bytes | None:
    """The part, well formed as before, with an element left out, repeated, moved, emptied, wrapped or changed in a value."""
    try:
        root = etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.LxmlError:
        return None
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    one, other = random.choice(elements), random.choice(elements)
    parent = one.getparent()
    how = random.randrange(8)
    if how <= 1 and one.attrib:
        key = random.choice(list(one.attrib))
        values = [*_WORDS, *(value for any_one in (one, other) for value in any_one.attrib.values())]
        one.set(key, random.choice(values))
    elif how == 2:
        one.text = random.choice([*_WORDS, other.text or ""])
    elif how == 3 and parent is not None:
        parent.remove(one)
    elif how == 4 and parent is not None and len(etree.tostring(one)) < 20_000:
        for _ in range(random.choice((1, 1, 3, 50))):
            parent.append(deepcopy(one))
    elif how == 5 and other is not one and one not in list(other.iterancestors()):
        other.insert(random.randrange(len(other) + 1), one)
    elif how == 6:
        one.tag = other.tag
    else:
        one.set(random.choice(list(other.attrib) or ["x"]), random.choice(_WORDS))
    return bytes(etree.tostring(root))


def _parts(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {one.filename: archive.read(one) for one in archive.infolist() if one.file_size < 2**20}
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return {}


def _tokens(data: bytes, pattern: re.Pattern[bytes], pieces: list[bytes], random: Random, others: list[bytes]) -> bytes:
    """One token (tag, number, name, line end…) is replaced, left out, repeated, moved, or has another put before it."""
    found = [match.span() for match in pattern.finditer(data[: 2**18])]
    if not found:
        return _bytes(data, random, others)
    start, end = random.choice(found)
    token = data[start:end]
    how = random.randrange(9)
    if how == 0:
        token = b""
    elif how == 1:
        token *= random.choice((2, 3, 10, 100, 300))
    elif how == 2:
        token = random.choice(pieces)
    elif how == 3:
        token = random.choice(pieces) + token
    elif how == 4:
        other = data[slice(*random.choice(found))]
        token = other + token if random.random() < 0.5 else other
    elif how == 5:  # a stretch of tokens, left out or repeated
        last = random.choice(found)[1]
        start, end = min(start, last), max(start, last)
        token = b"" if random.random() < 0.6 else data[start : min(end, start + 5000)] * 2
    elif how == 6 and others:  # a stretch of another file
        other = random.choice(others)
        at = random.randrange(max(1, len(other)))
        token = other[at : at + random.choice((3, 20, 200))]
    else:
        digits = list(re.finditer(rb"\d+", token)) or None
        if digits is None:
            numbers = [span for span in found if data[span[0] : span[1]].strip(b"+-.0123456789") == b""]
            if numbers:
                start, end = random.choice(numbers)
            token = random.choice(_NUMBERS)
        else:
            one = random.choice(digits)
            token = token[: one.start()] + random.choice(_NUMBERS) + token[one.end() :]
    return data[:start] + token + data[end:]


def _bytes(data: bytes, random: Random, others: list[bytes]) -> bytes:
    """A byte, a little-endian number or a stretch is changed, or the file cut off."""
    if not data:
        return bytes([random.randrange(256)])
    made = bytearray(data)
    at = random.randrange(len(made))
    how = random.randrange(7)
    if how == 0:
        made[at] ^= 1 << random.randrange(8)
    elif how == 1:
        made[at] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
    elif how == 2:
        width = random.choice((2, 4))
        value = random.choice((0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 2, random.randrange(2**16)))
        made[at : at + width] = (value % 2 ** (8 * width)).to_bytes(width, "little")
    elif how == 3:
        del made[at : at + random.choice((1, 2, 4, 16, 512))]
    elif how == 4:
        made[at:at] = bytes(random.choice((1, 2, 4, 16, 512)))
    elif how == 5:
        other = random.choice(others) if others else data
        there = random.randrange(max(1, len(other)))
        made[at:at] = other[there : there + random.choice((4, 32, 512))]
    else:
        del made[random.randrange(len(made)) :]
    return bytes(made)
