"""docs/peers.md and its curves, from the results that are kept: nothing on the page is written by hand but its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.peers.chart import Curve, drawn
from tests.peers.field import JUDGING, READING, Peer, Said
from tests.peers.results import Results, Setting, load_of, ratios, shown
from tests.peers.rounds import Outcome

CHARTS = {
    "computing": ("peers-time.svg", "判定的计算时间 · Computing time to judge", "秒 s"),
    "memory": ("peers-memory.svg", "判定所占内存 · Memory to judge", "MiB"),
}
PEERS = {peer.key: peer for peer in (*JUDGING, *READING)}

OPENING = """# 与同类工具并排 · Beside what else could be used

由 `make bench-peers` 量得，`make bench-peers PEERS=--page` 写成，不手工修改。
*Measured by `make bench-peers`, written by `make bench-peers PEERS=--page`; not edited by hand.*

同样的二十项检查（按行求和、上下级科目、表间），同样的生成决算，各用各的惯用写法；每轮每个工具一个新进程，轮流进行。每个工具查出的不符合个数都须与手写 SQL 相同，不同之处逐条写出。
*The same twenty checks (sums along rows, totals over children, forms against each other) on the same generated filings, each in its own idiom; a fresh process
a tool and round, in turns. Everyone must count as many broken instances as the SQL by hand; where one does not, it says so.*
"""
MEASURED = """
时间是工作本身的，不含启动（导入、载入规则）；启动另列。内存是进程的最大值，DuckDB 缓存的文件页在内。× 是手写 SQL（读取时为 pdfium）中位数的倍数。机器上同时有别的工作时（负载大于核数），时钟时间偏长且不稳，以计算秒为准。超过限度（6 GiB、10 分钟，可另定）的即行终止，并写明。
*Time is that of the work, without the start (imports, loading of rules), which has a column of its own. Memory is the largest of the process, pages of the file that DuckDB
keeps included. × is the multiple of the median of the SQL by hand, or of pdfium for reading. Where the machine had other work (a load above its number of cores), time by the clock is long and uneven: computing seconds are the fairer. What takes more than a limit (6 GiB, 10 minutes, unless others are given) is ended, and said so.*

- 手写 SQL 只数个数：不写算式，不分“尾差内”，不留记录；它是下限，不是替代品。
  *The SQL by hand counts and does nothing else: no arithmetic, no verdict within rounding, no record. It is the limit, not a choice.*
- Hedui 另外检查规则所读各表的主键、运行金丝雀、逐条保留不通过的判定；几百份以下，Great Expectations 的固定开销占大部分。“rules alone” 是同样的语句，不经 Great Expectations。
  *Hedui also sees to the keys of the tables that its rules read and to its canary, and keeps every verdict that does not pass. For few filings the constant cost of Great Expectations
  is most of it. “Rules alone” are the same statements without it.*
- Great Expectations 逐份建批的只量 24 份，按份数外推（标 ≈）；内存未外推。
  *Great Expectations with a batch a filing is measured on 24 filings and extrapolated (marked ≈); its memory is not.*
- 只有 Hedui 和手写 SQL 查看报表是否已识读；生成的报表都已识读，个数因此可比。
  *Only Hedui and the SQL by hand look whether a form was read at all. The generated ones all are, so that counts can be compared.*
- 没有列出的规模没有量过；轮数写在每张表上。
  *A size that is not shown was not measured; each table says how many rounds it has.*
- pandera 和 Great Expectations 读 Parquet 文件，其余读 DuckDB 文件。
  *pandera and Great Expectations read Parquet files, the others the DuckDB file.*
"""
REPEAT = """
## 重做 · To repeat it

```sh
make bench-peers PEERS=--plan                           # 会做什么 · what would be done
make bench-peers                                        # 1,000 份，五轮 · 1,000 filings, five rounds
make bench-peers PEERS='--filings 1000 10000 100000'    # 曲线 · the curves
make bench-peers PEERS='--peers soda dbt --filings 200' # 只比几个 · some of them
make bench-peers PEERS=--page                           # 写这一页 · this page
```

每组工具一个环境，在 `build/peers/` 下，按 `tests/peers/requirements/` 中写定的版本安装，未改动则沿用。装不上、出错、超限的，表中写明，其余照常。
*Each group of tools has an environment under `build/peers/`, installed from the versions pinned in `tests/peers/requirements/` and kept while they are the same. One that cannot be
installed, fails or takes too much is a row that says so; the others go on.*
"""


def write(results: Results, folder: Path) -> list[Path]:
    """The page and its charts are in `folder`; returns their paths."""
    made = {folder / "peers.md": page(results)} | {folder / name: svg for name, svg in charts(results).items()}
    for path, content in made.items():
        path.write_text(content, "utf-8")
    return list(made)


def page(results: Results) -> str:
    """The page as Markdown, Chinese beside English."""
    judged = sorted((one for one in results.tables if one.kind == "judging"), key=lambda one: one.number)
    read = [one for one in results.tables if one.kind == "reading"]
    parts = [OPENING, f"\n{results.machine}\n\n## 判定 · Judging\n"]
    for setting in judged:
        parts += ["\n".join(_table(setting, results.tables[setting])), "\n"]
    parts += [f"\n![{title}]({name})\n" for name, title, _ in CHARTS.values()] if judged else []
    parts.append(MEASURED)
    parts += ["\n## 说些什么 · What each tells\n\n", "\n".join(_features(JUDGING)), "\n"]
    if read:
        parts.append("\n## 读取 PDF · Reading PDF\n")
    for setting in read:
        parts += ["\n".join(_table(setting, results.tables[setting])), "\n"]
    return "".join([*parts, REPEAT])


def charts(results: Results) -> dict[str, str]:
    """File name → chart; none where nothing was judged."""
    if not any(setting.kind == "judging" for setting in results.tables):
        return {}
    return {
        name: drawn(_curves(results, measure), title, "决算份数 filings", up)
        for measure, (name, title, up) in CHARTS.items()
    }


def _curves(results: Results, measure: str) -> Iterator[Curve]:
    settings = sorted((one for one in results.tables if one.kind == "judging"), key=lambda one: one.number)
    for peer in JUDGING:
        outcomes = [
            (setting.number, one) for setting in settings for one in results.tables[setting] if one.peer == peer.key
        ]
        points = tuple((number, value) for number, one in outcomes if (value := one.value(measure)) is not None)
        kind = "limit" if peer is JUDGING[0] else "ours" if peer.key == "hedui" else ""
        sampled = " ≈" if peer.sampled and measure == "computing" else ""
        yield Curve(f"{peer.title}{sampled}", points, kind)


def _table(setting: Setting, outcomes: Sequence[Outcome]) -> Iterator[str]:
    rounds = sorted({len(one.rounds) for one in outcomes if one.rounds})
    told = f"{rounds[0]}" if len(rounds) == 1 else f"{rounds[0]}–{rounds[-1]}" if rounds else "0"
    yield ""
    title = (
        f"{setting.number:,} 份决算 filings, {setting.note}"
        if setting.kind == "judging"
        else f"{setting.note}, {setting.number} 页 pages"
    )
    yield f"**{title}**, {told} 轮 rounds, 负载 load {load_of(outcomes):.1f}"
    yield ""
    last = "" if setting.kind == "judging" else " 表中数字 numbers of the forms | 给出什么 what it gives |"
    yield f"| | 秒 s | × | 计算秒 CPU s | × | MiB | × | 启动秒 start s |{last}"
    yield f"| --- | --: | --: | --: | --: | --: | --: | --: |{' --: | --- |' if last else ''}"
    for one in outcomes:
        yield _row(setting, outcomes, one)
    yield from (
        f"\n{PEERS[one.peer].title} 计数不同 counts differently: {'; '.join(one.differs)}"
        for one in outcomes
        if one.differs
    )


def _row(setting: Setting, outcomes: Sequence[Outcome], one: Outcome) -> str:
    peer = PEERS[one.peer]
    name = f"**{peer.title}**" if peer.key.startswith("hedui") else peer.title
    if one.why:
        return f"| {name} | {_cell(one.why)} | | | | | | |" + (" | |" if setting.kind == "reading" else "")
    times = ratios(outcomes, one)
    cells = []
    for measure in ("seconds", "computing", "memory"):
        mark = "≈ " if one.sampled and measure != "memory" else ""
        cells += [f"{mark}{shown(one.value(measure))}", shown(times.get(measure))]
    cells.append(shown(one.value("starting")))
    if setting.kind == "reading":
        cells += [f"{one.found[0]} / {one.found[1]}" if one.found else "", _both(peer.failing)]
    return f"| {name} | {' | '.join(cells)} |"


def _features(peers: Sequence[Peer]) -> Iterator[str]:
    yield "| | 不符合的数字 failing figures | 尾差 rounding | 空白 blanks | 原因 reasons |"
    yield "| --- | --- | --- | --- | --- |"
    for peer in peers:
        said = (peer.failing, peer.rounding, peer.blanks, peer.reasons)
        yield f"| {peer.title} | {' | '.join(map(_both, said))} |"


def _both(said: Said | None) -> str:
    return f"{_cell(said['zh'])}<br>*{_cell(said['en'])}*" if said else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
