"""What is missing for Spark to be used from here, told before anything is begun. Imports nothing of Spark's."""

from __future__ import annotations

import os
import re
import shutil
import socket
from importlib import util
from pathlib import Path

PATIENCE = 10.0
"""Seconds within which a master must answer."""
_ADDRESS = re.compile(r"spark://(.+)")


class NoSpark(Exception):
    """Spark cannot be used; `message` says why and what to do, in each language."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.message = {"zh": zh, "en": en}


def refuse_missing(master: str) -> None:
    """pyspark and Java are installed, and of a standalone cluster one master answers. Raises `NoSpark`."""
    if not installed():
        zh = "没有安装 pyspark；请运行 make cluster，或 pip install 'hedui[spark]'"
        raise NoSpark(zh, "pyspark is not installed: run make cluster or pip install 'hedui[spark]'")
    if not java():
        zh = "没有 Java（17 或 21）；请安装 openjdk-17-jre-headless，或用 JAVA_HOME 指明位置"
        raise NoSpark(
            zh, "there is no Java (17 or 21): install openjdk-17-jre-headless, or name its place by JAVA_HOME"
        )
    found = _ADDRESS.fullmatch(master)
    if found and not any(_answers(one) for one in found[1].split(",")):
        zh = f"Spark 主节点 {master} 在 {PATIENCE:.0f} 秒内没有应答；请检查地址，以及它是否在运行"
        raise NoSpark(
            zh, f"the master of Spark at {master} does not answer within {PATIENCE:.0f} s: look whether it runs there"
        )


def installed() -> bool:
    """Whether pyspark is there."""
    return util.find_spec("pyspark") is not None


def java() -> str:
    """The program that Spark would start, "" where there is none."""
    home = os.environ.get("JAVA_HOME", "")
    named = Path(home) / "bin" / "java"
    return (str(named) if named.is_file() else "") if home else (shutil.which("java") or "")


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=PATIENCE):
            return True
    except OSError:
        return False
