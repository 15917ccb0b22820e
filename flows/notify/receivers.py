"""Who is told in the morning, as declared in one YAML file: whom, by which way, about whose accounts, how much.

An address that messages are sent to is a secret as a rule (the key of a group's robot, the password of a mailbox): the file names
the environment variable or the Prefect block that holds it, never the address itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from expectations.rulefile.problems import RuleProblem
from flows.declared import Declared, read

DEFAULT = Path("data/notify.yaml")
VARIABLE = "HEDUI_NOTIFY"
FROM_ENVIRONMENT, FROM_BLOCK = "env:", "block:"


class Receiver(Declared):
    """One receiver. Of `regions`, `organisations` and `owners` those that are given must all be met; none given: all accounts.

    `to`: env:NAME or block:NAME, which holds one address of apprise or several, separated by blanks. `most`: findings that a
    message names; the others are counted. `site`: where the pages are read, for links.
    """

    name: str = Field(min_length=1)
    to: str
    lang: Literal["zh", "en"] = "zh"
    regions: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    severity: Literal["critical", "warning", "info"] = "warning"
    when: Literal["changes", "always"] = "changes"
    most: int = Field(default=20, ge=1, le=200)
    site: str = ""

    @field_validator("to")
    @classmethod
    def _names_a_place(cls, to: str) -> str:
        if not any(to.startswith(one) and len(to) > len(one) for one in (FROM_ENVIRONMENT, FROM_BLOCK)):
            raise ValueError(
                "写成 env:变量名 或 block:名称；地址本身是密钥，不写在文件里 / "
                "write env:NAME or block:NAME; the address itself is a secret and does not belong in this file"
            )
        return to

    @field_validator("site")
    @classmethod
    def _ends_in_a_slash(cls, site: str) -> str:
        return site if not site or site.endswith("/") else site + "/"

    def concerns(self, organisation: str, region: str, owner: str = "") -> bool:
        """Whether the accounts of this organisation are this receiver's. Regions by their beginning, names as patterns (*教育*)."""
        return (
            (not self.regions or any(region.startswith(one) for one in self.regions))
            and (not self.organisations or any(fnmatchcase(organisation, one) for one in self.organisations))
            and (not self.owners or owner in self.owners)
        )

    @property
    def everything(self) -> bool:
        """Whether all accounts are this receiver's."""
        return not (self.regions or self.organisations or self.owners)


class NoAddress(Exception):
    """Where a receiver's address should be, there is none; `message` says in each language what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.message = {"zh": zh, "en": en}


def declared(file: Path | None) -> tuple[tuple[Receiver, ...], tuple[RuleProblem, ...]]:
    """The receivers of `file`, else of the file that HEDUI_NOTIFY names, else of data/notify.yaml where it is; and every mistake.

    Of two receivers of one name the second is a mistake: what each was told is remembered by name.
    """
    named = file or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is None and not DEFAULT.exists():
        return (), ()
    path = named or DEFAULT
    found, problems = read(path, "receivers", Receiver)
    kept: dict[str, Receiver] = {}
    twice = []
    for one in found:
        if one.name in kept:
            first = kept[one.name].line
            zh, en = f"“{one.name}”在第 {first} 行已有", f"“{one.name}” stands at line {first} already"
            twice.append(RuleProblem(str(path), one.line, zh, en))
        kept.setdefault(one.name, one)
    return tuple(kept.values()), (*problems, *twice)


def addresses(receiver: Receiver, block: Callable[[str], str]) -> list[str]:
    """The addresses of `receiver`; `block` gives what a Prefect block of that name holds. Raises `NoAddress`."""
    name = receiver.to.partition(":")[2]
    held = block(name) if receiver.to.startswith(FROM_BLOCK) else os.environ.get(name, "")
    if not held.split():
        raise NoAddress(
            f"环境变量 {name} 没有设置；请写入收件地址（如 wecombot://…、mailtos://…）",
            f"the environment variable {name} is not set; put the address into it (such as wecombot://…, mailtos://…)",
        )
    return held.split()
