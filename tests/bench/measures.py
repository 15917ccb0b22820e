"""What the bench measures, each beside its budget; everything that is compared is timed in turns within one run."""

from __future__ import annotations

import gc
import importlib.util
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import pypdfium2

from flows.read import read_bytes
from flows.read.document import Document, Unreadable
from flows.recognise import recognise
from tests.bench.documents import REPOSITORY, Sample

CLOCK = "  the same by the clock"
SAME = "  the same in computing time"
Timing = tuple[float, float]
"""Seconds by the clock and seconds of computing."""

_PEAK = """
import sys
from flows.read import read
from flows.recognise import recognise
from pathlib import Path
recognise(read(Path(sys.argv[1])))
try:
    peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
except OSError:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
print(peak)
"""
"""Prints the largest memory of its process in KiB. `ru_maxrss` would do, but on Linux it begins at its parent's."""


@dataclass(frozen=True)
class Measure:
    """One line of the bench: the median over the rounds with the least and the most, None where it was not measured.

    `budget` is the most (`at_most`) or the least that is allowed, None for a figure that is only told.
    """

    name: str
    unit: str
    values: tuple[float, ...] = ()
    budget: float | None = None
    at_most: bool = True
    note: str = ""

    @property
    def value(self) -> float | None:
        """The median of the rounds."""
        return median(self.values) if self.values else None

    @property
    def met(self) -> bool | None:
        """Whether the budget is met; None without a budget or without a measurement."""
        if self.budget is None or self.value is None:
            return None
        return self.value <= self.budget if self.at_most else self.value >= self.budget


def all_measures(samples: Sequence[Sample], rounds: int) -> list[Measure]:
    """Everything but scans, over so many rounds."""
    pdfs = [sample for sample in samples if sample.format == "pdf"]
    others = [sample for sample in samples if sample.format != "pdf"]
    return [
        *(pdf_speed(pdfs, rounds) if pdfs else ()),
        *speed(others, rounds),
        *recognition(samples, rounds),
        *memory(samples),
        *check(samples[0], rounds),
    ]


def pdf_speed(samples: Sequence[Sample], rounds: int) -> list[Measure]:
    """Reading PDF against pdfium's extraction of text and pdfplumber's of tables, on the same files in turns.

    Each reader keeps to one core: on a quiet machine computing time is the time by the clock, on a busy one it is the
    fairer of the two, so it decides.
    """
    readers: dict[str, Callable[[Sample], object]] = {"ours": _read, "pdfium": _pdfium_text}
    if importlib.util.find_spec("pdfplumber") is not None:
        readers["pdfplumber"] = _pdfplumber_tables
    taken: dict[tuple[str, str], list[Timing]] = {(sample.name, name): [] for sample in samples for name in readers}
    for sample in samples:
        _read(sample), _pdfium_text(sample)
    for _ in range(rounds):
        for sample in samples:
            for name, reader in readers.items():
                taken[sample.name, name].append(timed(partial(reader, sample)))

    def ratios(names: Sequence[str], upper: str, lower: str, kind: int) -> tuple[float, ...]:
        """Round for round, one reader's time as a multiple of another's; `kind` 0 by the clock, 1 of computing."""
        if not {upper, lower} <= set(readers):
            return ()
        return tuple(
            sum(taken[name, upper][turn][kind] for name in names)
            / sum(taken[name, lower][turn][kind] for name in names)
            for turn in range(rounds)
        )

    lines = []
    every = [sample.name for sample in samples]
    for sample in samples:
        pages = tuple(sample.pages / clock for clock, _ in taken[sample.name, "ours"])
        lines.append(Measure(f"reading {sample.name}", "pages/s", pages))
        lines.append(Measure("  computing time against pdfium's text", "×", ratios([sample.name], "ours", "pdfium", 1)))
    absent = "" if "pdfplumber" in readers else "not measured: pdfplumber is not installed (extra dev)"
    against_tables = partial(ratios, every, "pdfplumber", "ours")
    return [
        *lines,
        Measure("all PDF: computing time against pdfium's text", "×", ratios(every, "ours", "pdfium", 1), 2),
        Measure(CLOCK, "×", ratios(every, "ours", "pdfium", 0)),
        Measure("all PDF: pdfplumber's tables against ours", "×", against_tables(1), 10, at_most=False, note=absent),
        Measure(CLOCK, "×", against_tables(0), note=absent),
    ]


def speed(samples: Sequence[Sample], rounds: int) -> list[Measure]:
    """Pages per second of each format; the formats take turns."""
    clocks: dict[str, list[float]] = {sample.name: [] for sample in samples}
    for sample in samples:
        _read(sample)
    for _ in range(rounds):
        for sample in samples:
            clocks[sample.name].append(timed(partial(_read, sample))[0])
    return [
        Measure(f"reading {sample.format}", "pages/s", tuple(sample.pages / clock for clock in clocks[sample.name]))
        for sample in samples
    ]


def recognition(samples: Sequence[Sample], rounds: int) -> list[Measure]:
    """How long recognising takes, in seconds; for PDF also as a multiple of reading in the same round."""
    lines = []
    for sample in samples:
        document = _read(sample)
        recognise(document)
        turns = [(timed(partial(_read, sample)), timed(partial(recognise, document))) for _ in range(rounds)]
        name = sample.name if sample.format == "pdf" else sample.format
        lines.append(Measure(f"recognising {name}", "s", tuple(recognising for _, (recognising, _) in turns)))
        if sample.format == "pdf":
            ratios = tuple(recognising / reading for (reading, _), (recognising, _) in turns)
            lines.append(Measure("  time against its reading", "×", ratios, 3))
    return lines


def ocr(scan: Sample, rounds: int) -> Measure:
    """Pages of a scan per minute; not measured without the extra."""
    name, unit = "reading a scan at 200 dpi", "pages/min"
    if importlib.util.find_spec("rapidocr") is None:
        return Measure(name, unit, note="not measured: extra ocr is not installed")
    try:
        document = _read(scan)
    except Unreadable as error:
        return Measure(name, unit, note=f"not measured: {error}")
    if not any(page.items for page in document.pages):
        return Measure(name, unit, note="not measured: nothing was read")
    clocks = [timed(partial(_read, scan))[0] for _ in range(rounds)]
    return Measure(name, unit, tuple(60 * scan.pages / clock for clock in clocks))


def memory(samples: Sequence[Sample]) -> list[Measure]:
    """The largest memory of a fresh process that reads and recognises one document."""
    lines = []
    for sample in samples:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / sample.name
            path.write_bytes(sample.data)
            peak = int(run_python("-c", _PEAK, str(path)).stdout)
        name = sample.name if sample.format == "pdf" else sample.format
        lines.append(Measure(f"memory for {name}", "MiB", (peak / 1024,), 300))
    return lines


def check(sample: Sample, rounds: int) -> list[Measure]:
    """How long a person waits for `hedui check`, and how much of that is computing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / sample.name
        path.write_bytes(sample.data)
        call = ("-c", "from flows.cli import app; app()", "check", "--format", "json", str(path))
        run_python(*call)
        turns = [timed(partial(run_python, *call)) for _ in range(rounds)]
    return [
        Measure(f"hedui check {sample.name}", "s", tuple(clock for clock, _ in turns), 2),
        Measure(SAME, "s", tuple(computing for _, computing in turns)),
    ]


def timed(call: Callable[[], object]) -> Timing:
    """How long a call takes, processes that it starts and awaits included; garbage of before is cleared first."""
    gc.collect()
    clock, before = time.perf_counter(), _computing()
    call()
    return time.perf_counter() - clock, _computing() - before


def _computing() -> float:
    """Seconds that this process and those it has awaited have spent computing."""
    awaited = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + awaited.ru_utime + awaited.ru_stime


def _read(sample: Sample) -> Document:
    return read_bytes(sample.data, sample.name)


def _pdfium_text(sample: Sample) -> list[str]:
    with pypdfium2.PdfDocument(sample.data) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def _pdfplumber_tables(sample: Sample) -> list[object]:
    import pdfplumber

    with pdfplumber.open(io.BytesIO(sample.data)) as document:
        return [page.extract_tables() for page in document.pages]


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter at the repository; RuntimeError with what it said when it fails."""
    ran = subprocess.run([sys.executable, *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if "Traceback" in ran.stderr or not ran.stdout:
        raise RuntimeError(ran.stderr.strip() or f"exit {ran.returncode}")
    return ran
