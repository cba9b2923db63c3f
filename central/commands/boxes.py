"""`minyi boxes`: add and revoke hall boxes, list them, look through the tray of what they sent and nobody could take."""

from typing import Annotated, Any
from uuid import UUID

import typer
from pydantic import ValidationError

from central import db
from central.actor import Via, system
from central.commands import box_bundle, box_identity
from central.commands.common import Data, Json, open_existing, refusals, say, show
from central.courts import queries as courts
from central.errors import Invalid, NotFound
from central.halls import queries, service
from central.halls.forms import Noted
from central.halls.models import RefusedEvent
from central.ingest.passwords import password_file
from central.web.catalogue import catalogue
from shared.i18n import Lang

app = typer.Typer(help="Hall boxes: enroll, list, revoke; the tray of refused events.", no_args_is_help=True)
tray_app = typer.Typer(help="What boxes sent and nobody could take.", invoke_without_command=True)
app.command("enroll")(box_identity.enroll)
app.command("certificate")(box_identity.certificate)
app.command("bundle")(box_bundle.bundle)
app.command("bundle-key")(box_bundle.bundle_key)
app.add_typer(tray_app, name="tray")

Court = Annotated[str, typer.Option(help="Code of the court, as 辽0102.")]
OneCourt = Annotated[str, typer.Option("--court", help="Code of one court; default: all.")]
Note = Annotated[str, typer.Option(help="What was done about it, in a few words.")]
#: Most messages listed at once.
LISTED = 1000


@app.command("add")
def add(box: str, court: Court, data: Data = None, *, json: Json = False) -> None:
    """Add a box that signs in with a secret, printed once: for trials. In production: enroll."""
    context = open_existing(data)
    lang = context.settings.language
    with refusals(lang), db.unit_of_work(context.engine) as s:
        court_id = courts.by_code(s, court).id
        by, now = system(Via.COMMAND), context.clock.now()
        secret = service.add_box(s, box_id=box, court_id=court_id, by=by, now=now)
    if json:
        show({"box": box, "court": court, "secret": secret}, as_json=True)
    else:
        say("halls.secret_once", lang, box=box, secret=secret)


@app.command("revoke")
def revoke(box: str, data: Data = None, *, json: Json = False) -> None:
    """Take nothing from a box any more: it was lost, stolen or replaced."""
    context = open_existing(data)
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        now = context.clock.now()
        row = service.revoke_box(s, box_id=box, by=system(Via.COMMAND), now=now)
    box_identity.write_revoked(context)
    show({"box": row.id, "revoked_at": row.revoked_at}, as_json=json)


@app.command("list")
def listed(data: Data = None, court: OneCourt = "", *, json: Json = False) -> None:
    """List the boxes with what they last said of themselves."""
    context = open_existing(data)
    with refusals(context.settings.language), context.read() as s:
        court_id = courts.by_code(s, court).id if court else None
        codes = {each.id: each.code for each in courts.everything(s)}
        rows = [
            {"court": codes[row.box.court_id], **_figures(row)} for row in queries.boxes(s, court_id=court_id)
        ]
    _print({"boxes": rows}, "halls.none_listed", context.settings.language, as_json=json)


@app.command("passwords")
def passwords(data: Data = None) -> None:
    """Print Mosquitto's password file: the centre under its set password, and every box that is not revoked."""
    context = open_existing(data)
    with context.read() as s:
        typer.echo(password_file(s, mqtt=context.settings.mqtt), nl=False)


@tray_app.callback()
def tray(context_: typer.Context, data: Data = None, court: OneCourt = "", *, json: Json = False) -> None:
    """List what nobody has dealt with yet, oldest first."""
    if context_.invoked_subcommand is not None:
        return
    context = open_existing(data)
    lang = context.settings.language
    with refusals(lang), context.read() as s:
        court_id = courts.by_code(s, court).id if court else None
        rows = [_message(row, Lang(lang)) for row in queries.tray(s, court_id=court_id, limit=LISTED)]
        untreated = queries.count_untreated(s, court_id)
    _print({"refused": rows, "untreated": untreated}, "halls.tray_empty", lang, as_json=json)


@tray_app.command("treat")
def treat(refused: str, note: Note, data: Data = None, *, json: Json = False) -> None:
    """Note that a message of the tray was dealt with; it stays on record."""
    context = open_existing(data)
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        by, now = system(Via.COMMAND), context.clock.now()
        row = service.treat(s, refused_id=_id(refused), note=_words(note), by=by, now=now)
    show({"refused": str(row.id), "treated_at": row.treated_at}, as_json=json)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("halls.tray_unknown") from None


def _words(note: str) -> str:
    try:
        return Noted(note=note).note
    except ValidationError:
        raise Invalid("halls.problem.note") from None


def _figures(row: queries.BoxRow) -> dict[str, Any]:
    said = row.presence
    return {
        "box": row.box.id,
        "revoked": row.box.revoked_at is not None,
        # What a revoked box said last, before it was cut off, counts no more.
        "online": said is not None and said.online and row.box.revoked_at is None,
        "heard_at": row.heard_at,
        "waiting": said.waiting if said else None,
        "parked": said.parked if said else None,
        "software": said.software if said else "",
    }


def _message(row: RefusedEvent, lang: Lang) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "box": row.box_id,
        "seq": row.seq,
        "received_at": row.received_at,
        "reason": row.reason,
        "why": catalogue().text(f"halls.refused.{row.reason}", lang),
        "raw": row.raw,
    }


def _print(result: dict[str, Any], empty: str, lang: str, *, as_json: bool) -> None:
    if as_json:
        show(result, as_json=True)
        return
    rows = next(iter(result.values()))
    for row in rows:
        typer.echo("  ".join(f"{name}={'' if value is None else value}" for name, value in row.items()))
    if not rows:
        say(empty, lang)
