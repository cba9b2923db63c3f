"""Tell a planned petition as rows and events, without a session: what each act writes, as its service would.

Where it stands, what is next and its clocks come from the table of acts (`intake.tales`); here stands only what an act
sets and adds beside that. `tests/central/simulation/test_same.py` holds it to the services, act by act.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlmodel import SQLModel

from central.actor import Actor, Role
from central.deadlines.duties import ANSWERS, PROCEDURAL
from central.deadlines.rules import Moment
from central.fields import clean_line, clean_text
from central.intake import tales
from central.intake.blanks import Row, new_row
from central.intake.tales import Tale, Teller, Told
from central.letters.models import Letter
from central.petitions.excuses import WAIVES_NOTICE, Purpose
from central.petitions.models import Assignment, Demand, Note, Petition, Petitioner
from central.petitions.moves import moments_of_kind
from central.petitions.states import Act
from central.replies.models import Delivery, DeliveryAttempt
from central.simulation import asked, sorting, written
from central.simulation.deeds import Course, Deed, Who
from central.simulation.drafts import Asked, Drafts
from central.simulation.effects import (
    DECISIONS,
    PUBLIC,
    Added,
    Effect,
    Updates,
    excused,
    extension_asked,
    extension_decided,
    newest_done,
)
from central.simulation.people import People
from shared.canonical import Json
from shared.clock import court_day


def tale(course: Course, people: People, *, key_id: UUID, codes: tuple[str, str]) -> Tale:
    """Return the tale of a course, sealed with the key `key_id` later on. `codes`: hashes of the first code, and of one given again."""
    teller = _Telling(course, people, codes[1])
    petition = teller.petition(key_id, codes[0])
    told = [teller.registered(), *(teller.told(deed) for deed in course.deeds)]
    made = tales.tell(petition, told, Teller("", course.registered_at, {}, people.book, people.calendar))
    if course.category is not None:
        sorting.tell(made, course, course.category, people)
    return made


class _Telling:
    """One petition while it is told: the rows that later acts change."""

    def __init__(self, course: Course, people: People, again: str) -> None:
        self.course, self.people, self.book, self.again = course, people, people.book, again
        self.id = course.id
        self.demands: list[Asked] = []
        self.assignments: list[Row] = []
        self.drafts = Drafts(course.id)
        self.attempts = 0
        self.asked = 0
        #: Accepted, declined or sent to litigation: what is tried to be told from here on is the answer.
        self.decided = False
        self.leader: UUID | None = None
        self.court, self.sent_from = course.court, ""

    def petition(self, key_id: UUID, code_hash: str) -> Row:
        """Return the row as registration writes it."""
        course, form = self.course, self.course.form
        court_id = self.people.court_ids[course.court]
        return new_row(
            Petition,
            id=self.id,
            key_id=key_id,
            number=course.number,
            court_id=court_id,
            origin_court_id=court_id,
            channel=form["channel"],
            received_at=course.received_at,
            registered_at=course.registered_at,
            registered_by=self.people.staff_id(course.by),
            subject=clean_line(form["subject"]),
            text=form["text"],
            referred_by=form["referred_by"],
            urgent=form["urgent"],
            kind=form["kind"],
            rules_version=self.book.begin(court_day(course.received_at), course.court[:1]),
            code_hash=code_hash,
        )

    def registered(self) -> Told:
        """Return the registration."""
        form, by = self.course.form, self.people.actor(self.course.by)
        person = new_row(
            Petitioner,
            petition_id=self.id,
            name=form["petitioner_name"],
            phone=form["phone"],
            address=form["address"],
            group_size=form["group_size"],
        )
        self.demands = [self._demand(number, text) for number, text in enumerate(form["demands"], start=1)]
        rows: Added = [(Petitioner, person), *((Demand, each.row) for each in self.demands)]
        teller = self._teller(by, self.course.registered_at)
        facts: dict[str, Json] = {"channel": form["channel"]}
        return Told(Act.REGISTER, self.course.received_at, rows=rows, facts=facts, teller=teller)

    def told(self, deed: Deed) -> Told:
        """Return one act."""
        effect = self._effects.get(deed.act)
        found = effect(self, deed) if effect else Effect()
        self.decided = self.decided or deed.act in DECISIONS
        words = deed.values.get("remark")
        if words:
            note = new_row(
                Note,
                petition_id=self.id,
                act=str(deed.act),
                at=deed.at,
                text=clean_text(words),
                public=deed.act in PUBLIC if found.public is None else found.public,
            )
            found.rows.append((Note, note))
        return Told(
            deed.act,
            deed.at,
            changes=found.changes,
            rows=found.rows,
            updates=found.updates,
            facts=found.facts,
            of_clocks=found.of_clocks,
            moments=found.moments,
            extends=found.extends,
            kind=found.kind,
            teller=self._teller(self.people.actor(deed.by), deed.at),
        )

    def _teller(self, by: Actor, at: datetime) -> Teller:
        return Teller(by.label, at, {"by": by.name, "court": by.court_code}, self.book, self.people.calendar)

    # ---- front

    def _accept(self, deed: Deed) -> Effect:
        self.leader = leader = self.people.staff_id(deed.values["leader_id"])
        return Effect(
            changes={"sent_from_court_id": None, "leader_id": leader},
            rows=[self._assigned(leader, Role.LEADER, deed)],
            facts={"leader": leader.hex, "kind": self.course.form["kind"]},
            moments=moments_of_kind(Act.ACCEPT, self.course.form["kind"]),
        )

    def _left(self, deed: Deed) -> Effect:
        del deed
        return Effect(changes={"sent_from_court_id": None})

    def _transfer(self, deed: Deed) -> Effect:
        target = deed.values["court"]
        self.sent_from, self.court = self.court, target
        changes = {
            "sent_from_court_id": self.people.court_ids[self.sent_from],
            "court_id": self.people.court_ids[target],
            **_NOBODY,
        }
        return Effect(changes=changes, updates=self._end(deed), facts={"to_court": target})

    def _return(self, deed: Deed) -> Effect:
        del deed
        self.court, self.sent_from = self.sent_from, ""
        return Effect(changes={"court_id": self.people.court_ids[self.court], "sent_from_court_id": None})

    def _acknowledge(self, deed: Deed) -> Effect:
        return Effect(changes={"acknowledged_on": court_day(deed.at)}, facts=_method(deed))

    def _change_demands(self, deed: Deed) -> Effect:
        texts: Sequence[str] = deed.values["demands"]
        updates: Updates = [
            (Demand, row, {"text": text, "answered": row["answered"] and old == text})
            for (row, old), text in zip(self.demands, texts, strict=False)
        ]
        new = [self._demand(n, text) for n, text in enumerate(texts, start=1)][len(self.demands) :]
        self.demands = [Asked(row, text) for (row, _), text in zip(self.demands, texts, strict=False)] + new
        return Effect(rows=[(Demand, each.row) for each in new], updates=updates)

    def _merge(self, deed: Deed) -> Effect:
        return Effect(changes={"merged_into_id": self.course.joined}, facts={"into": deed.values["into"]})

    # ---- middle

    def _assign(self, deed: Deed) -> Effect:
        handler, leader = deed.values["handler_id"], deed.values["leader_id"]
        actor, leader_id = self.people.actor(handler), self.people.staff_id(leader)
        handler_id = self.people.staff_id(handler)
        ended = self._end(deed)
        changes = {"handler_id": handler_id, "leader_id": leader_id, "department_id": actor.department_id}
        rows = [
            self._assigned(handler_id, Role.HANDLER, deed),
            self._assigned(leader_id, Role.LEADER, deed),
        ]
        self.leader = leader_id
        facts: dict[str, Json] = {"handler": handler_id.hex, "leader": leader_id.hex}
        return Effect(changes=changes, rows=rows, updates=ended, facts=facts)

    def _save_draft(self, deed: Deed) -> Effect:
        by = self.people.staff_id(deed.by)
        return self.drafts.save(deed.values, self.demands, by=by, at=deed.at)

    def _submit(self, deed: Deed) -> Effect:
        return self.drafts.submit(self.demands, by=self.people.staff_id(deed.by), at=deed.at)

    def _send_back(self, deed: Deed) -> Effect:
        del deed
        return self.drafts.judge(Effect(), status="draft", approved_by=None, approved_at=None)

    def _approve(self, deed: Deed) -> Effect:
        by = self.people.staff_id(deed.by)
        return self.drafts.judge(Effect(), status="approved", approved_by=by, approved_at=deed.at)

    def _issue(self, deed: Deed) -> Effect:
        self.attempts, by = 0, self.people.staff_id(deed.by)
        changes = {"issued_at": deed.at, "delivered_on": None, "attempts": 0}
        letter = written.reply(self.course, self.drafts, self.demands, self.people, by=deed.by, at=deed.at)
        found = Effect(changes=changes, rows=[(Letter, letter)], facts={"round": self.drafts.round})
        return self.drafts.judge(found, status="issued", issued_by=by, issued_at=deed.at)

    # ---- back

    def _record_delivery(self, deed: Deed) -> Effect:
        day = court_day(deed.at)
        proof = new_row(
            Delivery,
            petition_id=self.id,
            method=deed.values["method"],
            delivered_on=day,
            proof=clean_line(deed.values["proof"]),
            recorded_by=self.people.staff_id(deed.by),
        )
        facts: dict[str, Json] = {**_method(deed), "delivered_on": day.isoformat()}
        return Effect(changes={"delivered_on": day}, rows=[(Delivery, proof)], facts=facts)

    def _log_attempt(self, deed: Deed) -> Effect:
        method, reason = deed.values["method"], deed.values["reason"]
        purpose = Purpose.ANSWER if self.decided else Purpose.PROCEDURAL_REPLY
        row = new_row(
            DeliveryAttempt,
            petition_id=self.id,
            at=deed.at,
            method=method,
            reason=reason,
            purpose=str(purpose),
            recorded_by=self.people.staff_id(deed.by),
        )
        self.attempts += purpose is Purpose.ANSWER
        rows: Added = [(DeliveryAttempt, row)]
        facts: dict[str, Json] = {"method": method, "reason": reason, "purpose": str(purpose)}
        return Effect(changes={"attempts": self.attempts}, rows=rows, facts=facts)

    def _excuse_reply(self, deed: Deed) -> Effect:
        code = deed.values["excuse"]
        waived = code in WAIVES_NOTICE
        rules = PROCEDURAL if waived else PROCEDURAL[:1]

        def excuse(clocks: Sequence[Row]) -> list[tuple[Row, Row]]:
            return [
                (row, {"excuse": code}) for row in clocks if row["ended_on"] is None and row["rule"] in rules
            ]

        moments = (Moment.NOTICE_WAIVED,) if waived else ()
        return Effect(facts={"excuse": code}, of_clocks=excuse, moments=moments)

    def _follow_up(self, deed: Deed) -> Effect:
        return asked.follow_up(deed, self.course, self.people, decider=Who(self.court, Role.LEADER))

    def _log_call(self, deed: Deed) -> Effect:
        return asked.log_call(deed, self.course, self.people)

    def _decide(self, deed: Deed) -> Effect:
        found = self._reopen(deed) if deed.act is Act.DECIDE_REOPEN else Effect()
        return asked.decide(deed, self.course, self.people, found)

    def _close_excused(self, deed: Deed) -> Effect:
        code = deed.values["excuse"]

        def excuse(clocks: Sequence[Row]) -> list[tuple[Row, Row]]:
            return [(row, excused(row, code)) for rule in ANSWERS for row in newest_done(clocks, rule)]

        return Effect(changes={"excuse": code}, facts={"excuse": code}, of_clocks=excuse)

    def _reopen(self, deed: Deed) -> Effect:
        self.attempts = 0
        changes: Row = {"delivered_on": None, "issued_at": None, "excuse": None, "attempts": 0}
        self.leader = changes["leader_id"] = self.leader or self.people.staff_id(deed.by)
        return Effect(
            changes=changes, updates=[(Demand, row, {"answered": False}) for row, _ in self.demands]
        )

    # ---- on the way

    def _reissue(self, deed: Deed) -> Effect:
        return Effect(changes={"code_hash": self.again}, facts={"checked": deed.values["checked"]})

    def _ask_extension(self, deed: Deed) -> Effect:
        self.asked = deed.values["days"]  # until it is decided
        return extension_asked(self.asked)

    def _decide_extension(self, deed: Deed) -> Effect:
        return extension_decided(self.asked, deed.values["decision"])

    # ---- rows

    def _demand(self, number: int, text: str) -> Asked:
        text = clean_line(text)
        return Asked(new_row(Demand, petition_id=self.id, number=number, text=text), text)

    def _assigned(self, staff_id: UUID, role: Role, deed: Deed) -> tuple[type[SQLModel], Row]:
        row = new_row(Assignment, petition_id=self.id, staff_id=staff_id, role=str(role), since=deed.at)
        self.assignments.append(row)
        return Assignment, row

    def _end(self, deed: Deed) -> Updates:
        ended: Updates = [(Assignment, row, {"until": deed.at}) for row in self.assignments]
        self.assignments = []
        return ended

    #: What each act writes of its own.
    _effects: ClassVar[Mapping[Act, Callable[["_Telling", Deed], Effect]]] = {
        Act.ACCEPT: _accept,
        Act.DECLINE: _left,
        Act.TO_LITIGATION: _left,
        Act.ASK_SUPPLEMENT: _left,
        Act.WITHDRAW: _left,
        Act.TRANSFER: _transfer,
        Act.RETURN: _return,
        Act.ASSIGN: _assign,
        Act.ACKNOWLEDGE: _acknowledge,
        Act.TELL_PROGRESS: lambda _, deed: Effect(facts=_method(deed)),
        Act.CHANGE_DEMANDS: _change_demands,
        Act.MERGE: _merge,
        Act.SAVE_DRAFT: _save_draft,
        Act.SUBMIT: _submit,
        Act.SEND_BACK: _send_back,
        Act.APPROVE: _approve,
        Act.ISSUE: _issue,
        Act.RECORD_DELIVERY: _record_delivery,
        Act.LOG_ATTEMPT: _log_attempt,
        Act.FOLLOW_UP: _follow_up,
        Act.LOG_CALL: _log_call,
        Act.DECIDE: _decide,
        Act.DECIDE_REOPEN: _decide,
        Act.EXCUSE_REPLY: _excuse_reply,
        Act.CLOSE_EXCUSED: _close_excused,
        Act.REOPEN: _reopen,
        Act.REISSUE_CODE: _reissue,
        Act.ASK_EXTENSION: _ask_extension,
        Act.DECIDE_EXTENSION: _decide_extension,
    }


_NOBODY: Row = {"handler_id": None, "leader_id": None, "department_id": None}


def _method(deed: Deed) -> dict[str, Json]:
    return {"method": deed.values["method"]}
