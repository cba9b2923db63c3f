"""`/verify`: is this paper or file really from the court? Public, plain forms, nothing kept of what is uploaded."""

import hashlib
import re
from collections.abc import Collection, Mapping
from itertools import count
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from central.accounts.edge import Config, Now, ReadDb
from central.courts import queries as courts
from central.fields import clean_line
from central.letters import enclosing, keyring, queries, signer
from central.letters.checking import Checked, Verdict, check
from central.letters.kinds import check_code, content_of
from central.letters.models import Letter
from central.petitions import queries as petitions
from central.web import render

router = APIRouter(include_in_schema=False, prefix="/verify")

#: A letter has a few hundred kilobytes at most; the guard takes no larger body anyway.
MEGABYTES = 2
#: As many enclosures as a letter may have.
MOST_BESIDE = 20
_ID = re.compile(r"(?:^|/verify/)([0-9a-f]{32})(?:$|[/?#])")


class _Sent(NamedTuple):
    """The letter (empty if none), what was typed, and the SHA-256 of files laid beside the letter by what they are called."""

    content: bytes
    typed: str
    beside: dict[str, str]


async def _sent(request: Request) -> _Sent:
    """Read what was sent. Of a file beside the letter only its digest is taken."""
    async with request.form(max_files=1 + MOST_BESIDE, max_fields=5) as form:
        file, typed = form.get("file"), form.get("id")
        content = await file.read() if isinstance(file, UploadFile) else b""
        beside: dict[str, str] = {}
        for each in form.getlist("enclosures"):
            if isinstance(each, UploadFile) and each.size:
                beside[_unlike(clean_line(each.filename or "")[:100], beside)] = await _digest(each)
        return _Sent(content, typed if isinstance(typed, str) else "", beside)


Sent = Annotated[_Sent, Depends(_sent)]


async def _digest(file: UploadFile) -> str:
    found = hashlib.sha256()
    while part := await file.read(2**20):
        found.update(part)
    return found.hexdigest()


def _unlike(name: str, taken: Collection[str]) -> str:
    """Return a name that is not taken: two files may be called alike."""
    return next(each for at in count(1) if (each := name if at == 1 else f"{name} ({at})") not in taken)


@router.get("")
def ask(request: Request) -> Response:
    """Two ways: the file, or the number on the paper."""
    return _form(request)


@router.post("")
def answer(request: Request, sent: Sent, db: ReadDb, config: Config) -> Response:
    """Say what was found."""
    content, typed, beside = sent
    if content:
        found = check(content, keyring.published(config.data / "keys"))
        return _checked(request, db, found, content, beside)
    if beside:
        problems = {"file": render.sentence(request, "letters.verify.letter_too", {})}
        return _form(request, typed=typed, problems=problems)
    if not typed.strip():
        return _form(request, problems={"file": render.sentence(request, "letters.verify.nothing", {})})
    letter_id = id_in(typed)
    if letter_id is None:
        problems = {"id": render.sentence(request, "letters.verify.bad_id", {})}
        return _form(request, typed=typed, problems=problems)
    return _known(request, db, letter_id)


@router.get("/keys")
def keys(config: Config) -> Response:
    """The published keys, for checking offline."""
    text = keyring.as_text(keyring.published(config.data / "keys"))
    return Response(text, media_type="application/json")


@router.get("/certificate.pem")
def certificate(config: Config, now: Now) -> Response:
    """The certificate of the PAdES signature with those above it."""
    password = config.letters.p12_password.get_secret_value()
    found = signer.open_signer(config.data / "keys", now=now, p12=config.letters.p12, password=password)
    return PlainTextResponse(found.pem(), media_type="application/x-pem-file")


@router.get("/{letter}")
def scanned(request: Request, letter: str, db: ReadDb) -> Response:
    """Where the QR code leads."""
    letter_id = id_in(letter)
    if letter_id is None:
        problems = {"id": render.sentence(request, "letters.verify.bad_id", {})}
        return _form(request, typed=letter[:200], problems=problems)
    return _known(request, db, letter_id)


def id_in(typed: str) -> UUID | None:
    """Return the number of a letter in what was typed or pasted: 32 hexadecimal digits, alone or at the end of the address."""
    found = _ID.search(typed.strip().lower().replace(" ", "").replace("-", ""))
    return UUID(found[1]) if found else None


def _form(request: Request, *, typed: str = "", problems: dict[str, str] | None = None) -> Response:
    return render.page(
        request,
        "letters/verify.html",
        status=422 if problems else 200,
        typed=typed,
        problems=problems or {},
        megabytes=MEGABYTES,
        found=None,
        told=None,
    )


def _checked(
    request: Request, s: Session, found: Checked, content: bytes, beside: Mapping[str, str]
) -> Response:
    told, enclosures = None, None
    verdict = found.verdict.value
    if found.verdict is Verdict.GENUINE and found.letter_id is not None:
        letter = queries.by_id(s, found.letter_id)
        told = _told(s, letter) if letter is not None and letter.sha256 == found.sha256 else None
        verdict = verdict if told else "not_ours"
        enclosures = enclosing.compared(enclosing.digests(content), beside)
    return render.page(
        request,
        "letters/verify.html",
        problems={},
        found=found,
        verdict=verdict,
        told=told,
        enclosures=enclosures,
        beside=beside,
        typed="",
        megabytes=MEGABYTES,
    )


def _known(request: Request, s: Session, letter_id: UUID) -> Response:
    letter = queries.by_id(s, letter_id)
    if letter is None:
        problems = {"id": render.sentence(request, "letters.verify.unknown", {})}
        return _form(request, typed=letter_id.hex, problems=problems)
    return render.page(
        request,
        "letters/verify.html",
        problems={},
        found=None,
        verdict="known",
        told=_told(s, letter),
        enclosures=None,
        beside={},
        typed="",
        megabytes=MEGABYTES,
    )


def _told(s: Session, letter: Letter) -> dict[str, Any]:
    """Return what everybody may know of a letter: that it was issued, never what is in it or to whom."""
    petition = petitions.found(s, letter.petition_id)
    erased = petition.erased_at is not None or not letter.content
    return {
        "court": courts.get(s, letter.court_id),
        "kind": letter.kind,
        "number": petition.number,
        "day": letter.written_at if erased else content_of(letter.content).day,
        "code": "" if erased else check_code(letter.salt, letter.content),
        "letter": letter.id.hex,
        "sha256": letter.sha256,
    }
