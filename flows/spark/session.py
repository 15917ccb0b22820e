"""A session of Spark for one validation, and its end: no process of it is left."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from expectations.sql.spark import SETTINGS
from flows.spark.missing import NoSpark, refuse_missing

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ANSWERING = 60.0
"""Seconds within which a cluster must have given this application a worker."""
_UTF8 = "C.UTF-8"
_OURS = {
    "spark.app.name": "hedui",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.runSQLOnFiles": "false",  # no rule opens a file
    "spark.sql.session.localRelationCacheThreshold": "67108864",
    "spark.sql.debug.maxToStringFields": "25",
    "spark.executorEnv.LC_ALL": _UTF8,  # names of files are in Chinese; a JVM under the POSIX locale cannot say them
}
_ALONE = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.sql.shuffle.partitions": "4",
}
"""Of a Spark within this process: nobody else connects to it, and more tasks than cores are only slower."""


@contextmanager
def started(master: str) -> Iterator[SparkSession]:
    """A session at this master, whose settings make our SQL mean what it means in DuckDB; the user's own come from
    spark-defaults.conf in SPARK_CONF_DIR, as always.

    Raises `NoSpark` where pyspark, Java, the master or workers are missing.
    """
    refuse_missing(master)
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)  # what a query did wrong is told once, by us
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    settings = {**SETTINGS, **_OURS, **(_ALONE if master.startswith("local") else {})}
    with _said_in_utf8():
        builder: Any = SparkSession.builder.master(master)
        for name, value in settings.items():
            builder = builder.config(name, value)
        try:
            session: SparkSession = builder.getOrCreate()
        except Exception as error:
            _end(SparkContext)
            said = str(error).strip().splitlines()[0]
            raise NoSpark(f"Spark（{master}）没有启动：{said}", f"Spark at {master} did not start: {said}") from error
    try:
        _await_workers(session, master)
        yield session
    finally:
        with suppress(Exception):  # it may have died: then there is nothing to stop
            session.stop()
        _end(SparkContext)


@contextmanager
def _said_in_utf8() -> Iterator[None]:
    """The JVM that is started meanwhile takes names of files for UTF-8."""
    before = os.environ.get("LC_ALL")
    if "UTF-8" not in (before or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or "").upper():
        os.environ["LC_ALL"] = _UTF8
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("LC_ALL", None)
        else:
            os.environ["LC_ALL"] = before


def _await_workers(session: SparkSession, master: str) -> None:
    """Somebody is there to do the work. Raises `NoSpark` when the cluster gives nobody."""
    if master.startswith("local"):
        return
    scala = session.sparkContext._jsc.sc()
    deadline = time.monotonic() + ANSWERING
    while scala.getExecutorMemoryStatus().size() < 2:  # the driver is one of them
        if time.monotonic() > deadline:
            raise NoSpark(
                f"Spark（{master}）在 {ANSWERING:.0f} 秒内没有分给工作节点；请检查工作节点是否在运行、内存和核是否够用",
                f"Spark at {master} gave no worker within {ANSWERING:.0f} s: are workers running, have they memory and cores free?",
            )
        time.sleep(0.2)


def _end(context: Any) -> None:
    """The JVM of this process has ended; another session may have other settings."""
    gateway = context._gateway
    context._gateway = context._jvm = None
    if gateway is None:
        return
    with suppress(Exception):
        gateway.shutdown()
    process = getattr(gateway, "proc", None)
    if process is not None:
        process.stdin.close()
        try:
            process.wait(20)
        except Exception:
            process.kill()
            process.wait()
