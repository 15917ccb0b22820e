"""Who is compared, how each is called, and what each does not do: what the table of docs/peers.md says beside the figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Said = dict[Literal["zh", "en"], str]
"""The same in Chinese and English."""


@dataclass(frozen=True)
class Peer:
    """One way to do the work. `group` names its environment, "" for the repository's own; `script` is in `runners/`.

    `sampled`: it judges but so many filings, and its time is extrapolated. The rest is what a reader should know: which failing
    figures it names, who minds rounding, blanks and reasons.
    """

    key: str
    title: str
    script: str
    group: str = ""
    way: str = ""
    sampled: int = 0
    failing: Said | None = None
    rounding: Said | None = None
    blanks: Said | None = None
    reasons: Said | None = None


NONE: Said = {"zh": "无", "en": "none"}
BY_HAND: Said = {"zh": "每项检查自己写", "en": "written into every check"}
SILENT: Said = {
    "zh": "自己补零；漏写则比较结果为 NULL，静默通过",
    "en": "to be filled by hand; where that is forgotten the comparison is NULL and passes silently",
}

JUDGING = (
    Peer("hand", "DuckDB SQL, by hand", "by_hand",
         failing={"zh": "只有个数", "en": "a count"}, rounding=BY_HAND, blanks=SILENT, reasons=NONE),
    Peer("hedui", "Hedui", "through_hedui", way="night",
         failing={"zh": "逐条保留，附算式、差额与尾差不能解释的部分",
                  "en": "every one kept, with arithmetic, difference and what rounding cannot explain"},
         rounding={"zh": "内建，按印出的小数位", "en": "built in, from the decimals printed"},
         blanks={"zh": "内建：空白在和中按零，全空为“无法核实”", "en": "built in: nothing in a sum, “not verifiable” where all are blank"},
         reasons={"zh": "“无法核实”都有原因；疑误数字与成因推测另算", "en": "for every “not verifiable”; suspects and causes are worked out besides"}),
    Peer("hedui-rules", "Hedui, rules alone", "through_hedui", way="rules",
         failing={"zh": "同上", "en": "the same"}, rounding={"zh": "同上", "en": "the same"}, blanks={"zh": "同上", "en": "the same"},
         reasons={"zh": "同上", "en": "the same"}),
    Peer("gx", "Great Expectations, batch per filing", "one_batch_each", "gx", sampled=24,
         failing={"zh": "每批的行号和值（COMPLETE）", "en": "row and values in each batch (COMPLETE)"},
         rounding={"zh": "另算成列再比较", "en": "computed into columns, then compared"},
         blanks={"zh": "两列皆空的行被略过；补零须自己做", "en": "rows blank in both columns are left out; filling is by hand"}, reasons=NONE),
    Peer("pandera-pandas", "pandera on pandas", "with_pandera", "pandera", "pandas",
         failing={"zh": "每行每列一条（failure_cases）", "en": "every row, once for each of its columns (failure_cases)"},
         rounding={"zh": "自己写，浮点数另加容差", "en": "by hand, with a further slack for floats"},
         blanks={"zh": "自己补零；漏写则误报不符", "en": "to be filled by hand; where that is forgotten a blank is a failure"}, reasons=NONE),
    Peer("pandera-polars", "pandera on polars", "with_pandera", "pandera", "polars",
         failing={"zh": "每行一条（failure_cases）", "en": "every row (failure_cases)"},
         rounding=BY_HAND, blanks=SILENT, reasons=NONE),
    Peer("soda", "Soda Core 4 on DuckDB", "with_soda", "soda",
         failing={"zh": "只有个数；逐行须另设其诊断仓库", "en": "a count; rows need its diagnostics warehouse"},
         rounding=BY_HAND, blanks=SILENT, reasons=NONE),
    Peer("dbt", "dbt tests on DuckDB", "with_dbt", "dbt",
         failing={"zh": "每项检查一张表（--store-failures），列自己写", "en": "a table for each check (--store-failures), with the columns that its author wrote"},
         rounding=BY_HAND, blanks=SILENT, reasons=NONE),
)  # fmt: skip
"""The first is the limit."""

READING = (
    Peer("pdfium", "pdfium, text alone", "reading", way="pdfium",
         failing={"zh": "只有文字，不分表格行列", "en": "text, no tables"}),
    Peer("hedui-cells", "Hedui, cells", "reading", way="hedui_cells",
         failing={"zh": "表格单元格及位置，另一读取器逐数复核", "en": "cells of tables with their places, every number confirmed by a second reader"}),
    Peer("hedui-figures", "Hedui, figures and claims", "reading", way="hedui",
         failing={"zh": "同上，并认出报表、科目、栏次和叙述中的数字", "en": "the same, and forms, codes, columns and the narrative's claims recognised"}),
    Peer("pdfplumber", "pdfplumber, tables", "reading", "reading", "pdfplumber",
         failing={"zh": "表格单元格", "en": "cells of tables"}),
    Peer("camelot", "camelot, lattice", "reading", "reading", "camelot",
         failing={"zh": "表格单元格", "en": "cells of tables"}),
)  # fmt: skip
"""The first is the limit; `failing` says here what each gives."""

GROUPS = tuple(dict.fromkeys(peer.group for peer in (*JUDGING, *READING) if peer.group))
