"""What the placeholders of templates stand for in one petition."""

from datetime import datetime

from central.casework.queries import Whole
from central.wording.placeholders import Filling
from central.wording.shipped import names
from shared.clock import COURT_ZONE


def filling_of(found: Whole, now: datetime, demand: tuple[int, str] | None = None) -> Filling:
    """Return what the known placeholders stand for; with `demand`, its number and words, those of one answer too."""
    person = found.petitioner
    values = {
        "number": found.petition.number,
        "petitioner": (person.name or "") if person else "",
        "received": _day(found.petition.received_at),
        "subject": found.petition.subject,
        "court": found.court.name,
        "handler": found.handler,
        "today": _day(now),
    }
    if demand is not None:
        values |= {"demand": demand[1], "demand_number": str(demand[0])}
    return Filling(values, names())


def _day(at: datetime) -> str:
    day = at.astimezone(COURT_ZONE)
    return f"{day.year}年{day.month}月{day.day}日"
