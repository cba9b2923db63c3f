"""`minyi boxes enroll`, `certificate`: who a box and a broker are to each other."""

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlmodel import Session

from central import db
from central.actor import Via, system
from central.commands.common import Data, Json, open_existing, refusals, say, show
from central.context import Context
from central.courts import queries as courts
from central.errors import NotFound
from central.halls import broker_files, queries, service
from central.halls.authority import Authority, open_authority

Boxes = Annotated[list[str], typer.Argument(metavar="BOX...", help="Ids of boxes, as ln0102-1.")]
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help="Host names and addresses; default: those of mqtt.boxes_url."),
]
Out = Annotated[Path | None, typer.Option(help="Folder; default: broker/ in the data folder.")]


def enroll(boxes: Boxes, data: Data = None, *, json: Json = False) -> None:
    """Print a one-time code for each box: typed into a new machine, it makes the machine that box."""
    context = open_existing(data)
    lang = context.settings.language
    with refusals(lang):
        broker = broker_files.address_for_boxes(context.settings)
        centre = authority_of(context)
        with db.unit_of_work(context.engine) as s:
            codes = {box: _offer(s, box, centre, context) for box in boxes}
        write_revoked(context)
    if json:
        show({"codes": codes, "hours": service.CODE_HOURS, "broker": broker}, as_json=True)
        return
    for box, code in codes.items():
        say("halls.code_once", lang, box=box, code=code, hours=service.CODE_HOURS)


def certificate(names: Names = None, out: Out = None, data: Data = None, *, json: Json = False) -> None:
    """Write the files a broker needs: its certificate and key, whom to trust, who is revoked."""
    context = open_existing(data)
    chosen, folder = context.settings, out or context.settings.data / broker_files.FOLDER
    with refusals(chosen.language):
        given = names or broker_files.names_for_boxes(chosen)
        now = context.clock.now()
        made = broker_files.write_server(folder, authority_of(context), given, now=now)
        write_revoked(context, folder)
    facts: dict[str, Any] = {name: str(path) for name, path in made._asdict().items()}
    show({"names": ", ".join(given), **facts}, as_json=json)


def authority_of(context: Context) -> Authority:
    """Return the built-in authority, made on first use."""
    return open_authority(context.settings.data / "keys", now=context.clock.now())


def write_revoked(context: Context, folder: Path | None = None) -> None:
    """Write the list of revoked certificates anew, where brokers find it."""
    with context.read() as s:
        serials = queries.revoked_certificates(s)
    place = folder or context.settings.data / broker_files.FOLDER
    broker_files.write_revoked(place, authority_of(context), serials, now=context.clock.now())


def _offer(s: Session, box: str, centre: Authority, context: Context) -> str:
    by, now = system(Via.COMMAND), context.clock.now()
    return service.offer_code(s, box_id=box, court_id=_court_of(s, box), centre=centre, by=by, now=now)


def _court_of(s: Session, box: str) -> UUID:
    """Return the court whose code in Latin letters the box id begins with."""
    latin = box.partition("-")[0]
    for court in courts.everything(s):
        if court.latin == latin:
            return court.id
    raise NotFound("halls.no_such_court", box=box)
