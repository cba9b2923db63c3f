"""Boxes with certificates: enrolled by the real services, without a line."""

from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from central import db
from central.context import Context
from central.halls import broker_files, queries, service
from central.halls.authority import Authority, open_authority
from central.halls.line_keys import line_keys
from central.settings import Throttle
from edge_agent import identity
from edge_agent.identity import Files, Identity
from shared import enrolment
from tests.factories.courts import SEED

ADDRESS = "192.0.2.1"


def authority(context: Context) -> Authority:
    """Return the authority of a context."""
    return open_authority(context.settings.data / "keys", now=context.clock.now())


def centre(context: Context) -> service.Centre:
    """Return what the centre brings to an enrolment."""
    keys = line_keys(context.settings.data / "keys")
    return service.Centre(authority(context), keys, broker_files.address_for_boxes(context.settings))


def code(context: Context, box: str) -> str:
    """Return a fresh code for a box that is known."""
    with db.unit_of_work(context.engine) as s:
        found = queries.box(s, box)
        assert found is not None
        made = authority(context)
        return service.offer_code(
            s, box_id=box, court_id=found.court_id, centre=made, by=SEED, now=context.clock.now()
        )


def join(context: Context, request: enrolment.Ask, *, now: datetime | None = None) -> enrolment.Grant | None:
    """Answer a machine as the centre's page does."""
    with db.unit_of_work(context.engine) as s:
        moment = now or context.clock.now()
        return service.join(
            s, request=request, centre=centre(context), address=ADDRESS, limits=Throttle(), now=moment
        )


def enrolled(context: Context, box: str) -> Identity:
    """Return the identity of a box that has just been enrolled; its secret lets nobody in any more."""
    parsed, key = enrolment.read_code(code(context, box)), Ed25519PrivateKey.generate()
    grant = join(context, enrolment.ask(parsed, box=box, csr=identity.request(key, box=box)))
    assert grant is not None
    granted = enrolment.opened(grant, code=parsed, key=key.public_key())
    return identity.made(key, authority=grant.authority, granted=granted)


def files(folder: Path, found: Identity) -> Files:
    """Write out what TLS reads."""
    return identity.write_files(folder, found)


def expired(context: Context, folder: Path, box: str) -> Files:
    """Return a certificate of the real authority for `box` that ended a year ago."""
    key, past = Ed25519PrivateKey.generate(), context.clock.now() - timedelta(days=800)
    return _forged(authority(context), key, folder, box, past)


def foreign(folder: Path, context: Context, box: str) -> Files:
    """Return a certificate for `box` from an authority that is not the centre's; the real one is trusted."""
    now = context.clock.now()
    made = _forged(
        open_authority(folder / "elsewhere", now=now), Ed25519PrivateKey.generate(), folder, box, now
    )
    made.authority.write_text(authority(context).pem)
    return made


def _forged(by: Authority, key: Ed25519PrivateKey, folder: Path, box: str, now: datetime) -> Files:
    certificate = by.sign_box(box=box, public=key.public_key(), now=now)
    from_pem = certificate.public_bytes(Encoding.PEM).decode()
    granted = enrolment.Granted(box=box, certificate=from_pem, broker="", trusted_keys=())
    return identity.write_files(folder, identity.made(key, authority=by.pem, granted=granted))
