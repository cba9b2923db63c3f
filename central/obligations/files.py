"""The counts as a spreadsheet: one row for each court and month, marked with who took it and when."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from central.actor import Actor
from central.exports.files import MEDIA, Words, writer
from central.exports.rules import Format, Watermark
from central.obligations.queries import Asked
from central.obligations.rules import PARTS, Tally, month_text, months
from shared.clock import COURT_ZONE
from shared.i18n import Lang

__all__ = ["MEDIA", "written"]

Say = Callable[..., str]


def written(
    asked: Asked,
    cells: Mapping[tuple[UUID, int], Tally],
    kind: Format,
    *,
    lang: Lang,
    say: Say,
    actor: Actor,
    now: datetime,
) -> bytes:
    """Return the file. Months without any duty are left out."""
    mark = Watermark(actor.name, actor.username, actor.court_name, now, "ZR")
    line = mark.line(f"{now.astimezone(COURT_ZONE):%Y-%m-%d %H:%M}")
    heads = [say(f"obligations.column.{name}") for name in ("code", "court", "month", "duty")]
    heads += [say(f"obligations.what.{what}") for what in ("owed", *PARTS)]
    heads += [
        say("obligations.column.measured"),
        say("obligations.column.rate"),
        say("obligations.column.mark"),
    ]
    out = writer(kind, Words(say("obligations.title"), heads, line))
    for court in asked.courts:
        for month in months(asked.period.first, asked.period.last):
            tally = cells.get((court.id, month), Tally())
            if tally.owed:
                name = court.name_en if lang is Lang.EN else court.name
                first = [court.code, name, month_text(month), say(f"deadlines.rule.{asked.duty}")]
                counts = [
                    str(count) for count in (tally.owed, *(tally.of(part) for part in PARTS), tally.measured)
                ]
                out.add([*first, *counts, percent(tally)])
    return out.content()


def percent(tally: Tally) -> str:
    """Return the rate as text with one decimal, rounded down so that 100 % means all; empty where nothing is measured."""
    if not tally.measured:
        return ""
    return f"{tally.in_time * 1000 // tally.measured / 10:.1f}%"
