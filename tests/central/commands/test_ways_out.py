"""A made-up province tells nobody anything, whatever ways are set up."""

from datetime import date

from pydantic import SecretStr
from sqlmodel import Session

from central.commands import messages, reminders
from central.notifications.channels import ConsoleSms
from central.notifications.rules import Channel
from central.settings import Mail, Settings, Sms, Webhook
from central.simulation.models import Simulation
from tests.factories.courts import MORNING

SETTINGS = Settings(
    mail=Mail(host="localhost", sender="a@b.example"),
    webhook=Webhook(url="https://court.example/hook", secret=SecretStr("x")),
    sms=Sms(url="https://gateway.example/"),
    environment="production",
)


def test_where_petitions_are_real_messages_go_out(s: Session) -> None:
    for ways in (reminders.ways_out(s, SETTINGS), messages.ways_out(s, SETTINGS)):
        assert set(ways) == {Channel.SMS, Channel.MAIL, Channel.WEBHOOK}
        assert not any(isinstance(way, ConsoleSms) for way in ways.values())


def test_from_a_made_up_province_none_does(s: Session) -> None:
    day = date(2026, 11, 20)
    s.add(Simulation(seed="1", digest="", courts=1, first=day, last=day, planned=1, started_at=MORNING))
    s.flush()
    for ways in (reminders.ways_out(s, SETTINGS), messages.ways_out(s, SETTINGS)):
        assert set(ways) == {Channel.SMS, Channel.MAIL, Channel.WEBHOOK}
        assert all(isinstance(way, ConsoleSms) for way in ways.values())
