"""The published site over HTTP: its files and nothing else, for reading alone."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from click.testing import Result
from starlette.testclient import TestClient
from typer.testing import CliRunner

from flows import serving
from flows.cli import app
from flows.place import MARKER
from tests.conftest import REPOSITORY


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "en").mkdir(parents=True)
    (folder / "assets").mkdir()
    for name in ("index.html", "en/index.html", "assets/site.css", MARKER):
        (folder / name).write_text(name, "utf-8")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "site-secret.txt").write_text("secret")
    (folder / "way-out").symlink_to(tmp_path)
    return folder


@pytest.fixture
def asked(site: Path) -> Iterator[TestClient]:
    with TestClient(serving.application(site), base_url="http://localhost", follow_redirects=False) as client:
        yield client


def test_pages_are_served_with_their_types_and_kept_from_harm(asked: TestClient) -> None:
    page = asked.get("/")
    assert (page.status_code, page.text) == (200, "index.html") and page.headers["content-type"].startswith("text/html")
    assert {name: page.headers[name] for name in serving.HEADERS} == serving.HEADERS
    assert asked.get("/en/").text == "en/index.html"
    assert asked.get("/assets/site.css").headers["content-type"].startswith("text/css")
    again = asked.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")


def test_the_policy_is_that_of_the_pages() -> None:
    base = (REPOSITORY / "flows/publish/templates/base.html").read_text("utf-8")
    (told,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', base)
    assert serving.HEADERS["Content-Security-Policy"] == told.replace(" file:", "") + "; frame-ancestors 'none'"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_nothing_but_reading_is_answered(asked: TestClient, method: str, site: Path) -> None:
    answer = asked.request(method, "/index.html")
    assert answer.status_code == 405 and answer.headers["allow"] == "GET, HEAD"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert asked.head("/index.html").status_code == 200 and (site / "index.html").read_text() == "index.html"


def test_folders_are_not_listed(asked: TestClient) -> None:
    assert [asked.get(path).status_code for path in ("/assets/", "/assets", "/nothing")] == [404, 404, 404]


def test_a_page_elsewhere_cannot_ask_by_a_name_of_its_own(site: Path, asked: TestClient) -> None:
    assert asked.get("/", headers={"Host": "attacker.example"}).status_code == 400
    with TestClient(serving.application(site, "0.0.0.0"), base_url="http://hedui.example") as open_to_all:
        assert open_to_all.get("/").status_code == 200


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False), ("hedui.example", False)],
)  # fmt: skip
def test_loopback_is_told_from_other_addresses(host: str, alone: bool) -> None:
    assert serving.loopback(host) is alone


# ---- by the command, over a real connection


def hedui(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture
def port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def served(site: Path, port: int) -> Iterator[int]:
    call = [sys.executable, "-c", "from flows.cli import app; app()", "serve", "--site"]
    call += ["--site-folder", str(site), "--port", str(port)]
    process = subprocess.Popen(
        call, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "LANG": "en"}
    )
    try:
        _await(process, port)
        yield port
    finally:
        process.terminate()
        said = process.communicate(timeout=20)[0].decode()
    assert process.returncode in (0, -signal.SIGTERM) and "Traceback" not in said, said


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(300):
        assert process.poll() is None, process.communicate()[0]
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("nothing listens")


def test_no_path_leads_out_of_the_site(served: int) -> None:
    """Asked as a program may ask, which a browser or client would tidy up before."""
    ways = ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/en/../../secret.txt", "/../site-secret.txt", "//etc/passwd"]  # fmt: skip
    ways += [
        "/%2fetc%2fpasswd",
        "/..\\secret.txt",
        "/way-out/secret.txt",
        "/way-out/",
        "/index.html%00.txt",
        "/" + "a" * 300,
    ]
    told = {}
    for way in ways:
        connection = HTTPConnection("127.0.0.1", served, timeout=10)
        connection.putrequest("GET", way)
        connection.endheaders()
        answer = connection.getresponse()
        told[way] = (answer.status, b"secret" in answer.read())
        connection.close()
    assert told == dict.fromkeys(ways, (404, False))


def test_only_this_machine_is_answered_unless_told_otherwise(served: int) -> None:
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    local = {line.split()[1] for line in listening if line.split()[3] == "0A"}
    assert f"0100007F:{served:04X}" in local and f"00000000:{served:04X}" not in local


def test_an_address_that_is_taken_is_one_line(site: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = taken.getsockname()[1]
        ran = hedui("serve", "--site", "--site-folder", site, "--port", str(busy), "--lang", "en")
    assert ran.exit_code == 2 and f"127.0.0.1:{busy} cannot be had" in ran.stderr and "Traceback" not in ran.output


def test_a_folder_that_is_no_site_of_ours_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("private")
    ran = hedui("serve", "--site", "--site-folder", tmp_path, "--lang", "zh")
    assert ran.exit_code == 2 and "不是核对发布的页面" in ran.stderr
