"""What is installed: Python, packages, and the programs that some documents need."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from flows.doctor.line import Line
from flows.night.plan import Plan
from flows.spark import missing

_SECONDS = 5
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LOCK = Path("requirements.txt")


def python(plan: Plan) -> Iterator[Line]:
    """Python's version is one that Hedui runs on."""
    here = ".".join(map(str, sys.version_info[:3]))
    wanted = SpecifierSet(metadata.metadata("hedui")["Requires-Python"] or "")
    if here in wanted:
        yield Line("python", "ok", f"Python {here}", f"Python {here}")
        return
    yield Line(
        "python",
        "fail",
        f"Python {here} 不在所需的范围 {wanted} 内",
        f"Python {here} is not within {wanted}",
        "请用较新的 Python 重新建立环境：make PYTHON=python3.11 nightly。",
        "set up the environment with a newer one: make PYTHON=python3.11 nightly",
    )


def packages(plan: Plan) -> Iterator[Line]:
    """Every package that the night needs is there, in a version that Hedui was tried with."""
    needed = [one for one in _requirements() if _wanted(one, "")]
    wrong = [told for one in needed if (told := _off(one))]
    if not wrong:
        yield Line("packages", "ok", f"{len(needed)} 个程序包，版本相符", f"{len(needed)} packages, versions as needed")
        return
    yield Line(
        "packages",
        "fail",
        "程序包缺少或版本不符：" + "、".join(wrong),
        "packages missing or of another version: " + ", ".join(wrong),
        *_INSTALL,
    )


_INSTALL = (
    "请运行 .venv/bin/pip install --require-hashes -r requirements.txt。",
    "run .venv/bin/pip install --require-hashes -r requirements.txt",
)


def lock(plan: Plan) -> Iterator[Line]:
    """What is installed is what the lock names, where the lock is at hand."""
    if not LOCK.is_file():
        yield Line("lock", "ok", "这里没有锁定文件，未作比较", "no lock is here to compare with")
        return
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", LOCK.read_text("utf-8"), re.M)
    installed = {_plain(one.metadata["Name"]): one.version for one in metadata.distributions()}
    held = [(name, version, installed[_plain(name)]) for name, version in pinned if _plain(name) in installed]
    other = [f"{name} {here} (≠ {version})" for name, version, here in held if here != version]
    if not other:
        yield Line("lock", "ok", f"{len(held)} 个程序包与锁定文件一致", f"{len(held)} packages are those of the lock")
        return
    zh, en = "与锁定文件不同：" + "、".join(other[:8]), "other than the lock: " + ", ".join(other[:8])
    yield Line("lock", "warn", zh, en, *_INSTALL)


def scans(plan: Plan) -> Iterator[Line]:
    """The extra `ocr` is whole, so that scans are read."""
    wrong = [told for one in _requirements() if _wanted(one, "ocr") and not _wanted(one, "") and (told := _off(one))]
    if not wrong:
        yield Line("ocr", "ok", "能识读扫描件", "scans are read")
        return
    yield Line(
        "ocr",
        "warn",
        "扫描件和图片不能识读，缺少：" + "、".join(wrong),
        "scans and pictures are not read; missing: " + ", ".join(wrong),
        "如有扫描件，请运行 pip install 'hedui[ocr]'；模型在包内，不另下载。",
        "if there are scans: pip install 'hedui[ocr]'; its models come inside the packages",
    )


def spark(plan: Plan) -> Iterator[Line]:
    """Spark and the Java that it needs are there, where the night judges by it or they are installed."""
    if not missing.installed() and not plan.engine.spark:
        yield Line("spark", "ok", "没有安装 Spark：只在一台机器不够时才需要", "no Spark: needed only past one machine")
        return
    try:
        missing.refuse_missing(plan.engine.master)
    except missing.NoSpark as error:
        status = "fail" if plan.engine.spark else "warn"
        zh, _, mend_zh = error.message["zh"].partition("；")
        en, _, mend_en = error.message["en"].partition(": ")
        yield Line("spark", status, zh, en, f"{mend_zh}。", mend_en)
        return
    told = f"pyspark {metadata.version('pyspark')}, {missing.java()}"
    yield Line("spark", "ok", f"能用 Spark 核对：{told}", f"Spark can judge: {told}")


def office(plan: Plan) -> Iterator[Line]:
    """LibreOffice is there, which old Word documents need."""
    if shutil.which("soffice"):
        yield Line("office", "ok", "LibreOffice：能识读 doc、rtf", "LibreOffice: doc and rtf are read")
        return
    yield Line(
        "office",
        "warn",
        "没有 LibreOffice，旧版 Word 文档（doc、rtf）不能识读",
        "no LibreOffice: old Word documents (doc, rtf) are not read",
        "如有这类文档，请安装 libreoffice-writer。",
        "if there are such documents, install libreoffice-writer",
    )


def fonts(plan: Plan) -> Iterator[Line]:
    """A Chinese font is installed, with which pages of documents that embed none are drawn."""
    names = _answer(["fc-list", ":lang=zh", "family"]) or ""
    if names.strip():
        family = names.splitlines()[0].split(",")[0].strip()
        yield Line("fonts", "ok", f"中文字体：{family}", f"a Chinese font: {family}")
        return
    yield Line(
        "fonts",
        "warn",
        "没有中文字体：未嵌入字体的 PDF，其页面图像缺字；读数不受影响",
        "no Chinese font: pictures of pages whose PDF embeds none lack characters; what is read is not affected",
        "请安装 fonts-noto-cjk（Debian、Ubuntu）或 google-noto-sans-cjk-fonts。",
        "install fonts-noto-cjk (Debian, Ubuntu) or google-noto-sans-cjk-fonts",
    )


def browser(plan: Plan) -> Iterator[Line]:
    """A browser is there; only tests need one, a night never does."""
    name = next((one for one in _BROWSERS if shutil.which(one)), None)
    if name:
        yield Line("browser", "ok", f"{name}（只用于测试）", f"{name} (for tests alone)")
    else:
        yield Line(
            "browser",
            "ok",
            "没有 Chromium：只有测试需要，夜间运行不用",
            "no Chromium: tests alone need it, the night does not",
        )


def prefect(plan: Plan) -> Iterator[Line]:
    """Prefect's server answers where one is named; else it has a folder of its own beside the warehouse."""
    address = os.environ.get("PREFECT_API_URL", "").rstrip("/")
    if not address:
        home = os.environ.get("PREFECT_HOME") or plan.kept / ".prefect"
        yield Line(
            "prefect",
            "ok",
            f"不用服务器（没有设置 PREFECT_API_URL），记录在 {home}",
            f"without a server (PREFECT_API_URL is not set), records in {home}",
        )
        return
    shown = re.sub(r"//[^/@]*@", "//", address)  # a password is not printed
    wanted = next(str(one.specifier) for one in _requirements() if one.name == "prefect").removeprefix("==")
    try:
        with urllib.request.urlopen(_asked(f"{address}/admin/version"), timeout=_SECONDS) as answer:
            version = str(json.loads(answer.read(1000)))
    except (OSError, ValueError) as error:
        yield Line(
            "prefect",
            "fail",
            f"Prefect 服务器 {shown} 没有应答（{error}）",
            f"the Prefect server at {shown} does not answer ({error})",
            "请启动它（prefect server start），或取消 PREFECT_API_URL，不用服务器运行。",
            "start it (prefect server start), or unset PREFECT_API_URL to run without one",
        )
        return
    if version == wanted:
        yield Line("prefect", "ok", f"服务器 {shown}，Prefect {version}", f"server {shown}, Prefect {version}")
        return
    zh, en = (
        f"服务器 {shown} 是 Prefect {version}，这里是 {wanted}",
        f"the server {shown} is {version}, here is {wanted}",
    )
    yield Line("prefect", "warn", zh, en, "请让两边版本一致。", "bring both to one version")


def _asked(address: str) -> urllib.request.Request:
    """The question, with the credentials that Prefect's own client would send; they come from the environment and go nowhere else."""
    asked = urllib.request.Request(address)
    if basic := os.environ.get("PREFECT_API_AUTH_STRING"):
        asked.add_header("Authorization", "Basic " + base64.b64encode(basic.encode()).decode())
    elif key := os.environ.get("PREFECT_API_KEY"):
        asked.add_header("Authorization", f"Bearer {key}")
    return asked


def _requirements() -> Iterable[Requirement]:
    return [Requirement(line) for line in metadata.requires("hedui") or ()]


def _wanted(one: Requirement, extra: str) -> bool:
    return one.marker is None or one.marker.evaluate({"extra": extra})


def _off(one: Requirement) -> str:
    """What is wrong with a package, "" when nothing is."""
    try:
        here = metadata.version(one.name)
    except metadata.PackageNotFoundError:
        return f"{one.name} {one.specifier}"
    return "" if one.specifier.contains(here, prereleases=True) else f"{one.name} {here} ({one.specifier})"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _answer(call: list[str]) -> str | None:
    try:
        return subprocess.run(call, capture_output=True, text=True, timeout=_SECONDS, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
