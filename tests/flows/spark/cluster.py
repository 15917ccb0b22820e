"""A standalone cluster of Spark on this machine: one master, workers, each a process of its own on the loopback address."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import util
from pathlib import Path

import pytest

from flows.spark import missing

WORKER_MEMORY = "700m"
QUICKLY = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""What makes a short life of a JVM cheaper."""
SMALL = f"""
spark.driver.memory 1g
spark.executor.memory 512m
spark.sql.shuffle.partitions 2
spark.sql.codegen.wholeStage false
spark.driver.extraJavaOptions {QUICKLY}
spark.executor.extraJavaOptions {QUICKLY}
"""
"""spark-defaults.conf where there are hardly any rows: less is compiled and planned for."""
_CLASS = "org.apache.spark.deploy"


def needs_spark() -> pytest.MarkDecorator:
    """Skips where pyspark or Java are not installed, and says which."""
    lacking = [name for name, there in (("pyspark", missing.installed()), ("Java", bool(missing.java()))) if not there]
    return pytest.mark.skipif(bool(lacking), reason=f"{' and '.join(lacking)} not installed: make cluster")


@dataclass
class Cluster:
    """A cluster that runs; what its processes say goes into `folder`."""

    folder: Path
    master: str
    processes: dict[str, subprocess.Popen[bytes]]

    def kill(self, name: str) -> None:
        """The process and all that it has started have ended at once, as when a machine loses power."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait(20)


@contextmanager
def running(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A cluster of so many workers with a core each; nothing of it is left afterwards."""
    port = _free_port()
    cluster = Cluster(folder, f"spark://127.0.0.1:{port}", {})
    try:
        _start(cluster, "master", "master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")
        _await(cluster, "master", "New state: ALIVE", 1)
        for number in range(workers):
            _start(
                *(cluster, f"worker{number}", "worker.Worker", "--host", "127.0.0.1", "--webui-port", "0"),
                *(
                    "--cores",
                    "1",
                    "--memory",
                    WORKER_MEMORY,
                    "--work-dir",
                    str(folder / f"work{number}"),
                    cluster.master,
                ),
            )
        _await(cluster, "master", "Registering worker", workers)
        yield cluster
    finally:
        for process in cluster.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)


def _start(cluster: Cluster, name: str, program: str, *arguments: str) -> None:
    found = util.find_spec("pyspark")
    assert found and found.origin
    home = Path(found.origin).parent
    call = [
        missing.java(),
        "-Xmx256m",
        *QUICKLY.split(),
        "-cp",
        f"{home / 'jars'}/*",
        *_OPENED,
        f"{_CLASS}.{program}",
        *arguments,
    ]
    scala = next((home / "jars").glob("spark-core_*.jar")).name.removeprefix("spark-core_").partition("-")[0]
    named = {"SPARK_HOME": str(home), "SPARK_SCALA_VERSION": scala, "SPARK_LOCAL_IP": "127.0.0.1", "LC_ALL": "C.UTF-8"}
    with (cluster.folder / f"{name}.log").open("wb") as log:
        cluster.processes[name] = subprocess.Popen(
            call,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=os.environ | named,
        )


_OPENED = (
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
)


def _await(cluster: Cluster, name: str, words: str, times: int) -> None:
    deadline = time.monotonic() + 90
    while True:
        said = (cluster.folder / f"{name}.log").read_text("utf-8", "replace")
        if len(re.findall(words, said)) >= times:
            return
        if time.monotonic() > deadline or cluster.processes[name].poll() is not None:
            raise AssertionError(f"{name} does not say “{words}”:\n{said[-2000:]}")
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
