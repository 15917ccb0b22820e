"""Lines become sentences: what belongs together, under which heading, in which place."""

from __future__ import annotations

from flows.read.document import Line, Place
from flows.recognise.narrative.sentences import clean, paragraphs, to_sentences
from tests.flows.recognise.told import tell


def _lines(*texts: str) -> list[Line]:
    return [Line(text, Place(line=number)) for number, text in enumerate(texts, 1)]


def _printed(*rows: tuple[int, float, float, str]) -> list[Line]:
    """Lines of a page 400 points wide: (page, top, right edge, text)."""
    return [Line(text, Place(page=page, bbox=(72.0, top, right, top + 14))) for page, top, right, text in rows]


def _texts(lines: list[Line]) -> list[str]:
    return [sentence.text for sentence in to_sentences(paragraphs(lines))]


def test_marks_of_markdown_html_and_latex_are_removed():
    assert clean("- **1. 教育支出**") == "1.教育支出"
    assert clean("<p>合格率 $\\geq 95\\%$ ，完成 100%</p>") == "合格率≥95%，完成100%"


def test_spaces_vanish_except_between_numbers():
    assert clean("支出　总计 1234.56 万 元") == "支出总计1234.56万元"
    assert clean("合计 12.50 13.50") == "合计12.50 13.50"


def test_full_width_digits_become_plain():
    assert clean("占 ３５．５％") == "占35.5%"


def test_leaders_and_page_numbers_of_a_contents_entry_are_removed():
    assert clean("一、收入决算情况说明 ………… 12") == "一、收入决算情况说明"


def test_a_sentence_runs_on_over_lines_of_a_text_file():
    assert _texts(_lines("支出合计", "12.50万元，比上年增加", "1.50万元。"))[-1].endswith("比上年增加1.50万元。")


def test_a_sentence_runs_on_over_pages_and_a_full_line_does_not_end_a_paragraph():
    lines = _printed(
        (1, 700, 400, "本年支出合计100.00万元。与上年相比，支出增加"),
        (2, 80, 300, "5.00万元。"),
        (2, 110, 400, "另起一段说明本年度机关运行经费的使用以及其他有关情况"),
    )
    found = paragraphs(lines)
    assert found[0].text.endswith("支出增加5.00万元。")
    assert len(found) == 2


def test_a_line_that_is_short_only_because_a_long_number_follows_does_not_end_a_paragraph():
    lines = _printed(
        (1, 100, 400, "本年度“三公”经费支出决算为7.50万元，比上年度增加了"),
        (1, 120, 335, "2.50万元，与上年度同口径相比较各项合计共增长"),
        (1, 140, 130, "12345.67%。"),
    )
    assert _texts(lines) == [
        "本年度“三公”经费支出决算为7.50万元，比上年度增加了2.50万元，与上年度同口径相比较各项合计共增长12345.67%。"
    ]
    ended = [
        *lines[:1],
        lines[1].__class__("2.50万元，与上年度同口径相比较各项合计增长50%。", lines[1].place),
        lines[2],
    ]
    assert len(_texts(ended)) == 2


def test_a_document_without_text_has_no_paragraph():
    assert paragraphs([]) == () and paragraphs(_lines("  ")) == ()


def test_items_may_be_numbered_beyond_ninety_nine():
    one = "9、卫生健康支出（类）略（项）。支出决算为1.00万元。"
    assert len(paragraphs(_lines("说明", one, one.replace("9、", "109、")))) == len(
        paragraphs(_lines("说明", one, one.replace("9、", "10、")))
    )
    assert paragraphs(_lines("说明", one.replace("9、", "109、")))[-1].number == "109、"


def test_each_cell_of_a_table_is_a_paragraph_of_its_own():
    lines, cells = _lines("（三）绩效情况", "自评5个项目。"), _lines("", "", "", "清淤12公里", "清淤12.5公里")[3:]
    assert [s.text for s in to_sentences(paragraphs(lines, cells))][2:] == ["清淤12公里", "清淤12.5公里"]


def test_each_character_keeps_the_page_on_which_it_is_printed():
    lines = _printed((1, 700, 400, "本年支出合计比上年度增加了一共"), (2, 80, 200, "5.00万元。"))
    (paragraph,) = paragraphs(lines)
    assert paragraph.place(0).page == 1
    assert paragraph.place(paragraph.text.index("5.00")).page == 2


def test_headings_form_a_chain():
    told = tell("（一）机关运行经费支出情况", "支出10.00万元。", under=("第三部分 情况说明", "十、其他重要事项"))
    assert told.sentences[-1].section == "第三部分情况说明/十、其他重要事项/（一）机关运行经费支出情况"


def test_a_heading_and_its_text_on_one_line_are_parted():
    told = tell("（一）机关运行经费支出情况。本部门机关运行经费支出10.00万元。")
    assert told.sentences[-1].section.endswith("（一）机关运行经费支出情况")
    assert told.sentences[-1].text == "本部门机关运行经费支出10.00万元。"


def test_a_numbered_item_with_amounts_is_no_heading():
    told = tell("1. 教育支出年初预算为10.00万元", "2. 其他支出年初预算为20.00万元")
    assert {claim.sentence for claim in told.claims} == {2, 3}
    assert all(not sentence.section.endswith("元") for sentence in told.sentences)


def test_semicolons_and_full_stops_end_sentences_but_not_inside_brackets():
    texts = _texts(_lines("收入合计5万元（其中：甲2万元；乙3万元）；支出合计4万元。结余1万元。"))
    assert texts == ["收入合计5万元（其中：甲2万元；乙3万元）；", "支出合计4万元。", "结余1万元。"]


def test_cells_of_one_row_are_not_joined():
    lines = [Line("目标1：办好展览", Place(line=7)), Line("目标1完成情况：完成率100%", Place(line=7))]
    assert _texts(lines) == ["目标1：办好展览", "目标1完成情况：完成率100%"]


def test_lines_of_tables_that_come_last_are_put_where_they_are_printed():
    lines = [
        Line("第四部分 预算绩效情况说明", Place(line=1)),
        Line("第五部分 名词解释", Place(line=9)),
        Line("展览经费预算10万元，实际支出9万元", Place(line=4)),
    ]
    assert to_sentences(paragraphs(lines))[1].section == "第四部分预算绩效情况说明"


def test_punctuation_is_uniform_but_a_grouped_number_keeps_its_comma():
    assert _texts(_lines("收入合计1,234.50万元,其中:事业收入(专户)5万元"))[0] == (
        "收入合计1,234.50万元，其中：事业收入（专户）5万元"
    )


def test_a_blank_quantity_stays_in_its_sentence_and_states_nothing():
    told = tell("因公出国（境）共计个团组，人；较上年下降%，支出为XX万元。")
    assert told.claims == ()
    assert "共计个团组，人；" in told.sentences[-2].text


def test_a_chapters_name_may_stand_on_the_line_below_its_number():
    told = tell(
        "二、收入决算情况说明",
        "本年收入合计5万元。",
        under=("第一部分", "青石县档案馆概况", "第三部分", "2024年度决算情况说明"),
    )
    assert told.sentences[-1].section == "第三部分2024年度决算情况说明/二、收入决算情况说明"
    assert len(told.claims) == 1


def test_sections_without_numbers_are_known_by_what_they_are_called():
    told = tell(
        "收入决算情况说明",
        "2024年度收入合计5.00万元。",
        "支出决算情况说明",
        "2024年度支出合计4.00万元。",
        "名词解释",
        "经费：指1.00万元以上的款项。",
        under=("青石县档案馆2024年度部门决算", "2024年度部门决算情况说明"),
    )
    assert [claim.concept for claim in told.claims] == ["T02/合计/本年收入合计", "T03/合计/本年支出合计"]


def test_below_a_numbered_heading_a_name_alone_opens_no_section():
    told = tell("支出决算情况说明", "支出5.00万元。", under=("第三部分 情况说明", "七、“三公”经费支出决算情况说明"))
    assert told.sentences[-1].section.endswith("七、“三公”经费支出决算情况说明")
