"""Rows that look like a petition that is here, or like an earlier row of the same file. A person decides; nothing is dropped.

Double is what came on the same day with the same text, or on the same day from the same telephone, paper or about the same case.
The same telephone, paper or case on another day is only remarked upon: people write again. So are two rows of one file to which the
office gave different numbers: it counted them as two. Numbers are compared by their blind
indexes, texts by an index of day and text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from central.cases import numbers
from central.cases.models import CaseName
from central.intake.models import LedgerEntry
from central.intake.rows import LedgerRow, Refusal
from central.petitions.models import Petition, Petitioner
from central.vault.rows import vault_of
from central.vault.vault import Vault, normal
from shared.clock import COURT_ZONE, court_day

_TEXT = "ledger_text"
#: Most petitions of one day whose texts are compared.
_COMPARED = 2000


@dataclass(frozen=True, slots=True)
class Here:
    """What a mark stands for: a petition that is here, or a row of this file."""

    day: date
    petition_id: UUID | None = None
    number: str = ""
    row: int | None = None
    #: The ledger's own number of that row.
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """By what a row is compared: pairs of kind (case, phone, id_number, text) and blind index."""

    row: LedgerRow
    day: date
    each: tuple[tuple[str, str], ...]

    @property
    def likeness(self) -> str:
        """Return the index of day and text."""
        return next(index for kind, index in self.each if kind == "text")


Seen = dict[tuple[str, str], Here]


def marks(vault: Vault, row: LedgerRow) -> Marks:
    """Return by what a row is compared."""
    day = court_day(row.received_at)
    found = [
        ("case", vault.blind_index("case_number", made.canonical))
        for made in map(numbers.parse, row.case_numbers)
        if made
    ]
    if row.phone:
        found.append(("phone", vault.blind_index("phone", row.phone)))
    if row.id_number:
        found.append(("id_number", vault.blind_index("id_number", row.id_number)))
    found.append(("text", vault.blind_index(_TEXT, f"{day:%Y%m%d}{row.text}")))
    return Marks(row, day, tuple(found))


def days_of_others(s: Session, court_id: UUID) -> frozenset[date]:
    """Return the days on which petitions came to a court that no ledger told of: only on these are texts compared one by one."""
    query = select(col(Petition.received_at)).where(
        col(Petition.court_id) == court_id, col(Petition.imported).is_(False)
    )
    return frozenset(court_day(at) for at in s.connection().execute(query).scalars())


def find(
    s: Session,
    rows: Sequence[LedgerRow],
    *,
    court_id: UUID,
    source: UUID | None,
    others: frozenset[date],
    seen: Seen,
    known: Mapping[int, Marks] | None = None,
) -> tuple[list[Marks], dict[int, Refusal]]:
    """Return the marks of rows, and by row a remark of kind `double`, or `remark` for what is only related.

    `known` holds marks by row that were made before; `seen` holds the marks of earlier rows of the file that are not in the database
    yet, and is added to; `source` is the import.
    """
    vault = vault_of(s)
    listed = [(known or {}).get(row.number) or marks(vault, row) for row in rows]
    here = _here(s, listed, court_id, source) | _texts(s, listed, court_id, others)
    found = dict[int, Refusal]()
    for each in listed:
        if remark := _remark(each, here, seen):
            found[each.row.number] = remark
        if remark is None or remark.kind != "double":
            for mark in each.each:
                seen.setdefault(mark, Here(each.day, row=each.row.number, own=each.row.source_number))
    return listed, found


def _remark(each: Marks, here: Mapping[tuple[str, str], Sequence[Here]], seen: Seen) -> Refusal | None:
    related: Refusal | None = None
    for mark in reversed(each.each):
        like = [*here.get(mark, ()), *([seen[mark]] if mark in seen else [])]
        same = next((one for one in like if one.day == each.day and not _counted_apart(each.row, one)), None)
        if same is not None:
            return _told(each.row, mark[0], same, "double")
        if like and related is None:
            related = _told(each.row, mark[0], like[0], "remark")
    return related


def _counted_apart(row: LedgerRow, like: Here) -> bool:
    return like.row is not None and bool(row.source_number and like.own) and row.source_number != like.own


def _told(row: LedgerRow, kind: str, like: Here, sort: str) -> Refusal:
    place = "in_file" if like.row is not None else "here"
    values = {
        "day": like.day.isoformat(),
        "number": like.number,
        "row": str(like.row or ""),
        "channel": row.channel,
    }
    reason = f"{kind}_{place}" if sort == "double" else f"also_{kind}_{place}"
    return Refusal(row.number, "", "", reason, values, kind=sort, like_id=like.petition_id)


def _here(
    s: Session, listed: Sequence[Marks], court_id: UUID, source: UUID | None
) -> dict[tuple[str, str], list[Here]]:
    """Return what is here of the marks: by three indexes, one statement each."""
    wanted: dict[str, set[str]] = {}
    for each in listed:
        for kind, index in each.each:
            wanted.setdefault(kind, set()).add(index)
    columns: dict[str, tuple[Any, Any]] = {
        "phone": (Petitioner, Petitioner.phone_index),
        "id_number": (Petitioner, Petitioner.id_number_index),
        "case": (CaseName, CaseName.case_number_index),
        "text": (LedgerEntry, LedgerEntry.likeness),
    }
    found: dict[tuple[str, str], list[Here]] = {}
    for kind, indexes in wanted.items():
        model, column = columns[kind]
        query = (
            select(
                col(column),
                Petition.id,
                Petition.number,
                Petition.received_at,
                LedgerEntry.import_id,
                LedgerEntry.row,
                LedgerEntry.source_number,
            )  # type: ignore[call-overload]
            .select_from(model)
            .join(Petition, col(Petition.id) == col(model.petition_id))
            .where(col(column).in_(indexes), col(Petition.court_id) == court_id)
            .order_by(col(Petition.received_at))
        )
        if model is LedgerEntry:
            rows = s.connection().execute(query)
        else:
            rows = s.connection().execute(
                query.outerjoin(LedgerEntry, col(LedgerEntry.petition_id) == col(Petition.id))
            )
        for index, petition_id, number, at, import_id, row, own in rows:
            same_file = source is not None and import_id == source
            here = Here(court_day(at), petition_id, number, row if same_file else None, own)
            found.setdefault((kind, index), []).append(here)
    return found


def _texts(
    s: Session, listed: Sequence[Marks], court_id: UUID, others: frozenset[date]
) -> dict[tuple[str, str], list[Here]]:
    """Return petitions that no ledger told of, by the index of their day and text."""
    vault = vault_of(s)
    days = sorted({each.day for each in listed} & others)
    found: dict[tuple[str, str], list[Here]] = {}
    for day in days:
        begin = datetime.combine(day, time.min, COURT_ZONE).astimezone(UTC)
        query = (
            select(Petition)
            .where(
                col(Petition.court_id) == court_id,
                col(Petition.received_at) >= begin,
                col(Petition.received_at) < begin + timedelta(days=1),
                col(Petition.imported).is_(False),
            )
            .limit(_COMPARED)
        )
        wanted = {normal(_TEXT, each.row.text) for each in listed if each.day == day}
        for petition in s.execute(query).scalars():
            if normal(_TEXT, petition.text) in wanted:
                mark = ("text", vault.blind_index(_TEXT, f"{day:%Y%m%d}{petition.text}"))
                found.setdefault(mark, []).append(Here(day, petition.id, petition.number))
    return found


def held(remark: Refusal, cells: Iterable[str], decided: str | None = None) -> Refusal:
    """Return a double with its whole row, so that it can go in later."""
    return replace(remark, cells=tuple(cells), decided=decided)
