"""Rows of a ledger become petitions with their past: known ones are left, the rest is written in one batch."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from central.actor import Actor, Role
from central.cases.models import CaseName
from central.cases.rows import rows_of
from central.courts import queries as courts
from central.courts.models import Court
from central.deadlines.in_force import calendar_in_force
from central.deadlines.shipped import book_of
from central.events import images
from central.events.kinds import Kind
from central.events.log import Draft
from central.intake import tales, writing
from central.intake.blanks import Row, new_row, table_of
from central.intake.models import LedgerEntry
from central.intake.rows import LedgerRow
from central.petitions import service as petitions
from central.petitions import steps
from central.petitions.models import Demand, Petition, Petitioner
from central.petitions.states import Act, State
from central.replies.models import Delivery, Method, Reply
from central.sorting import scheme
from central.sorting.models import PetitionCategory
from central.vault.rows import vault_of
from central.vault.vault import Vault
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
    #: Rows that stand in the file a second time, each with the row of the first.
    repeated: list[tuple[LedgerRow, int]] = field(default_factory=list)


class Kept(NamedTuple):
    """What is known of a row that is here: the digest of its content, its import, its place there."""

    digest: str
    source: UUID | None
    row: int


def write(
    s: Session, *, court_id: UUID, rows: Iterable[LedgerRow], by: Actor, now: datetime, source: UUID
) -> Counts:
    """Write those of `rows` that are new to the court, in one batch (some hundreds at a time); `source` is the import.

    The caller commits. Two imports of the same row at once: the later commit fails on the key, and its batch is tried again.
    """
    counts, fresh = sift(s, rows, source=source)
    write_new(s, court_id=court_id, rows=fresh, by=by, now=now, source=source)
    return counts


def write_new(
    s: Session,
    *,
    court_id: UUID,
    rows: Sequence[LedgerRow],
    by: Actor,
    now: datetime,
    source: UUID,
    likeness: Mapping[int, str] | None = None,
    prepared: Mapping[int, writing.Ready] | None = None,
) -> None:
    """Write rows that are known to be new, as `write`; `likeness` holds the index of day and text by row.

    `prepared` holds by row what was told before; what it lacks, or says by another calendar than the one now in force, is told here.
    """
    court = courts.get(s, court_id)
    numbers = _numbers(s, court, rows)
    teller = teller_of(s, court, by=by, now=now, source=source)
    found = {
        row.number: one
        for row in rows
        if (one := (prepared or {}).get(row.number))
        and (one.key, one.calendar) == (row.key, teller.calendar.version)
    }
    missing = [row for row in rows if row.number not in found]
    of = Source(court.id, court.code, by.staff_id, source, likeness or {})
    found |= ready(vault_of(s), missing, of=of, teller=teller, engine=s.get_bind().dialect.name)
    s.flush()
    writing.write_ready(s, [found[row.number] for row in rows], numbers)


def teller_of(s: Session, court: Court, *, by: Actor, now: datetime, source: UUID) -> tales.Teller:
    """Return who tells of an import. The calendar is held until the transaction ends."""
    facts: dict[str, Json] = {"by": by.name, "court": court.code, "imported": True, "import": source.hex}
    return tales.Teller(LABEL, now, facts, book_of(s), calendar_in_force(s))


class Source(NamedTuple):
    """What the rows of one batch share: court, who began it, the import, and the index of day and text by row."""

    court_id: UUID
    court_code: str
    staff_id: UUID | None
    import_id: UUID
    likeness: Mapping[int, str]


def ready(
    vault: Vault, rows: Sequence[LedgerRow], *, of: Source, teller: tales.Teller, engine: str
) -> dict[int, writing.Ready]:
    """Return by row what is to be written of it: told, sealed, as the driver of `engine` takes it. The number comes later."""
    number = new_id().hex
    told = [
        tell(row, number, key_id=key_id, of=of, teller=teller)
        for row, key_id in zip(rows, vault.new_keys(len(rows)), strict=True)
    ]
    writing.seal(vault, told)
    return {
        row.number: writing.ready(
            row.key, tale, number=number, calendar=teller.calendar.version, engine=engine
        )
        for row, tale in zip(rows, told, strict=True)
    }


def sift(
    s: Session,
    rows: Iterable[LedgerRow],
    seen_before: dict[str, Kept] | None = None,
    source: UUID | None = None,
) -> tuple[Counts, list[LedgerRow]]:
    """Return what would become of `rows`, and those that are new. Reads only; a rehearsal keeps in `seen_before` what it saw.

    `source` is the import: a row that stands in its file twice is no row of an earlier import, and somebody should see it.
    """
    listed = list(rows)
    known = {} if seen_before is None else seen_before
    known |= digests(s, [row.key for row in listed if row.key not in known])
    counts, fresh = Counts(), list[LedgerRow]()
    for row in listed:
        seen = known.get(row.key)
        if seen is None:
            known[row.key] = Kept(row.digest, source, row.number)
            fresh.append(row)
        elif seen.source == source and seen.row != row.number and _says_the_same(row, seen):
            counts.repeated.append((row, seen.row))
        elif seen.digest != row.digest:
            counts.changed.append(row)
        else:
            counts.known += 1
    counts.taken = len(fresh)
    return counts, fresh


def _says_the_same(row: LedgerRow, seen: Kept) -> bool:
    """Say whether two rows of one file look the same; without numbers more than the petition itself may differ."""
    return seen.digest == row.digest or not row.source_number


def digests(s: Session, keys: Sequence[str]) -> dict[str, Kept]:
    """Return what is kept of the rows with `keys` that are here already."""
    query = (
        select(Petition.import_key, LedgerEntry.digest, LedgerEntry.import_id, LedgerEntry.row)
        .join(LedgerEntry, col(LedgerEntry.petition_id) == col(Petition.id))
        .where(col(Petition.import_key).in_(keys))
    )
    return (
        {key or "": Kept(digest, source, row) for key, digest, source, row in s.exec(query)} if keys else {}
    )


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


def tell(row: LedgerRow, number: str, *, key_id: UUID, of: Source, teller: tales.Teller) -> tales.Tale:
    """Return the tale of one row: registered when it came in; if the ledger has its answer, answered, delivered and closed."""
    petition_id = new_id()
    petition = new_row(
        Petition,
        id=petition_id,
        key_id=key_id,
        number=number,
        court_id=of.court_id,
        origin_court_id=of.court_id,
        channel=row.channel,
        rules_version=teller.book.begin(court_day(row.received_at), of.court_code[:1]),
        received_at=row.received_at,
        registered_at=teller.now,
        registered_by=of.staff_id,
        subject=row.subject,
        text=row.text,
        urgent=row.urgent,
        referred_by=row.referred_by,
        imported=True,
        import_key=row.key,
    )
    tale = tales.tell(petition, [_arrival(petition_id, row, of), *_answer(petition_id, row)], teller)
    if row.category:
        _sort(tale, petition_id, row, row.category, teller)
    return tale


def _sort(tale: tales.Tale, petition_id: UUID, row: LedgerRow, code: str, teller: tales.Teller) -> None:
    """Add what the office chose, right behind the arrival. Nothing was proposed to whoever chose then."""
    chosen = new_row(
        PetitionCategory,
        petition_id=petition_id,
        scheme=scheme.current().version,
        code=code,
        # Known here since now, so that the next learning takes it for new; counted in the month it is of.
        first_at=teller.now,
        month=f"{court_day(row.received_at):%Y-%m}",
        at=row.received_at,
    )
    facts: dict[str, Json] = {**teller.facts, "row": row.number, "category": code, "seen": False}
    tale.rows[PetitionCategory].append(chosen)
    data = images.event(facts, [images.inserted(table_of(PetitionCategory), chosen)])
    tale.events.insert(1, Draft(Kind.PETITION_SORTED, row.received_at, teller.now, teller.label, data))


def _arrival(petition_id: UUID, row: LedgerRow, of: Source) -> tales.Told:
    entry = new_row(
        LedgerEntry,
        petition_id=petition_id,
        import_id=of.import_id,
        row=row.number,
        source_number=row.source_number,
        digest=row.digest,
        likeness=of.likeness.get(row.number),
        cells=row.cells,
    )
    person = new_row(
        Petitioner,
        petition_id=petition_id,
        name=row.petitioner,
        phone=row.phone,
        address=row.address,
        id_kind=row.id_kind,
        id_number=row.id_number,
        group_size=row.group_size,
    )
    # What is still open needs a request that can be answered; the handler can write the demands anew.
    asked = [(Demand, new_row(Demand, petition_id=petition_id, number=1, text=row.subject))]
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


def _cases(petition_id: UUID, row: LedgerRow) -> list[tuple[type[CaseName], Row]]:
    return [
        (
            CaseName,
            new_row(
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
    reply = new_row(Reply, petition_id=petition_id, status="issued", text=row.reply, issued_at=at)
    proof = new_row(Delivery, petition_id=petition_id, method=str(Method.LEDGER), delivered_on=day)
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
