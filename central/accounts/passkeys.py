"""Passkeys (WebAuthn level 2) as a second factor, through the library `webauthn`.

The challenge waits in the session and is good for one answer. Origin and id of this site come from `http.public_url`; a browser
makes no passkey for a bare network address, so without a host name they are not offered.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import webauthn
from sqlmodel import Session, col, select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from central.accounts import factors, queries
from central.accounts.factors import FactorKind
from central.accounts.models import FactorKey, SecondFactor, SignIn, Staff
from central.actor import Actor
from central.errors import Invalid
from shared.canonical import sha256_hex

#: What the library raises for an answer that is no proof, or no answer at all.
BROKEN = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Site:
    """This server as passkeys know it: host name, and origin `https://host[:port]`."""

    rp_id: str
    origin: str


def site_of(url: str) -> Site | None:
    """Return the site at `url`; None where browsers make no passkeys: a bare address, or http on another name than localhost."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or _is_address(host) or (parts.scheme != "https" and host != "localhost"):
        return None
    return Site(host, f"{parts.scheme}://{parts.netloc}")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def begin_adding(s: Session, *, session: SignIn, staff: Staff, site: Site) -> str:
    """Return as JSON what the browser needs to make a passkey; the challenge waits in the session."""
    options = webauthn.generate_registration_options(
        rp_id=site.rp_id,
        rp_name="Minyi",
        user_id=staff.id.bytes,
        user_name=staff.username,
        user_display_name=staff.name,
        exclude_credentials=_known(s, staff),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    _wait(s, session, options.challenge)
    return options_to_json(options)


def add(
    s: Session, *, session: SignIn, answer: str, label: str, site: Site, by: Actor, now: datetime
) -> SecondFactor:
    """Enrol the passkey that the browser made; raise `Invalid` for an answer that is not to our challenge."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=_awaited(s, session),
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
        )
    except BROKEN:
        raise Invalid("accounts.factor.passkey_refused", field="label") from None
    credential = bytes_to_base64url(made.credential_id)
    if s.exec(select(FactorKey.factor_id).where(FactorKey.credential == credential)).first():
        raise Invalid("accounts.factor.passkey_refused", field="label")
    factor = SecondFactor(
        staff_id=session.staff_id,
        kind=FactorKind.PASSKEY,
        label=label,
        created_at=now,
        digest=sha256_hex(made.credential_public_key.hex()),
    )
    key = FactorKey(
        factor_id=factor.id,
        credential=credential,
        content=made.credential_public_key,
        counter=made.sign_count,
    )
    factors.add(s, factor=factor, key=key, by=by, now=now)
    return factor


def begin_proving(s: Session, *, session: SignIn, staff: Staff, site: Site) -> str:
    """Return as JSON what the browser needs to sign with one of the person's passkeys; "" if there is none."""
    known = _known(s, staff)
    if not known:
        return ""
    options = webauthn.generate_authentication_options(
        rp_id=site.rp_id,
        allow_credentials=known,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    _wait(s, session, options.challenge)
    return options_to_json(options)


def proves(s: Session, *, session: SignIn, answer: str, site: Site, now: datetime) -> bool:
    """Say whether one of the person's passkeys signed our challenge; its counter goes on."""
    challenge = _awaited(s, session)
    try:
        credential = webauthn.helpers.parse_authentication_credential_json(answer)
        key = _key(s, session, bytes_to_base64url(credential.raw_id))
        if key is None:
            return False
        proof = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=key.content,
            credential_current_sign_count=key.counter,
        )
    except BROKEN:
        return False
    key.counter, key.used_at = proof.new_sign_count, now
    return True


def _key(s: Session, session: SignIn, credential: str) -> FactorKey | None:
    """Return the key of a passkey of this person, locked; a key that is not the one enrolled is none."""
    query = select(FactorKey, SecondFactor).where(FactorKey.factor_id == SecondFactor.id)
    query = query.where(FactorKey.credential == credential, SecondFactor.staff_id == session.staff_id)
    found = s.exec(query.with_for_update()).first()
    if found is None or found[1].digest != sha256_hex(found[0].content.hex()):
        return None
    return found[0]


def _known(s: Session, staff: Staff) -> list[PublicKeyCredentialDescriptor]:
    ids = [factor.id for factor in queries.factors(s, staff.id)]
    query = select(FactorKey.credential).where(
        col(FactorKey.factor_id).in_(ids), col(FactorKey.credential).is_not(None)
    )
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(str(each))) for each in s.exec(query).all()]


def _wait(s: Session, session: SignIn, challenge: bytes) -> None:
    s.get_one(SignIn, session.digest).challenge = challenge.hex()


def _awaited(s: Session, session: SignIn) -> bytes:
    """Return the challenge that waits, and forget it: an answer is tried once. Random bytes if none waits."""
    row = s.get_one(SignIn, session.digest)
    text, row.challenge = row.challenge, ""
    return bytes.fromhex(text) if text else webauthn.helpers.generate_challenge()
