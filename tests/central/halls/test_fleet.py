"""The page of all boxes: what each says of its machine, and what wants a person."""

from datetime import timedelta

from sqlmodel import Session

from central.courts.models import Court
from central.halls import fleet, service
from shared import wire
from tests.factories import halls
from tests.factories.courts import MORNING, court

GOOD = wire.Figures(free_mb=50_000, heat=55.5, camera=wire.DeviceState.READY)


def said(box: str, **more: object) -> wire.Presence:
    facts = {"box": box, "online": True, "at": MORNING, "figures": GOOD}
    return wire.Presence.model_validate(facts | more)


def machine(s: Session, at: Court, presence: wire.Presence | None = None, **more: object) -> fleet.Machine:
    if presence is not None:
        service.note_presence(s, presence=presence, now=MORNING)
    s.flush()
    now = MORNING + more.get("later", timedelta(0))  # type: ignore[operator]
    return fleet.fleet(s, path=at.path, now=now)[0]


def test_a_box_that_is_well_has_its_figures_and_no_troubles(s: Session) -> None:
    at = court(s)
    found = machine(s, at, said(halls.box(s, at).box))
    assert (found.online, found.troubles, found.figures) == (True, (), GOOD)


def test_each_trouble_is_named(s: Session) -> None:
    at = court(s)
    bad = wire.Figures(
        free_mb=10,
        heat=99,
        camera=wire.DeviceState.LOST,
        printer=wire.DeviceState.LOST,
        alarms=("alarm.clock_jump",),
    )
    presence = said(
        halls.box(s, at).box, figures=bad, parked=1, waiting=5000, at=MORNING - timedelta(hours=1)
    )
    assert machine(s, at, presence).troubles == (
        *("parked", "waiting", "clock", "disk", "heat", "camera", "printer", "alarms"),
    )


def test_silence_counts_as_off_the_line(s: Session) -> None:
    at = court(s)
    found = machine(s, at, said(halls.box(s, at).box), later=timedelta(minutes=4))
    assert (found.online, found.troubles) == (False, ("offline",))


def test_a_box_that_never_spoke_is_named_first(s: Session) -> None:
    at = court(s)
    halls.box(s, at, 1)
    service.note_presence(s, presence=said(halls.box(s, at, 2).box), now=MORNING)
    halls.box(s, at, 3)
    names = [(row.box.id[-1], row.troubles) for row in fleet.fleet(s, path=at.path, now=MORNING)]
    assert names == [("1", ("never",)), ("3", ("never",)), ("2", ())]


def test_an_old_message_from_the_broker_says_nothing_about_the_clock(s: Session) -> None:
    at = court(s)
    old = said(halls.box(s, at).box, at=MORNING - timedelta(hours=5))
    service.note_presence(s, presence=old, now=MORNING, live=False)
    assert fleet.fleet(s, path=at.path, now=MORNING)[0].troubles == ()
