"""Any people may try any acts in any order: what the table allows succeeds, all else is refused, and the invariants hold."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func
from sqlmodel import Session, select

from central import db
from central.accounts import queries as accounts
from central.actor import Actor, Role, petitioner
from central.barrier import queries as barrier
from central.casework import acts
from central.courts.models import Court
from central.deadlines import queries as deadlines
from central.deadlines.models import DeadlineClock
from central.deadlines.shipped import shipped_book
from central.errors import Conflict, Forbidden, Invalid, MinyiError, NotFound
from central.events.models import Event
from central.events.verify import verify
from central.petitions import queries
from central.petitions.checks import check_numbers
from central.petitions.invariants import INVARIANTS
from central.petitions.models import Petition
from central.petitions.moves import Stale
from central.petitions.states import (
    UNDER_REVIEW,
    Act,
    IllegalStep,
    Need,
    NotReady,
    NotYours,
    State,
    Step,
    Who,
)
from central.petitions.steps import STEPS
from central.reviews import queries as reviews
from central.web.catalogue import catalogue
from shared.i18n import Lang
from shared.ids import new_id
from tests.factories import petitions
from tests.factories.accounts import House, actor, house
from tests.factories.courts import MORNING, tree

#: Courses of an ordinary run; `MINYI_TEST_ROUNDS=200` tries more.
EXAMPLES = int(os.environ.get("MINYI_TEST_ROUNDS", "12"))
SETTINGS = settings(
    deadline=None,
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
#: Whoever may come to the desk: roles beside registrar, handler and leader.
OTHERS = (Role.HANDLER, Role.AUDITOR, Role.COURT_ADMIN)
PLACES = ("辽0102", "辽0103", "辽01", "辽")
#: Acts whose letter is frozen by an event of its own.
WITH_A_LETTER = {Act.APPROVE_OPINION, Act.END_SAME_FACTS}
#: Refusals of a legal act with right values: words of a draft stand against it, or nobody is left who may take over.
BY_CIRCUMSTANCES = {
    "petitions.demand_has_answer",
    "petitions.no_reply_owed",
    "followup.nobody_to_decide",
    "reviews.refused_before",
    "reviews.final",
    "reviews.no_right",
    "petitions.nobody_left",
    "petitions.court_must_step_aside",
    "petitions.court_has_no_leader",
    "petitions.nobody_to_return_to",
    "petitions.extension_four_eyes",
    "deadlines.extended_too_far",
    "deadlines.extended_too_late",
}


@dataclass
class Course:
    """One petition, two courts, and everybody who might do something."""

    s: Session
    houses: dict[str, House]
    people: list[Actor]
    petition: Petition
    companions: dict[str, str]
    now: datetime = MORNING
    done: list[Act] = field(default_factory=list)

    @property
    def here(self) -> House:
        return next(each for each in self.houses.values() if each.court.id == self.petition.court_id)

    @property
    def elsewhere(self) -> House:
        return next(each for each in self.houses.values() if each.court.id != self.petition.court_id)


@pytest.fixture(scope="module")
def _stages(_engines: Callable[[str], Engine]) -> Iterator[Callable[[str], tuple[Connection, Course]]]:
    """The two courts and their people, made once for each engine and never committed."""
    with ExitStack() as stack:
        made: dict[str, tuple[Connection, Course]] = {}

        def of(kind: str) -> tuple[Connection, Course]:
            if kind not in made:
                connection = stack.enter_context(_engines(kind).connect())
                stack.callback(connection.begin().rollback)
                with opened(connection) as s:
                    made[kind] = connection, begin(s, tree(s))
                    s.commit()
            return made[kind]

        yield of


def opened(connection: Connection) -> Session:
    s = db.session(connection)  # type: ignore[arg-type]
    s.join_transaction_mode = "create_savepoint"
    return s


@pytest.fixture
def course(
    database_kind: str, _stages: Callable[[str], tuple[Connection, Course]]
) -> Callable[[], AbstractContextManager[Course]]:
    """`with course() as life`: the courts, and a petition of which nothing is kept."""
    connection, stage = _stages(database_kind)

    @contextmanager
    def one() -> Iterator[Course]:
        kept = connection.begin_nested()
        try:
            with opened(connection) as s:
                petition = petitions.registered(s, stage.houses["辽0102"])
                people = [*stage.people, petitioner(petition.id)]
                yield replace(stage, s=s, people=people, petition=petition, done=[])
        finally:
            kept.rollback()

    return one


def begin(s: Session, courts: dict[str, Court]) -> Course:
    houses = {code: house(s, courts[code]) for code in PLACES}
    people = [who for each in houses.values() for who in (each.registrar, each.handler, each.leader)]
    people += [actor(s, courts["辽0102"], role, username=f"second.{role}") for role in OTHERS]
    people.append(actor(s, courts["辽01"], Role.SUPERVISOR, Role.LEADER, username="above"))
    people.append(
        actor(s, courts["辽0102"], Role.REGISTRAR, Role.HANDLER, Role.LEADER, username="all.in.one")
    )
    companions = {code: petitions.registered(s, each).number for code, each in houses.items()}
    return Course(s, houses, people, petitions.registered(s, houses["辽0102"]), companions)


#: Fields that make a difference, with what is typed into them.
DRAWN: dict[Act, tuple[str, st.SearchStrategy[Any]]] = {
    Act.ACCEPT: ("kind", st.sampled_from(["class6", "class6", "general", ""])),
    Act.ASK_EXTENSION: ("days", st.integers(1, 40)),
    Act.DECIDE_EXTENSION: ("decision", st.sampled_from(["grant", "refuse"])),
    Act.FOLLOW_UP: (
        "satisfaction",
        st.sampled_from(["satisfied", "unsatisfied", "unsatisfied", "not_reached"]),
    ),
    Act.SUBMIT_OPINION: ("outcome", st.sampled_from(["upheld", "changed", "sent_back", "sent_back"])),
    Act.DECIDE: ("verdict", st.sampled_from(["no", "no", "review"])),
}


def values_of(life: Course, act: Act, data: st.DataObject) -> dict[str, Any]:
    """Return values that fit the act's form."""
    values = dict(petitions.USUAL[act][1])
    demands = [demand.id for demand in queries.demands(life.s, life.petition.id)]
    match act:
        case _ if act in DRAWN:
            name, drawn = DRAWN[act]
            values[name] = data.draw(drawn)
        case Act.TRANSFER:
            values["court"] = life.elsewhere.court.code
        case Act.MERGE | Act.END_SAME_FACTS:
            values["into"] = life.companions[life.here.court.code]
        case Act.ASSIGN | Act.ASSIGN_REVIEW:
            pick = left if act is Act.ASSIGN else fresh
            values = {"handler_id": pick(life, Role.HANDLER), "leader_id": pick(life, Role.LEADER)}
        case Act.SAVE_DRAFT:
            full = data.draw(st.integers(0, 3)) > 0
            items = [petitions.answer(each, **({} if full else {"basis": ""})) for each in demands]
            values = {"text": "现答复如下。", "items": items}
        case Act.CHANGE_DEMANDS:
            values = {"demands": [f"诉求{i}" for i in range(data.draw(st.integers(1, 3)))]}
        case Act.NAME_CONFLICT:
            values["person"] = data.draw(
                st.sampled_from([one for one in life.people if one.staff_id]), label="named"
            ).username
        case Act.CHANGE_CONTACT:
            values["phone"] = f"139{len(life.done):08d}"  # the same once more would change nothing
        case Act.CLOSE:
            values = {"remark": "经研究，予以办结。"}
        case _:
            pass
    return values


def fresh(life: Course, role: Role) -> UUID:
    """Return one who had no part in the petition before its review; nobody's id where none is left."""
    if life.petition.state not in UNDER_REVIEW:
        return new_id()
    people = barrier.free(life.s, life.petition.id, accounts.with_role(life.s, life.petition.court_id, role))
    return next((one.id for one in reviews.fresh(life.s, life.petition.id, people)), new_id())


def left(life: Course, role: Role) -> UUID:
    """Return one of those who may still serve; nobody's id where none is left."""
    people = accounts.with_role(life.s, life.petition.court_id, role)
    return next((one.id for one in barrier.free(life.s, life.petition.id, people)), new_id())


def verdict(life: Course, who: Actor, act: Act) -> type[MinyiError] | None:
    """Return what the table says of an act, read anew for this test: None if it must succeed."""
    return _verdict(life, who, act) if sees(life, who) else NotFound


def sees(life: Course, who: Actor) -> bool:
    try:
        queries.get(life.s, life.petition.id, actor=who)
    except NotFound:
        return False
    return True


def _verdict(life: Course, who: Actor, act: Act) -> type[MinyiError] | None:
    step = STEPS.get((State(life.petition.state), act))
    if step is None:
        return IllegalStep
    if not allowed(step, life.petition, who):
        return NotYours
    return None if all(fulfilled(life, need, act) for need in step.needs) else NotReady


def allowed(step: Step, petition: Petition, who: Actor) -> bool:
    at_home = who.court_id == petition.court_id or who.petition_id == petition.id
    right_role = bool(who.roles & step.roles) and at_home
    right_person = {
        Who.ANYONE: True,
        Who.THE_HANDLER: who.staff_id == petition.handler_id,
        Who.THE_LEADER: who.staff_id == petition.leader_id,
        Who.THE_APPROVER: who.staff_id == petition.leader_id,
        Who.APPROVER_OR_LEADER: who.staff_id == petition.leader_id,
        Who.NOT_THE_HANDLER: who.staff_id != petition.handler_id,
    }
    if step.who is Who.THE_DECIDER:
        return petition.undecided and decides(petition, who)
    return right_role and right_person[step.who]


def decides(petition: Petition, who: Actor) -> bool:
    """The third person is named and decides from wherever they sit; with nobody to be named, any other leader of the court."""
    if petition.decider_id is not None:
        return who.staff_id == petition.decider_id
    third = who.staff_id not in {petition.handler_id, petition.caller_id}
    return third and who.court_id == petition.court_id and bool(who.roles & {Role.LEADER, Role.SUPERVISOR})


def fulfilled(life: Course, need: Need, act: Act) -> bool:
    demands = queries.demands(life.s, life.petition.id)
    return {
        Need.HANDLER_AND_LEADER: act is Act.ASSIGN,
        Need.EVERY_DEMAND_ANSWERED: bool(demands) and all(each.answered for each in demands),
        Need.DELIVERED: life.petition.delivered_on is not None,
        Need.UNDELIVERED: life.petition.delivered_on is None,
        Need.UNDECIDED: life.petition.undecided,
        Need.DECIDED: not life.petition.undecided,
        Need.LOGGED_ATTEMPTS: life.petition.attempts > 0,
        Need.EXTENDABLE: life.petition.extension_rule is None
        and any(c.rule == "answer_class6" and c.extension_days < 30 for c in running(life)),
        Need.EXTENSION_ASKED: life.petition.extension_rule is not None,
        Need.STOPPABLE: any(c.rule == "re_review_answer" and not c.standing_still for c in running(life)),
        Need.STOPPED: any(c.standing_still for c in running(life)),
    }[need]


def running(life: Course) -> list[DeadlineClock]:
    return deadlines.running(life.s, life.petition.id)


def offers(life: Course, who: Actor) -> list[acts.Offer]:
    demands = queries.demands(life.s, life.petition.id)
    return acts.offers(life.petition, demands, who, running(life), shipped_book())


def events(life: Course) -> int:
    life.s.flush()
    return life.s.exec(select(func.count()).select_from(Event)).one()


def attempt(life: Course, who: Actor, act: Act, data: st.DataObject) -> None:
    """Try an act and hold the outcome against the table."""
    expected, before, version = verdict(life, who, act), events(life), life.petition.version
    values = values_of(life, act, data)
    seen = version - 1 if data.draw(st.integers(0, 19)) == 0 else version
    expected = Stale if expected is not NotFound and seen != version else expected
    if expected is None:
        succeed(life, who, act, values)
        return
    with pytest.raises(expected) as refusal:
        acts.perform(
            life.s, petition_id=life.petition.id, act=act, values=values, by=who, now=life.now, version=seen
        )
    assert_sentence(refusal.value)
    assert (list(life.s.dirty), list(life.s.new), events(life)) == ([], [], before)
    assert life.petition.version == version


def succeed(life: Course, who: Actor, act: Act, values: dict[str, Any]) -> None:
    before, version = events(life), life.petition.version
    with suppress(Prevented), life.s.begin_nested(), circumstances(life):
        acts.perform(life.s, petition_id=life.petition.id, act=act, values=values, by=who, now=life.now)
        life.done.append(act)
        before, version = before + (2 if act in WITH_A_LETTER else 1), version + 1
    assert (events(life), life.petition.version) == (before, version)


class Prevented(Exception):
    """A legal act that something else than the table stands against."""


@contextmanager
def circumstances(life: Course) -> Iterator[None]:
    try:
        yield
    except Conflict as error:
        assert_sentence(error)
        if error.key in BY_CIRCUMSTANCES:
            raise Prevented from error
        raise
    except Invalid as error:
        assert_sentence(error)
        # What bears an excuse out is a table of its own (petitions/data/excuses.toml), with tests of its own.
        if error.key.startswith(("petitions.evidence.", "followup.", "reviews.")) or (
            error.key.startswith("petitions.no_such_") and life.petition.state in UNDER_REVIEW
        ):
            raise Prevented from error
        raise


def assert_sentence(error: MinyiError) -> None:
    """A refusal reads as a whole sentence in both languages."""
    for lang in Lang:
        text = catalogue().text(error.key, lang, **error.values)
        assert len(text) > 5
        assert [name for _, name, _, _ in Formatter().parse(text) if name] == []


def assert_invariants(life: Course) -> None:
    """The four rules about petitions that hold after every act."""
    life.s.flush()
    assert {each.key: queries.count_breaking(life.s, each) for each in INVARIANTS if each.condition} == {
        "owner": 0,
        "answer": 0,
        "leader": 0,
    }
    assert life.petition.is_open == (life.petition.next_act is not None)
    if life.petition.is_open:
        assert owners(life) != []


def owners(life: Course) -> list[Actor]:
    """Return the people whose next step the petition is: it is on their worklist, and its act is offered to them."""
    named, role = life.petition.next_person_id, life.petition.next_role
    candidates = [
        who for who in life.people if who.staff_id == named or (named is None and role in who.roles)
    ]
    return [
        who
        for who in candidates
        if any(row.id == life.petition.id for row in queries.worklist(life.s, actor=who))
        and any(offer.is_next for offer in offers(life, who))
    ]


def live(life: Course, data: st.DataObject, steps: int) -> None:
    """Try `steps` acts: the next step, another of the table, or anything by anybody."""
    for _ in range(steps):
        who, act = data.draw(st.sampled_from(wishes(life, data.draw(st.integers(0, 9)))), label="wish")
        life.now += timedelta(days=data.draw(st.sampled_from([0, 0, 1, 8, 100])), minutes=1)
        attempt(life, who, act, data)
        assert_invariants(life)


def wishes(life: Course, mood: int) -> list[tuple[Actor, Act]]:
    """Return who might want what: of ten wishes one is anybody's, two are legal but for the needs, the rest go on."""
    possible = [
        (who, act)
        for who in life.people
        for act in acts.WAYS
        if (step := STEPS.get((State(life.petition.state), act))) and allowed(step, life.petition, who)
    ]
    onward = {life.petition.next_act, *ONWARD.get(State(life.petition.state), ())}
    if mood == 0 or not possible:
        return [(who, act) for who in life.people for act in acts.WAYS]
    return (mood > 2 and [(who, act) for who, act in possible if act in onward]) or possible


#: Without these a course seldom comes far: a draft before it is handed in, an attempt, a second round.
ONWARD = {
    State.REGISTERED: (Act.TRANSFER, Act.ASK_SUPPLEMENT),
    State.HANDLING: (Act.SAVE_DRAFT, Act.SAVE_DRAFT, Act.ASK_EXTENSION),
    State.REPLIED: (Act.LOG_ATTEMPT, Act.CLOSE_EXCUSED, Act.LOG_CALL),
    State.FOLLOWED_UP: (Act.DECIDE_REOPEN,),
    State.CLOSED: (Act.REOPEN, Act.ASK_REVIEW, Act.ASK_REVIEW),
    State.REVIEW_LATE: (Act.REFUSE_REVIEW, Act.WITHDRAW_REVIEW),
    State.REVIEW_DECIDED: (Act.LOG_ATTEMPT, Act.EXCUSE_OPINION),
}


@pytest.mark.timeout(max(900, 40 * EXAMPLES))
@SETTINGS
@given(data=st.data())
def test_any_course_of_acts_keeps_the_invariants_and_the_log_clean(
    data: st.DataObject, course: Callable[[], AbstractContextManager[Course]], tmp_path: Path
) -> None:
    with course() as life:
        live(life, data, steps=20)
        report = verify(life.s, public_key=None, anchor_folder=tmp_path, checks=(check_numbers,))
    assert report.findings == []


@pytest.mark.parametrize("state", list(State))
def test_in_every_state_each_person_gets_exactly_the_offers_of_the_table(
    state: State, course: Callable[[], AbstractContextManager[Course]]
) -> None:
    with course() as life:
        life.petition = petitions.at(life.s, life.houses["辽0102"], state, to=life.houses["辽0103"])
        for who in life.people:
            offered = {offer.act for offer in offers(life, who) if not offer.missing}
            expected = {act for act in acts.WAYS if verdict(life, who, act) is None}
            hidden = {act for act in acts.WAYS if verdict(life, who, act) is NotFound}
            assert offered - hidden == expected, who.username


@pytest.mark.parametrize("error", [IllegalStep, NotYours, NotReady, Stale])
def test_a_refusal_is_one_of_the_errors_that_pages_know(error: type[MinyiError]) -> None:
    assert issubclass(error, Conflict | Forbidden)
