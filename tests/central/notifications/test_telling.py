"""From clock and event to the message: once each, in working hours, stopped by the act that ends it."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import delete, select

from central import db
from central.accounts import grants
from central.accounts.models import Staff
from central.actor import Role, Via, system
from central.barrier.models import StaffConflict
from central.context import Context
from central.deadlines.calendar import shipped_calendar
from central.deadlines.levels import Shares, Term
from central.deadlines.models import ClockPause, DeadlineClock
from central.notifications import queries, service
from central.notifications.channels import Failed, Refused
from central.notifications.forms import Prefer
from central.notifications.hours import horizon
from central.notifications.rules import Channel, Level, level_of
from central.petitions.states import Act, State
from tests.central.notifications.conftest import Bring, Kept, Office
from tests.factories import petitions
from tests.factories.accounts import House, staff
from tests.factories.accounts import house as make_house


def prefer(office: Office, by: Any, **values: Any) -> None:
    with db.unit_of_work(office.context.engine) as s:
        form = Prefer.model_validate(
            {"channel": "mail", "mail": "someone@court.example", "digest": True, **values}
        )
        now = office.clock.now()
        service.set_preference(s, form=form, offered=set(Channel), by=by, now=now)


def lines(office: Office) -> list[tuple[str, str, str]]:
    """Return level, state and person of every reminder."""
    with office.context.read() as s:
        names = {each.id: each.username.partition(".")[0] for each in s.exec(select(Staff)).all()}
    return [
        (each.level, each.state, names.get(each.staff_id, "nobody"))
        for each in office.notices()
        if each.level
    ]


@pytest.fixture
def handled(office: Office, bring: Bring) -> Any:
    """A petition being handled with one clock, its answer, due on Friday 2026-12-04, begun ten days before."""
    office.at("2026-11-23T10:00")
    petition = bring(State.HANDLING)
    office.only(petition.id, "answer")
    office.due(petition.id, "answer", "2026-12-04")
    office.read()
    with db.unit_of_work(office.context.engine) as s:
        s.connection().exec_driver_sql("DELETE FROM notice")
    return petition


def test_of_many_missed_months_the_last_alone_is_told(office: Office, handled: Any) -> None:
    office.at("2027-12-06T08:31").run()
    told = {each.due_on for each in office.notices(petition_id=handled.id, rule="progress", level="overdue")}
    assert told == {date(2027, 11, 4)}
    noted = select(DeadlineClock.due_on).where(DeadlineClock.rule == "progress")
    with office.context.read() as s:
        assert len(s.exec(noted).all()) == 12


def test_a_clock_reminds_once_at_each_level(office: Office, handled: Any) -> None:
    for day in range(24, 31):
        office.at(f"2026-11-{day}T08:31").run()
        office.at(f"2026-11-{day}T15:00").run()
    assert lines(office) == [("amber", "sent", "handler")]
    for day in range(1, 11):
        office.at(f"2026-12-{day:02}T08:31").run()
    counted = {level: sorted(who for at, _, who in lines(office) if at == level) for level in Level}
    assert counted == {
        "amber": ["handler"],
        "red": ["handler", "leader"],
        "due": ["handler", "leader"],
        "overdue": ["handler", "leader", "registrar"],
    }
    assert {state for _, state, _ in lines(office)} == {"sent"}
    assert len(office.dispatches(channel="inbox")) == 8


def test_nothing_is_sent_at_night_or_at_the_weekend(office: Office, handled: Any, house: House) -> None:
    mail = Kept()
    office.ways[Channel.MAIL] = mail
    prefer(office, house.handler)
    # Amber is reached on Sunday the 29th.
    for moment in ("28T09:00", "29T00:10", "29T12:00", "30T03:00", "30T08:29"):
        office.at(f"2026-11-{moment}").run()
        assert mail.sent == []
        assert office.dispatches() == []
    office.at("2026-11-30T08:30").run()
    assert len(mail.sent) == 1
    del handled


def test_a_digest_lists_the_most_urgent_first_and_names_nobody(
    office: Office, bring: Bring, house: House
) -> None:
    office.at("2026-11-23T10:00")
    made = [bring(State.HANDLING) for _ in range(3)]
    for petition, due_on in zip(made, ("2026-12-04", "2026-11-30", "2026-11-27"), strict=True):
        office.only(petition.id, "answer")
        office.due(petition.id, "answer", due_on)
    mail = Kept()
    office.ways[Channel.MAIL] = mail
    prefer(office, house.handler)
    office.at("2026-11-30T09:00").run()
    [message] = mail.sent
    assert message.subject == "【民意】信访办理提醒：超期 1 件，今日到期 1 件，期限过半 1 件"
    first, second, third, *_ = message.text.splitlines()
    assert [made[2].number in first, made[1].number in second, made[0].number in third] == [True] * 3
    assert message.link.endswith("/inbox")
    for words in ("王小明", "13800000000", "物业服务纠纷", "沈阳"):
        assert words not in message.text + message.subject + message.brief + str(message.lines)
    office.at("2026-11-30T16:00").run()
    assert len(mail.sent) == 1


def test_three_days_off_make_one_message_for_each_person(office: Office, bring: Bring, house: House) -> None:
    office.at("2026-11-23T10:00")
    for _ in range(6):
        petition = bring(State.HANDLING)
        office.only(petition.id, "answer")
        office.due(petition.id, "answer", "2026-11-27")
    office.run()
    before = len(office.dispatches())
    office.at("2026-11-30T10:12").run()
    new = office.dispatches()[before:]
    assert sorted((each.channel, each.lines) for each in new) == [("inbox", 6), ("inbox", 12), ("inbox", 12)]
    assert len({each.staff_id for each in new}) == 3
    assert len(office.notices(level="overdue")) == 18
    del house


def test_the_act_that_ends_the_clock_stops_the_reminder(office: Office, handled: Any, house: House) -> None:
    office.at("2026-11-30T00:10").run()
    assert lines(office) == [("amber", "planned", "handler")]
    with db.unit_of_work(office.context.engine) as s:
        for act in (Act.SAVE_DRAFT, Act.SUBMIT, Act.APPROVE, Act.ISSUE):
            petitions.do(s, house, handled, act, now=office.clock.now())
    office.at("2026-11-30T08:30").run()
    assert lines(office) == [("amber", "stopped", "handler")]
    assert office.notices(level="amber")[0].why == "ended"
    assert not [each for each in office.dispatches() if each.lines != 1]


def test_an_act_between_queue_and_sending_stops_it(office: Office, handled: Any, house: House) -> None:
    prefer(office, house.handler)
    mail = Kept(fail=[Failed("connection")])
    office.ways[Channel.MAIL] = mail
    office.at("2026-11-30T08:30").run()
    [waiting] = office.dispatches(channel="mail")
    assert (waiting.state, waiting.attempts, waiting.code) == ("queued", 1, "connection")
    with db.unit_of_work(office.context.engine) as s:
        for act in (Act.SAVE_DRAFT, Act.SUBMIT, Act.APPROVE, Act.ISSUE):
            petitions.do(s, house, handled, act, now=office.clock.now())
    office.at("2026-11-30T08:40").run()
    [stopped] = office.dispatches(channel="mail")
    assert (stopped.state, stopped.why) == ("stopped", "ended")
    assert mail.sent == []


def test_single_messages_by_preference(office: Office, bring: Bring, house: House) -> None:
    office.at("2026-11-23T10:00")
    for _ in range(3):
        petition = bring(State.HANDLING)
        office.only(petition.id, "answer")
        office.due(petition.id, "answer", "2026-12-04")
    office.run()
    mail = Kept()
    office.ways[Channel.MAIL] = mail
    prefer(office, house.handler, digest=False)
    office.at("2026-11-30T08:30").run()
    assert len([each for each in mail.sent if "期限过半 1 件" in each.subject]) == 3


def test_many_single_messages_become_a_digest(office: Office, house: House) -> None:
    prefer(office, house.handler, digest=False)
    mail = Kept()
    office.ways[Channel.MAIL] = mail
    office.at("2026-11-23T10:00")
    tell(office, house, count=21)
    office.at("2026-11-24T09:00").run()
    assert [each.subject for each in mail.sent] == ["【民意】信访办理提醒：新消息 21 条"]


def tell(office: Office, house: House, *, count: int = 1, **more: Any) -> None:
    assert house.handler.staff_id is not None
    with db.unit_of_work(office.context.engine) as s:
        for n in range(count):
            service.tell(
                s,
                recipient=house.handler.staff_id,
                court_id=house.court.id,
                kind="notifications.kind.petition_assigned",
                key=f"test/{n}",
                at=office.clock.now(),
                **{"values": {"number": "甲"}, **more},
            )


def test_news_waits_for_the_morning_unless_it_is_told_at_once(office: Office, house: House) -> None:
    office.at("2026-11-23T10:00")
    tell(office, house)
    tell(office, house)  # the same key: once
    office.run()
    assert office.dispatches() == []
    office.at("2026-11-24T08:30").run()
    assert [each.lines for each in office.dispatches()] == [1]
    office.at("2026-11-24T20:00")
    tell(office, house, count=2, at_once=True, values={"number": "乙"})
    office.run()
    assert len(office.dispatches()) == 1
    office.at("2026-11-25T08:30").run()
    assert [each.digest for each in office.dispatches()] == [True, False]


def test_a_new_handler_is_reminded_and_the_former_one_is_not(
    office: Office, handled: Any, house: House
) -> None:
    office.at("2026-11-29T23:50").run()
    with db.unit_of_work(office.context.engine) as s:
        other = staff(s, house.court, Role.HANDLER, username="another.ln0102")
        form = {"handler_id": other.id, "leader_id": house.leader.staff_id}
        petitions.do(s, house, handled, Act.ASSIGN, now=office.clock.now(), **form)
    office.at("2026-11-30T08:30").run()
    assert ("amber", "sent", "handler") not in lines(office)
    office.at("2026-12-01T08:30").run()
    assert ("amber", "sent", "another") in lines(office)


def bar(office: Office, petition: Any, login: str) -> None:
    """Name a person as having a conflict, past the act: nobody else's work moves."""
    with db.unit_of_work(office.context.engine) as s:
        person = s.exec(select(Staff).where(Staff.username == login)).one()
        row = StaffConflict(
            petition_id=petition.id, staff_id=person.id, ground="declared", declared_at=office.clock.now()
        )
        s.connection().execute(StaffConflict.__table__.insert(), row.model_dump())  # type: ignore[attr-defined]


def test_nobody_is_told_of_what_the_barrier_keeps_from_them(
    office: Office, handled: Any, house: House
) -> None:
    with db.unit_of_work(office.context.engine) as s:
        staff(s, house.court, Role.REGISTRAR, username="barred.ln0102")
    bar(office, handled, "barred.ln0102")
    office.at("2026-12-07T09:00").run()
    told = [who for level, _, who in lines(office) if level == "overdue"]
    assert "registrar" in told
    assert "barred" not in told


def test_a_conflict_named_after_planning_stops_the_notice(office: Office, handled: Any, house: House) -> None:
    office.at("2026-12-07T00:10").run()
    assert ("overdue", "planned", "leader") in lines(office)
    bar(office, handled, "leader.ln0102")
    assert house.handler.staff_id is not None
    with db.unit_of_work(office.context.engine) as s:
        service.tell(
            s,
            recipient=house.leader.staff_id,  # type: ignore[arg-type]
            court_id=house.court.id,
            kind="notifications.kind.reply_submitted",
            key="test/barred",
            at=office.clock.now(),
            petition_id=handled.id,
            at_once=True,
        )
    office.at("2026-12-07T09:00").run()
    told = [(each.state, each.why) for each in office.notices(staff_id=house.leader.staff_id)]
    assert told == [("stopped", "not_allowed")] * 2
    assert [each.staff_id for each in office.dispatches() if each.staff_id == house.leader.staff_id] == []


def test_a_closed_account_is_told_nothing(office: Office, handled: Any, house: House) -> None:
    office.at("2026-11-30T00:10").run()
    with db.unit_of_work(office.context.engine) as s:
        owner = s.get_one(Staff, house.handler.staff_id)
        grants.set_active(
            s, staff=owner, active=False, reason="离职", by=system(Via.COMMAND), now=office.clock.now()
        )
    office.at("2026-11-30T09:00").run()
    assert ("amber", "stopped", "handler") in lines(office)


def test_where_there_is_nobody_the_reminder_is_parked_in_sight(office: Office, context: Context) -> None:
    with db.unit_of_work(context.engine) as s:
        empty = make_house(s, "辽0103")
        petition = petitions.at(s, empty, State.REGISTERED)
    office.only(petition.id, "procedural_reply")
    with db.unit_of_work(context.engine) as s:
        for one in s.exec(select(Staff).where(Staff.court_id == empty.court.id)).all():
            now = office.clock.now()
            grants.set_active(s, staff=one, active=False, reason="撤并", by=system(Via.COMMAND), now=now)
    office.at("2026-11-28T09:00").run()
    [notice] = office.notices(level="amber")
    assert (notice.state, notice.why, notice.staff_id) == ("parked", "nobody", None)
    office.at("2026-11-28T10:00").run()
    assert len(office.notices(level="amber")) == 1


def test_a_message_that_keeps_failing_is_parked(office: Office, house: House) -> None:
    prefer(office, house.handler)
    office.ways[Channel.MAIL] = Kept(fail=[Failed("451")] * 20)
    office.at("2026-11-23T10:00")
    tell(office, house, at_once=True)
    office.run()
    tries = [office.dispatches(channel="mail")[0].attempts]
    for _ in range(60):
        office.clock.at += timedelta(minutes=10)
        office.run()
        tries.append(office.dispatches(channel="mail")[0].attempts)
    [parked] = office.dispatches(channel="mail")
    assert (parked.state, parked.why, parked.code, parked.attempts) == ("parked", "gave_up", "451", 8)
    assert tries[1] == 2
    assert max(tries[:6]) <= 4, "it waits longer each time"


def test_a_refused_message_is_parked_at_once(office: Office, house: House) -> None:
    prefer(office, house.handler)
    office.ways[Channel.MAIL] = Kept(fail=[Refused("550")])
    tell(office, house, at_once=True)
    office.run()
    [parked] = office.dispatches(channel="mail")
    assert (parked.state, parked.why, parked.code) == ("parked", "refused", "550")
    assert [each.state for each in office.dispatches(channel="inbox")] == ["sent"]


def test_a_crash_before_the_mark_sends_the_same_message_again_after_a_while(
    office: Office, house: House
) -> None:
    class Crash(BaseException):
        pass

    prefer(office, house.handler)
    mail = Kept(fail=[Crash()])  # type: ignore[list-item]
    office.ways[Channel.MAIL] = mail
    tell(office, house, at_once=True)
    with pytest.raises(Crash):
        office.run()
    key = office.dispatches(channel="mail")[0].id
    office.run()
    assert mail.sent == []
    office.clock.at += timedelta(minutes=10)
    office.run()
    office.run()
    assert [each.key for each in mail.sent] == [key]
    assert len(office.dispatches(channel="inbox")) == 1


def test_what_an_import_brings_from_long_ago_is_told_to_nobody(office: Office, bring: Bring) -> None:
    bring(State.HANDLING)
    office.at("2026-12-15T09:00")
    office.read()
    assert office.notices() == []


def a_pause(clock: DeadlineClock, days: int) -> ClockPause:
    begun = clock.started_on + timedelta(1)
    return ClockPause(
        petition_id=clock.petition_id, clock_id=clock.id, from_on=begun, until_on=begun + timedelta(days)
    )


def test_the_search_says_what_the_rule_says(office: Office, bring: Bring) -> None:
    """SQL and `level_of` agree on every length and day, weekends and leap days included."""
    office.at("2026-11-23T10:00")
    petition = bring(State.HANDLING)
    clock_id = office.only(petition.id, "answer")
    calendar, shares = shipped_calendar(), Shares(0.5, 0.8)
    with office.context.write() as s:
        clock = s.get_one(DeadlineClock, clock_id)
        for length, paused in ((0, 0), (1, 0), (3, 0), (7, 2), (15, 0), (15, 9), (61, 0), (92, 30)):
            s.execute(delete(ClockPause))
            if paused:
                s.add(a_pause(clock, paused))
            clock.started_on = date(2028, 1, 20)
            clock.due_on = clock.started_on + timedelta(length)
            s.flush()
            for days in range(-1, length + 2):
                today = clock.started_on + timedelta(days)
                until = horizon(today, calendar)
                found = queries.reached(s, today=today, horizon=until, shares=shares, after=None, limit=9)
                start = Term(clock.started_on, clock.due_on, paused_days=paused).from_on
                level = level_of(start, clock.due_on, today, horizon=until, shares=shares)
                wanted = [level] if level not in {None, Level.OVERDUE} else []
                assert [row.level for row in found] == wanted, (length, today)
        s.rollback()


@pytest.mark.parametrize("jump", [{"days": 1}, {"days": -1}, {"hours": 1}, {"hours": -1}])
def test_a_clock_that_jumps_and_returns_reminds_of_nothing_twice(
    office: Office, handled: Any, jump: dict[str, float]
) -> None:
    """The jobs refuse to work on a jumped clock (test_rules); here they are made to, and still nothing comes twice."""
    for day in range(25, 31):
        office.at(f"2026-11-{day}T10:00").run()
        office.clock.at += timedelta(**jump)
        office.run()
        office.clock.at -= timedelta(**jump)
        office.run()
    for day in range(1, 9):
        office.at(f"2026-12-{day:02}T10:00").run()
    found = [(level, who) for level, _, who in lines(office)]
    assert len(found) == len(set(found))
    assert {level for level, _ in found} == set(Level)
    assert all(state == "sent" for _, state, _ in lines(office))
