"""What a night is asked to do, what it has found, and how it fails: the records that its steps hand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flows import collect, warehouse
from flows.night.engine import Engine
from flows.workers.limits import Limits, chosen_limits

DECLARED = Path("data/sources.yaml")
DEFAULT_SOURCES = ("data/samples", "data/inbox")
STATUSES = ("holds", "rounding", "broken", "not_verifiable")


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read, where the warehouse and the published site are, and what the reading of a document may take.

    `teams` are folders of rules beside the shipped ones; () for those that HEDUI_RULES names.
    """

    sources: tuple[str, ...] = DEFAULT_SOURCES
    warehouse: Path = Path("data/warehouse.duckdb")
    site: Path = Path("reports/site")
    limits: Limits = field(default_factory=chosen_limits)
    teams: tuple[Path, ...] = ()
    page_images: str = "findings"
    """Which pages of documents are shown as pictures: those with findings, all or none."""
    register: Path | None = None
    """The register of expected filings; None where there is none."""
    due: str | None = None
    """By when filings are due where the register does not say (`flows.register.terms`); None for what HEDUI_DUE says."""
    waivers: tuple[Path, ...] = ()
    """Folders of waivers."""
    notify: Path | None = None
    """Who is told in the morning; None for the file that HEDUI_NOTIFY names, else data/notify.yaml where it is."""
    declared: Path | None = None
    """The file that declares the sources, which then stand in place of `sources`."""

    reader_copy: str = ""
    """Where readers find a copy of the warehouse; "" for beside the site, "none" for nowhere."""
    time_budget: int | None = None
    """Minutes after which no more documents are begun; None for what HEDUI_TIME_BUDGET says, else for as long as it takes."""
    engine: Engine = field(default_factory=Engine)
    """What judges, and the lake."""

    reading: str = "here"
    """Where documents are read: here, on this machine, or on a cluster of dask."""
    dask_address: str = ""
    """The cluster's scheduler; "" for a cluster that is made on this machine for as long as it reads."""

    @property
    def kept(self) -> Path:
        """The folder beside the warehouse in which Prefect and Great Expectations keep their own records."""
        return self.warehouse.absolute().parent


def sources_file(sources: Sequence[str], file: Path | None) -> Path | None:
    """The file that declares the sources: the one that is named, else data/sources.yaml if no addresses are given and it is there."""
    if file is None and tuple(sources) == DEFAULT_SOURCES and DECLARED.exists():
        return DECLARED
    return file


@dataclass(frozen=True, slots=True)
class Found:
    """A document that was collected: its name, its bytes' sha256 and size; `refusal` says why it was not taken.

    `kept` and `within` as of the `collect.Source` that it was.
    """

    address: str
    name: str
    sha256: str
    size: int
    refusal: warehouse.Refusal | None = None
    kept: Path | None = None
    within: str = ""

    @property
    def source(self) -> collect.Source:
        """Where its bytes are to be had."""
        return collect.Source(self.address, self.name, self.kept, self.within)

    @property
    def origin(self) -> warehouse.Origin:
        return warehouse.Origin(self.address, self.sha256, self.size, collect.reader_version())


@dataclass(frozen=True, slots=True)
class Outcome:
    """A document that was read: the disclosure, pickled so that no one looks through its thousands of figures, or why not; neither, where there was no time."""

    found: Found
    disclosure: bytes | None
    refusal: warehouse.Refusal | None = None

    @property
    def postponed(self) -> bool:
        """Whether there was no time for it."""
        return self.disclosure is None and self.refusal is None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a night would do: documents found, those among them to be read, and how many rules would judge."""

    found: tuple[Found, ...]
    fresh: tuple[Found, ...]
    rules: int


@dataclass(frozen=True, slots=True)
class Change:
    """Findings (their fingerprints) against the last completed run; `since` is that run, "" when there is none.

    `changed` are among the new ones and among those gone: the same rule at the same place, with other figures.
    """

    since: str
    new: int
    still: int
    gone: int
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a step of the night took, and how many items (documents, rules, filings) it dealt with."""

    stage: str
    seconds: float
    items: int = 0


@dataclass(frozen=True, slots=True)
class SourceResult:
    """What one source gave on a night; `problem` is why it gave less than it has, `failures` the documents that were not taken."""

    source: str
    owner: str
    region: str
    found: int
    new: int
    unchanged: int
    failed: int
    problem: dict[str, str] | None
    failures: tuple[tuple[str, dict[str, str]], ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """One night as told in the morning. `broken` counts broken verdicts by severity; lines of `unreadable` are zh and en.

    `set_aside` counts those of the `filings` that are budgets or accounts of a government, which are not judged.
    """

    run: str
    page: Path
    documents: int
    loaded: int
    filings: int
    counts: Mapping[str, int]
    broken: Mapping[str, int]
    change: Change
    unreadable: tuple[tuple[str, dict[str, str]], ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    set_aside: int = 0
    seconds: float = 0.0
    notes: tuple[dict[str, str], ...] = ()
    """What else needs attention, each in both languages."""
    postponed: tuple[str, ...] = ()
    """Documents that there was no time for: the night is complete, what it tells is partial."""
    sources: tuple[SourceResult, ...] = ()
    """What each declared source gave, and any other that gave less than it has."""
    replaced: tuple[dict[str, str], ...] = ()
    """Documents replaced under their address this night, a line each, in both languages: the figures that changed."""
    judged: int = 0
    """Filings of which anything was judged in this run; the verdicts of the others stand."""
    stands_since: str = ""
    """The run before, on whose verdicts this one rests where it judged nothing; "" for the first."""
    causes: int = 0
    """Broken verdicts less those that follow from another."""
    expected: Mapping[str, int] = field(default_factory=dict)
    """How what was to be published stands (`flows.register.standing.Compared.counts`); empty without a register."""
    told: tuple[str, ...] = ()
    """Who was told in the morning."""
    waived: Mapping[str, int] = field(default_factory=dict)
    """Broken verdicts by severity that a waiver in force explains; they are among the broken ones."""
    lapsed: int = 0
    """Waivers that were in force once and are no more."""
    timings: tuple[Timing, ...] = ()


class NightFailed(Exception):
    """The night did not complete; `message` says why in each language, `code` is the exit code (2 call, 3 run)."""

    def __init__(self, zh: str, en: str, code: int = 3) -> None:
        super().__init__(en)
        self.message = {"zh": zh, "en": en}
        self.code = code
