"""Every page for every eye and hand: axe-core's rules, four hundred per cent, a phone, a dark room, a sheet of A4."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.flows.publish import little

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SERIOUS = ("serious", "critical")


def one_of_each_kind(site: Path) -> list[Path]:
    """In both languages a page of every folder and every page at the root; the filing with the most on it."""
    found = []
    for root in (site, site / "en"):
        found += sorted(root.glob("*.html"))
        for folder in sorted(one for one in root.iterdir() if one.is_dir() and one.name not in ("en", "assets")):
            pages = sorted(folder.glob("*.html"), key=lambda path: -path.stat().st_size)
            found += pages[:1]
    assert len(found) >= 14, "both languages, every kind"
    return found


def violations(page: Page) -> list[str]:
    """What axe-core calls serious or critical on the page as it stands."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    found: dict[str, Any] = axe.Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response
    return [
        f"{page.url.rsplit('/site/', 1)[-1]}: {one['id']}: {node['target']} {node['html'][:120]}"
        for one in found["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_kind_of_page(site: Path, page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    found: list[str] = []
    for path in one_of_each_kind(site):
        page.goto(path.as_uri())
        found += violations(page)
    assert found == []


def test_axe_finds_nothing_serious_with_the_evidence_open_on_a_phone(site: Path, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(max((site / "filings").glob("*.html"), key=lambda path: path.stat().st_size).as_uri())
    page.locator(".form td.bad > a, .form td.explain > a").first.click()
    assert page.locator("#panel.open").is_visible()
    assert violations(page) == []


def test_axe_would_tell(page: Page, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.html"
    wrong.write_text(
        "<title>x</title><p style='color:#ddd;background:#fff'>faint</p><img src='data:,'><input>", "utf-8"
    )
    page.goto(wrong.as_uri())
    assert {one.split(": ")[1] for one in violations(page)} >= {"color-contrast", "image-alt", "html-has-lang", "label"}


def test_nothing_needs_sideways_scrolling_at_four_hundred_per_cent(site: Path, page: Page) -> None:
    """1280 × 1024 at 400 % are 320 × 256 units; only tables may be wider, in their own scrolling region."""
    page.set_viewport_size({"width": 320, "height": 256})
    for path in one_of_each_kind(site):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_the_header_leaves_room_for_the_page_at_four_hundred_per_cent(site: Path, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto((site / "index.html").as_uri())
    fixed = page.evaluate(
        "[...document.querySelectorAll('*')].filter(n => ['fixed','sticky'].includes(getComputedStyle(n).position))"
        ".filter(n => n.getBoundingClientRect().height > 128).map(n => n.className)"
    )
    assert fixed == []


def test_every_figure_and_link_can_be_reached_by_keyboard_alone(site: Path, page: Page) -> None:
    page.goto(max((site / "filings").glob("*.html"), key=lambda path: path.stat().st_size).as_uri())
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "(() => { const n = document.activeElement, r = n.getBoundingClientRect();"
            " return n !== document.body && getComputedStyle(n).visibility === 'visible' && r.width > 0; })()"
        )
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement !== document.body")
    unreachable = page.evaluate(
        "[...document.querySelectorAll('.form td > a, mark a')].filter(n => n.tabIndex < 0 || !n.hasAttribute('href')).length"
    )
    assert unreachable == 0


def test_the_first_tab_skips_to_the_content(site: Path, page: Page) -> None:
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


def test_on_paper_findings_carry_their_arithmetic_and_nothing_to_click(site: Path, page: Page) -> None:
    page.goto(max((site / "filings").glob("*.html"), key=lambda path: path.stat().st_size).as_uri())
    page.emulate_media(media="print")
    assert not page.locator("#panel").is_visible() and not page.locator("#search").is_visible()
    assert page.locator("article.finding table.sum").first.is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_colour_is_never_the_only_sign(site: Path, page: Page) -> None:
    """Each coloured figure says its status in words to those who do not see it, and shows a mark to those who see no colour."""
    page.goto(max((site / "filings").glob("*.html"), key=lambda path: path.stat().st_size).as_uri())
    for kind in ("bad", "explain", "none"):
        coloured = page.locator(f".form td.{kind} > a").all()[:3]
        assert coloured or kind != "bad"
        for node in coloured:
            told = node.evaluate("n => (n.getAttribute('aria-label') || '') + n.title + n.textContent")
            figure = node.evaluate("n => (n.querySelector('.value') || n.firstChild).textContent")
            assert told.replace(figure, "").strip(), (kind, node.evaluate("n => n.outerHTML"))


def test_a_hostile_filing_is_text_on_every_page_that_names_it(site: Path, browser: Browser) -> None:
    context = browser.new_context(offline=True)
    opened = context.new_page()
    dialogs: list[str] = []
    opened.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    named = [path for path in site.rglob("*.html") if little.LONG[:20] in path.read_text("utf-8")]
    assert len(named) > 4
    for path in named:
        opened.goto(path.as_uri())
        assert "owned" not in opened.title()
        inside = opened.evaluate(
            "[...document.querySelectorAll('script')].filter(n => !n.src && n.type !== 'application/json').length"
        )
        assert inside == 0, path
    context.close()
    assert dialogs == []
