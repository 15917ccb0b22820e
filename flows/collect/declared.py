"""Sources as people declare them, in one YAML file: what may be written there."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from expectations.rulefile.problems import RuleProblem
from flows import declared
from flows.collect.faults import Fault, Secret, no_block

_REFERENCE = re.compile(r"(env|block):([A-Za-z_][\w-]*)")
_SECRET_PARAMETERS = {"password", "passwd", "pwd", "token", "access_token", "secret", "secret_key", "signature"}


def _mistake(zh: str, en: str) -> ValueError:
    return ValueError(f"{zh} / {en}")


def _pattern(text: str) -> str:
    matcher(text)
    return text


def matcher(pattern: str) -> re.Pattern[str]:
    """`pattern` as a regular expression: /such/ as written, found anywhere; anything else a glob (* and ?) of the whole.

    Raises ValueError for what is no expression.
    """
    if len(pattern) > 1 and pattern.startswith("/") and pattern.endswith("/"):
        try:
            return re.compile(pattern[1:-1])
        except re.error as error:
            raise _mistake(f"正则表达式有误（{error}）", f"not a regular expression ({error})") from error
    return re.compile(r"\A" + fnmatch.translate(pattern), re.IGNORECASE)


def _listed(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


Pattern = Annotated[str, AfterValidator(_pattern)]
Several = BeforeValidator(_listed)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Links(_Part):
    """Which links of an index page lead to documents: by address, by text, or both."""

    address: Pattern = ""
    text: Pattern = ""


class Keep(_Part):
    """How long downloads are kept that nothing in the warehouse refers to; `referred: delete` lets go of those as well."""

    days: Annotated[int | None, Field(ge=1, le=36500)] = None
    versions: Annotated[int | None, Field(ge=1, le=1000)] = None
    referred: Literal["keep", "delete"] = "keep"


class DeclaredSource(declared.Declared):
    """One source. `size` is the MiB that a document may have, `recheck` the days after which it is fetched anew whatever the
    server says of changes, `minutes` those of a night that the source may take."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    kind: Literal["folder", "store", "documents", "index"]
    at: Annotated[tuple[str, ...], Several, Field(min_length=1)]
    owner: str = ""
    region: str = ""
    names: Annotated[tuple[Pattern, ...], Several] = ()
    links: Links = Links()
    hosts: Annotated[tuple[str, ...], Several] = ()
    next: Pattern = ""
    pages: Annotated[int, Field(ge=1, le=1000)] = 1
    keep: Keep = Keep()
    delay: Annotated[float, Field(ge=0, le=3600)] = 1.0
    at_once: Annotated[int, Field(ge=1, le=16)] = 1
    size: Annotated[int, Field(ge=1, le=4096)] = 200
    recheck: Annotated[int, Field(ge=0, le=3650)] = 7
    minutes: Annotated[int, Field(ge=1, le=1440)] = 120
    credentials: dict[str, str] = Field(default_factory=dict, repr=False)

    @field_validator("at")
    @classmethod
    def _reachable(cls, at: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for address in at:
            _address(info.data.get("kind", "folder"), address)
        return at

    @field_validator("links", "next", "pages", "hosts")
    @classmethod
    def _of_an_index(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("kind", "index") != "index":
            raise _mistake("只用于 kind: index", "belongs to kind: index")
        return value

    @field_validator("credentials")
    @classmethod
    def _referred(cls, credentials: dict[str, str]) -> dict[str, str]:
        for option, reference in credentials.items():
            if not _REFERENCE.fullmatch(reference):
                raise _mistake(
                    f"{option} 只写密码的出处，不写密码本身：env:环境变量名，或 block:Prefect 密钥块名",
                    f"{option} says where the secret is kept, never the secret: env:VARIABLE or block:PREFECT_SECRET",
                )
        return credentials

    def takes(self, name: str) -> bool:
        """Whether a document of this file name is wanted."""
        return not self.names or any(matcher(one).search(name) for one in self.names)

    def secrets(self, block: Secret = no_block) -> dict[str, str]:
        """The credentials themselves. Raises `Fault` for one that is not to be had."""
        found = {}
        for option, reference in self.credentials.items():
            where, _, name = reference.partition(":")
            if where == "env" and name not in os.environ:
                zh, en = f"没有设置环境变量 {name}", f"the environment variable {name} is not set"
                raise Fault("credentials", zh, en)
            found[option] = os.environ[name] if where == "env" else _opened(block, name)
        return found


def _opened(block: Secret, name: str) -> str:
    try:
        return block(name)
    except Fault:
        raise
    except Exception as error:  # whatever the keeper of secrets raises
        message = getattr(error, "message", None) or {
            "zh": f"密钥块“{name}”打不开",
            "en": f"the block “{name}” cannot be opened",
        }
        raise Fault("credentials", message["zh"], message["en"]) from error


def _address(kind: str, address: str) -> None:
    """Raises a mistake for an address that does not go with `kind`, or that carries a secret."""
    if kind == "folder":
        if "://" in address:
            raise _mistake(
                f"kind: folder 的 at 应为文件夹，不是 {_bare(address)}",
                f"kind: folder wants a folder, not {_bare(address)}",
            )
        return
    try:
        parts = urlsplit(address)
        asked, password, user = set(parse_qs(parts.query.lower())), parts.password, parts.username
    except ValueError as error:
        raise _mistake(f"地址有误（{error}）", f"not an address ({error})") from error
    web = parts.scheme in ("http", "https")
    if password is not None or (web and user) or _SECRET_PARAMETERS & asked:
        raise _mistake(
            f"地址 {_bare(address)} 里写有密码：请从地址中删去，写成 credentials: {{password: env:环境变量名}}",
            f"the address {_bare(address)} carries a secret: take it out and write credentials: {{password: env:VARIABLE}}",
        )
    if not parts.scheme or (not parts.netloc and web):
        raise _mistake(f"“{address}”不是地址", f"“{address}” is not an address")
    if web == (kind == "store"):
        better = "documents 或 index" if web else "store"
        raise _mistake(
            f"{_bare(address)} 应写 kind: {better}", f"{_bare(address)} goes with kind: {better.replace('或', 'or')}"
        )
    if kind == "store" and (parts.scheme in ("file", "local") or "::" in address):
        zh, en = (
            f"{_bare(address)}：本机文件夹写 kind: folder，不能串接",
            "a local folder is of kind: folder; addresses are not chained",
        )
        raise _mistake(zh, en)


def _bare(address: str) -> str:
    """The address without what may be a secret."""
    return re.sub(r"(?<=://)[^/@]*@", "…@", address.split("?")[0])


def agent() -> str:
    """The name under which hosts are visited: Hedui, its version and, from HEDUI_CONTACT, whom to write to."""
    import flows

    contact = os.environ.get("HEDUI_CONTACT", "")
    plainly = contact.isascii() and contact.isprintable() and contact
    return f"hedui/{flows.__version__} ({f'+{contact}' if plainly else 'nightly reconciliation of published accounts'})"


def load(path: Path) -> tuple[tuple[DeclaredSource, ...], tuple[RuleProblem, ...]]:
    """The sources that the file declares, and every mistake in it; what has a mistake is left out, the others are used."""
    found, problems = declared.read(path, "sources", DeclaredSource)
    once: dict[str, DeclaredSource] = {}
    twice = []
    for one in found:
        if once.setdefault(one.name, one) is not one:
            zh, en = f"来源“{one.name}”写了两次", f"the source “{one.name}” stands twice"
            twice.append(RuleProblem(str(path), one.line, zh, en))
    return tuple(once.values()), (*problems, *twice)


def doubts(file: Path, sources: tuple[DeclaredSource, ...]) -> Iterator[RuleProblem]:
    """What is not wrong but will fail tonight: folders that are not there, variables that are not set."""
    for one in sources:
        for address in one.at if one.kind == "folder" else ():
            if not Path(address).is_dir():
                zh, en = f"来源“{one.name}”：没有文件夹 {address}", f"source “{one.name}”: there is no folder {address}"
                yield RuleProblem(str(file), one.line, zh, en, grade="warning")
        for reference in one.credentials.values():
            where, _, name = reference.partition(":")
            if where == "env" and name not in os.environ:
                zh, en = (
                    f"来源“{one.name}”：没有设置环境变量 {name}",
                    f"source “{one.name}”: the variable {name} is not set",
                )
                yield RuleProblem(str(file), one.line, zh, en, grade="warning")
