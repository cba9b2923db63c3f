"""From a row of the sheet to a petition's facts, or the reasons why not. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from central.cases import numbers
from central.cases.rows import MOST_SIGNS, split
from central.fields import clean_line
from central.intake import cells, heads, moments
from central.intake.heads import Layout
from central.intake.rows import CATEGORIES, Field, LedgerRow, RawRow, Refusal
from central.petitions.service import FIRST_YEAR
from central.sorting import naming
from shared.canonical import canonical, sha256_hex
from shared.clock import court_day

MOST_TEXT, MOST_SUBJECT, MOST_NUMBER, MOST_ADDRESS = 100_000, 200, 100, 300
MOST_REFERRED = 100
_IDENTITY = (Field.RECEIVED_AT, Field.PETITIONER, Field.SUBJECT, Field.TEXT)
#: What a digest is over; fields that came later are not: rows that are here already keep theirs.
_DIGESTED = (
    Field.NUMBER,
    Field.PETITIONER,
    Field.PHONE,
    Field.ADDRESS,
    Field.CHANNEL,
    Field.SUBJECT,
    Field.RECEIVED_AT,
    Field.TEXT,
    Field.REPLY,
    Field.REPLIED_AT,
)
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
    court_name: str = ""
    #: What becomes of doubles: hold, take or leave.
    doubles: str = "hold"


class _Refused(Exception):
    def __init__(self, what: Field, reason: str, **values: Any) -> None:
        super().__init__(reason)
        self.what, self.reason, self.values = what, reason, values


def check(raw: RawRow, ledger: Ledger) -> LedgerRow | Refusal:
    """Return what the row tells, cleaned where a reader would expect it, or the first reason why it cannot be taken."""
    values = {what: ledger.layout.cell(raw.cells, what).replace("\x00", "") for what in ledger.layout.columns}
    try:
        return _row(raw, values, ledger)
    except _Refused as no:
        value = " ".join(values.get(no.what, "").split())[:_SHOWN]
        return Refusal(raw.number, ledger.layout.head(no.what), value, no.reason, no.values)


def _row(raw: RawRow, values: dict[Field, str], ledger: Ledger) -> LedgerRow:
    subject, text = _words(values)
    received = _moment(values, Field.RECEIVED_AT, ledger)
    reply, replied_at = _answer(values, received.at, ledger)
    number = _number(values)
    digest = sha256_hex(canonical({str(what): values[what].strip() for what in _DIGESTED if what in values}))
    # Without a number a row is the same if the petition is; its answer may have come since.
    said = [values.get(what, "").strip() for what in _IDENTITY]
    person = _person(values, ledger.now)
    return LedgerRow(
        number=raw.number,
        key=sha256_hex(
            canonical([ledger.court_code, "number", number] if number else [ledger.court_code, *said])
        ),
        digest=digest,
        channel=_channel(values, raw.channel or ledger.channel),
        received_at=received.at,
        subject=subject,
        text=text,
        source_number=number,
        petitioner=person.name,
        phone=person.phone.value,
        id_number=person.id_number.value,
        id_kind=person.id_kind,
        group_size=person.group_size,
        address=clean_line(values.get(Field.ADDRESS, ""))[:MOST_ADDRESS] or None,
        reply=reply,
        replied_at=replied_at,
        case_numbers=tuple(
            clean_line(each)[:MOST_SIGNS] for each in split(values.get(Field.CASE_NUMBERS, ""))
        ),
        urgent=cells.yes(values.get(Field.URGENT, "")),
        referred_by=clean_line(values.get(Field.REFERRED_BY, ""))[:MOST_REFERRED] or None,
        category=named.category.code if (named := _category(values)).category else None,
        cells=_kept(raw, ledger.layout, reply is not None),
        remarks=tuple(_remarks(raw, values, person, ledger)),
    )


class _Person(NamedTuple):
    name: str | None
    group_size: int
    phone: cells.Read
    id_number: cells.Read
    id_kind: str | None
    name_remark: str | None = None


def _person(values: dict[Field, str], now: datetime) -> _Person:
    name, size = cells.name(values.get(Field.PETITIONER, ""))
    number, kind = cells.id_number(values.get(Field.ID_NUMBER, ""), now)
    given = cells.count(values.get(Field.GROUP_SIZE, ""))
    return _Person(
        name.value, given or size, cells.phone(values.get(Field.PHONE, "")), number, kind, name.remark
    )


def _remarks(raw: RawRow, values: dict[Field, str], person: _Person, ledger: Ledger) -> Iterator[Refusal]:
    """Yield what a person should look at in a row that goes in; the cells are kept as they stood in any case."""
    found = [
        (Field.PETITIONER, person.name_remark),
        (Field.PHONE, person.phone.remark),
        (Field.ID_NUMBER, person.id_number.remark),
    ]
    if cases := values.get(Field.CASE_NUMBERS, "").strip():
        odd = [each for each in split(cases) if numbers.parse(each) is None]
        found.append((Field.CASE_NUMBERS, "case_number_odd" if odd else None))
    if size := values.get(Field.GROUP_SIZE, "").strip():
        odd_size = "count_unreadable" if cells.count(size) is None else "count_about"
        found.append(
            (Field.GROUP_SIZE, odd_size if cells.count(size) is None or cells.is_about(size) else None)
        )
    court = clean_line(values.get(Field.COURT, ""))
    if court and ledger.court_name and court not in ledger.court_name and ledger.court_name not in court:
        found.append((Field.COURT, "other_court"))
    if (word := values.get(Field.CHANNEL, "").strip()) and heads.channel_of(word) is None:
        found.append((Field.CHANNEL, "channel_unknown"))
    found += [(what, "year_above") for what in raw.years_above]
    if (named := _category(values)).left:
        where = next(what for what in reversed(CATEGORIES) if values.get(what, "").strip())
        found.append((where, "category_partly" if named.category else "category_unknown"))
    for what, remark in found:
        if remark:
            shown = " ".join(values[what].split())[:_SHOWN]
            yield Refusal(raw.number, ledger.layout.head(what), shown, remark, kind="remark")


def _words(values: dict[Field, str]) -> tuple[str, str]:
    """Return subject and text; one stands in for the other if it is empty."""
    text, line = values.get(Field.TEXT, ""), clean_line(values.get(Field.SUBJECT, ""))
    if not text.strip() and not line:
        raise _Refused(Field.TEXT if Field.TEXT in values else Field.SUBJECT, "nothing_said")
    for what, words in ((Field.TEXT, text), (Field.REPLY, values.get(Field.REPLY, ""))):
        if len(words) > MOST_TEXT:
            raise _Refused(what, "too_long", most=MOST_TEXT)
    if not line:
        line = clean_line(_SENTENCE.split(text.strip(), maxsplit=1)[0])[:60]
    if len(line) > MOST_SUBJECT:
        line = line[: MOST_SUBJECT - 1] + "…"
    return line or "…", text if text.strip() else values[Field.SUBJECT]


def _moment(values: dict[Field, str], what: Field, ledger: Ledger) -> moments.When:
    cell = values.get(what, "")
    if not cell.strip():
        raise _Refused(what, "date_missing")
    try:
        when = moments.read(cell, year=ledger.layout.year, from_1904=ledger.layout.from_1904)
    except moments.Unreadable as error:
        raise _Refused(what, str(error)) from None
    if when.at > ledger.now + timedelta(minutes=5):
        raise _Refused(what, "date_future")
    if when.at.year < FIRST_YEAR:
        raise _Refused(what, "date_too_early", year=FIRST_YEAR)
    return when._replace(at=min(when.at, ledger.now))


def _answer(
    values: dict[Field, str], received_at: datetime, ledger: Ledger
) -> tuple[str | None, datetime | None]:
    reply, when = values.get(Field.REPLY, ""), values.get(Field.REPLIED_AT, "")
    if not reply.strip() and not when.strip():
        return None, None
    if not reply.strip():
        raise _Refused(Field.REPLY, "reply_missing")
    replied = _moment(values, Field.REPLIED_AT, ledger)
    if replied.at >= received_at:
        return reply, replied.at
    if replied.day_only and court_day(replied.at) == court_day(received_at):
        return reply, received_at
    raise _Refused(Field.REPLIED_AT, "answered_before_received")


def _number(values: dict[Field, str]) -> str | None:
    number = clean_line(values.get(Field.NUMBER, ""))
    if len(number) > MOST_NUMBER:
        raise _Refused(Field.NUMBER, "too_long", most=MOST_NUMBER)
    return number or None


def _category(values: dict[Field, str]) -> naming.Named:
    return naming.read([values.get(what, "") for what in CATEGORIES])


def _channel(values: dict[Field, str], usual: str) -> str:
    word = values.get(Field.CHANNEL, "").strip()
    return (heads.channel_of(word) if word else None) or usual


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
