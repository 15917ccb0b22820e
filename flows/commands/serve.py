"""`hedui serve`: the night on its schedule and documents checked on demand, or the published pages over HTTP."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from flows import terminal
from flows.commands.night import PageImages
from flows.commands.options import (
    WAREHOUSE,
    BudgetOption,
    CopyOption,
    DaskOption,
    DueOption,
    EngineOption,
    LakeOption,
    LangOption,
    LogFormatOption,
    MasterOption,
    MemoryOption,
    NotifyOption,
    Reading,
    ReadingOption,
    RegisterOption,
    RulesOption,
    SecondsOption,
    WaiversOption,
    WarehouseOption,
    WorkersOption,
    fail,
    fail_on_rules,
    judging_engine,
    language,
    minutes,
    reading_limits,
)

_SITE = Path("reports/site")


def serve(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="What the night reads; by default data/samples and data/inbox."),
    ] = None,
    cron: Annotated[str, typer.Option(help="When to run, as a cron expression.")] = "30 1 * * *",
    timezone: Annotated[str, typer.Option(help="The time zone of that expression.")] = "Asia/Shanghai",
    site: Annotated[
        bool, typer.Option("--site", help="Serve the published pages over HTTP instead: reading alone, no schedule.")
    ] = False,
    site_folder: Annotated[
        Path, typer.Option("--site-folder", metavar="FOLDER", help="Where the pages are published.")
    ] = _SITE,
    host: Annotated[
        str, typer.Option(help="With --site: the address to listen at; by default this machine alone can ask.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="With --site: the port.")] = 8350,
    warehouse: WarehouseOption = WAREHOUSE,
    page_images: Annotated[
        PageImages, typer.Option("--page-images", help="As of hedui nightly: findings, all or none.")
    ] = PageImages.findings,
    reading_seconds: SecondsOption = None,
    reading_memory: MemoryOption = None,
    reading_workers: WorkersOption = None,
    reading: ReadingOption = Reading.here,
    dask_address: DaskOption = "",
    rules: RulesOption = None,
    register: RegisterOption = None,
    due: DueOption = None,
    waivers: WaiversOption = None,
    notify: NotifyOption = None,
    reader_copy: CopyOption = "",
    time_budget: BudgetOption = None,
    engine: EngineOption = "",
    spark_master: MasterOption = "",
    lake: LakeOption = "",
    log_format: LogFormatOption = None,
    lang: LangOption = None,
) -> None:
    """Wait here and run the night on its schedule, one run at a time, and check documents on demand; end with Ctrl-C.

    With --site: serve the published pages over HTTP instead, to this machine alone unless --host says otherwise.
    Exit 2: the call or a rule file is wrong, or the address is taken.
    """
    say = language(context, lang)
    if site:
        _serve_site(site_folder, host, port, say)
        return
    from flows.night import cluster, copying, expected, judging, runs, server, waiving
    from flows.night.plan import DEFAULT_SOURCES, NightFailed, Plan

    limits = reading_limits(reading_seconds, reading_memory, reading_workers, say)
    plan = Plan(
        tuple(sources or DEFAULT_SOURCES),
        warehouse,
        site_folder,
        limits,
        tuple(rules or ()),
        page_images.value,
        register=expected.chosen_register(register),
        due=due,
        waivers=waiving.chosen_folders(waivers or ()),
        notify=notify,
        reader_copy=reader_copy,
        time_budget=minutes(time_budget, say),
        engine=judging_engine(engine, spark_master, lake, warehouse, say),
        reading=reading.value,
        dask_address=dask_address,
    )
    try:
        judging.judges(plan)  # a mistake in a rule file is better told now than at half past one
        judging.ready(plan)
        expected.foresee(plan)
        waiving.foresee(plan)
        copying.place_of(plan)
        cluster.foresee(plan)
        runs.settle(plan)
    except NightFailed as error:
        fail(error.message["zh"], error.message["en"], say, error.code)
    except Exception as error:
        fail_on_rules(error, say)
        raise
    terminal.note("启动 Prefect…", "starting Prefect…", say)
    try:
        with server.scheduling(plan) as address:
            from flows.nightly import serve_flows  # reads where the server is

            zh = f"等待日程 {cron}（{timezone}），Prefect 在 {address}；Ctrl-C 结束"
            en = f"waiting for {cron} ({timezone}), Prefect is at {address}; Ctrl-C ends"
            serve_flows(plan, cron, timezone, say, partial(terminal.note, zh, en, say))
    except NightFailed as error:
        fail(error.message["zh"], error.message["en"], say, error.code)


def _serve_site(folder: Path, host: str, port: int, say: str) -> None:
    from flows import serving
    from flows.place import MARKER

    if not (folder / MARKER).is_file():
        fail(
            f"{folder} 不是核对发布的页面；请先运行 hedui nightly，或用 --site-folder 指明位置。",
            f"{folder} holds no published pages; run hedui nightly first, or name their folder with --site-folder",
            say,
        )
    if not serving.loopback(host):
        terminal.note(
            f"注意：{host} 上的页面别的机器也能看到", f"note: at {host} other machines can read the pages too", say
        )
    if not serving.serve(folder, host, port):
        fail(
            f"{host}:{port} 无法使用（可能已被占用）；请用 --port 另选一个端口。",
            f"{host}:{port} cannot be had (it may be taken); choose another with --port",
            say,
        )
