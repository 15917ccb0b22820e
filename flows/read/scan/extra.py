"""The optional extra `ocr`: whether it is installed, and what to say where it is not."""

from __future__ import annotations

from importlib.util import find_spec

INSTALL = "pip install 'hedui[ocr]'"
MOST_SCANS = 300
"""Pictures of pages read of one document; pages beyond it are left unread and say so."""


def installed() -> bool:
    """Whether pictures can be read; nothing is imported."""
    return all(find_spec(name) is not None for name in ("onnxruntime", "rapidocr", "cv2", "PIL"))


def needed(thing_zh: str, thing_en: str) -> dict[str, str]:
    """One line for people about something that only the extra can read."""
    return {
        "zh": f"{thing_zh}，读取它需要文字识别（OCR）；请安装：{INSTALL}，或提供带文字的文件。",
        "en": f"{thing_en}, which needs text recognition (OCR): {INSTALL}, or supply a file with text.",
    }
