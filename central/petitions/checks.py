"""Checks of petitions that hashes alone cannot make."""

from collections.abc import Iterator

from sqlalchemy import func
from sqlmodel import Session, col, select

from central.courts.models import Court
from central.events.verify import Finding
from central.petitions.models import Numbering, Petition


def check_numbers(s: Session) -> Iterator[Finding]:
    """Find receipt numbers that were given and are gone: a petition removed together with all its events."""
    codes = dict(s.exec(select(Court.id, Court.code)).all())
    for row in s.exec(select(Numbering)).all():
        prefix = f"{codes[row.court_id]}-{row.year}-"
        query = select(func.count()).where(
            col(Petition.number) > prefix,
            col(Petition.number) < prefix + ":",
            Petition.origin_court_id == row.court_id,
        )
        found = s.exec(query).one()
        if found != row.last:
            yield Finding(f"numbering/{prefix[:-1]}", 0, 0, "number_missing", f"{found} / {row.last}")
