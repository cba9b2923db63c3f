"""Open a petition with its receipt number and code."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from central.accounts import passwords, throttle
from central.courts.models import Court
from central.errors import TooManyTries
from central.petitions import queries
from central.petitions.models import Petition
from central.petitions.numbering import CODE_DIGITS, normal_code, parse_number
from central.settings import Throttle
from shared.canonical import sha256_hex


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was opened: the sentences by input (`number`, `code`), what fills them in, and an HTTP status."""

    problems: dict[str, str]
    status: int = 422
    minutes: int = 0
    digits: int = 0


def open_with_code(
    s: Session, *, number: str, code: str, address: str, limits: Throttle, now: datetime
) -> Petition | Refused:
    """Return the petition if number and code belong together.

    An unknown number takes the same work and gets the same answer as a wrong code. A refusal is returned rather than raised
    so that the count of wrong guesses is committed. What cannot be a number or a code is no guess and costs none.
    Numbers follow each other and are known to others: whoever guesses uses up the count of their own network address for this
    number and nobody else's. The number has no count of its own: it would keep the petitioner out, and 16 digits need none.
    """
    normal, digits = parse_number(number, province=_province(s)), re.sub(r"[^0-9]", "", normal_code(code))
    if normal is None or len(digits) != CODE_DIGITS:
        return Refused(_misshaped(number, normal, digits), digits=len(digits))
    key = throttle.key_of("receipt", f"{normal} {address}")
    try:
        throttle.check(s, key=key, limits=limits, now=now)
    except TooManyTries as error:
        return Refused({"": "portal.problem.throttled"}, 429, minutes=int(str(error.values["minutes"])))
    found = queries.by_number(s, normal)
    fits = passwords.matches_code(found[1] if found else None, digits)
    petition = queries.by_id(s, found[0]) if found and fits else None
    if petition is None:
        throttle.wrong(s, key=key, limits=limits, now=now)
        return Refused({"": "portal.problem.wrong_code"}, 404)
    throttle.right(s, key=key)
    return petition


def _misshaped(number: str, normal: str | None, digits: str) -> dict[str, str]:
    problems = {}
    if normal is None:
        problems["number"] = (
            "portal.problem.number_shape" if number.strip() else "portal.problem.number_missing"
        )
    if len(digits) != CODE_DIGITS:
        problems["code"] = "portal.problem.code_shape" if digits else "portal.problem.code_missing"
    return problems


def _province(s: Session) -> str:
    """Return the character of the province, which people may leave out of the number."""
    root = s.exec(select(Court.code).where(col(Court.parent_id).is_(None)).limit(1)).first()
    return root[:1] if root else ""


def code_version(petition: Petition) -> str:
    """Return a text that changes when the code does."""
    return sha256_hex(petition.code_hash or "")[:16]
