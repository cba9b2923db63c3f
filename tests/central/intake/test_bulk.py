"""Rows of a ledger as petitions: what they become, what the log says of them, what a second time does."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from central import db
from central.deadlines import queries as deadlines
from central.deadlines.calendar import shipped_calendar
from central.deadlines.shipped import shipped_book
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.events.verify import verify
from central.intake import bulk, tales, writing
from central.intake.models import LedgerEntry, LedgerImport
from central.petitions import queries
from central.petitions.checks import check_numbers
from central.petitions.invariants import INVARIANTS
from central.petitions.models import Demand, Petition, Petitioner
from central.petitions.states import Act, State
from central.replies.models import Delivery, Method, Reply
from central.vault.rows import vault_of
from shared.canonical import sha256_hex
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.factories.courts import MORNING, court
from tests.factories.ledgers import RECEIVED, REPLIED, answered, row, write


@pytest.fixture
def here(s: Session) -> House:
    return house(s, court(s))


def only(s: Session) -> Petition:
    return s.exec(select(Petition)).one()


def facts(s: Session, petition: Petition) -> list[dict[str, Any]]:
    events = log.of_stream(s, stream_name("petition", petition.id))
    return [json.loads(event.data)["facts"] for event in events]


def test_an_unanswered_row_waits_at_the_desk_with_the_clocks_of_its_own_day(s: Session, here: House) -> None:
    write(s, here, row())
    petition = only(s)
    assert (petition.state, petition.is_open, petition.court_id) == (State.REGISTERED, True, here.court.id)
    assert (petition.next_act, petition.next_role) == (Act.ACCEPT, "registrar")
    assert petition.next_due_on is not None
    assert petition.next_due_on < MORNING.date()  # 2019 is long over


def test_an_answered_row_is_closed_with_a_reply_and_its_proof(s: Session, here: House) -> None:
    write(s, here, answered())
    petition = only(s)
    assert (petition.state, petition.is_open, petition.next_act) == (State.CLOSED, False, None)
    assert (petition.issued_at, petition.closed_at) == (REPLIED, REPLIED)
    reply, proof = s.exec(select(Reply)).one(), s.exec(select(Delivery)).one()
    assert (reply.status, reply.text, reply.issued_at) == ("issued", "您好，已核实并责令公示。", REPLIED)
    assert (proof.method, proof.delivered_on) == (Method.LEDGER, REPLIED.date())


def test_the_text_stays_as_received(s: Session, here: House) -> None:
    write(s, here, row())
    assert only(s).text == "\n\t\u3000\u3000小区物业没有公示收费标准。\n"


def test_what_the_ledger_said_stays_with_the_petition(s: Session, here: House) -> None:
    write(s, here, row(number=17))
    entry, person = s.exec(select(LedgerEntry)).one(), s.exec(select(Petitioner)).one()
    assert (entry.row, entry.source_number, entry.cells) == (17, "81936", '{"留言编号": "81936"}')
    assert person.name == "A00077171"


def test_an_open_row_has_one_demand_to_answer(s: Session, here: House) -> None:
    write(s, here, row())
    assert [demand.text for demand in s.exec(select(Demand))] == ["物业公司乱收费"]


def test_events_are_dated_as_it_happened_and_written_down_now(s: Session, here: House) -> None:
    write(s, here, answered())
    events = log.of_stream(s, stream_name("petition", only(s).id))
    assert [(event.kind, event.at) for event in events] == [
        (Kind.PETITION_IMPORTED, RECEIVED),
        (Kind.REPLY_ISSUED, REPLIED),
        (Kind.REPLY_DELIVERED, REPLIED),
        (Kind.PETITION_CLOSED, REPLIED),
    ]
    assert {event.recorded_at for event in events} == {MORNING}


def test_every_event_says_that_it_was_imported_by_whom_and_from_which_row(s: Session, here: House) -> None:
    write(s, here, answered(number=9))
    source = s.exec(select(LedgerImport)).one()
    for told in facts(s, only(s)):
        assert told["imported"] is True
        assert (told["import"], told["row"], told["by"]) == (source.id.hex, 9, here.registrar.name)


def test_a_second_time_adds_nothing(s: Session, here: House) -> None:
    write(s, here, row(2), answered(3))
    again = write(s, here, row(2), answered(3))
    assert (again.taken, again.known, again.changed) == (0, 2, [])
    assert len(s.exec(select(Petition)).all()) == 2


def test_a_row_twice_in_one_batch_goes_in_once_and_is_told(s: Session, here: House) -> None:
    counts = write(s, here, row(2), replace(row(2), number=3))
    assert (counts.taken, counts.known, [(again.number, first) for again, first in counts.repeated]) == (
        1,
        0,
        [(3, 2)],
    )


def test_a_known_row_that_says_something_else_is_told_and_left(s: Session, here: House) -> None:
    write(s, here, row())
    other = answered(digest=sha256_hex("another"))
    counts = write(s, here, other)
    assert (counts.taken, counts.known, counts.changed) == (0, 0, [other])
    assert only(s).state == State.REGISTERED


def test_numbers_follow_the_year_of_receipt(s: Session, here: House) -> None:
    late = datetime(2019, 12, 31, 16, 30, tzinfo=UTC)  # past midnight in the courts' zone
    write(s, here, row(2), row(3), row(4, received_at=late))
    numbers = sorted(petition.number for petition in s.exec(select(Petition)))
    assert numbers == ["辽0102-2019-000001", "辽0102-2019-000002", "辽0102-2020-000001"]


def test_an_imported_petition_goes_on_like_any_other(s: Session, here: House) -> None:
    write(s, here, row())
    petition = only(s)
    s.expire_all()
    for act in petitions.WAY[State.CLOSED]:
        # The ledger names no telephone, so the one that was called is noted.
        petitions.do(s, here, petition, act, **({"number": "13800001111"} if act is Act.FOLLOW_UP else {}))
    assert petition.state == State.CLOSED


def test_an_answered_one_can_be_opened_again_and_answered_anew(s: Session, here: House) -> None:
    write(s, here, answered())
    petition = only(s)
    petitions.do(s, here, petition, Act.REOPEN)
    petitions.do(s, here, petition, Act.ASSIGN)
    petitions.do(s, here, petition, Act.CHANGE_DEMANDS)
    for act in (Act.TAKE_UP, Act.SAVE_DRAFT, Act.SUBMIT, Act.APPROVE, Act.ISSUE):
        petitions.do(s, here, petition, act)
    assert petition.state == State.REPLIED
    assert [reply.round for reply in s.exec(select(Reply).order_by(col(Reply.round)))] == [1, 2]


def test_it_has_the_clocks_that_registering_it_by_hand_would_give(s: Session, here: House) -> None:
    by_hand = petitions.registered(s, here, received_at=RECEIVED)
    write(s, here, row())
    imported = s.exec(select(Petition).where(Petition.imported)).one()
    assert (imported.next_rule, imported.next_due_on) == (by_hand.next_rule, by_hand.next_due_on)
    assert clocks(s, imported) == clocks(s, by_hand)


def clocks(s: Session, petition: Petition) -> list[tuple[Any, ...]]:
    return sorted((c.rule, c.started_on, c.due_on, c.ended_on) for c in deadlines.of_petition(s, petition.id))


def test_no_imported_petition_breaks_a_rule(s: Session, here: House) -> None:
    write(s, here, row(2), answered(3))
    rules = [each for each in INVARIANTS if each.condition]
    assert [queries.count_breaking(s, each, court_id=here.court.id) for each in rules] == [0] * len(rules)


def test_the_log_rebuilds_every_imported_row(fresh_engine: Engine, tmp_path: Path) -> None:
    with db.unit_of_work(fresh_engine) as s:
        here = house(s, court(s))
        write(s, here, *(answered(n, received_at=RECEIVED + timedelta(days=n)) for n in range(2, 9)), row(9))
    with db.unit_of_work(fresh_engine) as s:
        petition = s.exec(select(Petition).where(Petition.is_open)).one()
        petitions.do(s, here, petition, Act.ACCEPT)
    assert not found(fresh_engine, tmp_path)


def test_a_reply_changed_by_hand_after_the_import_is_found(fresh_engine: Engine, tmp_path: Path) -> None:
    with db.unit_of_work(fresh_engine) as s:
        write(s, house(s, court(s)), answered())
    with fresh_engine.begin() as connection:
        connection.execute(text("UPDATE reply SET text = 'other'"))
    assert found(fresh_engine, tmp_path) == ["row_differs"]


def found(engine: Engine, folder: Path) -> list[str]:
    with db.session(engine, writes=False) as s:
        report = verify(s, public_key=None, anchor_folder=folder, checks=[check_numbers])
    return [finding.problem for finding in report.findings]


def test_a_row_that_another_import_wrote_meanwhile_fails_on_its_key(s: Session, here: House) -> None:
    write(s, here, row())
    source, teller = (
        s.exec(select(LedgerImport)).one(),
        tales.Teller("system:import", MORNING, {}, shipped_book(), shipped_calendar()),
    )
    told = bulk.tell(
        row(),
        "辽0102-2019-000009",
        key_id=vault_of(s).new_key(),
        of=bulk.Source(here.court.id, here.court.code, here.registrar.staff_id, source.id, {}),
        teller=teller,
    )
    with pytest.raises(IntegrityError):  # the runner looks again and finds it known
        writing.write_tales(s, [told])
