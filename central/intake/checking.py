"""From a row of the sheet to a petition's facts, or the reasons why not. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from central.cases.rows import MOST_SIGNS, split
from central.fields import clean_line, normal_digits
from central.intake import heads, moments
from central.intake.heads import Layout
from central.intake.rows import Field, LedgerRow, RawRow, Refusal
from central.petitions.service import FIRST_YEAR
from shared.canonical import canonical, sha256_hex
from shared.clock import court_day

MOST_TEXT, MOST_SUBJECT, MOST_NUMBER, MOST_ADDRESS = 100_000, 200, 100, 300
_PHONE = re.compile(r"^[0-9+\-() ]{3,25}$")
_IDENTITY = (Field.RECEIVED_AT, Field.PETITIONER, Field.SUBJECT, Field.TEXT)
#: A subject made from a text ends at the first of these.
_SENTENCE = re.compile(r"[。！？!?;；\n]")
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Ledger:
    """What holds for every row: the columns, the court, the channel of rows that name none, the moment of reading."""

    layout: Layout
    court_code: str
    channel: str
    now: datetime


class _Refused(Exception):
    def __init__(self, what: Field, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.what, self.reason, self.values = what, reason, values


def check(raw: RawRow, ledger: Ledger) -> LedgerRow | Refusal:
    """Return what the row tells, cleaned where a reader would expect it, or the first reason why it cannot be taken."""
    cells = {what: ledger.layout.cell(raw.cells, what).replace("\x00", "") for what in ledger.layout.columns}
    try:
        return _row(raw, cells, ledger)
    except _Refused as no:
        value = " ".join(cells.get(no.what, "").split())[:_SHOWN]
        return Refusal(raw.number, ledger.layout.head(no.what), value, no.reason, no.values)


def _row(raw: RawRow, cells: dict[Field, str], ledger: Ledger) -> LedgerRow:
    subject, text = _words(cells)
    received = _moment(cells, Field.RECEIVED_AT, ledger.now)
    reply, replied_at = _answer(cells, received.at, ledger.now)
    number = _number(cells)
    # Case numbers came later: rows that are here already keep their digest.
    said_of = {str(what): cell.strip() for what, cell in cells.items() if what is not Field.CASE_NUMBERS}
    digest = sha256_hex(canonical(said_of))
    # Without a number a row is the same if the petition is; its answer may have come since.
    said = [cells.get(what, "").strip() for what in _IDENTITY]
    name, phone = clean_line(cells.get(Field.PETITIONER, "")), _phone(cells)
    return LedgerRow(
        number=raw.number,
        key=sha256_hex(
            canonical([ledger.court_code, "number", number] if number else [ledger.court_code, *said])
        ),
        digest=digest,
        channel=_channel(cells, ledger.channel),
        received_at=received.at,
        subject=subject,
        text=text,
        source_number=number,
        petitioner=name if heads.is_name(name) else None,
        phone=phone,
        address=clean_line(cells.get(Field.ADDRESS, ""))[:MOST_ADDRESS] or None,
        reply=reply,
        replied_at=replied_at,
        case_numbers=tuple(
            clean_line(each)[:MOST_SIGNS] for each in split(cells.get(Field.CASE_NUMBERS, ""))
        ),
        cells=_kept(raw, ledger.layout, reply is not None),
    )


def _words(cells: dict[Field, str]) -> tuple[str, str]:
    """Return subject and text; one stands in for the other if it is empty."""
    text, line = cells.get(Field.TEXT, ""), clean_line(cells.get(Field.SUBJECT, ""))
    if not text.strip() and not line:
        raise _Refused(Field.TEXT if Field.TEXT in cells else Field.SUBJECT, "nothing_said")
    for what, words in ((Field.TEXT, text), (Field.REPLY, cells.get(Field.REPLY, ""))):
        if len(words) > MOST_TEXT:
            raise _Refused(what, "too_long", most=MOST_TEXT)
    if not line:
        line = clean_line(_SENTENCE.split(text.strip(), maxsplit=1)[0])[:60]
    if len(line) > MOST_SUBJECT:
        line = line[: MOST_SUBJECT - 1] + "…"
    return line or "…", text if text.strip() else cells[Field.SUBJECT]


def _moment(cells: dict[Field, str], what: Field, now: datetime) -> moments.When:
    cell = cells.get(what, "")
    if not cell.strip():
        raise _Refused(what, "date_missing")
    try:
        when = moments.read(cell)
    except moments.Unreadable as error:
        raise _Refused(what, str(error)) from None
    if when.at > now + timedelta(minutes=5):
        raise _Refused(what, "date_future")
    if when.at.year < FIRST_YEAR:
        raise _Refused(what, "date_too_early", year=FIRST_YEAR)
    return when._replace(at=min(when.at, now))


def _answer(
    cells: dict[Field, str], received_at: datetime, now: datetime
) -> tuple[str | None, datetime | None]:
    reply, when = cells.get(Field.REPLY, ""), cells.get(Field.REPLIED_AT, "")
    if not reply.strip() and not when.strip():
        return None, None
    if not reply.strip():
        raise _Refused(Field.REPLY, "reply_missing")
    replied = _moment(cells, Field.REPLIED_AT, now)
    if replied.at >= received_at:
        return reply, replied.at
    if replied.day_only and court_day(replied.at) == court_day(received_at):
        return reply, received_at
    raise _Refused(Field.REPLIED_AT, "answered_before_received")


def _number(cells: dict[Field, str]) -> str | None:
    number = clean_line(cells.get(Field.NUMBER, ""))
    if len(number) > MOST_NUMBER:
        raise _Refused(Field.NUMBER, "too_long", most=MOST_NUMBER)
    return number or None


def _phone(cells: dict[Field, str]) -> str | None:
    phone = normal_digits(cells.get(Field.PHONE, ""))
    return phone if _PHONE.match(phone) else None


def _channel(cells: dict[Field, str], usual: str) -> str:
    word = cells.get(Field.CHANNEL, "").strip()
    if not word:
        return usual
    channel = heads.channel_of(word)
    if channel is None:
        raise _Refused(Field.CHANNEL, "channel_unknown")
    return channel


def _kept(raw: RawRow, layout: Layout, answered: bool) -> str:  # noqa: FBT001 a plain condition
    """Return the cells that stand nowhere else word for word: petition and reply keep theirs as they came."""
    verbatim = {layout.columns.get(Field.TEXT), layout.columns.get(Field.REPLY) if answered else None}
    kept: dict[str, str] = {}
    for place, cell in _cells(raw, verbatim):
        head = layout.heads[place] if place < len(layout.heads) else ""
        # Of two columns with one head the second keeps its place for a name.
        kept[head if head and head not in kept else f"#{place + 1}"] = cell
    return json.dumps(kept, ensure_ascii=False)


def _cells(raw: RawRow, but: set[int | None]) -> Iterator[tuple[int, str]]:
    return (
        (place, cell.replace("\x00", "")) for place, cell in enumerate(raw.cells) if cell and place not in but
    )
