"""The audit of what is locked: a weakness that can be mended fails it, an index without advisories is said to be one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def audited(answer: str, tmp_path: Path) -> tuple[int, str]:
    """How .ci/audit ends, and what it says, when pip-audit prints `answer`."""
    program = tmp_path / "answer.py"
    program.write_text(f"import sys; sys.stdout.write({answer!r}); sys.exit(1)")
    call = [sys.executable, str(REPOSITORY / ".ci" / "audit"), sys.executable, str(program)]
    ran = subprocess.run(call, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr


def package(name: str, *weaknesses: dict[str, Any], skip: str = "") -> dict[str, Any]:
    return {"name": name, "skip_reason": skip} if skip else {"name": name, "version": "1.0", "vulns": list(weaknesses)}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([package("a"), package("b")], 0, "audited 2 packages\n"),
        ([package("a", {"id": "CVE-1", "fix_versions": ["1.1"]})], 1, "a 1.0: CVE-1, mended in 1.1"),
        ([package("a", {"id": "CVE-1", "fix_versions": []})], 0, "no version yet"),
        ([package("a", skip="not found"), package("b", skip="not found")], 0, "NOT AUDITED"),
        ([package("a"), package("b", skip="not found")], 0, "audited 1 packages, NOT 1 others"),
    ],
)  # fmt: skip
def test_what_is_found_decides(packages: list[dict[str, Any]], code: int, said: str, tmp_path: Path) -> None:
    ended, told = audited(json.dumps({"dependencies": packages, "fixes": []}), tmp_path)
    assert ended == code and said in told, told


def test_without_an_answer_nothing_is_audited_and_nothing_fails(tmp_path: Path) -> None:
    ended, told = audited("", tmp_path)
    assert ended == 0 and "NOT AUDITED" in told


def test_continuous_integration_audits() -> None:
    assert "make --silent audit" in (REPOSITORY / ".ci" / "run").read_text()
    assert "audit:" in (REPOSITORY / "Makefile").read_text() and "sbom:" in (REPOSITORY / "Makefile").read_text()
