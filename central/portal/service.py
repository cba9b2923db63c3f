"""Open a petition with its receipt number and code."""

from datetime import datetime

from sqlmodel import Session, col, select

from central.accounts import passwords, throttle
from central.courts.models import Court
from central.petitions import queries
from central.petitions.models import Petition
from central.petitions.numbering import normal_code, parse_number
from central.settings import Throttle
from shared.canonical import sha256_hex


def open_with_code(s: Session, *, number: str, code: str, limits: Throttle, now: datetime) -> Petition | None:
    """Return the petition if number and code belong together, else None; raise `TooManyTries`.

    An unknown number takes the same work and gets the same answer as a wrong code. None is returned rather than raised
    so that the count of wrong guesses is committed.
    """
    normal = parse_number(number, province=_province(s)) or ""
    key = throttle.key_of("receipt", normal or number)
    throttle.check(s, key=key, limits=limits, now=now)
    petition = queries.by_number(s, normal)
    if not passwords.matches_code(petition.code_hash if petition else None, normal_code(code)):
        throttle.wrong(s, key=key, limits=limits, now=now)
        return None
    throttle.right(s, key=key)
    return petition


def _province(s: Session) -> str:
    """Return the character of the province, which people may leave out of the number."""
    root = s.exec(select(Court.code).where(col(Court.parent_id).is_(None)).limit(1)).first()
    return root[:1] if root else ""


def code_version(petition: Petition) -> str:
    """Return a text that changes when the code does."""
    return sha256_hex(petition.code_hash or "")[:16]
