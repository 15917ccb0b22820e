"""The classification of revenue and expenditure as data: which names a code has in a year, and the table that rules ask.

Source: 财政部《政府收支分类科目》, functional classification of expenditure and economic classification of departments. Classes
stand in `vocabulary/classification.yaml`; `vocabulary/classification.csv` holds the sections and items that are certain, with
the fiscal years in which each name is in force (blank: as far as these accounts go). A code that stands in neither is not
wrong: it is only not known here.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from expectations import vocabulary
from expectations.vocabulary import Table, TableColumn

ITEMS = Path(__file__).with_name("vocabulary") / "classification.csv"
FIRST, LAST = 0, 9999
TABLE = Table(
    "classification",
    "政府收支分类科目",
    (
        TableColumn("kind", "VARCHAR", "functional 支出功能分类、economic 部门预算支出经济分类"),
        TableColumn("code", "VARCHAR", "科目编码"),
        TableColumn("name", "VARCHAR", "科目名称"),
        TableColumn("since", "INTEGER", "起始年度"),
        TableColumn("until", "INTEGER", "截止年度"),
        TableColumn("position", "INTEGER", "次序：同一编码的名称，正式的在前"),
    ),
)


@lru_cache(maxsize=1)
def rows() -> tuple[tuple[str, str, str, int, int, int], ...]:
    """Every name of every known code, with the columns of `TABLE`; a code may have several names at once."""
    found: list[tuple[str, str, str, int, int]] = []
    for kind, classes in vocabulary.load().classes.items():
        for code, line in classes.items():
            found.extend((kind, code, name, FIRST, LAST) for name in (line.zh, *line.also))
    with ITEMS.open(encoding="utf-8", newline="") as file:
        for item in csv.DictReader(file):
            years = int(item["since"] or FIRST), int(item["until"] or LAST)
            found.append((item["kind"], item["code"], item["name"], *years))
    return tuple((*one, position) for position, one in enumerate(found))


def normal(sql: str) -> str:
    """`sql`, a text in SQL, as names of codes are compared: Chinese letters and digits alone, without the marks （类）（款）（项）,
    a number in front, 的 and a last 支出; 与 counts as 和."""
    bare = rf"regexp_replace({sql}, '^\s*[一二三四五六七八九十]+、|[（(][类款项][）)]\s*$|[^\p{{Han}}A-Za-z0-9（(）)、]', '', 'g')"
    plain = f"replace(translate({bare}, '（(）)、的', ''), '与', '和')"
    return f"regexp_replace({plain}, '(.)支出$', '\\1')"


def same_name(printed: str, listed: str) -> str:
    """A condition in SQL: the name `printed` is one of the names `listed` (text, several with / between them).

    A name cut off by the width of its column, at six letters or more, is the same.
    """
    one = normal(printed)
    names = f"list_transform(string_split({listed}, '/'), x -> {normal('x')})"
    same = f"len(list_filter({names}, x -> x = {one} OR (length({one}) >= 6 AND starts_with(x, {one})))) > 0"
    return f"coalesce({same}, false)"
