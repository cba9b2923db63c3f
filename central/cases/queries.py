"""Reading the case numbers of petitions."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from central.cases import codes
from central.cases.codes import Named, Reading
from central.cases.models import CaseName
from central.cases.numbers import key, parse
from central.courts.models import Court
from central.vault.rows import vault_of


def of_petition(s: Session, petition_id: UUID) -> Sequence[CaseName]:
    """Return the numbers a petition names, in the order they were typed."""
    query = select(CaseName).where(CaseName.petition_id == petition_id)
    return s.exec(query.order_by(col(CaseName.place))).all()


def readings(s: Session, petition_id: UUID, *, year: int) -> list[Reading]:
    """Return what the numbers of a petition came to, with court and type as of the year each number names."""
    return read(s, [row.typed for row in of_petition(s, petition_id)], year=year)


def read(s: Session, typed: Iterable[str], *, year: int) -> list[Reading]:
    """Return what typed numbers came to. `year` is the present one."""
    texts = list(typed)
    known = _courts(s, {codes.courts_in(parse(text)) for text in texts} - {""})
    return [codes.read(text, courts=known, year=year) for text in texts]


def _courts(s: Session, wanted: set[str]) -> dict[str, Named]:
    if not wanted:
        return {}
    rows = s.exec(select(Court).where(col(Court.code).in_(sorted(wanted)))).all()
    return {row.code: Named(row.code, row.name, row.name_en, row.valid_from) for row in rows}


def index(s: Session, typed: str) -> str:
    """Return the blind index of a number however it is written."""
    return vault_of(s).blind_index("case_number", key(typed))
