"""Prints the bench: `python -m tests.bench [--json] [--rounds N] [--at-scale | FILE… | judging | night | publishing | stages [--filings N]]`.

`judging`, `night`, `publishing` and `stages` measure that alone. Exit 1 when a budget is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from unicodedata import east_asian_width

from tests.bench.documents import file_sample, other_samples, pdf_samples, scan_sample
from tests.bench.judging import FILINGS, RATIOS, judging
from tests.bench.measures import Measure, all_measures, ocr
from tests.bench.night import FILINGS as NIGHTLY
from tests.bench.night import UNCHANGED, night
from tests.bench.publishing import AT_SCALE, publishing
from tests.bench.publishing import FILINGS as PUBLISHED
from tests.bench.stages import FILINGS as STAGED
from tests.bench.stages import stages


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 0 when every budget that could be measured is met, 1 when one is missed."""
    parser = argparse.ArgumentParser("make bench", description=__doc__)
    parser.add_argument(
        "file", nargs="*", type=Path, help="measure these documents alone, or judging or publishing alone"
    )
    parser.add_argument("--filings", type=int, help=f"how many are judged ({FILINGS}) or published ({PUBLISHED})")
    parser.add_argument("--warehouse", type=Path, help="judge or publish this one, made first where it is not there")
    parser.add_argument(
        "--at-scale",
        action="store_true",
        help=f"everything, of as many filings as the budgets are for: {RATIOS[0][0]:,} judged, {AT_SCALE:,} published and "
        f"in nights (two hours)",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (5)")
    options = parser.parse_args(arguments)
    if options.file == [Path("judging")]:
        measures = judging(options.filings or FILINGS, options.rounds, options.warehouse)
    elif options.file == [Path("night")]:
        measures = night(options.filings or NIGHTLY, options.warehouse)
    elif options.file == [Path("publishing")]:
        measures = publishing(options.filings or PUBLISHED, options.warehouse)
    elif options.file == [Path("stages")]:
        measures = stages(options.filings or STAGED)
    elif options.file:
        measures = all_measures([file_sample(path) for path in options.file], options.rounds)
    else:
        measures = all_measures([*pdf_samples(), *other_samples()], options.rounds)
        measures.append(ocr(scan_sample(), options.rounds))
        judged = options.filings or (RATIOS[0][0] if options.at_scale else FILINGS)
        measures += judging(judged, min(options.rounds, 3))
        measures += publishing(AT_SCALE if options.at_scale else PUBLISHED)
        measures += night(UNCHANGED[0][0]) if options.at_scale else []
    missed = any(measure.met is False for measure in measures)
    if options.json:
        print(json.dumps(_report(measures, options.rounds), ensure_ascii=False, indent=1))
    else:
        print("\n".join(_table(measures, options.rounds)))
    return 1 if missed else 0


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def _report(measures: Sequence[Measure], rounds: int) -> dict[str, object]:
    return {
        "machine": _machine(),
        "rounds": rounds,
        "met": all(measure.met is not False for measure in measures),
        "measures": [
            {
                "name": measure.name,
                "unit": measure.unit,
                "median": measure.value,
                "min": min(measure.values, default=None),
                "max": max(measure.values, default=None),
                "budget": measure.budget,
                "budget_is": None if measure.budget is None else "at most" if measure.at_most else "at least",
                "met": measure.met,
                "note": measure.note,
            }
            for measure in measures
        ],
    }


def _table(measures: Sequence[Measure], rounds: int) -> list[str]:
    width = max(_cells(measure.name) for measure in measures)
    head = f"{'':{width}}  {'median':>9}  {'min':>9}  {'max':>9}  {'':9}  budget"
    lines = [f"{_machine()}; medians of {rounds} rounds", "", head]
    for measure in measures:
        name = measure.name + " " * (width - _cells(measure.name))
        if measure.value is None:
            lines.append(f"{name}  {measure.note}")
            continue
        numbers = (measure.value, min(measure.values), max(measure.values))
        lines.append(
            f"{name}  {'  '.join(f'{_shown(number):>9}' for number in numbers)}  {measure.unit:9}  {_verdict(measure)}"
        )
    missed = [measure.name for measure in measures if measure.met is False]
    return [*(line.rstrip() for line in lines), "", f"missed: {'; '.join(missed)}" if missed else "every budget is met"]


def _shown(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def _verdict(measure: Measure) -> str:
    if measure.budget is None:
        return ""
    return f"{'≤' if measure.at_most else '≥'} {measure.budget:g}  {'met' if measure.met else 'MISSED'}"


def _cells(text: str) -> int:
    """How wide text is in a terminal."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


if __name__ == "__main__":
    sys.exit(main())
