"""Dates and periods in words, as the screens show them: pure. All days are those of the courts' zone."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from babel.dates import format_date

from central.web.catalogue import catalogue
from shared.clock import COURT_ZONE
from shared.i18n import Lang

# Days are put into words a hundred times on a list, by a library that takes its time: what was said is kept.

#: From so many days before the end a date is shown as due soon.
SOON_DAYS = 3


@dataclass(frozen=True, slots=True)
class DueWords:
    """A due date for the eye: the day, how long is left, and the state that colours and icons follow."""

    date: str
    words: str
    state: Literal["ok", "soon", "overdue"]


@lru_cache(maxsize=4096)
def day_words(day: date, today: date, lang: Lang) -> str:
    """Return `周五 11月27日` or `Fri 27 Nov`, with the year when it is not this one."""
    if lang is Lang.ZH:
        return format_date(day, "EEE M月d日" if day.year == today.year else "y年M月d日 EEE", locale="zh_CN")
    return format_date(day, "EEE d MMM" if day.year == today.year else "EEE d MMM y", locale="en")


@lru_cache(maxsize=4096)
def exact_day_words(day: date, lang: Lang) -> str:
    """Return a day with year and day of the week, for what is checked with a calendar: `2026-11-27 周五`."""
    return format_date(day, "yyyy-MM-dd EEE", locale="zh_CN" if lang is Lang.ZH else "en")


def moment_words(at: datetime, today: date, lang: Lang) -> str:
    """Return day and time of a moment in the courts' zone."""
    local = at.astimezone(COURT_ZONE)
    return f"{day_words(local.date(), today, lang)} {local:%H:%M}"


def due_words(due_on: date, today: date, lang: Lang) -> DueWords:
    """Return how a due date reads today."""
    left = (due_on - today).days
    text = catalogue().text
    if left < 0:
        words, state = text("web.due.overdue", lang, days=-left), "overdue"
    elif left == 0:
        words, state = text("web.due.today", lang), "soon"
    else:
        words, state = text("web.due.left", lang, days=left), "soon" if left <= SOON_DAYS else "ok"
    return DueWords(day_words(due_on, today, lang), words, state)  # type: ignore[arg-type]
