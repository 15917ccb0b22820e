"""The place in the source: from the overview to it in three clicks, and what is shown when it cannot be shown."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from expectations import rules
from flows import collect, warehouse
from flows.publish import publish
from flows.publish.content import queries, reading
from flows.publish.content.reckoned import Reckoned
from flows.publish.source import album
from flows.publish.source.places import box, sharpened
from flows.publish.source.rendering import SCALE, draw, numbers_in
from flows.read import read_bytes
from flows.read.document import Line
from flows.schema import DIAGNOSES
from tests.bench.publishing import weigh
from tests.conftest import REPOSITORY
from tests.flows.publish import little
from tests.flows.publish.test_access import violations

if TYPE_CHECKING:
    from playwright.sync_api import Page

SAMPLES = REPOSITORY / "data" / "samples"
PDF = "application/pdf"


def filled(documents: Sequence[Path], folder: Path) -> Path:
    """A warehouse with these documents, judged by the shipped rules."""
    path = folder / "w.duckdb"
    with warehouse.connect(path) as db:
        for document in documents:
            data = document.read_bytes()
            origin = warehouse.Origin(str(document), collect.fingerprint(data), len(data), "test")
            warehouse.load(db, [(collect.understand(data, document.name), origin)])
        little.judge(db, rules.in_force(None), "night", datetime(2025, 9, 1, 2, 0))
    return path


def published(documents: Sequence[Path], folder: Path) -> tuple[Path, Path]:
    path = filled(documents, folder)
    publish(path, rules.in_force(None), folder / "site")
    return path, folder / "site"


# ---- three clicks ----------------------------------------------------------------------------------------------------------


def test_every_finding_of_the_samples_leads_to_its_place_in_three_clicks(tmp_path: Path, page: Page) -> None:
    samples = [
        path
        for path in sorted(SAMPLES.iterdir())
        if path.suffix in (".pdf", ".xlsx", ".md") and path.name != "README.md"
    ]
    path, site = published(samples, tmp_path)
    assert follow_everything(path, site, page) >= 40
    assert weigh(site)["heaviest"] < 370 + SUPPOSED
    assert weigh(without_suppositions(path, tmp_path / "bare"))["heaviest"] < 370


@pytest.mark.parametrize(("name", "heaviest"), [("dingxi-2023.txt", 560), ("putuo-socialwork-2024.pdf", 300)])
def test_every_finding_of_a_labelled_disclosure_leads_to_its_place_in_three_clicks(
    name: str, heaviest: int, shared: Path, tmp_path: Path, page: Page
) -> None:
    """KiB that its page weighs with all evidence: 143 findings with their arithmetic are more than the 300 of any other."""
    path, site = published([shared / name], tmp_path)
    assert follow_everything(path, site, page) >= 9
    assert weigh(site)["heaviest"] < heaviest + (SUPPOSED if heaviest > 300 else 0)
    assert weigh(without_suppositions(path, tmp_path / "bare"))["heaviest"] < heaviest


SUPPOSED = 100
"""KiB more for what is supposed of more than a hundred findings."""


def without_suppositions(warehouse_: Path, site: Path) -> Path:
    """The site of the same warehouse, had nothing been supposed of its findings."""
    with duckdb.connect(str(warehouse_)) as connection:
        for table in DIAGNOSES:
            connection.execute(f"DELETE FROM {table.name}")
    publish(warehouse_, rules.in_force(None), site)
    return site


def follow_everything(warehouse_: Path, site: Path, page: Page) -> int:
    """Every finding was followed from the overview; returns how many there are.

    One click leads to the list of filings, one to the filing, the third to the place; the first two are shared by its findings.
    """
    with duckdb.connect(str(warehouse_), read_only=True) as db:
        findings = db.execute(
            "SELECT v.filing, v.fingerprint, coalesce(g.raw, c.quote), coalesce(g.page, c.page), coalesce(g.cell, c.cell), d.media_type, d.sha256 "
            "FROM verdict v JOIN filing f USING (filing) JOIN document d ON d.sha256 = f.document "
            "LEFT JOIN figure g ON g.filing = v.filing AND g.id = list_filter(v.terms, x -> x.side = 'stated' AND x.id IS NOT NULL)[1].id "
            "LEFT JOIN claim c ON c.filing = v.filing AND c.id = list_filter(v.terms, x -> x.side = 'stated' AND x.id IS NOT NULL)[1].id "
            "WHERE f.current AND v.status = 'broken' ORDER BY 1, 2"
        ).fetchall()
        names = {filing.key for filing in queries.filings(db)}
    opened, clicked = "", 0
    place = page.context.new_page()
    for filing, fingerprint, said, number, cell, media, sha256 in findings:
        assert filing in names
        if filing != opened:
            page.goto((site / "index.html").as_uri())
            page.locator("header nav a[href$='filings.html']").click()
            page.locator(f"table a[href$='filings/{filing}.html']").first.click()
            opened, clicked = filing, 0
        page.wait_for_load_state()
        third = page.locator(f"#finding-{fingerprint} a.source")
        assert third.is_visible(), fingerprint
        # A click costs the large page of the filing again, on the way back: after two, the link is followed beside it.
        shown = page if clicked < 2 else place
        if clicked < 2:
            third.click()
        else:
            place.goto(third.evaluate("link => link.href"))
        shown.wait_for_load_state()
        assert f"/sources/{sha256[:20]}" in shown.url, fingerprint
        expect_place(shown, said, number if media == PDF else None, cell)
        if clicked < 2:
            page.go_back()
        clicked += 1
    place.close()
    return len(findings)


def expect_place(page: Page, said: str | None, number: int | None, cell: str | None) -> None:
    """The address names something on the page, and that is what the finding is about."""
    target = page.locator(":target")
    assert target.count() == 1, page.url
    if said is None:
        assert page.locator("#absent, aside, table.lines").count(), page.url
        return
    told = plain(target.text_content() or "")
    assert plain(said) in told or told.rstrip("≠?()不符需说明") in plain(said), (page.url, said, told)
    if number:
        assert page.url.split("#")[0].endswith(f"-{number}.html")
        box = page.locator(":target rect").bounding_box()
        paper = page.locator(".paper image").bounding_box()
        assert box and paper and paper["width"] > 400, "the picture of the page is shown"
        assert paper["x"] <= box["x"] and box["x"] + box["width"] <= paper["x"] + paper["width"] + 1
        assert paper["y"] <= box["y"] and box["y"] + box["height"] <= paper["y"] + paper["height"] + 1
        assert page.locator(".paper").evaluate(LOADED), "the picture can be loaded"
    if cell:
        row = page.locator("tr", has=target).locator("th").inner_text()
        assert row == re.sub("[A-Z]", "", cell)


def plain(text: str) -> str:
    return re.sub(r"\s", "", text)


LOADED = """async node => {
  const picture = new Image(); picture.src = node.querySelector("image").href.baseVal;
  await picture.decode(); return picture.naturalWidth > 600;
}"""


# ---- the box stands on the number ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("cropped", [False, True])
def test_the_box_stands_on_the_number_however_the_page_is_turned_or_cropped(turned: int, cropped: bool) -> None:
    from PIL import Image

    data = one_number(turned, cropped)
    (line,) = read_bytes(data, "a.pdf").pages[0].items
    assert isinstance(line, Line) and line.text == "1234.56"
    left, top, right, bottom = line.place.bbox or (0, 0, 0, 0)
    (picture,) = draw(data, f"{PDF} 1")
    shown = Image.open(io.BytesIO(picture.data)).convert("L")
    assert abs(shown.width - picture.width * SCALE) < 3 and abs(shown.height - picture.height * SCALE) < 3
    ink = shown.point(lambda tone: 255 if tone < 128 else 0).getbbox()
    assert ink, "the number is drawn"
    box = [edge * SCALE for edge in (left, top, right, bottom)]
    assert box[0] - 4 <= ink[0] and box[1] - 4 <= ink[1] and ink[2] <= box[2] + 4 and ink[3] <= box[3] + 4
    assert ink[2] - ink[0] > 0.5 * (box[2] - box[0]) and ink[3] - ink[1] > 0.5 * (box[3] - box[1])


@pytest.mark.parametrize("turned", [0, 90])
def test_a_picture_tells_where_the_numbers_of_its_page_stand(turned: int) -> None:
    data = one_number(turned, cropped=True)
    (line,) = read_bytes(data, "a.pdf").pages[0].items
    (picture,) = draw(data, f"{PDF} 1")
    (number,) = numbers_in(picture.data)
    assert number.text == "1234.56"
    assert list(number[1:]) == pytest.approx(list(line.place.bbox or ()), abs=3)
    assert numbers_in(b"\xff\xd8 a JPEG tells of none") == () == numbers_in(b"\x89PNG\r\n\x1a\n")


def test_a_picture_file_is_drawn_as_the_reader_of_scans_measures_it_and_a_photograph_comes_out_small() -> None:
    pytest.importorskip("numpy", reason="the extra ocr is not installed")
    from PIL import Image, ImageDraw

    sheet = Image.new("L", (1654, 2339), 255)
    ImageDraw.Draw(sheet).rectangle((827, 1000, 900, 1030), fill=0)
    noise = Image.effect_noise((1654, 2339), 90)
    for picture, ending, least in ((sheet, "png", 500), (noise, "jpg", 20_000)):
        target = io.BytesIO()
        picture.save(target, "PNG", dpi=(200, 200))
        (drawn,) = draw(target.getvalue(), "image/png 1")
        assert (drawn.ending, round(drawn.width), round(drawn.height)) == (ending, 595, 842)
        assert least < len(drawn.data) < 900_000
    target = io.BytesIO()
    sheet.save(target, "PNG", dpi=(200, 200))
    (drawn,) = draw(target.getvalue(), "image/png 1")
    ink = Image.open(io.BytesIO(drawn.data)).convert("L").point(lambda tone: 255 if tone < 128 else 0).getbbox()
    assert [edge / SCALE for edge in ink or ()] == pytest.approx(
        [edge * 0.36 for edge in (827, 1000, 901, 1031)], abs=1
    )


def one_number(turned: int, cropped: bool) -> bytes:
    """A page with one number on it, off its middle."""
    from reportlab.pdfgen.canvas import Canvas

    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(400, 300))
    canvas.setPageRotation(turned)
    if cropped:
        canvas.setCropBox((30, 40, 380, 290))
    canvas.drawString(70, 207, "1234.56")
    canvas.showPage()
    canvas.save()
    return target.getvalue()


# ---- the album -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A warehouse whose one document lies beside it, and the document."""
    folder = tmp_path_factory.mktemp("album")
    document = folder / "accounts.pdf"
    document.write_bytes(next(SAMPLES.glob("*.pdf")).read_bytes())
    return filled([document], folder), document


@pytest.fixture
def db(sample: tuple[Path, Path]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(sample[0]), read_only=True) as connection:
        yield connection


def gathered(db: duckdb.DuckDBPyConnection, site: Path, standing: Path, choice: str = "findings") -> album.Pictures:
    site.mkdir()
    (pictures,) = album.gather(Reckoned(db), queries.runs(db)[0], choice, site, standing).documents.values()
    return pictures


def test_pages_with_findings_are_drawn_once_and_then_taken_over(db: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    first = gathered(db, tmp_path / "one", tmp_path / "none")
    assert first.pages and not first.why and len(first.pages) < 19
    assert all(10_000 < one.size < 120_000 for one in first.pages.values())
    second = gathered(db, tmp_path / "two", tmp_path / "one")
    assert second == first
    for one in first.pages.values():
        assert os.path.samefile(tmp_path / "one" / one.file, tmp_path / "two" / one.file)
    assert len(gathered(db, tmp_path / "all", tmp_path / "two", "all").pages) == 19
    assert album.gather(Reckoned(db), queries.runs(db)[0], "none", tmp_path / "all", tmp_path / "none").documents == {}


def test_a_picture_that_was_cut_short_is_drawn_again(db: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    first = gathered(db, tmp_path / "one", tmp_path / "none")
    cut = tmp_path / "one" / next(iter(first.pages.values())).file
    cut.write_bytes(b"half")
    second = gathered(db, tmp_path / "two", tmp_path / "one")
    assert second == first and (tmp_path / "two" / cut.relative_to(tmp_path / "one")).stat().st_size > 10_000


@pytest.mark.parametrize(("fault", "why"), [("gone", "gone"), ("changed", "changed")])
def test_other_bytes_are_never_drawn(
    fault: str, why: str, sample: tuple[Path, Path], db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    document = sample[1]
    kept = document.read_bytes()
    try:
        if fault == "gone":
            document.unlink()
        else:
            document.write_bytes(kept + b"\n")
        pictures = gathered(db, tmp_path / "one", tmp_path / "none")
        assert (dict(pictures.pages), pictures.why) == ({}, why)
        publish(sample[0], rules.in_force(None), tmp_path / "site")
    finally:
        document.write_bytes(kept)
    told = [path.read_text("utf-8") for path in sorted((tmp_path / "site" / "en" / "sources").glob("*-*.html"))]
    words = {"gone": "no longer where it was read", "changed": "Other contents are now where"}[why]
    assert told and all(words in text and "<image" not in text for text in told)
    assert all("</a></li>" in text for text in told), "what stands on the page is told in words"


def test_a_document_that_ends_or_stalls_its_renderer_holds_nothing_up(
    db: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(album, "_RUNS", "tests.flows.workers.unruly:draw_all_but_one")
    monkeypatch.setattr(album, "SECONDS", 2)
    first = gathered(db, tmp_path / "one", tmp_path / "none")
    assert first.failed == (13, 14) and first.why == "failed" and len(first.pages) > 4
    monkeypatch.setattr(album, "_RUNS", "tests.flows.workers.unruly:nothing_at_all")
    assert gathered(db, tmp_path / "two", tmp_path / "one") == first, "what failed is not tried again every night"


def test_the_box_of_a_claim_stands_on_its_number_not_on_its_line(db: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    run = queries.runs(db)[0]
    pictures = album.gather(Reckoned(db), run, "all", tmp_path / "site", tmp_path / "none")
    (contents,) = reading.contents(db, queries.filings(db), run)
    sharp = sharpened(contents, pictures)
    narrower = 0
    for before, after in zip(contents.claims, sharp.claims, strict=True):
        old, new = box(before.spot), box(after.spot)
        assert old and new
        assert old[0] - 3 <= new[0] <= new[2] <= old[2] + 3 and old[1] - 3 <= new[1] <= new[3] <= old[3] + 3
        narrower += new[2] - new[0] < 60 and new != old
    assert narrower > 0.9 * len(sharp.claims)
    assert sharpened(contents, album.EMPTY) == contents


def test_an_unknown_choice_is_refused(db: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="findings, all, none"):
        album.gather(db, None, "some", tmp_path, tmp_path)


# ---- the panel -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample_site(sample: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("panel") / "site"
    publish(sample[0], rules.in_force(None), site)
    return site


def open_filing(site: Path, page: Page) -> None:
    (filing,) = (site / "filings").glob("*.html")
    page.goto(filing.as_uri())


def test_the_panel_shows_the_place_with_its_neighbours_and_leads_to_it_in_one_click(
    sample_site: Path, page: Page
) -> None:
    open_filing(sample_site, page)
    page.locator(".form td.bad > a").first.click()
    crop = page.locator("#panel .crop")
    box, paper = crop.locator("rect.chosen").bounding_box(), crop.bounding_box()
    assert box and paper and paper["width"] > 300
    assert paper["x"] < box["x"] and box["x"] + box["width"] < paper["x"] + paper["width"]
    assert paper["y"] < box["y"] and box["y"] + box["height"] < paper["y"] + paper["height"]
    assert crop.locator("rect.beside").count() >= 1, "the other figures of the arithmetic on this page"
    assert crop.evaluate(LOADED)
    said = page.locator(".form td.bad > a").first.evaluate("a => a.firstChild.textContent")
    page.locator("#panel .cropped").click()
    page.wait_for_load_state()
    assert said in (page.locator(":target title").text_content() or "")


def test_every_identity_of_a_figure_opens_with_its_arithmetic_by_keyboard_and_keeps_the_focus(
    sample_site: Path, page: Page
) -> None:
    open_filing(sample_site, page)
    figure = page.locator(".form td.bad > a").first
    figure.focus()
    page.keyboard.press("Enter")
    others = page.locator("#panel .others details")
    assert others.count() >= 2
    for at in range(others.count()):
        others.nth(at).locator("summary").focus()
        page.keyboard.press("Enter")
        assert others.nth(at).locator("summary").evaluate("node => node === document.activeElement")
        others.nth(at).locator(".formula").wait_for()
    assert page.locator("#panel .others table.sum").count() >= 1
    page.keyboard.press("Escape")
    assert figure.evaluate("node => node === document.activeElement")


def test_the_place_can_be_copied(sample_site: Path, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_filing(sample_site, page)
    page.locator(".form td.bad > a").first.click()
    page.locator("#panel button", has_text="复制出处").click()
    page.locator("#panel button", has_text="已复制").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "支出决算表 · 第 7 页" in copied and "万元" in copied


def test_a_figure_that_no_rule_guards_says_so_and_where_it_stands(site: Path, page: Page) -> None:
    page.goto(next(path for path in sorted((site / "filings").glob("*-2.html"))).as_uri())
    page.locator(".form td.bare > a").first.click()
    told = page.locator("#panel").inner_text()
    assert "没有规则核对这个数字" in told and "复制出处" in told


def test_axe_finds_nothing_serious_on_the_pages_of_the_source(sample_site: Path, page: Page) -> None:
    paths = sorted((sample_site / "sources").glob("*.html"), key=lambda path: len(path.name))
    for path in (paths[0], paths[-1], sample_site / "en" / "sources" / paths[0].name):
        page.goto(path.as_uri())
        assert violations(page) == []
