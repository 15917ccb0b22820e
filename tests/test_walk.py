"""The walk of expectations/README.md, done literally: its files are written, its commands run, and the rule is on the site."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from flows import collect, warehouse
from flows.night import documents
from flows.night.plan import DEFAULT_SOURCES
from tests.conftest import REPOSITORY

README = REPOSITORY / "expectations" / "README.md"
STEP = re.compile(r"```(sh|yaml)\n(.*?)```|把文件里的 `([^`]+)` 改为 `([^`]+)`", re.S)
RULE = "国库科.project_share"


@dataclass
class Walk:
    """Somebody's folder, what was set there, and what each command said."""

    folder: Path
    environment: dict[str, str]
    said: dict[str, str] = field(default_factory=dict)
    written: list[Path] = field(default_factory=list)

    def run(self, line: str) -> None:
        """One line as typed; questions are answered by Enter."""
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            self.environment[name] = value
            return
        program, *arguments = shlex.split(line)
        path = str(Path(sys.executable).with_name("hedui")) if program == "hedui" else program
        ran = subprocess.run(
            [path, *arguments],
            cwd=self.folder,
            env=self.environment,
            input="\n" * 9,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{line}\n{ran.stdout}\n{ran.stderr}"
        self.said[line] = ran.stdout + ran.stderr

    def write(self, text: str) -> None:
        """A file, named by its first line."""
        name = text.splitlines()[0].removeprefix("# ")
        self.written.append(self.folder / name)
        self.written[-1].write_text(text, "utf-8")

    def change(self, old: str, new: str) -> None:
        """What the text says to change, in the first file that was written."""
        text = self.written[0].read_text("utf-8")
        assert text.count(old) == 1
        self.written[0].write_text(text.replace(old, new), "utf-8")


def steps() -> Iterator[tuple[str, str, str]]:
    """kind, what, and (of a change) the new text, in the order of the page."""
    for found in STEP.finditer(README.read_text("utf-8")):
        if found.group(1):
            yield found.group(1), found.group(2), ""
        else:
            yield "change", found.group(3), found.group(4)


def last_night(folder: Path) -> None:
    """The warehouse as a night left it: the samples of an invented department, read."""
    (folder / "data" / "inbox").mkdir(parents=True)
    (folder / "data" / "samples").mkdir()
    for path in (REPOSITORY / "data" / "samples").glob("示例市档案局-202[34].*"):
        if path.suffix in (".pdf", ".xlsx"):
            shutil.copy(path, folder / "data" / "samples")
    here = Path.cwd()
    os.chdir(folder)  # sources are known by their address, which a night in that folder gives them
    try:
        with warehouse.connect(Path("data/warehouse.duckdb")) as db:
            found = [(source, documents.look_at(source)) for source in collect.find(DEFAULT_SOURCES)]
            warehouse.load(db, [(collect.understand(source.data(), source.name), one.origin) for source, one in found])
    finally:
        os.chdir(here)


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    if not Path(sys.executable).with_name("hedui").exists():
        pytest.skip("the command is not installed in this environment")
    folder = tmp_path_factory.mktemp("walk")
    last_night(folder)
    environment = {
        name: value for name, value in os.environ.items() if name not in ("HEDUI_RULES", "LC_ALL", "LC_MESSAGES")
    }
    made = Walk(folder, {**environment, "LANG": "zh_CN.UTF-8", "PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1"})
    for kind, what, new in steps():
        if kind == "yaml":
            made.write(what)
        elif kind == "change":
            made.change(what, new)
        else:
            for line in what.splitlines():
                made.run(line)
    return made


def test_the_page_has_all_steps() -> None:
    kinds = [kind for kind, _, _ in steps()]
    assert kinds == ["sh", "yaml", "sh", "sh", "sh", "yaml", "sh", "change", "sh"]


def test_lint_and_test_find_the_rules_in_order(walk: Walk) -> None:
    assert "条规则无误" in walk.said["hedui rules lint"]
    passed, _, of = re.search(r"(\d+)(/)(\d+) 个例子相符", walk.said["hedui rules test"]).groups()  # type: ignore[union-attr]
    assert passed == of


def test_five_times_enter_write_a_rule(walk: Walk) -> None:
    assert "已写入 国库科/T03.yaml，例子已验证" in walk.said["hedui rules new"]


def test_the_trial_tells_what_it_would_find(walk: Walk) -> None:
    said = walk.said["hedui rules try 国库科/支出.yaml"]
    assert RULE in said and "以仓库中 2 份决算试算了 1 条规则" in said
    assert re.search(r"相符 \d+ · 尾差相符 \d+ · 不符 \d+ · 无法核对 \d+（用时", said)


def test_the_workbook_comes_back_unchanged(walk: Walk) -> None:
    said = walk.said["hedui rules import 规则库.xlsx --dry-run"]
    assert re.search(r"接受 0，未变 \d{3}，有改动 0，拒绝 0（没有写入任何文件）", said)


def test_the_rule_is_live_in_the_next_run_and_has_its_page(walk: Walk) -> None:
    pages = walk.folder / "reports" / "site" / "rules"
    (page,) = (text for path in pages.glob("*.html") if RULE in (text := path.read_text("utf-8")))
    for said in (
        "项目支出不超过本年支出合计的三成",
        "项目支出 &lt;= 本年支出合计 * 0.3",
        "本市部门决算审核要点第三条",
        "国库科 的规则",
        "需要说明",
    ):
        assert said in page
    assert "试行" not in page
    shown = walk.said[f"hedui rules show {RULE}"]
    assert "对《支出决算表》的每一行：如果行等于“合计”，项目支出不大于本年支出合计乘以0.3" in shown and re.search(
        r"\d{8}-\d{6}  相符 ", shown
    )


def test_what_is_switched_off_or_graded_otherwise_says_why_on_its_page(walk: Walk) -> None:
    pages = walk.folder / "reports" / "site" / "rules"
    assert "本单位不用：本市另有增幅审核办法" in (pages / "R.growth.html").read_text("utf-8")
    assert "由“必须更正”改为“需要说明”：上缴上级支出另行核对，到 2099-12-31 为止" in (pages / "T03.row.html").read_text(
        "utf-8"
    )


def test_every_command_of_the_rules_is_on_the_page() -> None:
    from flows.commands.rules import rules_app

    text = README.read_text("utf-8")
    named = {command.name for command in rules_app.registered_commands}
    assert {name for name in named if f"hedui rules {name}" not in text and name != "list"} == set()
