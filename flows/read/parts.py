"""XML parts of office files (docx, ods), parsed so that no document can do harm."""

from __future__ import annotations

import zipfile
import zlib

from lxml import etree

from flows.read.formats import too_large

MOST_PART = 100 * 2**20
UNSOUND = (
    etree.LxmlError,
    zipfile.BadZipFile,
    zlib.error,
    LookupError,
    ValueError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
"""What a damaged archive or part raises."""


def xml_part(archive: zipfile.ZipFile, name: str) -> etree._Element:
    """The root of a part; entities stay unresolved, nothing is fetched, depth and size are bounded.

    Raises `Unreadable` (too_large) and those of `UNSOUND`.
    """
    with archive.open(name) as part:
        content = part.read(MOST_PART + 1)  # what the archive says of its size may be a lie
    if len(content) > MOST_PART:
        raise too_large(MOST_PART // 2**20, "MB ", "MB")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )
    return etree.fromstring(content, parser)


def main_part(archive: zipfile.ZipFile, usual: str) -> str:
    """The part that the package names as its document; `usual` where it names none. Raises those of `UNSOUND`."""
    if usual in archive.NameToInfo or "_rels/.rels" not in archive.NameToInfo:
        return usual
    for relation in xml_part(archive, "_rels/.rels"):
        if str(relation.get("Type", "")).endswith("/officeDocument"):
            return str(relation.get("Target", usual)).lstrip("/")
    return usual
