"""Make the files of letters: set, sign, seal, record. Once; whoever asks first, or the job, and a crash on the way leaves nothing.

Setting and signing hold no lock. Two that make one letter at once each make a file; the row takes the first, the other goes.
"""

import base64
import json
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from central import db
from central.actor import Via, system
from central.context import Context
from central.errors import MinyiError, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.letters import files, keyring, queries, sealing, signer
from central.letters.checking import signature_file
from central.letters.enclosing import pages_of
from central.letters.kinds import Content, check_code, content_of
from central.letters.models import Letter
from central.letters.sealing import Sealed
from central.letters.setting import Marks, Unprintable, set_pdf, set_picture
from central.letters.wording import words
from central.petitions import queries as petitions
from central.settings import Settings
from shared.ids import new_id

#: The job makes what was written of late; older letters (of a simulation, of an import) are made when somebody asks.
LATE = timedelta(days=7)
AT_ONCE = 50
#: Where letters are checked.
VERIFY = "/verify"


class Made(NamedTuple):
    """A letter with its file."""

    letter: Letter
    content: bytes

    @property
    def name(self) -> str:
        """What the file is called."""
        found = content_of(self.letter.content)
        return f"{found.title}-{found.number}.pdf"


def detached(made_: Made) -> bytes:
    """Return the detached signature of a letter as a file of its own."""
    row = made_.letter
    text = signature_file(
        letter_id=row.id, sha256=row.sha256 or "", key_id=row.key_id or "", signature=row.signature or ""
    )
    return text.encode()


class Receipt(NamedTuple):
    """A receipt as the signed file and as a picture of its page."""

    pdf: Made
    picture: bytes


def made(context: Context, letter_id: UUID) -> Made:
    """Return a letter's file, made now if it was not yet; raise `Unprintable`, `SealBroken`, `KeyGone`, `NotFound`.

    Not to be called inside a transaction that writes: this one commits.
    """
    with context.read() as s:
        letter = queries.by_id(s, letter_id)
        if letter is None:
            raise NotFound("letters.not_found")
        petition = petitions.found(s, letter.petition_id)
        key_id = petition.key_id
    if letter.file_id is None:
        try:
            sealed = signed(context, letter)
        except Unprintable as error:
            _note(context, letter_id, error)
            raise
        letter = kept(context, letter, key_id, sealed)
    if letter.file_id is None or letter.sha256 is None:
        raise NotFound("letters.not_found")
    data = context.settings.data
    content = files.opened(context.vault, data, letter.petition_id, letter.file_id, letter.sha256)
    return Made(letter, content)


def receipt(context: Context, letter_id: UUID, *, code: str = "") -> Receipt:
    """Return a receipt as file and picture. The picture may bear the petitioner's code, which is kept nowhere."""
    found = made(context, letter_id)
    return Receipt(found, picture(context.settings, found.letter, code=code))


def picture(settings: Settings, letter: Letter, *, code: str = "") -> bytes:
    """Return the first page of a letter as PNG, with the petitioner's code if it is given."""
    marks = marks_of(settings, letter)
    if code:
        marks = Marks(marks.letter, marks.address, marks.code, "", ((words("print.receipt.code"), code),))
    return set_picture(content_of(letter.content), marks)


def draft(content: Content) -> bytes:
    """Return a letter as it will print, marked as a draft: no signature, no code."""
    return set_pdf(content, Marks(watermark=words("print.draft")))


def marks_of(settings: Settings, letter: Letter) -> Marks:
    """Return what is printed beside the words of a letter."""
    address = settings.http.public_url.rstrip("/") + VERIFY if settings.http.public_url else VERIFY
    return Marks(letter.id.hex, address, check_code(letter.salt, letter.content))


def run(context: Context) -> int:
    """Make the files that wait; return how many were made. The job calls it."""
    since = context.clock.now() - LATE
    with context.read() as s:
        waiting = queries.waiting(s, since=since, limit=AT_ONCE)
    done = 0
    for letter_id in waiting:
        try:
            made(context, letter_id)
        except MinyiError:
            continue  # the sentence is kept with the letter, where staff look
        done += 1
    return done


def signed(context: Context, letter: Letter) -> Sealed:
    """Return the file of a letter, set and signed, kept nowhere yet; raise `Unprintable`."""
    settings, now = context.settings, context.clock.now()
    content = content_of(letter.content)
    keys = settings.data / "keys"
    return sealing.sign(
        set_pdf(content, marks_of(settings, letter)),
        letter_id=letter.id,
        key=keyring.current(keys),
        signer=signer.open_signer(
            keys,
            now=now,
            p12=settings.letters.p12,
            password=settings.letters.p12_password.get_secret_value(),
        ),
        name=content.sender,
        now=now,
    )


def kept(context: Context, letter: Letter, key_id: UUID, sealed: Sealed) -> Letter:
    """Keep a file as that of the letter, unless another was kept meanwhile; return the letter as it is now."""
    data, file_id, now = context.settings.data, new_id(), context.clock.now()
    files.keep(context.vault, key_id, data, letter.petition_id, file_id, sealed.content)
    try:
        with db.unit_of_work(context.engine) as s:
            # The stream of a petition is written under the petition's lock, as everywhere.
            petitions.get(s, letter.petition_id, actor=system(Via.JOB), for_update=True)
            row = s.get_one(Letter, letter.id, with_for_update=True)
            if row.file_id is None:
                _record(s, row, file_id, sealed, now)
    except BaseException:
        files.remove(data, letter.petition_id, file_id)
        raise
    if row.file_id != file_id:
        files.remove(data, letter.petition_id, file_id)
    return row


def _record(s: Session, row: Letter, file_id: UUID, sealed: Sealed, now: datetime) -> None:
    row.file_id, row.size, row.sha256 = file_id, len(sealed.content), sealed.sha256
    row.pages = pages_of(sealed.content)
    row.key_id, row.made_at, row.problem = sealed.key_id, now, None
    row.signature = base64.b64encode(sealed.signature).decode()
    log.record(
        s,
        kind=Kind.LETTER_SIGNED,
        stream=stream_name("petition", row.petition_id),
        actor=system(Via.JOB),
        at=now,
        facts={"letter": row.id.hex, "letter_kind": row.kind, "sha256": sealed.sha256},
    )


def _note(context: Context, letter_id: UUID, error: Unprintable) -> None:
    values = {name: str(value)[:100] for name, value in error.values.items()}
    problem = json.dumps({"key": error.key, "values": values}, ensure_ascii=False)
    with db.unit_of_work(context.engine) as s:
        row = s.get_one(Letter, letter_id, with_for_update=True)
        if row.problem != problem:
            row.problem = problem
