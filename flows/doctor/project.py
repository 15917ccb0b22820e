"""What lies here: rules, sources, the warehouse and the published site."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from flows import collect, warehouse_checks
from flows import warehouse as store
from flows.doctor.line import Line
from flows.night import expected, judging, waiving
from flows.night.plan import NightFailed, Plan
from flows.notify import receivers


def rules(plan: Plan) -> Iterator[Line]:
    """Every rule file is in order."""
    from expectations.rulefile.problems import RuleErrors

    try:
        _, compiled = judging.judges(plan)
    except RuleErrors as error:
        first = error.problems[0]
        more = len(error.problems) - 1
        yield Line(
            "rules",
            "fail",
            first.text("zh") + (f"（另有 {more} 处）" if more else ""),
            first.text("en") + (f" (and {more} more)" if more else ""),
            "请按所指的行更正；hedui rules lint 列出全部。",
            "mend the line it names; hedui rules lint lists them all",
        )
        return
    yield Line("rules", "ok", f"{len(compiled)} 条规则无误", f"{len(compiled)} rules are in order")


def sources(plan: Plan) -> Iterator[Line]:
    """There is something to read at every source; addresses elsewhere are not asked."""
    here = [one for one in plan.sources if "://" not in one]
    try:
        found = collect.find(here)
    except collect.Missing as error:
        yield Line(
            "sources",
            "fail",
            error.message["zh"],
            error.message["en"],
            "请建立这个文件夹，或改用别的来源。",
            "make the folder, or name another source",
        )
        return
    away = len(plan.sources) - len(here)
    zh = f"{len(found)} 份文档" + (f"；{away} 个网络来源未查" if away else "")
    en = f"{len(found)} documents" + (f"; {away} sources elsewhere were not asked" if away else "")
    if found or away:
        yield Line("sources", "ok", zh, en)
    else:
        yield Line(
            "sources",
            "warn",
            zh,
            en,
            f"请把决算公开文件放进 {plan.sources[-1]}。",
            f"put disclosures into {plan.sources[-1]}",
        )


def declared(plan: Plan) -> Iterator[Line]:
    """What people declare beside rules is in order: the register, waivers, who is told; each only where it is there."""
    try:
        expected.foresee(plan)
        waiving.foresee(plan)
    except NightFailed as error:
        yield Line(
            "declared",
            "fail",
            error.message["zh"],
            error.message["en"],
            "请按所说更正这个文件。",
            "mend the file as it says",
        )
        return
    problems = receivers.declared(plan.notify)[1]
    if problems:
        yield Line(
            "declared",
            "warn",
            problems[0].text("zh"),
            problems[0].text("en"),
            "请更正，否则有人收不到通知。",
            "mend it, or somebody is not told",
        )
        return
    here = [str(one) for one in (plan.register, *plan.waivers) if one]
    yield Line(
        "declared",
        "ok",
        "名册、核实说明、通知无误" + (f"：{'、'.join(here)}" if here else "（未使用的不查）"),
        "register, waivers and notices are in order"
        + (f": {', '.join(here)}" if here else " (what is not used is not looked at)"),
    )


def warehouse(plan: Plan) -> Iterator[Line]:
    """The warehouse opens, and its last run ended."""
    if not plan.warehouse.exists():
        yield Line(
            "warehouse",
            "ok",
            f"还没有 {plan.warehouse}，首次运行时建立",
            f"there is no {plan.warehouse} yet; the first night makes it",
        )
        return
    try:
        connection = store.connect(plan.warehouse, read_only=True)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            yield Line(
                "warehouse",
                "warn",
                f"{plan.warehouse} 正被使用（运行正在进行？）",
                f"{plan.warehouse} is in use (a night is running?)",
                "请在运行结束后再查。",
                "look again when it has ended",
            )
            return
        yield _broken(plan, error)
        return
    except duckdb.Error as error:
        yield _broken(plan, error)
        return
    with connection:
        yield from _runs(plan, connection)


def _broken(plan: Plan, error: Exception) -> Line:
    cause = str(error).splitlines()[0]
    return Line(
        "warehouse",
        "fail",
        f"打不开 {plan.warehouse}：{cause}",
        f"{plan.warehouse} cannot be opened: {cause}",
        "请从备份恢复它；没有备份就把它移开，下一夜会重新读取全部文档（历史随之失去）。",
        "restore it from the backup; without one move it away: the next night reads everything anew (its history is lost)",
    )


def _runs(plan: Plan, connection: store.Connection) -> Iterator[Line]:
    try:
        row = connection.execute("SELECT run, status FROM run ORDER BY started DESC, run DESC LIMIT 1").fetchone()
        filings = connection.execute("SELECT count(*) FROM filing WHERE current").fetchone()
    except duckdb.Error as error:
        yield _broken(plan, error)
        return
    held = filings[0] if filings else 0
    if not row or row[1] != "running":  # one that was cut off is mended by the next
        yield from _consistent(connection)
    if row is None:
        yield Line("warehouse", "ok", f"{held} 份决算，还没有运行过", f"{held} filings, no run yet")
        return
    run, status = row
    if status == "completed":
        yield Line(
            "warehouse", "ok", f"{held} 份决算，上次运行 {run} 已完成", f"{held} filings, the last run {run} completed"
        )
        return
    zh = f"上次运行 {run} " + ("失败" if status == "failed" else "被中断")
    en = f"the last run {run} " + ("failed" if status == "failed" else "was cut off")
    yield Line(
        "warehouse",
        "warn",
        zh,
        en,
        "请看日志中的原因，再运行 hedui nightly：它从中断处接着做。",
        "see the log for the cause, then run hedui nightly: it goes on from there",
    )


def _consistent(connection: store.Connection) -> Iterator[Line]:
    found = warehouse_checks.inconsistencies(connection)
    if not found:
        yield Line("consistency", "ok", "仓库前后一致", "the warehouse is consistent")
        return
    more = len(found) - 1
    yield Line(
        "consistency",
        "fail",
        found[0].text("zh") + (f"（另有 {more} 项）" if more else ""),
        found[0].text("en") + (f" (and {more} more)" if more else ""),
        "请从备份恢复仓库，并把这一行发给维护者。",
        "restore the warehouse from the backup, and send this line to the maintainers",
    )


def site(plan: Plan) -> Iterator[Line]:
    """The place of the site is free, or holds a site of ours that is whole."""
    from flows.place import MARKER

    if not plan.site.exists() or (plan.site.is_dir() and not any(plan.site.glob("[!.]*"))):
        yield Line("site", "ok", f"{plan.site} 还没有页面", f"there are no pages at {plan.site} yet")
        return
    if not (plan.site / MARKER).is_file():
        yield Line(
            "site",
            "fail",
            f"{plan.site} 里是别的东西，不会被替换",
            f"{plan.site} holds something else and will not be replaced",
            "请用 --site 指定新的或空的文件夹。",
            "name a new or empty folder with --site",
        )
        return
    whole = (plan.site / "index.html").is_file() and (plan.site / "en" / "index.html").is_file()
    if whole:
        yield Line("site", "ok", f"{plan.site} 有页面", f"there are pages at {plan.site}")
        return
    yield Line(
        "site",
        "warn",
        f"{plan.site} 的页面不全",
        f"the pages at {plan.site} are not whole",
        "请再运行一次 hedui nightly，它整个替换页面。",
        "run hedui nightly again: it replaces them as a whole",
    )
