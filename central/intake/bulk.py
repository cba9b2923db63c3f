"""Rows of a ledger become petitions with their past: known ones are left, the rest is written in one batch."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from central.actor import Actor, Role
from central.cases.models import CaseName
from central.cases.rows import rows_of
from central.courts import queries as courts
from central.courts.models import Court
from central.deadlines.in_force import calendar_in_force
from central.deadlines.shipped import book_of
from central.events.kinds import Kind
from central.intake import tales, writing
from central.intake.models import LedgerEntry
from central.intake.rows import LedgerRow
from central.petitions import service as petitions
from central.petitions import steps
from central.petitions.models import Demand, Petition, Petitioner
from central.petitions.states import Act, State
from central.replies.models import Delivery, Method, Reply
from central.vault.rows import vault_of
from shared.canonical import Json
from shared.clock import court_day
from shared.ids import new_id

#: Label of every event of an import; who started it stands in the facts.
LABEL = "system:import"


@dataclass
class Counts:
    """What became of rows: written, here already, here already and now saying something else."""

    taken: int = 0
    known: int = 0
    changed: list[LedgerRow] = field(default_factory=list)


def write(
    s: Session, *, court_id: UUID, rows: Iterable[LedgerRow], by: Actor, now: datetime, source: UUID
) -> Counts:
    """Write those of `rows` that are new to the court, in one batch (some hundreds at a time); `source` is the import.

    The caller commits. Two imports of the same row at once: the later commit fails on the key, and its batch is tried again.
    """
    court = courts.get(s, court_id)
    counts, fresh = sift(s, rows)
    numbers = _numbers(s, court, fresh)
    facts: dict[str, Json] = {"by": by.name, "court": court.code, "imported": True, "import": source.hex}
    teller = tales.Teller(LABEL, now, facts, book_of(s), calendar_in_force(s))
    told = [
        tell(row, number, key_id=key_id, court=court, by=by, source=source, teller=teller)
        for row, number, key_id in zip(fresh, numbers, vault_of(s).new_keys(len(fresh)), strict=True)
    ]
    writing.write_tales(s, told)
    return counts


def sift(
    s: Session, rows: Iterable[LedgerRow], seen_before: dict[str, str] | None = None
) -> tuple[Counts, list[LedgerRow]]:
    """Return what would become of `rows`, and those that are new. Reads only; a rehearsal keeps in `seen_before` what it saw."""
    listed = list(rows)
    known = {} if seen_before is None else seen_before
    known |= digests(s, [row.key for row in listed])
    counts, fresh = Counts(), list[LedgerRow]()
    for row in listed:
        seen = known.setdefault(row.key, "")
        if not seen:
            known[row.key] = row.digest
            fresh.append(row)
        elif seen == row.digest:
            counts.known += 1
        else:
            counts.changed.append(row)
    counts.taken = len(fresh)
    return counts, fresh


def digests(s: Session, keys: Sequence[str]) -> dict[str, str]:
    """Return the digests of the rows with `keys` that are here already."""
    query = (
        select(Petition.import_key, LedgerEntry.digest)
        .join(LedgerEntry, col(LedgerEntry.petition_id) == col(Petition.id))
        .where(col(Petition.import_key).in_(keys))
    )
    return {key or "": digest for key, digest in s.exec(query)} if keys else {}


def _numbers(s: Session, court: Court, rows: Sequence[LedgerRow]) -> list[str]:
    """Return a receipt number for each row, in the series of the year in which it came in."""
    years = [court_day(row.received_at).year for row in rows]
    series = {
        year: iter(
            petitions.take_numbers(s, court_id=court.id, court_code=court.code, year=year, count=count)
        )
        for year, count in sorted(Counter(years).items())
    }
    return [next(series[year]) for year in years]


def tell(
    row: LedgerRow, number: str, *, key_id: UUID, court: Court, by: Actor, source: UUID, teller: tales.Teller
) -> tales.Tale:
    """Return the tale of one row: registered when it came in; if the ledger has its answer, answered, delivered and closed."""
    petition_id = new_id()
    petition = tales.new_row(
        Petition,
        id=petition_id,
        key_id=key_id,
        number=number,
        court_id=court.id,
        origin_court_id=court.id,
        channel=row.channel,
        rules_version=teller.book.begin(court_day(row.received_at), court.code[:1]),
        received_at=row.received_at,
        registered_at=teller.now,
        registered_by=by.staff_id,
        subject=row.subject,
        text=row.text,
        imported=True,
        import_key=row.key,
    )
    return tales.tell(petition, [_arrival(petition_id, row, source), *_answer(petition_id, row)], teller)


def _arrival(petition_id: UUID, row: LedgerRow, source: UUID) -> tales.Told:
    entry = tales.new_row(
        LedgerEntry,
        petition_id=petition_id,
        import_id=source,
        row=row.number,
        source_number=row.source_number,
        digest=row.digest,
        cells=row.cells,
    )
    person = tales.new_row(
        Petitioner, petition_id=petition_id, name=row.petitioner, phone=row.phone, address=row.address
    )
    # What is still open needs a request that can be answered; the handler can write the demands anew.
    asked = [(Demand, tales.new_row(Demand, petition_id=petition_id, number=1, text=row.subject))]
    facts: dict[str, Json] = {"channel": row.channel, "row": row.number}
    return tales.Told(
        Act.REGISTER,
        row.received_at,
        rows=[
            (Petitioner, person),
            (LedgerEntry, entry),
            *([] if row.reply else asked),
            *_cases(petition_id, row),
        ],
        facts=facts,
        kind=Kind.PETITION_IMPORTED,
    )


def _cases(petition_id: UUID, row: LedgerRow) -> list[tuple[type[CaseName], tales.Row]]:
    return [
        (
            CaseName,
            tales.new_row(
                CaseName,
                petition_id=petition_id,
                place=each.place,
                typed=each.typed,
                case_number=each.case_number,
            ),
        )
        for each in rows_of(petition_id, row.case_numbers)
    ]


def _answer(petition_id: UUID, row: LedgerRow) -> list[tales.Told]:
    at = row.replied_at
    if row.reply is None or at is None:
        return []
    day, facts = court_day(at), {"row": row.number}
    reply = tales.new_row(Reply, petition_id=petition_id, status="issued", text=row.reply, issued_at=at)
    proof = tales.new_row(Delivery, petition_id=petition_id, method=str(Method.LEDGER), delivered_on=day)
    delivered: dict[str, Json] = {
        **facts,
        "method": str(Method.LEDGER),
        "delivered_on": day.isoformat(),
    }
    return [
        tales.Told(
            Act.RECORD_PAST_REPLY,
            at,
            changes={"issued_at": at},
            rows=[(Reply, reply)],
            facts={**facts, "round": 1},
        ),
        tales.Told(
            Act.RECORD_DELIVERY,
            at,
            changes={"delivered_on": day},
            rows=[(Delivery, proof)],
            facts=delivered,
        ),
        tales.Told(Act.CLOSE_PAST, at, facts=facts),
    ]


def _allowed() -> None:
    """Fail at import if the table no longer lets a program do what a ledger tells of."""
    state: State | None = None
    for act in (Act.REGISTER, Act.RECORD_PAST_REPLY, Act.RECORD_DELIVERY, Act.CLOSE_PAST):
        step = steps.find(state, act)
        if Role.SYSTEM not in step.roles:
            raise RuntimeError(act)
        state = step.to


_allowed()
