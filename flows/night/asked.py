"""A night's plan as the parameters of its flow."""

from __future__ import annotations

from typing import Any

from flows.night.plan import Plan


def parameters(plan: Plan, lang: str) -> dict[str, Any]:
    """What `nightly` is called with to do what `plan` asks for; JSON can hold it, as a deployment's parameters must be."""
    return {
        "sources": list(plan.sources),
        "warehouse": str(plan.warehouse),
        "site": str(plan.site),
        "lang": lang,
        "reading_seconds": plan.limits.seconds,
        "reading_memory": plan.limits.memory,
        "reading_workers": plan.limits.workers,
        "rules": [str(folder) for folder in plan.teams],
        "page_images": plan.page_images,
        "register": str(plan.register or ""),
        "due": plan.due,
        "waivers": [str(folder) for folder in plan.waivers],
        "notify": str(plan.notify or ""),
        "reader_copy": plan.reader_copy,
        "time_budget": plan.time_budget,
        "sources_from": str(plan.declared or ""),
        "reading": plan.reading,
        "dask_address": plan.dask_address,
        "engine": plan.engine.name,
        "spark_master": plan.engine.master,
        "lake": plan.engine.lake,
    }
