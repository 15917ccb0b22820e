"""What Hedui says while it works: lines for people on the error stream, lines of JSON for programs and for the file of the night.

Everything goes through the logger `hedui`, so whoever embeds it may listen there. Records carry what they are about (`about`): the
run, and the document by sha256 and name. Each also has a key, `event`, that stays the same whatever the language.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

LOGGER = logging.getLogger("hedui")
FORMAT = "HEDUI_LOG_FORMAT"
"""The environment's variable: text or json, for this process and those that it starts."""
FILE = Path("logs", "hedui.jsonl")
"""Beside the warehouse: what every night said, in JSON whatever the error stream gets."""
_LARGEST, _KEPT = 10 * 2**20, 9
"""Bytes of that file, and how many earlier ones are kept."""

_ABOUT: ContextVar[Mapping[str, str]] = ContextVar("hedui_about")
_NOTHING: Mapping[str, str] = {}
_TOLD = "hedui_told"


@contextmanager
def about(**what: str) -> Iterator[None]:
    """Every record made meanwhile, in this thread and in those started with its context, carries `what`."""
    token = _ABOUT.set({**_ABOUT.get(_NOTHING), **what})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def say(level: int, event: str, message: str, *, error: bool = False, **values: Any) -> None:
    """One record: `message` is the line for people, `event` and `values` are for programs; `error`: with the exception at hand."""
    LOGGER.log(
        level, message, extra={_TOLD: {"event": event, **_ABOUT.get(_NOTHING), **values}}, exc_info=error, stacklevel=2
    )


def json_wanted() -> bool:
    """Whether the error stream gets JSON."""
    return os.environ.get(FORMAT, "").strip().lower() == "json"


def to_stderr() -> None:
    """From now on records of weight INFO and above are on the error stream, in the form that HEDUI_LOG_FORMAT names."""
    for old in [one for one in LOGGER.handlers if isinstance(one, _Stderr)]:
        LOGGER.removeHandler(old)
    handler = _Stderr()
    handler.setLevel(logging.INFO)
    handler.setFormatter(_Json() if json_wanted() else _Lines())
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    LOGGER.propagate = False


@contextmanager
def kept(folder: Path) -> Iterator[None]:
    """Meanwhile every record, details too, is also in `FILE` under `folder`; a file that cannot be written is told and does no harm."""
    if not any(isinstance(one, _Stderr) for one in LOGGER.handlers):
        to_stderr()
    path = folder / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = _File(path, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8")
    except OSError as error:
        cause = error.strerror or str(error)
        say(logging.WARNING, "log_unwritable", f"{path}: {cause}", path=str(path))
        yield
        return
    handler.setFormatter(_Json())
    LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        handler.close()


class _Stderr(logging.StreamHandler[Any]):
    """The error stream as it is when something is said: it may be another by then."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr

    @stream.setter
    def stream(self, other: Any) -> None: ...


class _File(RotatingFileHandler):
    """A file that fills the disk or cannot be turned over must not end the night."""

    def handleError(self, record: logging.LogRecord) -> None: ...


class _Lines(logging.Formatter):
    """What people read: on a terminal the message alone, in a log with time and, where it is none, what it is about."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if sys.stderr.isatty():
            return message
        mark = "" if record.levelno == logging.INFO else f"{record.levelname} "
        return f"{datetime.fromtimestamp(record.created):%Y-%m-%d %H:%M:%S} {mark}{message}"


class _Json(logging.Formatter):
    """One object a line; `time` in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        told = getattr(record, _TOLD, None) or {"event": "message", **_ABOUT.get(_NOTHING)}
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": told["event"],
            "message": record.getMessage(),
            **{name: value for name, value in told.items() if name != "event"},
            "process": record.process,
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
