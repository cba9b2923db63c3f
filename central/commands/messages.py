"""Tell petitioners that there is news, as the job does at every waking."""

from collections.abc import Mapping

from sqlmodel import Session

from central.commands import reminders
from central.context import Context
from central.messages import planning, sending
from central.notifications import machine
from central.notifications.channels import Sender
from central.notifications.rules import Channel
from central.settings import Settings
from central.web.catalogue import catalogue
from shared.i18n import Lang


def tell(context: Context) -> int:
    """Make messages of what is new and send those that are due; return how many ended. Nothing while the clock is not believed."""
    planning.read(context)
    with context.read() as s:
        now = machine.still_believed(s, context)
        ways = ways_out(s, context.settings)
    if now is None:
        return 0
    planning.remind(context, now)
    return sending.run(context, sending.House(ways, words), now)


def ways_out(s: Session, settings: Settings) -> Mapping[Channel, Sender]:
    """Return the ways that are set up. Without a gateway text messages only go to the log: that tells no petitioner anything."""
    found = dict(reminders.ways_out(s, settings))
    if settings.environment == "production" and not settings.sms.url:
        found.pop(Channel.SMS)
    return found


def words(lang: Lang, key: str, /, **values: object) -> str:
    """Return a sentence in the language of the petitioner."""
    return catalogue().text(key, lang, **values)
