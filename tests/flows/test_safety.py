"""No document and no rule runs code, opens another file or reaches the network; secrets stay where they belong.

What single readers refuse stands in tests/flows/read/test_hostile.py and what a query may say in tests/expectations/test_query.py;
here is the whole way, watched from outside: Python's own audit events, a listener that nobody calls, a file whose words appear nowhere.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import vocabulary
from expectations.formula import Mistake
from expectations.sql import query
from flows import check, judge, trial, warehouse
from flows.sql import confine
from tests.conftest import REPOSITORY
from tests.flows.read import hostile as made

SECRET = "七七七四十九号暗语"


class Trap:
    """A file that must not be read and an address that must not be asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "outside" / "secret.txt"
        self.file.parent.mkdir()
        self.file.write_text(SECRET, "utf-8")
        self.calls: list[object] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}/x"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            while True:
                self.calls.append(self._listener.accept())
        except OSError:
            return

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    one = Trap(tmp_path)
    yield one
    one.close()


def documents(trap: Trap) -> dict[str, bytes]:
    """Documents that point elsewhere in every way that their format has."""
    file, far = trap.file.as_uri(), trap.address
    head = f'<!DOCTYPE x SYSTEM "{far}.dtd" [<!ENTITY local SYSTEM "{file}"><!ENTITY far SYSTEM "{far}"><!ENTITY % more SYSTEM "{far}">%more;]>'
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{file}" parse="text"/>'

    def outside(kind: str, target: str) -> str:
        return f'<Relationship Id="r-{kind}-{len(target)}" Type="{made.RELATION}/{kind}" Target="{target}" TargetMode="External"/>'

    kinds = (
        "image",
        "attachedTemplate",
        "oleObject",
        "subDocument",
        "frame",
        "hyperlink",
        "externalLinkPath",
        "externalLink",
    )
    relations = f'<Relationships xmlns="{made.RELATIONS}">{"".join(outside(kind, to) for kind in kinds for to in (file, far))}</Relationships>'
    drawing = '<w:p><w:r><w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:link="r-image-1"/></w:drawing></w:r></w:p>'
    page = (
        f"{head}<base href='{far}'><link rel=stylesheet href='{file}'><style>@import url({far});p{{background:url({file})}}</style>"
        f"<img src='{file}'><img src='{far}'><iframe src='{file}'></iframe><object data='{file}'></object><embed src='{far}'>"
        f"<script src='{far}'></script><svg><image href='{file}'/><use href='{far}#a'/></svg><video src='{far}'></video>{include}"
        f"<meta http-equiv=refresh content='0;url={far}'><form action='{far}'></form><p>甲&local;&far;</p>"
    ).encode()
    actions = f"/OpenAction<</S/URI/URI({far})>>/AA<</O<</S/GoToR/F({trap.file})>>>>/Names<</EmbeddedFiles<</Names[(a)<</F({trap.file})/UF({far})>>]>>>>"
    linked = f'<table:table xlink:href="{file}" xmlns:xlink="http://www.w3.org/1999/xlink"><table:table-source xlink:href="{file}"/><table:table-row><table:table-cell><text:p>甲&local;</text:p></table:table-cell></table:table-row></table:table>'
    return {
        "entities.xlsx": made.xlsx(made.rows(("科目", "&local;&far;"), ("合计", 1.5)), head=head),
        "links.xlsx": made.xlsx(made.SHEET, **{"xl/_rels/workbook.xml.rels": relations, "xl/externalLinks/_rels/externalLink1.xml.rels": relations}),
        "web query.xlsx": made.xlsx(made.SHEET, **{"xl/connections.xml": f'<connections><connection id="1"><webPr url="{far}"/></connection></connections>'}),
        "formulas.xlsx": made.xlsx(f'<sheetData><row r="1"><c r="A1" t="str"><f>WEBSERVICE("{far}")</f><v>合计</v></c><c r="B1"><f>[{trap.file}]a!A1</f><v>1.5</v></c></row></sheetData>'),
        "entities.docx": made.docx(made.paragraph("收入&local;&far;") + include, head),
        "links.docx": made.docx(made.paragraph("收入 1.5 万元") + drawing, **{"word/_rels/document.xml.rels": relations, "word/_rels/settings.xml.rels": relations}),
        "fields.docx": made.docx(f"<w:p><w:r><w:instrText>INCLUDETEXT {trap.file} INCLUDEPICTURE {far}</w:instrText></w:r><w:r><w:t>收入 1.5 万元</w:t></w:r></w:p>"),
        "entities.ods": made.ods(linked, head),
        "links.ods": made.ods(linked.replace("&local;", "")),
        "page.html": page,
        "saved.mht": b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Location: " + far.encode() + b"\r\n\r\n" + page + b"\r\n--b\r\nContent-Type: message/external-body; access-type=local-file; name=\"" + str(trap.file).encode() + b"\"\r\n\r\n--b--\r\n",
        "actions.pdf": made.one_page(made.stream(made.WORDS), catalog=actions.encode()),
    }  # fmt: skip


WATCHED = """
import json, os, sys
from pathlib import Path

allowed = tuple(map(os.path.realpath, json.loads(sys.argv[2])))
seen = []
watching = False

def hook(event, arguments):
    if not watching:
        return
    if event == "open":
        path, mode, flags = arguments
        if isinstance(path, int):
            return
        real = os.path.realpath(os.fsdecode(path))
        writes = bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) and "__pycache__" not in real
        if writes or not real.startswith(allowed):
            seen.append([event, real])
    elif event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "ftplib", "http.", "urllib.")):
        seen.append([event, repr(arguments)[:200]])

sys.addaudithook(hook)
from flows import collect
from flows.read.document import Unreadable
collect.understand((Path(sys.argv[3])).read_bytes(), "warm.txt")   # what is imported and cached once
told = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    data = path.read_bytes()
    watching = True
    try:
        said = repr(collect.understand(data, path.name))
    except Unreadable as error:
        said = f"{error.reason} {error.message}"
    finally:
        watching = False
    told[path.name] = said
print(json.dumps({"seen": seen, "told": told}))
"""


def watched(folder: Path, code: str = WATCHED) -> dict[str, Any]:
    """What Python was asked to open, ask and start while the documents of `folder` were read, and what was made of each."""
    allowed = [
        sys.prefix,
        sys.base_prefix,
        str(REPOSITORY),
        "/usr/share/zoneinfo",
        "/proc",
        "/dev",
        "/sys",
        "/etc/mime.types",
    ]
    warm = next((REPOSITORY / "data" / "samples").glob("*.md"))
    ran = subprocess.run(
        [sys.executable, "-c", code, str(folder), json.dumps(allowed), str(warm)],
        cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout))


def test_reading_opens_nothing_asks_nobody_and_starts_nothing(trap: Trap) -> None:
    folder = trap.folder / "inbox"
    folder.mkdir()
    for name, data in documents(trap).items():
        (folder / name).write_bytes(data)
    found = watched(folder)
    assert set(found["told"]) == set(documents(trap))
    assert found["seen"] == []
    assert trap.calls == []
    assert not [name for name, said in found["told"].items() if SECRET in said]


def test_the_watch_sees_what_it_watches_for(trap: Trap) -> None:
    """Otherwise the test before could not fail."""
    folder = trap.folder / "inbox"
    folder.mkdir()
    (folder / "a.txt").write_text("x")
    host, port = trap.address.split("/")[2].split(":")
    bad = f"open({str(trap.file)!r}).read(); __import__('socket').create_connection(({host!r}, {port})); __import__('os').system('true')"
    code = WATCHED.replace("said = repr(collect", f"{bad}; said = repr(collect")
    events = {event for event, _ in watched(folder, code)["seen"]}
    assert {"open", "os.system"} <= events and any(event.startswith("socket.") for event in events)
    assert trap.calls


def test_checking_such_documents_gives_nothing_away(trap: Trap) -> None:
    """In the processes that read, as `hedui check` and the night use them."""
    for name, data in documents(trap).items():
        (trap.folder / name).write_bytes(data)
    report = check.check(sorted(path for path in trap.folder.iterdir() if path.is_file()))
    assert len(report["documents"]) == len(documents(trap))
    assert SECRET not in json.dumps(report, ensure_ascii=False) and trap.calls == []


# ---- rules --------------------------------------------------------------------------------------------------------------

OUTSIDE = [
    "SELECT content FROM read_text('{file}')",
    "SELECT * FROM read_csv('{file}')",
    "SELECT * FROM '{file}'",
    "SELECT * FROM read_parquet('{far}')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM sniff_csv('{file}')",
    "COPY (SELECT 1) TO '{file}'",
    "ATTACH '{file}' AS other",
    "INSTALL httpfs",
    "LOAD '{file}'",
    "EXPORT DATABASE '{file}'",
    "SELECT * FROM read_blob('{file}')",
]


@pytest.mark.parametrize("sql", OUTSIDE)
def test_a_rule_that_reaches_outside_is_refused_before_it_runs(sql: str, trap: Trap) -> None:
    text = sql.format(file=trap.file, far=trap.address)
    with pytest.raises(Mistake):
        query.read(text, vocabulary.load())
    with pytest.raises(Mistake):
        query.read(f"SELECT filing, true AS ok FROM judged_filing WHERE EXISTS ({text})", vocabulary.load())


@pytest.mark.parametrize("name", ["getenv('HOME')", "current_setting('home_directory')", "pg_read_file('/etc/passwd')", "query('SELECT 1')"])  # fmt: skip
def test_a_rule_asks_the_machine_nothing(name: str) -> None:
    with pytest.raises(Mistake):
        query.read(f"SELECT filing, {name} = 'x' AS ok FROM judged_filing", vocabulary.load())


@pytest.mark.parametrize("sql", OUTSIDE)
def test_where_rules_run_the_database_reaches_nothing_outside(sql: str, trap: Trap) -> None:
    """Were one to get through all the same."""
    with duckdb.connect(str(trap.folder / "w.duckdb")) as connection:
        judge.bound(connection)
        with duckdb.connect(str(trap.folder / "w.duckdb")) as other, pytest.raises(duckdb.Error) as error:
            other.execute(sql.format(file=trap.file, far=trap.address)).fetchall()
        assert re.search("disabled|does not exist", str(error.value)), error.value
        assert SECRET not in str(error.value)
        with pytest.raises(duckdb.Error):
            connection.execute("SET enable_external_access = true")
    assert trap.calls == []


@pytest.mark.parametrize("where", ["check", "trial"])
def test_checking_and_trying_confine_the_database_before_a_rule_runs(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    confined: list[duckdb.DuckDBPyConnection] = []

    def note(connection: duckdb.DuckDBPyConnection) -> None:
        confine(connection)
        confined.append(connection)

    monkeypatch.setattr(f"flows.{where}.confine", note)
    if where == "check":
        sample = next((REPOSITORY / "data" / "samples").glob("*.md"))
        monkeypatch.setattr("flows.check.judge", lambda connection, _: [] if confined[0] is connection else None)
        check.check([sample])
    else:
        with warehouse.connect() as connection:
            assert trial.tried(connection, ()) == ()
    assert len(confined) == 1


# ---- secrets ------------------------------------------------------------------------------------------------------------


def test_nothing_in_the_repository_holds_a_credential() -> None:
    """Credentials come from the environment or Prefect's blocks: no file of ours has a place for one."""
    pattern = re.compile(r"(?i)\b(password|passwd|secret|token|api_?key)\b\s*[:=]\s*[\"']?[A-Za-z0-9+/_-]{8,}")
    tracked = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=False).stdout
    if not tracked:
        pytest.skip("no checkout")
    looked_at = [REPOSITORY / name for name in tracked.split("\n") if name.endswith((".yaml", ".yml", ".toml", ".service", ".md", "Makefile", "Dockerfile"))]  # fmt: skip
    assert len(looked_at) > 20
    found = [f"{path.name}: {match[0]}" for path in looked_at if path.is_file() for match in pattern.finditer(path.read_text("utf-8"))]  # fmt: skip
    assert found == []


def test_a_log_does_not_print_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import doctor
    from flows.night.plan import Plan

    monkeypatch.setenv("PREFECT_API_URL", "http://user:geheim12@127.0.0.1:9/api")
    monkeypatch.setenv("PREFECT_API_KEY", "pnu_geheim12")
    lines = doctor.examine(Plan((str(tmp_path),), tmp_path / "w.duckdb", tmp_path / "site"))
    assert "geheim12" not in str(lines) and os.environ["PREFECT_API_KEY"]
