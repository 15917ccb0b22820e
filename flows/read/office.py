"""LibreOffice, where it is installed: an old Word document (doc, rtf) becomes a docx."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from flows.read.document import Unreadable

SECONDS = 120


def as_docx(data: bytes) -> bytes:
    """The document as docx, converted in a folder and with a profile of its own; nothing of either remains.

    Raises `Unreadable`: unknown_format (no `soffice` on the PATH), truncated (it cannot open the document),
    too_large (it takes longer than `SECONDS`).
    """
    program = shutil.which("soffice")
    if program is None:
        raise Unreadable(
            "unknown_format",
            {
                "zh": "这是旧版 Word 文档（doc、rtf），读取它需要 LibreOffice；请另存为 docx 或 PDF。",
                "en": "This is an old Word document (doc, rtf), which needs LibreOffice; save it as docx or PDF.",
            },
        )
    with tempfile.TemporaryDirectory(prefix="hedui-") as folder:
        source = Path(folder, "document.doc")
        source.write_bytes(data)
        _convert(program, source)
        converted = source.with_suffix(".docx")
        if not converted.is_file():
            raise Unreadable(
                "truncated",
                {
                    "zh": "LibreOffice 打不开这份旧版 Word 文档；请重新获取，或另存为 docx 或 PDF。",
                    "en": "LibreOffice cannot open this old Word document; fetch it again, or save it as docx or PDF.",
                },
            )
        return converted.read_bytes()


def _convert(program: str, source: Path) -> None:
    """Run LibreOffice in a process group of its own: its launcher starts others, which must end with it."""
    profile = source.parent / "profile"
    call = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck"]
    call += ["--convert-to", "docx", "--outdir", str(source.parent), str(source)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(call, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Unreadable(
            "too_large",
            {
                "zh": f"LibreOffice 转换超过 {SECONDS} 秒；请另存为 docx 或 PDF。",
                "en": f"LibreOffice took longer than {SECONDS} seconds; save it as docx or PDF.",
            },
        ) from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
