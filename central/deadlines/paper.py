"""The deadline sheet in words, ready for any paper: what the command prints and the PDF sets are the same lines. Pure.

`text` looks up a sentence (`key`, values by name), `day` writes a date; so the sheet comes in either language.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from central.deadlines import sheet
from central.deadlines.due import Due
from central.deadlines.rules import Ground, Rule
from shared.canonical import Json

Text = Callable[..., str]
DayWords = Callable[[date], str]


@dataclass(frozen=True, slots=True)
class Stop:
    """Days on which the clock stood still, and why."""

    first: date
    until: date | None
    ground: Ground | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet is about: the derivation, whose it is, under which rules, why it stood still or was extended."""

    derived: Due
    rules_version: str
    number: str = ""
    stops: Sequence[Stop] = ()
    extension_by: str = ""
    extension_why: str = ""
    stands_still: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet as text: a title, named values, a table, and what is to be said below."""

    title: str
    values: Sequence[tuple[str, str]]
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    result: str
    remarks: Sequence[str]


def paper(given: Sheet, *, text: Text, day: DayWords) -> Paper:
    """Return the sheet in words."""
    found = given.derived
    return Paper(
        title=text("deadlines.sheet.title"),
        values=[
            *([(text("deadlines.sheet.number"), given.number)] if given.number else []),
            (text("deadlines.sheet.rule"), text(found.rule.name_key)),
            (text("deadlines.sheet.length"), text(found.rule.unit_key, amount=found.rule.amount)),
            (text("deadlines.sheet.article"), found.rule.article or text("deadlines.basis.house")),
            (text("deadlines.sheet.start"), day(found.start)),
            (text("deadlines.sheet.first_counted"), day(found.first_counted)),
            *((text("deadlines.sheet.stood_still"), _stop(each, text, day)) for each in given.stops),
            *_extension(given, text, day),
            (text("deadlines.sheet.ended_on"), day(found.ended_on)),
            *_rolled(found, text, day),
            (text("deadlines.sheet.rules"), given.rules_version),
            (text("deadlines.sheet.calendar"), found.calendar_version),
        ],
        heads=[text(f"deadlines.sheet.{key}") for key in ("days", "counted", "why", "count")],
        rows=[_row(each, found, text, day) for each in sheet.stretches(sheet.days(found))],
        result=text(
            "deadlines.sheet.earliest" if given.stands_still else "deadlines.sheet.due", day=day(found.due_on)
        ),
        remarks=[
            *([text("deadlines.sheet.still_stands")] if given.stands_still else []),
            text(found.status_key),
            text(
                "deadlines.sheet.first_day_is_counted"
                if found.rule.count_first_day
                else "deadlines.sheet.first_day_is_not"
            ),
            text("deadlines.sheet.end_rolls" if found.rule.roll else "deadlines.sheet.end_stays"),
        ],
    )


def _stop(stop: Stop, text: Text, day: DayWords) -> str:
    why = text(f"deadlines.ground.{stop.ground}") if stop.ground else text("deadlines.why.pause")
    until = day(stop.until) if stop.until else text("deadlines.sheet.open")
    return text("deadlines.sheet.stop", first=day(stop.first), until=until, why=why)


def _extension(given: Sheet, text: Text, day: DayWords) -> list[tuple[str, str]]:
    found = given.derived
    if not found.extension_days:
        return []
    words = text(
        "deadlines.sheet.extension",
        days=found.extension_days,
        before=day(found.unextended_on),
        after=day(found.ended_on),
    )
    return [
        (text("deadlines.sheet.extended"), words),
        *([(text("deadlines.sheet.extended_by"), given.extension_by)] if given.extension_by else []),
        *([(text("deadlines.sheet.extended_why"), given.extension_why)] if given.extension_why else []),
    ]


def _rolled(found: Due, text: Text, day: DayWords) -> list[tuple[str, str]]:
    if not found.rolled:
        return []
    why = text(f"deadlines.why.{found.rolled[0].why}")
    return [
        (text("deadlines.sheet.moved"), text("deadlines.sheet.rolled", why=why, due_on=day(found.due_on)))
    ]


def _row(each: sheet.Stretch, found: Due, text: Text, day: DayWords) -> list[str]:
    several = each.days > 1
    days = f"{day(each.first.day)} – {day(each.last.day)}" if several else day(each.first.day)
    count = str(each.first.count or "")
    if several and each.first.count:
        count = f"{each.first.count} – {each.last.count}"
    why = text(f"deadlines.why.{each.first.why}") if each.first.why else ""
    if each.last.day == found.due_on:
        why = text("deadlines.sheet.last")
    return [days, text("deadlines.sheet.yes" if each.first.count else "deadlines.sheet.no"), why, count]


def plain(made: Paper) -> str:
    """Return the sheet as lines for a terminal."""
    lines = [made.title, ""]
    lines += [f"{name}: {value}" for name, value in made.values]
    lines += ["", " | ".join(made.heads)]
    lines += [" | ".join(row).rstrip(" |") for row in made.rows]
    return "\n".join([*lines, "", made.result, *made.remarks])


def figures(given: Sheet) -> dict[str, Any]:
    """Return the sheet as figures, for programs."""
    found = given.derived
    return {
        **_rule(found.rule, given.rules_version),
        "received": found.start.isoformat(),
        "first_counted": found.first_counted.isoformat(),
        "pauses": [
            {"from": each.first.isoformat(), "until": each.until.isoformat() if each.until else None}
            for each in given.stops
        ],
        "paused_days": found.paused_days,
        "extension_days": found.extension_days,
        "unextended_on": found.unextended_on.isoformat(),
        "ended_on": found.ended_on.isoformat(),
        "left_out": [_span(each) for each in found.left_out],
        "rolled": [_span(each) for each in found.rolled],
        "due_on": found.due_on.isoformat(),
        "stands_still": given.stands_still,
        "calendar_version": found.calendar_version,
        "provisional": found.estimated,
        "calendar_known": not found.uncharted,
    }


def _rule(rule: Rule, version: str) -> dict[str, Json]:
    return {
        "rule": rule.key,
        "rules_version": version,
        "article": rule.article,
        "source": rule.source,
        "basis": rule.basis.value,
        "unit": rule.unit.value,
        "amount": rule.amount,
        "count_first_day": rule.count_first_day,
        "roll": rule.roll,
        "max_extension_days": rule.max_extension_days,
    }


def _span(span: Any) -> dict[str, Json]:
    return {
        "first": span.first.isoformat(),
        "last": span.last.isoformat(),
        "days": span.days,
        "why": span.why.value,
    }
