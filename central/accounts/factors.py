"""Second factors: authenticator apps (TOTP, RFC 6238) and recovery codes; passkeys stand in `passkeys.py`.

The secret of an app is sealed by the vault and never leaves the server after enrolment. A code is good once: the time step it was for
is kept, and no step at or before it is taken again.
"""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import pyotp
from sqlmodel import Session, col, delete, select

from central.accounts import passwords, queries
from central.accounts.models import FactorKey, RecoveryCode, SecondFactor, SignIn
from central.actor import Actor
from central.errors import Invalid, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.fields import clean_line, normal_digits
from central.vault.rows import vault_of

STEP_SECONDS = 30
#: A code of the step before or after is taken: clocks of phones differ (RFC 6238, 5.2).
SKEW = (0, -1, 1)
RECOVERY_CODES = 10
MOST_FACTORS = 10
#: Without letters that look like others.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
VAULT_KEY = "accounts"


class FactorKind(StrEnum):
    """What kind of second factor."""

    APP = "totp"
    PASSKEY = "passkey"


def begin_app(s: Session, *, session: SignIn) -> str:
    """Return the secret of an app about to be enrolled; it waits in the session, sealed, until a code proves it."""
    secret = pyotp.random_base32()
    vault = vault_of(s)
    sealed = vault.seal(vault.named_key(VAULT_KEY), secret.encode(), aad=_waiting(session))
    row = s.get_one(SignIn, session.digest)
    row.challenge = sealed.hex()
    return secret


def waiting_secret(s: Session, *, session: SignIn) -> str:
    """Return the secret that waits for its first code; raise `Invalid` if none does."""
    row = s.get(SignIn, session.digest)
    if row is None or not row.challenge:
        raise Invalid("accounts.factor.begin_again", field="code")
    return vault_of(s).open(bytes.fromhex(row.challenge), aad=_waiting(session)).decode()


def add_app(s: Session, *, session: SignIn, code: str, label: str, by: Actor, now: datetime) -> SecondFactor:
    """Enrol the waiting app once its code is right; raise `Invalid`."""
    secret = waiting_secret(s, session=session)
    step = _step_of(secret, code, after=0, now=now)
    if step is None:
        raise Invalid("accounts.factor.wrong_code", field="code")
    vault = vault_of(s)
    factor = SecondFactor(
        staff_id=session.staff_id, kind=FactorKind.APP, label=label, created_at=now, digest=""
    )
    sealed = vault.seal(vault.named_key(VAULT_KEY), secret.encode(), aad=_place(factor.id))
    add(s, factor=factor, key=FactorKey(factor_id=factor.id, content=sealed, counter=step), by=by, now=now)
    s.get_one(SignIn, session.digest).challenge = ""
    return factor


def add(s: Session, *, factor: SecondFactor, key: FactorKey, by: Actor, now: datetime) -> None:
    """Add a proven factor with its key; raise `Invalid` when there are too many."""
    if len(queries.factors(s, factor.staff_id)) >= MOST_FACTORS:
        raise Invalid("accounts.factor.too_many", field="label", most=MOST_FACTORS)
    factor.label = clean_line(factor.label)[:60] or factor.kind
    s.add(factor)
    s.flush()
    s.add(key)
    _record(s, Kind.STAFF_FACTOR_ADDED, factor, by=by, now=now)


def takes_code(s: Session, *, staff_id: UUID, given: str, now: datetime) -> str | None:
    """Return the method (`totp` or `recovery`) if `given` is a right code that was not used, and use it up; else None."""
    text = normal_digits(given).replace(" ", "")
    if text.isascii() and text.isdigit() and len(text) == 6:
        return FactorKind.APP.value if _takes_app(s, staff_id, text, now) else None
    return "recovery" if _takes_recovery(s, staff_id, text, now) else None


def _takes_app(s: Session, staff_id: UUID, code: str, now: datetime) -> bool:
    for factor in queries.factors(s, staff_id):
        if factor.kind != FactorKind.APP:
            continue
        key = s.get_one(FactorKey, factor.id, with_for_update=True)
        secret = vault_of(s).open(key.content, aad=_place(factor.id)).decode()
        step = _step_of(secret, code, after=key.counter, now=now)
        if step is not None:
            key.counter, key.used_at = step, now
            return True
    return False


def _step_of(secret: str, code: str, *, after: int, now: datetime) -> int | None:
    """Return the time step that `code` is for, if it is near and later than the last one used."""
    here, app = int(now.timestamp()) // STEP_SECONDS, pyotp.TOTP(secret)
    text = normal_digits(code).replace(" ", "")
    for step in (here + skew for skew in SKEW):
        if step > after and hmac.compare_digest(app.at(step * STEP_SECONDS).encode(), text.encode()):
            return step
    return None


def make_recovery_codes(s: Session, *, staff_id: UUID, by: Actor, now: datetime) -> list[str]:
    """Return ten new codes, shown once; the old ones are void. `3-ABCDE-FGHJK`: number and 50 random bits."""
    s.exec(delete(RecoveryCode).where(col(RecoveryCode.staff_id) == staff_id))
    made = [one_time_code() for _ in range(RECOVERY_CODES)]
    s.add_all(
        RecoveryCode(staff_id=staff_id, number=number, code_hash=passwords.hash_code(bare(code)))
        for number, code in enumerate(made)
    )
    stream = stream_name("staff", staff_id)
    log.record(s, kind=Kind.STAFF_RECOVERY_CODES_MADE, stream=stream, actor=by, at=now)
    return [f"{number}-{code}" for number, code in enumerate(made)]


def recovery_codes_left(s: Session, staff_id: UUID) -> int:
    """Return how many recovery codes were not used."""
    query = select(RecoveryCode.number).where(RecoveryCode.staff_id == staff_id)
    return len(s.exec(query.where(col(RecoveryCode.used_at).is_(None))).all())


def _takes_recovery(s: Session, staff_id: UUID, text: str, now: datetime) -> bool:
    number, _, code = text.partition("-")
    found = int(number) if number.isascii() and number.isdigit() and len(number) == 1 else -1
    row = s.get(RecoveryCode, (staff_id, found), with_for_update=True)
    stored = row.code_hash if row is not None and row.used_at is None else None
    if not passwords.matches_code(stored, bare(code)) or row is None:
        return False
    row.used_at = now
    return True


def one_time_code() -> str:
    """Return ten random signs in two groups: 50 bits, easy to read out."""
    signs = [secrets.choice(_ALPHABET) for _ in range(10)]
    return "".join(signs[:5]) + "-" + "".join(signs[5:])


def bare(code: str) -> str:
    """Return a typed code as it is hashed: capital letters and digits alone."""
    return "".join(sign for sign in normal_digits(code).upper() if sign.isalnum())


def get(s: Session, *, staff_id: UUID, factor_id: UUID) -> SecondFactor:
    """Return a factor of a person; raise `NotFound`."""
    factor = s.get(SecondFactor, factor_id)
    if factor is None or factor.staff_id != staff_id:
        raise NotFound
    return factor


def rename(s: Session, *, factor: SecondFactor, label: str, by: Actor, now: datetime) -> None:
    """Give a factor another name."""
    factor.label = clean_line(label)[:60] or factor.label
    _record(s, Kind.STAFF_FACTOR_RENAMED, factor, by=by, now=now)


def remove(s: Session, *, factor: SecondFactor, by: Actor, now: datetime, reason: str = "own") -> None:
    """Take a factor away; with the last one the recovery codes go too."""
    s.exec(delete(FactorKey).where(col(FactorKey.factor_id) == factor.id))
    s.delete(factor)
    _record(s, Kind.STAFF_FACTOR_REMOVED, factor, by=by, now=now, reason=reason)
    if not queries.factors(s, factor.staff_id):
        s.exec(delete(RecoveryCode).where(col(RecoveryCode.staff_id) == factor.staff_id))


def remove_all(s: Session, *, staff_id: UUID, by: Actor, now: datetime, reason: str) -> int:
    """Take every factor of a person away, who then enrols anew; return how many there were."""
    found: Sequence[SecondFactor] = queries.factors(s, staff_id)
    for factor in found:
        remove(s, factor=factor, by=by, now=now, reason=reason)
    return len(found)


def provisioning(secret: str, username: str) -> str:
    """Return the address that an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name="Minyi")


def _place(factor_id: UUID) -> str:
    return f"factor_key:{factor_id.hex}:content"


def _waiting(session: SignIn) -> str:
    return f"sign_in:{session.id.hex}:challenge"


def _record(
    s: Session, kind: Kind, factor: SecondFactor, *, by: Actor, now: datetime, reason: str = ""
) -> None:
    facts = {
        "factor": factor.id.hex,
        "factor_kind": str(factor.kind),
        **({"reason": reason} if reason else {}),
    }
    stream = stream_name("staff", factor.staff_id)
    log.record(s, kind=kind, stream=stream, actor=by, at=now, facts=facts)
