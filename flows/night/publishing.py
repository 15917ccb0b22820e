"""The site of a night, made from its warehouse."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from flows import record, terminal
from flows.night import judging
from flows.night.plan import Plan


def published(plan: Plan, lang: str) -> Path:
    """The site is replaced as a whole; returns its first page."""
    from flows.publish import publish as publish_site
    from flows.publish.datadocs import Docs

    def build(describe: Callable[..., dict[str, Any]]) -> None:
        from flows import validate as validation

        validation.build_docs(plan.kept / record.FOLDER, describe)

    docs = Docs(plan.kept / record.FOLDER, build)
    progress = partial(terminal.progress, "发布" if lang == "zh" else "publishing")
    return publish_site(plan.warehouse, judging.judges(plan)[0], plan.site, docs, plan.page_images, progress)
