"""Why something could not be collected: told in one line, and whether trying again tonight may help."""

from __future__ import annotations

from collections.abc import Callable


class Fault(Exception):
    """A document that was not taken. `reason` is a code, `message` one line in each language.

    `again`: whether another try may help; `after`: seconds that the server asks to wait before it.
    """

    def __init__(self, reason: str, zh: str, en: str, again: bool = False, after: float | None = None) -> None:
        super().__init__(en)
        self.reason, self.again, self.after = reason, again, after
        self.message = {"zh": zh, "en": en}


Secret = Callable[[str], str]
"""What a Prefect block of this name holds."""


def no_block(name: str) -> str:
    """Where Prefect is not at hand no block can be opened."""
    raise Fault(
        "credentials",
        f"这里读不到 Prefect 密钥块“{name}”；请改用环境变量（env:名称），或由每夜运行来收集",
        f"the Prefect block “{name}” cannot be opened here; name an environment variable (env:NAME) or let the night collect it",
    )
