"""Events the centre refused, as staff and administrators read them: what it was, why, and what to do. Nothing is ever dropped here."""

from datetime import datetime
from typing import Any

from edge_agent.desk import Desk
from shared.clock import COURT_ZONE
from shared.i18n import Lang

#: Most refused events listed one by one.
SHOWN = 20


def shown(desk: Desk, lang: Lang) -> list[dict[str, Any]]:
    """Return the refused events, oldest first, each with what happened, why it was refused and what a person does about it."""
    return [
        {
            "when": datetime.fromisoformat(one.at).astimezone(COURT_ZONE).strftime("%Y-%m-%d %H:%M"),
            "what": desk.t("tray.row", lang, seq=one.seq, what=_what(desk, one.type, lang)),
            "why": _sentence(desk, "tray_why", one.reason, lang),
            "do": _sentence(desk, "tray_do", one.reason, lang),
        }
        for one in desk.outbox.parked(SHOWN)
    ]


def papers(desk: Desk, lang: Lang) -> list[dict[str, Any]]:
    """Return the batches of pages that spoiled on their way, oldest first."""
    found = sorted(desk.box.spoiled.values(), key=lambda batch: batch.began_at)[:SHOWN]
    return [
        {
            "when": batch.began_at.astimezone(COURT_ZONE).strftime("%Y-%m-%d %H:%M"),
            "what": desk.t("tray.pages", lang, counter=batch.counter, pages=len(batch.pages)),
            "why": _sentence(desk, "tray_why", f"pages_{batch.problem}", lang),
            "do": desk.t("tray_do.pages", lang),
        }
        for batch in found
    ]


def _what(desk: Desk, kind: str, lang: Lang) -> str:
    return _sentence(desk, "tray_what", kind.partition(".")[0], lang)


def _sentence(desk: Desk, group: str, name: str, lang: Lang) -> str:
    """Return a sentence of a group; a reason of a newer centre gets the general one."""
    key = f"{group}.{name}"
    return desk.t(key if desk.texts.has(key) else f"{group}.other", lang)
