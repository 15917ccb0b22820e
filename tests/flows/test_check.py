"""`hedui check`: what it says of a disclosure, and that it stays light."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.console import Console

from expectations import rules, vocabulary
from expectations.sql import verdicts
from flows import check, collect, terminal
from flows.read.document import Place, Unreadable
from flows.recognise.disclosure import Disclosure, Figure, Relation
from flows.workers.limits import Limits
from tests.conftest import REPOSITORY
from tests.flows.small import claim, disclosure, figure

Write = Callable[[str, str | bytes], Path]


@pytest.fixture(scope="module")
def judged() -> Callable[[Disclosure], dict[str, Any]]:
    book = rules.load()
    compiled = verdicts.compile_all(book, vocabulary.load())
    return lambda d: check.report(d, 10, book, compiled)


def findings(report: dict[str, Any], rule: str, status: str = "broken") -> list[dict[str, Any]]:
    return [one for one in report["findings"] if one["rule"] == rule and one["status"] == status]


def with_total(value: str, unit: str = "万元", **places: Any) -> Disclosure:
    """The small disclosure with another total of T03 than its kinds of expenditure (60.50 + 40.00) add up to."""
    basic, project = {"万元": ("60.50", "40.00"), "元": ("605000.00", "400000.00")}[unit]
    parts = (figure("T03", "合计", "基本支出", basic), figure("T03", "合计", "项目支出", project))

    def said(one: Figure) -> Figure:
        return replace(one, unit=unit, **places)

    total = figure("T03", "合计", "本年支出合计", value, unit)
    return disclosure(figures=tuple(map(said, (total, *parts))), claims=(), relations=())


def test_a_sum_that_breaks_is_told_in_the_printed_unit_with_its_place(judged: Callable[[Disclosure], Any]) -> None:
    (one,) = findings(judged(with_total("1006000.00", "元")), "T03.row")
    assert (one["stated"], one["computed"], one["difference"], one["unit"]) == ("1006000", "1005000", "1000", "元")
    assert one["page"] == 3 and one["severity"] == "critical" and one["category"] == "sum"
    assert one["figures"][0] == {
        "label": "本年支出合计",
        "value": "1006000.00",
        "unit": "元",
        "page": 3,
        "id": "T03/合计/本年支出合计",
    }
    assert "1,006,000" in one["message"]["zh"] and "1,006,000" in one["message"]["en"]


def test_what_follows_from_a_finding_stands_behind_it_and_counts_once(judged: Callable[[Disclosure], Any]) -> None:
    """The total of 110.50 breaks its row, its column and the sentence that quotes it as 100.50: one figure, one cause."""
    d = with_total("110.50")  # ← 100.50
    kinds = (("本年支出合计", "100.50"), ("基本支出", "60.50"), ("项目支出", "40.00"))
    below = [figure("T03", row, *kind) for row in ("212", "2120501") for kind in kinds]
    said = {"claims": disclosure().claims[:1], "relations": disclosure().relations[:1]}
    report = judged(replace(d, figures=(*d.figures, *below), **said))
    broken = [one for one in report["findings"] if one["status"] == "broken"]
    root, *others = [one for one in broken if one["figures"]]
    assert {root["rule"], *(one["rule"] for one in others)} == {"T03.row", "T03.rollup.total", "N.citation"}
    assert root["root"] is None and {one["root"] for one in others} == {root["id"]}
    assert report["rules"]["causes"] == report["rules"]["broken"] - len(others)
    for lang, counted, below in (
        ("zh", "3 处不符由 1 个原因引起", "另有 2 处由此引起："),
        ("en", "3 findings from 1 cause", "also: 2 consequences:"),
    ):
        out = StringIO()
        only = [one for one in report["findings"] if one["status"] != "broken" or one["figures"]]
        counts = report["rules"] | {"broken": 3, "causes": 1}
        document = report | {"findings": only, "rules": counts, "source": "a.pdf"}
        terminal.print_report({"documents": [document]}, lang, Console(file=out, width=200))
        told = out.getvalue()
        head, _, follows = told.partition(below)
        assert counted in head and f"[{root['rule']}]" in head
        assert all(re.search(rf"^    \S.*\[{one['rule']}\]", follows, re.MULTILINE) for one in others), follows


def test_a_text_file_has_lines_instead_of_pages(judged: Callable[[Disclosure], Any]) -> None:
    d = replace(with_total("100.60", place=Place(line=41)), media_type="text/plain")
    (one,) = findings(judged(d), "T03.row")
    assert one["line"] == 41 and "page" not in one and one["figures"][0]["line"] == 41


def test_what_holds_is_counted_and_not_listed(judged: Callable[[Disclosure], Any]) -> None:
    report = judged(with_total("100.50"))
    assert findings(report, "T03.row") == []
    counts = report["rules"]
    assert counts["holds"] > 0
    assert counts["evaluated"] == sum(counts[status] for status in ("holds", "rounding", "broken", "not_verifiable"))


def test_the_id_of_a_finding_is_stable_and_changes_with_the_figure(judged: Callable[[Disclosure], Any]) -> None:
    first, again, other = (findings(judged(with_total(v)), "T03.row")[0]["id"] for v in ("100.60", "100.60", "100.70"))
    assert first == again != other


def test_not_verifiable_is_one_entry_for_each_rule_and_reason(judged: Callable[[Disclosure], Any]) -> None:
    report = judged(disclosure())
    quiet = [one for one in report["findings"] if one["status"] == "not_verifiable"]
    assert quiet and all(one["reason"] and one["computed"] is None for one in quiet)
    keys = [(one["rule"], one["reason"]) for one in quiet]
    assert len(keys) == len(set(keys))
    assert sum(one["count"] for one in quiet) == report["rules"]["not_verifiable"]


def test_a_finding_of_the_narrative_quotes_its_sentence(judged: Callable[[Disclosure], Any]) -> None:
    d = disclosure(
        claims=(claim(1, "100.50"), claim(2, "90.10"), claim(3, "3.5", "change_pct", "%")),
        relations=(Relation("R/1", "change_pct", {"rate": "N/0003", "current": "N/0001", "prior": "N/0002"}, 0, (), {"direction": "down"}),),
    )  # fmt: skip
    told = [one for one in judged(d)["findings"] if one["status"] == "broken" and one["quote"]]
    assert told and told[0]["quote"] == d.sentences[0].text and told[0]["line"] == 9


def test_broken_findings_come_first_by_severity(judged: Callable[[Disclosure], Any]) -> None:
    found = judged(with_total("100.60"))["findings"]
    order = [
        (one["status"] != "broken", rules.SEVERITIES.index(one["severity"]))
        for one in found
        if one["status"] == "broken"
    ]
    assert order == sorted(order)
    assert [one["status"] for one in found] == sorted(one["status"] for one in found)


# ---- whole documents


@pytest.mark.usefixtures("in_this_process")
def test_the_report_follows_its_schema(monkeypatch: pytest.MonkeyPatch, write: Write) -> None:
    """A readable and an unreadable document, against the published schema; then a fault that the schema must catch."""

    def understand(data: bytes, name: str) -> Disclosure:
        if name == "坏.pdf":
            raise Unreadable("encrypted", {"zh": "有密码", "en": "it has a password"})
        return with_total("100.60")

    monkeypatch.setattr(collect, "understand", understand)
    report = check.check([write("好.pdf", "x"), write("坏.pdf", "y")])
    schema = json.loads(check.SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(json.dumps(report)), schema)
    assert check.exit_code(report) == 2
    report["documents"][0]["findings"][0]["stated"] = 100.6
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, schema)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("空.pdf", b"", "empty"),
        ("截断.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\n", "truncated"),
        ("图.pdf", b"GIF89a" + b"0" * 64, "mislabelled"),
        ("通知.txt", "各位同事：周五下午三点开会，请准时参加。".encode(), "no_form"),
    ],
)
def test_bad_files_get_one_clear_line_each(write: Write, name: str, content: bytes, reason: str) -> None:
    report = check.check([write(name, content)])
    error = report["documents"][0]["error"]
    assert error["reason"] == reason
    assert error["message"]["zh"] and "\n" not in error["message"]["zh"] + error["message"]["en"]
    assert check.exit_code(report) == 2


def test_a_fault_of_the_reader_is_told_as_such_and_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("页")

    monkeypatch.setattr("flows.read.read_bytes", broken)
    with pytest.raises(Unreadable) as caught:
        collect.understand(b"x", "a.pdf")
    assert caught.value.reason == "failed" and "KeyError" in caught.value.message["en"]


def test_a_document_beyond_the_limits_is_one_line_and_the_others_are_read(write: Write) -> None:
    """A limit of time that a small text keeps and a long one does not."""
    good = [write(f"{name}.txt", "没有报表") for name in ("a", "c")]
    slow = write(
        "b.txt", "".join(f"{n}、收入{n}.5万元，比上年增加{n}.3万元，增长{n % 9}.5%。\n" for n in range(300_000))
    )
    report = check.check([good[0], slow, good[1]], limits=Limits(seconds=2, workers=2))
    assert [one["error"]["reason"] for one in report["documents"]] == ["no_form", "too_slow", "no_form"]
    schema = json.loads(check.SCHEMA.read_text("utf-8"))
    jsonschema.validate(report, schema)


def test_results_depend_neither_on_order_nor_on_the_number_of_workers(write: Write) -> None:
    """The samples, each twice under two names, with bad files between: by one worker, then shuffled by three."""
    samples = [one for one in sorted((REPOSITORY / "data" / "samples").glob("示例*.*")) if one.suffix != ".yaml"]
    paths = [write(f"{number}{one.suffix}", one.read_bytes()) for number in range(2) for one in samples]
    paths += [write("空.pdf", b""), write("坏.xlsx", b"PK\x03\x04" + b"x" * 99)]

    def told(order: list[Path], workers: int) -> dict[str, Any]:
        documents = check.check(order, limits=Limits(workers=workers))["documents"]
        assert [one["source"] for one in documents] == list(map(str, order))
        return {one["source"]: one for one in documents}

    alone = told(paths, 1)
    shuffled = random.Random(7).sample(paths, len(paths))
    assert shuffled != paths
    together = told(shuffled, 3)
    assert [json.dumps(together[one], sort_keys=True) == json.dumps(alone[one], sort_keys=True) for one in alone] == [
        True
    ] * len(paths)
    assert sum("findings" in one for one in alone.values()) == 2 * len(samples) >= 4


EVALUATION = """2024年度项目支出绩效自评表

项目名称\t临时救助\t\t\t\t
主管部门\t某县民政局\t\t实施单位\t救助站\t
资金（万元）\t年初预算数\t全年预算数\t全年执行数\t分值\t执行率\t得分
年度资金总额\t100.00\t100.00\t90.00\t10\t{rate}\t{score}
一级指标\t二级指标\t三级指标\t年度指标值\t实际完成值\t分值\t得分
产出指标\t数量指标\t救助人数\t≥300人\t312人\t90\t90
总分\t\t\t\t\t100\t99
"""


@pytest.mark.parametrize(
    ("rate", "score", "broken"),
    [
        ("90%", "9", set()),
        ("0.9", "9", set()),
        ("100%", "10", {"P02.execution", "P02.score_total"}),
        ("1.00", "10", {"P02.execution", "P02.score_total"}),
    ],
)
def test_tables_of_the_self_evaluation_alone_are_judged_without_a_word_on_the_nine_forms(
    write: Write, rate: str, score: str, broken: set[str]
) -> None:
    (document,) = check.check([write("附件.txt", EVALUATION.format(rate=rate, score=score))])["documents"]
    assert document["filing"]["kind"] == "performance" and document["filing"]["organisation"] == "某县民政局"
    assert {one["rule"] for one in document["findings"] if one["status"] == "broken"} == broken
    assert not [one for one in document["findings"] if one["rule"].startswith(("T", "C", "X.T", "R"))]
    if rate == "1.00":
        (finding,) = [one for one in document["findings"] if one["rule"] == "P02.execution"]
        assert finding["figures"][0]["value"] == "1.00" and finding["figures"][0]["unit"] == "比率"
        assert (finding["stated"], finding["computed"]) == ("100", "90")


# ---- collecting


def test_a_folder_is_walked_in_order_without_what_is_no_document(tmp_path: Path, write: Write) -> None:
    for name in ("b/2.pdf", "a.xlsx", "README.md", "b/list.yaml", ".hidden/x.pdf", "~$a.xlsx", ".gitkeep", "说明.md"):
        write(name, name)
    assert [Path(one.address).relative_to(tmp_path).as_posix() for one in collect.find([tmp_path])] == [
        "a.xlsx",
        "b/2.pdf",
        "说明.md",
    ]


def test_a_file_named_outright_is_taken_once_whatever_its_name(write: Write) -> None:
    path = write("README.md", "x")
    assert [one.name for one in collect.find([path, path])] == ["README.md"]


def test_an_address_without_anything_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(collect.Missing) as error:
        collect.find([tmp_path / "没有"])
    assert "没有" in error.value.message["zh"] and "没有" in error.value.message["en"]


def test_any_address_of_fsspec_is_walked_and_read() -> None:
    import fsspec

    files = fsspec.filesystem("memory")
    for name in ("/disclosures/b.pdf", "/disclosures/a.txt", "/disclosures/README.md"):
        files.pipe(name, name.encode())
    found = collect.find(["memory://disclosures"])
    assert [one.name for one in found] == ["a.txt", "b.pdf"]
    assert found[0].data() == b"/disclosures/a.txt"


def test_the_readers_version_changes_with_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = collect.reader_version()
    monkeypatch.setattr("flows.collect.understanding._version", lambda package: "another")
    collect.reader_version.cache_clear()
    assert collect.reader_version() != before
    collect.reader_version.cache_clear()


# ---- weight


def test_check_imports_neither_prefect_nor_great_expectations(write: Write) -> None:
    """In a process of its own: the command over a document, then a look at what it imported."""
    path = write("a.txt", "没有报表")
    code = (
        "import sys, json\n"
        "from flows import cli\n"
        "try:\n    cli.app(['check', sys.argv[1], '--format', 'json'])\nexcept SystemExit as end:\n    status = end.code\n"
        "heavy = {m.split('.')[0] for m in sys.modules} & {'prefect', 'great_expectations', 'pandas', 'sqlalchemy'}\n"
        "print('END', status, sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "END 2 []", done.stdout + done.stderr


def test_the_reader_version_covers_every_file_that_reads() -> None:
    names = {path.relative_to(Path(__file__).resolve().parents[2]).as_posix() for path in collect.reading_files()}
    assert {"flows/recognise/forms/reading.py", "flows/read/text.py", "expectations/vocabulary/forms.yaml"} <= names


def test_a_preview_and_an_amended_rule_are_told_as_such_and_make_no_command_fail(tmp_path: Path) -> None:
    """The same broken sum, critical as it ships, on trial as a team's own rule, and graded otherwise by the team."""
    text = (rules.FOLDER / "T03.yaml").read_text("utf-8")
    entry = text[text.index("  - id: T03.row") : text.index("  - id:", text.index("  - id: T03.row") + 5)]
    trial = entry.replace("id: T03.row", "id: ours.row").replace("    severity:", "    status: preview\n    severity:")
    head = "title: {zh: 例, en: Example}\nform: 支出决算表\nrules:\n"
    amend = "amend:\n  - {id: T03.row, severity: warning, reason: {zh: 另行核对, en: checked elsewhere}}\n"
    (tmp_path / "ours.yaml").write_text(head + trial.rstrip() + "\n" + amend, "utf-8")
    book = rules.in_force([tmp_path])
    told = check.report(with_total("100.60"), 10, book, verdicts.compile_all(book, vocabulary.load()))
    (shipped,), (ours,) = findings(told, "T03.row"), findings(told, "ours.row")
    assert (shipped["severity"], shipped["amended"]["en"]) == ("warning", "checked elsewhere")
    assert (ours["severity"], ours["rule_status"], ours["amended"]) == ("info", "preview", None)
    assert check.exit_code({"documents": [{"findings": [shipped, ours]}]}) == 0
    jsonschema.validate(
        {"hedui": "", "documents": [{"source": "a", "sha256": "0" * 64, **told}]},
        json.loads(check.SCHEMA.read_text("utf-8")),
    )
