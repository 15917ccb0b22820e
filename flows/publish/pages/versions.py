"""The page that compares the versions of a filing: what changed in figures and claims, which findings came and went."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flows.publish.content.versions import ClaimChange, Comparison, FigureChange, History, Said, Version
from flows.publish.content.views import Contents, Verdict
from flows.publish.pages.evidence import anchor
from flows.publish.pages.filing import title
from flows.publish.press import Press, localised
from flows.publish.wording import sayings
from flows.publish.wording.words import LANGUAGES, say
from flows.read.document import has_pages

LISTED = 400
"""Changes shown of one comparison, figures and claims each; beyond that two documents are not versions of one another to a reader."""


def versions_pages(press: Press, contents: Contents, history: History) -> dict[str, str]:
    """The page in every language, by path."""
    path = f"filings/{press.filing_names[contents.filing.key]}.versions.html"
    return {localised(path, lang): _page(press, contents, history, path, lang) for lang in LANGUAGES}


def _page(press: Press, contents: Contents, history: History, path: str, lang: str) -> str:
    return press.print(
        "versions.html",
        lang,
        path,
        here="filings",
        title=f"{say('versions', lang)} · {title(contents, lang)}",
        filing_href=f"{press.filing_names[contents.filing.key]}.html",
        versions=[_version(one, one.key == contents.filing.key, lang) for one in history.versions],
        comparisons=[_comparison(press, contents, one, lang) for one in history.comparisons],
    )


def _version(one: Version, current: bool, lang: str) -> dict[str, Any]:
    return {
        "name": say("version", lang, n=one.number),
        "current": current,
        "seen": f"{one.first_seen:%Y-%m-%d}" if one.first_seen else "",
        "document": one.document.source,
        "sha256": one.document.sha256,
        "pages": one.pages if has_pages(one.document.media_type) else None,
        "figures": one.figures,
    }


def _comparison(press: Press, contents: Contents, one: Comparison, lang: str) -> dict[str, Any]:
    newest = one.after.key == contents.filing.key
    shown = one.figures[:LISTED]
    return {
        "anchor": f"version-{one.after.number}",
        "title": say("version_against", lang, n=one.after.number, before=one.before.number),
        "replaced": say("replaced_at", lang, address=one.replaced_at) if one.replaced_at else "",
        "counts": _counts(one.figures, lang),
        "forms": [
            {
                "name": press.form_names.get(form, form) + (f" · {part}" if part else ""),
                "rows": [_figure(change, contents if newest else None, press, lang) for change in changes],
            }
            for (form, part), changes in groupby(shown, key=lambda change: (change.form, change.part))
        ],
        "more_figures": len(one.figures) - len(shown),
        "claims": [_claim(change, lang) for change in one.claims[:LISTED]],
        "claim_counts": _counts(one.claims, lang),
        "more_claims": max(0, len(one.claims) - LISTED),
        "judged": one.before.judged and one.after.judged,
        "came": [_finding(press, contents, verdict, newest, lang) for verdict in one.came],
        "gone": [_finding(press, contents, verdict, False, lang) for verdict in one.gone],
        "stayed": one.stayed,
    }


def _counts(changes: tuple[FigureChange, ...] | tuple[ClaimChange, ...], lang: str) -> str:
    kinds = [_kind(change.before, change.after) for change in changes]
    return (
        say("changes_counts", lang, **{kind: kinds.count(kind) for kind in ("added", "removed", "changed")})
        if kinds
        else say("changes_none", lang)
    )


def _kind(before: Said | None, after: Said | None) -> str:
    return "added" if before is None else "removed" if after is None else "changed"


def _figure(change: FigureChange, contents: Contents | None, press: Press, lang: str) -> dict[str, str]:
    page = f"{press.filing_names[contents.filing.key]}.html" if contents and change.after else ""
    return {
        "label": change.label,
        "column": change.column,
        "before": _said(change.before, change.after),
        "after": _said(change.after, change.before),
        "kind": say(_kind(change.before, change.after), lang),
        "href": f"{page}#{anchor(change.id)}" if page else "",
    }


def _said(one: Said | None, other: Said | None) -> str:
    """As printed; with its unit where that is what changed."""
    if one is None:
        return ""
    return f"{one.raw} {one.unit}".strip() if other is not None and one.unit != other.unit else one.raw


def _claim(change: ClaimChange, lang: str) -> dict[str, str]:
    def told(one: Said | None) -> str:
        return f"{one.value.normalize():f} {one.unit}".strip() if one else ""

    return {
        "subject": change.subject,
        "quote": change.quote,
        "before": told(change.before),
        "after": told(change.after),
        "kind": say(_kind(change.before, change.after), lang),
    }


def _finding(press: Press, contents: Contents, verdict: Verdict, linked: bool, lang: str) -> dict[str, str]:
    # The words of a finding need only the unit, which is the filing's own whichever version it stands in.
    told = sayings.entry(press, verdict._replace(filing=contents.filing.key), contents.filing, lang, "../")
    return {
        "standing": told.standing,
        "word": told.word,
        "about": told.about or told.title,
        "message": told.message,
        "href": told.href if linked else "",
        "rule": told.rule,
        "rule_href": told.rule_href,
    }
