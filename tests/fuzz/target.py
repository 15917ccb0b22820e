"""One input: made from a seed by damage, read and recognised; and the loop in which atheris makes inputs, guided by coverage.

`python -m tests.fuzz.target READER FINDINGS [options of libFuzzer] CORPUS` is what `python -m tests.fuzz` runs.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
import traceback
from pathlib import Path
from random import Random

READERS = ("xlsx", "ods", "docx", "html", "csv", "text", "pdf", "xls", "scan", "grids")


def run_one(reader: str, data: bytes) -> None:
    """The input is read or refused as agreed. Raises whatever is wrong: that is a finding."""
    from flows.read import read_bytes
    from flows.read.document import Unreadable
    from flows.recognise import recognise
    from tests.fuzz.invariants import expect_clear, expect_sound

    if reader == "grids":
        from tests.fuzz.grids import random_document

        document = random_document(Random(data))
    else:
        from tests.fuzz.seeds import NAMES

        try:
            document = read_bytes(data, NAMES[reader])
        except Unreadable as error:
            expect_clear(error)
            return
        expect_sound(document)
    pickle.dumps(recognise(document))


def signature(error: BaseException) -> str:
    """The kind of an error and where in the project it arose: two inputs with the same one are one finding."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if "/tests/fuzz/target" not in frame.filename
    ]
    ours = [frame for frame in frames if "/flows/" in frame.filename or "/fuzz/" in frame.filename]
    at = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
    return f"{type(error).__name__} {at}"


def main() -> None:
    """Runs until libFuzzer's limits are reached; each new finding is kept in the folder FINDINGS and told once."""
    import atheris

    reader, findings = sys.argv[1], Path(sys.argv[2])
    with atheris.instrument_imports(include=["flows.recognise" if reader == "grids" else "flows.read"]):
        from importlib import import_module

        import flows.read
        import flows.recognise

        for module, _ in flows.read._READERS.values():
            import_module(f"flows.read.{module}")
    others = seeds_of(reader)
    known: set[str] = set()

    def one_input(data: bytes) -> None:
        try:
            run_one(reader, data)
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            name = signature(error)
            if name not in known:
                known.add(name)
                kept = findings / f"{reader}-{hashlib.sha256(name.encode()).hexdigest()[:10]}"
                kept.write_bytes(data)
                kept.with_suffix(".txt").write_text(f"{name}\n{traceback.format_exc()}", "utf-8", "replace")
                print(f"FINDING {name}: {kept}", file=sys.stderr, flush=True)

    def mutator(data: bytes, most: int, seed: int) -> bytes:
        from tests.fuzz.mutation import mutate

        return mutate(data, reader, Random(seed), others)[:most]

    more = {} if reader == "grids" else {"custom_mutator": mutator}
    atheris.Setup([sys.argv[0], *sys.argv[3:]], one_input, **more)
    atheris.Fuzz()


def seeds_of(reader: str) -> list[bytes]:
    from tests.fuzz.seeds import seeds

    return [b"1", b"2"] if reader == "grids" else seeds(reader)


if __name__ == "__main__":
    main()
