"""Note what is overdue, remind, send: as the jobs do at every waking, and `minyi sweep`, `minyi believe-clock` by hand."""

from collections.abc import Mapping
from functools import partial

import typer
from sqlmodel import Session

from central import db
from central.commands.common import CHECK_FAILED, Data, Json, open_existing, say, show
from central.context import Context
from central.notifications import channels, gathering, machine, overdue, planning, sending
from central.notifications.channels import Sender
from central.notifications.rules import Channel
from central.settings import Settings
from central.simulation import queries as simulation
from central.web.catalogue import catalogue
from shared.i18n import Lang


def sweep(context: Context) -> dict[str, int]:
    """Note what is overdue and plan reminders, unless the machine's clock jumped; return how many of each there were."""
    now = machine.believed(context)
    if now is None:
        return {}
    found = {"overdue": overdue.run(context, now), "reminders": planning.remind(context, now)}
    return {name: count for name, count in found.items() if count}


def gather(context: Context) -> int:
    """Turn events into notices and put messages together; return how many messages."""
    planning.read(context)
    with context.read() as s:
        now = machine.still_believed(s, context)
    return gathering.run(context, now) if now else 0


def send(context: Context) -> int:
    """Send the messages that are queued; return how many ended."""
    with context.read() as s:
        now = machine.still_believed(s, context)
        ways = ways_out(s, context.settings)
    words = partial(_words, Lang(context.settings.language))
    return sending.run(context, ways, words, now) if now else 0


def ways_out(s: Session, settings: Settings) -> Mapping[Channel, Sender]:
    """Return the ways that are set up. From a made-up province nothing goes to anybody, whatever is set."""
    found = channels.senders(settings)
    return found if simulation.current(s) is None else channels.only_said(found)


def _words(lang: Lang, key: str, /, **values: object) -> str:
    return catalogue().text(key, lang, **values)


def sweep_command(data: Data = None, *, json: Json = False) -> None:
    """Note what is overdue and plan reminders now; exit code 1 while the machine's clock is not believed."""
    context = open_existing(data)
    done = {"overdue": 0, "reminders": 0} | sweep(context)
    with context.read() as s:
        held = machine.held_since(s)
    if held is not None:
        say("commands.clock_held", context.settings.language)
        raise typer.Exit(CHECK_FAILED)
    show(done, as_json=json)


def believe_clock(data: Data = None) -> None:
    """Believe the machine's clock as it is now, after somebody set it right."""
    context = open_existing(data)
    with db.unit_of_work(context.engine) as s:
        machine.believe(s)
    say("commands.clock_believed", context.settings.language)
