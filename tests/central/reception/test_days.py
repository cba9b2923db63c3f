"""From the roster to the promise: planned, published, booked once, recorded, held, kept or not; who may, who must not, who sees."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from central import db
from central.actor import Actor, Via, system
from central.context import Context
from central.errors import Conflict, Forbidden, Invalid, MinyiError, NotFound
from central.events.verify import verify
from central.halls.appointments import Made
from central.halls.models import Appointment
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.reception import forms, promises, queries, service
from central.reception.models import ReceptionBooking, ReceptionDay, ReceptionPromise
from central.reception.queries import PromiseTab
from central.reception.rules import BookingState, DayState
from central.supervision.today import waiting
from shared.clock import FixedClock, court_day
from shared.ids import new_id
from tests.central.desk.conftest import Desk
from tests.central.supervision.conftest import Province
from tests.factories import petitions
from tests.factories.accounts import House

PLAN = {
    "day": "2026-11-27",
    "start": "09:00",
    "end": "10:00",
    "slot_minutes": 30,
    "per_slot": 1,
    "place": "诉讼服务中心 201 室",
}
SAID = {"asked": "要求尽快执行", "said": "本月内答复"}
Bring = Callable[..., Petition]
At = Callable[..., Desk]


class Office:
    """Carries acts out as people of 辽0102, each in a transaction of its own."""

    def __init__(self, context: Context, province: Province) -> None:
        self.context, self.province = context, province

    @property
    def house(self) -> House:
        return self.province.houses["辽0102"]

    def plan(self, by: Actor | None = None, leader: Actor | None = None, **more: Any) -> ReceptionDay:
        form = forms.Plan.model_validate(PLAN | {"leader_id": (leader or self.house.leader).staff_id} | more)
        with db.unit_of_work(self.context.engine) as s:
            return service.plan(s, form=form, by=by or self.house.registrar, now=self.context.clock.now())

    def open(self, **more: Any) -> ReceptionDay:
        """Return a published day."""
        row = self.plan(**more)
        return self.move("publish", row.id)

    def move(self, what: str, day_id: UUID, by: Actor | None = None) -> ReceptionDay:
        with db.unit_of_work(self.context.engine) as s:
            row: ReceptionDay = getattr(service, what)(
                s, day_id=day_id, by=by or self.house.registrar, now=self.context.clock.now()
            )
            return row

    def book(self, day_id: UUID, slot: int = 0, by: Actor | None = None, **more: Any) -> Made:
        form = forms.Book.model_validate({"appointment_id": new_id(), "slot": slot} | more)
        keys = self.context.settings.data / "keys"
        with db.unit_of_work(self.context.engine) as s:
            now = self.context.clock.now()
            return service.book(
                s, day_id=day_id, form=form, keys=keys, by=by or self.house.registrar, now=now
            )

    def end(self, booking_id: UUID, to: BookingState, by: Actor | None = None) -> ReceptionBooking:
        with db.unit_of_work(self.context.engine) as s:
            now = self.context.clock.now()
            return service.end_booking(
                s, booking_id=booking_id, to=to, by=by or self.house.registrar, now=now
            )

    def record(
        self, day_id: UUID, booking_id: UUID | None = None, by: Actor | None = None, **more: Any
    ) -> service.Recorded:
        form = forms.Record.model_validate(SAID | more)
        with db.unit_of_work(self.context.engine) as s:
            return service.record(
                s,
                day_id=day_id,
                booking_id=booking_id,
                form=form,
                by=by or self.house.registrar,
                now=self.context.clock.now(),
            )

    def promise(self, done: service.Recorded, person: Actor | None = None) -> ReceptionPromise:
        fields = {"record_id": done.record.id, "words": "本月内答复", "period": "working_5"}
        form = forms.Promise.model_validate(fields | {"person_id": (person or self.house.handler).staff_id})
        with db.unit_of_work(self.context.engine) as s:
            return promises.promise(
                s,
                petition_id=done.petition.id,
                form=form,
                by=self.house.registrar,
                now=self.context.clock.now(),
            )

    def settle(self, row: ReceptionPromise, by: Actor, *, kept: bool = True) -> ReceptionPromise:
        form = forms.Settle.model_validate({"kept": kept, "proof": "答复书已送达"})
        with db.unit_of_work(self.context.engine) as s:
            return promises.settle(
                s,
                petition_id=row.petition_id,
                promise_id=row.id,
                form=form,
                by=by,
                now=self.context.clock.now(),
            )

    def bookings(self) -> list[ReceptionBooking]:
        with self.context.read() as s:
            return list(s.exec(select(ReceptionBooking).order_by(ReceptionBooking.seat)).all())  # type: ignore[arg-type]

    def verified(self) -> None:
        with self.context.read() as s:
            assert verify(s, public_key=None, anchor_folder=self.context.settings.data).findings == []


@pytest.fixture
def office(context: Context, province: Province) -> Office:
    return Office(context, province)


def test_a_day_goes_from_the_roster_to_the_count_of_the_year(
    office: Office, bring: Bring, clock: FixedClock
) -> None:
    petition = bring()
    day = office.open()
    made = office.book(day.id, number=petition.number, name="王小明", phone="13800000000")
    assert made.appointment.kind == "leader_reception"
    assert made.appointment.petition_id == petition.id
    with pytest.raises(Conflict, match="not_yet"):
        office.move("hold", day.id)
    clock.at += timedelta(days=4)
    booking = office.bookings()[0]
    with pytest.raises(Conflict, match="still_booked"):
        office.move("hold", day.id)
    done = office.record(day.id, booking.id)
    assert done.petition.id == petition.id
    kept = office.bookings()[0]
    assert (kept.state, kept.name, kept.phone) == (BookingState.RECEIVED, None, None)
    assert office.move("hold", day.id).state == DayState.HELD
    with office.context.read() as s:
        counted = {each.leader.id: each.held for each in queries.held(s, office.house.court.id, 2026)}
        assert counted == {office.house.leader.staff_id: 1}
        assert queries.held(s, office.house.court.id, 2025)[0].held == 0
    office.verified()


def test_a_slot_is_given_once_and_again_after_it_was_cancelled(office: Office) -> None:
    day = office.open()
    office.book(day.id, 0)
    with pytest.raises(Invalid, match="slot_full"):
        office.book(day.id, 0)
    office.book(day.id, 1)
    cancelled = office.end(office.bookings()[0].id, BookingState.CANCELLED)
    with office.context.read() as s:
        assert s.get_one(Appointment, cancelled.appointment_id).revoked_at is not None
    office.book(day.id, 0)


@pytest.mark.parametrize("slot", [2, 199])
def test_a_slot_that_is_none_is_refused(office: Office, slot: int) -> None:
    with pytest.raises(Invalid, match="slot_unknown"):
        office.book(office.open().id, slot)


def test_a_form_sent_twice_books_once(office: Office) -> None:
    day, appointment = office.open(), new_id()
    office.book(day.id, 0, appointment_id=appointment)
    for slot in (0, 1):
        with pytest.raises(Conflict, match="appointment_made"):
            office.book(day.id, slot, appointment_id=appointment)
    assert len(office.bookings()) == 1


def test_two_at_once_never_share_a_seat(office: Office) -> None:
    day, outcomes = office.open(), list[str]()
    ready = threading.Barrier(4)

    def one() -> None:
        ready.wait()
        try:
            office.book(day.id, 0)
            outcomes.append("booked")
        except MinyiError as error:
            outcomes.append(error.key)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == ["booked", *["reception.slot_full"] * 3]
    assert len(office.bookings()) == 1
    office.verified()


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"day": "2026-11-20"}, "reception.past"),
        ({"day": "2028-02-29"}, "reception.far"),
        ({"end": "09:00"}, "reception.no_slot"),
        ({"end": "08:00"}, "reception.no_slot"),
        ({"per_slot": 20, "slot_minutes": 5, "end": "18:00"}, "reception.too_many"),
    ],
)
def test_a_day_that_cannot_be_is_refused(office: Office, more: dict[str, Any], key: str) -> None:
    with pytest.raises(Invalid, match=key):
        office.plan(**more)


def test_a_leader_of_another_court_or_one_who_sits_then_is_refused(office: Office) -> None:
    with pytest.raises(Invalid, match="no_leader"):
        office.plan(leader=office.province.houses["辽0103"].leader)
    office.plan()
    with pytest.raises(Conflict, match="sits_already"):
        office.plan(start="09:30", end="11:00")
    office.plan(start="10:00", end="11:00")


def test_what_is_not_published_takes_no_visitor_and_is_shown_to_nobody(
    office: Office, context: Context
) -> None:
    day = office.plan()
    with pytest.raises(Conflict, match="not_published"):
        office.book(day.id)
    with context.read() as s:
        assert queries.published(s, today=court_day(context.clock.now()), court_id=None) == []


def test_a_day_called_off_voids_appointments_and_lists_who_is_to_be_told(office: Office) -> None:
    day = office.open()
    office.book(day.id, 0, name="王小明", phone="13800000000")
    office.move("call_off", day.id)
    [booking] = office.bookings()
    assert (booking.state, booking.phone) == (BookingState.TO_TELL, "13800000000")
    with office.context.read() as s:
        assert s.get_one(Appointment, booking.appointment_id).revoked_at is not None
    office.end(booking.id, BookingState.CANCELLED)
    [told] = office.bookings()
    assert (told.state, told.name, told.phone) == (BookingState.CANCELLED, None, None)
    office.open()  # the leader may sit then after all
    office.verified()


def test_nobody_is_noted_as_absent_before_the_slot_is_over(office: Office, clock: FixedClock) -> None:
    day = office.open()
    office.book(day.id)
    [booking] = office.bookings()
    with pytest.raises(Conflict, match="may_still_come"):
        office.end(booking.id, BookingState.NO_SHOW)
    clock.at += timedelta(days=4, minutes=31)
    assert office.end(booking.id, BookingState.NO_SHOW).state == BookingState.NO_SHOW
    with pytest.raises(Conflict, match="booking_ended"):
        office.record(day.id, booking.id, subject="新件")


def test_a_visit_without_petition_registers_one(office: Office, clock: FixedClock) -> None:
    day = office.open()
    clock.at += timedelta(days=4)
    with pytest.raises(Invalid, match="number_or_subject"):
        office.record(day.id)
    with pytest.raises(Invalid, match="number_needed"):
        office.record(day.id, by=office.house.leader)
    done = office.record(day.id, subject="执行款未发放", petitioner_name="李四")
    assert done.registered
    assert done.code
    assert done.petition.channel == "visit"
    office.verified()


def test_a_leader_who_must_step_aside_is_neither_booked_nor_recorded(
    office: Office, bring: Bring, clock: FixedClock
) -> None:
    petition, day = bring(State.REGISTERED), office.open()
    with db.unit_of_work(office.context.engine) as s:
        petitions.do(s, office.house, petition.id, Act.NAME_CONFLICT, person=office.house.leader.username)
        number = petition.number
    over = office.province.supervisors["辽"]
    with office.context.read() as s:
        assert queries.seen_petitions(s, {petition.id}, actor=over)
    with pytest.raises(Invalid):
        office.book(day.id, number=number)
    clock.at += timedelta(days=4)
    with pytest.raises(Invalid):
        office.record(day.id, number=number)


def test_who_is_kept_from_a_petition_learns_nothing_of_who_comes(
    office: Office, bring: Bring, desk: At, hall_staff: Actor
) -> None:
    petition, day = bring(), office.open()
    office.book(day.id, number=petition.number, name="王小明")
    page = desk("hall_staff").get(f"/reception/{day.id}")
    assert petition.number not in page
    assert "王小明" not in page, "hall staff do not see whose petition it is"
    assert "已预约" in page
    assert petition.number in desk("registrar").get(f"/reception/{day.id}")
    with db.unit_of_work(office.context.engine) as s:
        petitions.do(s, office.house, petition.id, Act.NAME_CONFLICT, person=office.house.registrar.username)
    [booking] = office.bookings()
    with pytest.raises(NotFound):
        office.end(booking.id, BookingState.CANCELLED)
    with pytest.raises(NotFound):
        office.record(day.id, booking.id)
    assert petition.number not in desk("registrar").get(f"/reception/{day.id}")
    assert hall_staff.staff_id


@pytest.mark.parametrize(("day", "rests"), [("2026-11-27", False), ("2026-11-28", True)])
def test_a_day_planned_on_a_rest_day_says_so(office: Office, desk: At, day: str, rests: bool) -> None:
    assert ("休息日" in desk("registrar").get(f"/reception/{office.plan(day=day).id}")) is rests


def test_another_courts_day_is_absent_and_one_below_can_only_be_read(office: Office, desk: At) -> None:
    day = office.open()
    assert desk("registrar", "ln0103").client.get(f"/reception/{day.id}").status_code == 404
    over = desk("supervisor", "ln01")
    assert "201" in over.get(f"/reception/{day.id}")
    assert over.post(f"/reception/{day.id}/call-off").status_code == 403
    for what in ("publish", "call_off", "hold"):
        with pytest.raises(NotFound):
            office.move(what, day.id, office.province.houses["辽0103"].registrar)


def _given(office: Office, bring: Bring, clock: FixedClock) -> tuple[service.Recorded, ReceptionPromise]:
    petition, day = bring(), office.open()
    clock.at += timedelta(days=4)
    done = office.record(day.id, number=petition.number)
    return done, office.promise(done)


def test_a_promise_is_kept_with_proof_by_somebody_else(
    office: Office, bring: Bring, clock: FixedClock
) -> None:
    _, row = _given(office, bring, clock)
    assert row.due_on.isoformat() == "2026-12-04"
    with pytest.raises(Forbidden):
        office.settle(row, office.house.handler)
    with pytest.raises(NotFound):
        office.settle(row, office.province.houses["辽0103"].registrar)
    kept = office.settle(row, office.house.leader)
    assert (kept.state, kept.settled_by) == ("kept", office.house.leader.staff_id)
    with pytest.raises(Conflict, match="settled"):
        office.settle(row, office.house.leader, kept=False)
    office.verified()


def test_a_late_promise_is_noted_once_and_stands_on_the_list(
    office: Office, bring: Bring, clock: FixedClock
) -> None:
    done, row = _given(office, bring, clock)

    def sweep() -> int:
        with db.unit_of_work(office.context.engine) as s:
            return promises.sweep(s, by=system(Via.JOB), now=clock.now())

    clock.at += timedelta(days=7)  # Friday, the day itself
    assert sweep() == 0
    clock.at += timedelta(days=1)
    assert (sweep(), sweep()) == (1, 0)
    with office.context.read() as s:
        today = court_day(clock.at)
        late = queries.promised(s, office.house.leader, tab=PromiseTab.OVERDUE, today=today)
        assert [each.row.id for each in late] == [row.id]
        counts = queries.promise_counts(s, office.house.leader, today=today)
        assert counts == {PromiseTab.OPEN: 1, PromiseTab.OVERDUE: 1, PromiseTab.SETTLED: 0}
        [line] = waiting(s, queries.lines(office.house.handler, today=today))
        assert (line.count, line.late) == (1, 1)
        stranger = office.province.supervisors["辽02"]
        assert queries.promised(s, stranger, tab=PromiseTab.OPEN, today=today) == []
    with db.unit_of_work(office.context.engine) as s:
        petitions.do(
            s, office.house, done.petition.id, Act.NAME_CONFLICT, person=office.house.registrar.username
        )
    with office.context.read() as s:
        assert queries.promised(s, office.house.registrar, tab=PromiseTab.OPEN, today=today) == []


def test_who_must_keep_away_is_promised_nothing_to_do(
    office: Office, bring: Bring, clock: FixedClock
) -> None:
    petition, day = bring(State.REGISTERED), office.open()
    clock.at += timedelta(days=4)
    done = office.record(day.id, number=petition.number)
    with db.unit_of_work(office.context.engine) as s:
        petitions.do(
            s,
            office.house,
            petition.id,
            Act.NAME_CONFLICT,
            person=office.province.supervisors["辽0102"].username,
        )
    with pytest.raises(Invalid, match="no_person"):
        office.promise(done, office.province.supervisors["辽0102"])


def test_everybody_reads_the_published_days_in_both_languages(office: Office, client: Any) -> None:
    day = office.open()
    office.plan(start="14:00", end="15:00", place="未公开的房间")
    office.book(day.id, 0)
    page = client.get("/receptions").text
    for words in ("诉讼服务中心 201 室", "09:00–10:00", "辽0102的leader", "余 1 个"):
        assert words in " ".join(page.split())
    assert "未公开的房间" not in page
    assert "1 of 2 free" in client.get("/receptions?court=辽0102&lang=en").text
    assert "201 室" not in client.get("/receptions?court=辽02&lang=zh-CN").text
    assert client.get("/receptions?at=x&after=y").status_code == 200
    assert client.get("/receptions?court=京").status_code == 404
    assert "/receptions" in client.get("/").text


def test_the_pages_lead_from_the_plan_to_the_promise(
    office: Office, bring: Bring, desk: At, clock: FixedClock
) -> None:
    petition, at = bring(), desk("registrar")
    leader = str(office.house.leader.staff_id)
    assert at.post("/reception", **PLAN | {"place": ""}, leader_id=leader).status_code == 422
    page = at.post("/reception", **PLAN, leader_id=leader).headers["location"]
    assert at.post(page + "/publish").status_code == 303
    assert at.post(page + "/publish").status_code == 409
    booked = at.post(page + "/bookings", appointment_id=str(new_id()), slot=0, number=petition.number)
    assert booked.status_code == 201
    full = at.post(page + "/bookings", appointment_id=str(new_id()), slot=0, name="李四")
    assert full.status_code == 422
    assert "李四" in full.text
    clock.at += timedelta(days=4)
    at = desk("leader")
    assert "您的接访日" in at.get("/today")
    [booking] = office.bookings()
    assert petition.number in at.get(f"{page}/record?booking={booking.id}")
    kept = at.post(page + "/record", booking=str(booking.id), **SAID)
    assert kept.headers["location"] == f"/petitions/{petition.id}/reception"
    own = kept.headers["location"]
    assert "本月内答复" in at.get(own)
    with office.context.read() as s:
        record = queries.records(s, petition.id)[0].id
    fields = {"record_id": str(record), "words": "本月内答复", "period": "working_5"}
    assert at.post(own + "/promises", **fields, person_id="").status_code == 422
    handler = str(office.house.handler.staff_id)
    once = fields | {"person_id": handler, "id": str(new_id())}
    assert [at.post(own + "/promises", **once).status_code for _ in range(2)] == [303, 303]
    with office.context.read() as s:
        assert len(queries.promises(s, petition.id)) == 1
    assert petition.number in at.get("/reception/promises")
    assert at.post(page + "/held").status_code == 303
    assert "已接访 1 次" in at.get("/reception/leaders")
    assert "领导接访记录" in at.get(f"/petitions/{petition.id}")
