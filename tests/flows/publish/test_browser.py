"""The site as a reader meets it: opened from the file system in a browser that has no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flows.publish.pages.evidence import anchor
from tests.flows.publish import little

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def address(site: Path, organisation: str, lang: str = "") -> str:
    for path in sorted((site / lang / "filings").glob("*.html")):
        if f"<h1>{organisation}" in path.read_text("utf-8"):
            return path.as_uri()
    raise AssertionError(f"no page for {organisation}")


FIGURE = f"#{anchor('T03/2012604/本年支出合计')}"


def test_every_kind_of_page_opens_without_network_error_or_sideways_scrolling(site: Path, page: Page) -> None:
    for path in sorted(site.rglob("*.html")):
        for width in (1560, 900, 400):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
                path,
                width,
            )
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "14px", "the stylesheet was applied"


def test_the_evidence_opens_by_keyboard_and_gives_the_place_back(site: Path, page: Page) -> None:
    page.goto(address(site, "示例市档案局"))
    page.locator(FIGURE).focus()
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    assert page.evaluate("document.activeElement.id") == "panel"
    text = panel.inner_text()
    for shown in ("每行合计等于各类支出之和", "515.825", "551.835", "36.00", "35.99", "不符 · 必须更正"):
        assert shown in text, shown
    assert "上级科目等于下级科目之和" in text, "the other rules in which the figure takes part"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == anchor("T03/2012604/本年支出合计")
    assert "图例" not in panel.inner_text() and "绿边：相符" in panel.inner_text()


def test_arrow_keys_walk_the_figures_of_a_table(site: Path, page: Page) -> None:
    page.goto(address(site, "示例市档案局"))
    page.locator(FIGURE).focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == anchor("T03/2012604/项目支出")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == anchor("T03/2012601/项目支出")


def test_a_claim_opens_its_evidence_in_the_text(site: Path, page: Page) -> None:
    page.goto(address(site, "示例市档案局"))
    page.locator(f"mark #{anchor('N/0003')}").click()
    assert "占比等于部分除以整体" in page.locator("#panel").inner_text()


def test_a_deep_link_leads_to_its_finding_and_opens_it(site: Path, page: Page) -> None:
    page.goto(address(site, "示例市档案局"))
    id_ = page.locator("article.finding").first.get_attribute("id")
    page.goto("about:blank")
    page.goto(f"{address(site, '示例市档案局')}#{id_}")
    assert page.locator(f"#{id_}").evaluate("node => node.classList.contains('on')")
    assert "计算得" in page.locator("#panel").inner_text()
    page.goto("about:blank")
    page.goto(f"{address(site, '示例市档案局')}#{anchor('T03/2012604/本年支出合计')}")
    assert "515.83" in page.locator("#panel").inner_text()


def test_without_script_every_figure_leads_to_its_finding(browser: Browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    opened = context.new_page()
    opened.goto(address(site, "示例市档案局"))
    opened.locator(FIGURE).click()
    number = opened.locator(f"#{opened.url.split('#')[1]}")
    assert "515.825" in opened.locator("article.finding").filter(has=number).inner_text()
    context.close()


def test_the_language_switch_leads_to_the_same_page_and_back(site: Path, page: Page) -> None:
    page.goto(address(site, "示例市档案局"))
    before = page.url
    page.get_by_role("link", name="English").click()
    assert (
        page.locator("html").get_attribute("lang") == "en" and "final accounts 2024" in page.locator("h1").inner_text()
    )
    assert "Each row's total is the sum of its kinds" in page.locator("#findings").inner_text()
    page.get_by_role("link", name="中文").click()
    assert page.url == before


def test_the_search_of_every_page_leads_to_the_list_of_filings(site: Path, page: Page) -> None:
    page.goto((site / "index.html").as_uri())
    page.locator("#search").fill("水务")
    page.keyboard.press("Enter")
    page.wait_for_url("**/filings.html#/?q=*")
    rows = page.locator("#results tbody tr")
    rows.first.wait_for()
    assert rows.count() == 1 and "示例市水务局" in rows.inner_text() and not page.locator("#list").is_visible()


def test_a_hostile_filing_does_nothing(site: Path, page: Page) -> None:
    page.goto(address(site, little.LONG))
    assert "owned" not in page.title()
    assert little.HOSTILE in page.locator("#form-T03").inner_text()
    page.locator(FIGURE).click()
    assert little.HOSTILE in page.locator("#panel").inner_text()
    assert page.locator("#panel script").count() == 0
    wide = page.locator("#form-T03").bounding_box()
    assert wide and wide["width"] < 900, "long names wrap inside their card"


def test_on_a_small_screen_the_panel_is_a_sheet_and_the_index_a_menu(site: Path, page: Page) -> None:
    page.set_viewport_size({"width": 420, "height": 800})
    page.goto(address(site, "示例市档案局"))
    assert not page.locator("#panel").is_visible()
    assert not page.locator(".index ol").first.is_visible()
    page.locator(FIGURE).click()
    box = page.locator("#panel").bounding_box()
    assert box and box["y"] > 200 and round(box["y"] + box["height"]) == 800
    page.locator(".panel .close").click()
    assert not page.locator("#panel").is_visible()


def test_in_print_the_panel_is_gone_and_findings_are_footnotes(site: Path, page: Page) -> None:
    page.goto(address(site, "示例市档案局"))
    page.emulate_media(media="print")
    assert not page.locator("#panel").is_visible() and not page.locator(".index").is_visible()
    note = page.locator(f"{FIGURE} sup")
    assert note.is_visible()
    number = note.inner_text().strip("[] ").split(",")[0]
    numbers = page.locator("article.finding .number").all_inner_texts()
    assert number in numbers


def test_the_dark_scheme_keeps_text_readable(browser: Browser, site: Path) -> None:
    context = browser.new_context(color_scheme="dark")
    opened = context.new_page()
    opened.goto(address(site, "示例市档案局"))
    for selector in ("body", ".form td.bad", ".form td.explain, mark.explain", ".tag.bad", ".sub", ".card h2"):
        assert opened.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector
    context.close()


def test_the_light_scheme_keeps_text_readable(site: Path, page: Page) -> None:
    page.goto(address(site, "示例市档案局"))
    for selector in ("body", ".form td.bad", "mark.explain", ".tag.bad", ".tag", ".sub", ".small", "td.code", ".n-bad"):
        assert page.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector


CONTRAST = """node => {
  const light = text => { const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  let ground = node, found = "rgba(0, 0, 0, 0)";
  while (ground && found === "rgba(0, 0, 0, 0)") { found = getComputedStyle(ground).backgroundColor; ground = ground.parentElement; }
  const [a, b] = [light(getComputedStyle(node).color), light(found)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}"""
