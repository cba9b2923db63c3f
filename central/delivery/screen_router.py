"""The second screen of the hall, before whoever takes an answer: what it is, and a place to sign.

No account; a code opens it for minutes.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from itsdangerous import BadSignature, URLSafeSerializer
from sqlmodel import Session

from central import cookies
from central.accounts import throttle
from central.accounts.edge import Config, Now, ReadDb, WriteDb, caller_address, context_of
from central.courts import queries as courts
from central.delivery import handing, queries, signature
from central.delivery.models import Signing
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.keys import signing_key
from central.petitions import queries as petitions
from central.settings import Settings
from central.web import render

router = APIRouter(prefix="/sign", include_in_schema=False)
COOKIE = "minyi_sign"


@router.get("")
def ask(request: Request, done: str = "") -> Response:
    """Ask for the code that the clerk reads out; or thank for the signature before."""
    return render.page(request, "delivery/code.html", done=done, problem="")


@router.post("")
def check(
    request: Request,
    db: WriteDb,
    now: Now,
    config: Config,
    code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Open the receipt a code belongs to."""
    # What was guessed at is not written down.
    request.state.guessed_at = ""
    key = throttle.key_of("sign-address", caller_address(request))
    throttle.check(db, key=key, limits=config.throttle, now=now)
    row = queries.signing_by_code(db, handing.code_key(code), now)
    if row is None:
        throttle.wrong(db, key=key, limits=config.throttle, now=now)
        return render.page(
            request, "delivery/code.html", status=404, done="", problem="delivery.screen.wrong_code"
        )
    throttle.right(db, key=key)
    answer = render.see_other("/sign/paper")
    text = _serializer(config.data / "keys").dumps(row.id.hex)
    cookies.put(answer, config.http, COOKIE, str(text), life=handing.LIFE, samesite="strict")
    return answer


@router.get("/paper")
def paper(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """What is being taken: number, kind of letter, pages, by whom; and the place to sign."""
    row = _held(request, db, config, now)
    return _paper(request, db, row) if row is not None else render.see_other("/sign?done=over")


@router.post("/paper")
def sign(
    request: Request,
    db: WriteDb,
    now: Now,
    config: Config,
    strokes: Annotated[str, Form(max_length=60_000)] = "",
) -> Response:
    """Keep what was drawn; or say what to do."""
    row = _held(request, db, config, now)
    if row is None:
        return render.see_other("/sign?done=over")
    try:
        handing.sign(db, signing_id=row.id, strokes=strokes, now=now)
    except Invalid as error:
        db.rollback()
        return _paper(request, db, db.get_one(Signing, row.id), problem=error.key)
    except (Conflict, Forbidden, NotFound):
        # Somebody recorded it meanwhile, or the clerk may no longer: only the clerk can help.
        db.rollback()
        return _left(config, "over")
    return _left(config, "signed")


@router.post("/decline")
def decline(request: Request, db: WriteDb, now: Now, config: Config) -> Response:
    """The visitor would rather not draw: the clerk is told, and goes on by hand."""
    row = _held(request, db, config, now)
    if row is not None:
        handing.decline(db, signing_id=row.id, now=now)
    return _left(config, "declined")


def _paper(request: Request, s: Session, row: Signing, problem: str = "") -> Response:
    petition = petitions.by_id(s, row.petition_id)
    if petition is None:
        raise NotFound
    return render.page(
        request,
        "delivery/paper.html",
        status=422 if problem else 200,
        row=row,
        number=petition.number,
        state=petition.state,
        court=courts.get(s, petition.court_id),
        width=signature.WIDTH,
        height=signature.HEIGHT,
        problem=problem,
    )


def _left(config: Settings, done: str) -> Response:
    answer = render.see_other(f"/sign?done={done}")
    cookies.drop(answer, config.http, COOKIE, samesite="strict")
    return answer


def _held(request: Request, s: Session, config: Settings, now: datetime) -> Signing | None:
    """Return the open request that this screen was let see."""
    found = _id(config.data / "keys", request.cookies, context_of(request).settings)
    return queries.signing(s, found, now) if found else None


def _id(keys: Path, found: Mapping[str, str], config: Settings) -> UUID | None:
    try:
        return UUID(_serializer(keys).loads(cookies.read(found, config.http, COOKIE)))
    except (BadSignature, ValueError):
        return None


def _serializer(keys: Path) -> URLSafeSerializer:
    raw = signing_key(keys, "portal").private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return URLSafeSerializer(raw, salt="minyi.sign")
