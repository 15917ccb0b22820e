"""Writes the generated samples to data/samples, or to the folder named as the only argument."""

from __future__ import annotations

import sys
from pathlib import Path

from . import write_samples

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "data" / "samples"
    for path in write_samples(folder):
        print(path.name, path.stat().st_size)
