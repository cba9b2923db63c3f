"""What becomes of one made-up petition: its acts in order, each with its moment, its person and what is filled in. Pure.

How long a stage takes depends on the office, on the handler, on the backlog of that day, and on chance; nothing depends on who petitions.
"""

from datetime import timedelta
from random import Random
from typing import Any

from central.actor import Role
from central.deadlines.due import add_months
from central.petitions.excuses import Excuse, Means, Tried
from central.petitions.models import Channel
from central.petitions.states import Act
from central.simulation import answers as asked
from central.simulation import beside
from central.simulation import plan as plans
from central.simulation.deeds import Course, Deed, Values, Who
from central.simulation.grammar import Grammar, words
from central.simulation.offices import Office, pace_at
from central.simulation.plan import Arrival, Plan
from central.simulation.sorting import chosen
from central.simulation.stages import HURRIED, HURRIED_LATE, NEAR, STAGES

#: Kinds of petition, and how many of a hundred are of each.
KINDS = (("general", "class6", "suggestion", "accusation", "litigation"), (78, 5, 4, 3, 10))


def course(plan: Plan, code: str, place: int, listed: list[Arrival]) -> Course:
    """Return the course of the petition at `place` of a court's `arrivals`."""
    walk = _Walk(plan, code, place, listed)
    walk.go()
    made = walk.course
    made.deeds, made.category = [deed for deed in made.deeds if deed.at <= plan.end], chosen(plan.seed, made)
    return made


def handler_pace(plan: Plan, code: str, number: int) -> float:
    """Return how slow one handler is."""
    return Random(f"{plan.seed}/hand/{code}/{number}").lognormvariate(0.0, 0.15)  # noqa: S311 made-up figures # nosec B311


def due_place(plan: Plan, since: float) -> float:
    """Return the working time at which three months from a working time are over."""
    return plan.hours.place(add_months(plan.hours.day(since), 3), 0) + 1.0


class _Walk:
    """Walks one petition through its stages, noting deeds."""

    def __init__(self, plan: Plan, code: str, place: int, listed: list[Arrival]) -> None:
        self.plan, self.place, self.listed = plan, place, listed
        self.arrival = listed[place]
        self.rng = Random(f"{plan.seed}/{code}/{place}")  # noqa: S311 made-up figures # nosec B311
        self.grammar: Grammar = words()
        self.here = code
        self.at = self.arrival.working
        self.due = due_place(plan, self.at)
        self.handler = 0
        #: Working time at which the sixty days of an application are over; 0 for what is none.
        self.class6_ends = 0.0
        self.demands = 1 + (self.rng.random() < 0.3) + (self.rng.random() < 0.08)
        self.course = self._registered(code)

    @property
    def office(self) -> Office:
        return self.plan.offices[self.here]

    def say(self, symbol: str) -> str:
        return self.grammar.say(self.rng, symbol)

    def spend(self, stage: str, times: float = 1.0) -> None:
        """Let the time of a stage pass."""
        what = STAGES[stage]
        waiting = 1.0 + what.sway * self.plan.backlog(self.here, self.at)
        self.at += what.median * self.rng.lognormvariate(0.0, what.sigma) * waiting * times + 0.004

    def do(self, act: Act, role: Role, number: int = 0, **values: Any) -> None:
        """Note an act done now."""
        by = Who(self.here, role, number)
        self.course.deeds.append(Deed(act, self.plan.hours.moment(self.at), by, values))

    # ---- how it came in

    def _registered(self, code: str) -> Course:
        arrival, grammar, plan = self.arrival, self.grammar, self.plan
        registered = arrival.registered_at
        return Course(
            id=plan.petition_id(code, self.place, registered),
            court=code,
            place=self.place,
            number=plans.number(plan, code, arrival),
            received_at=arrival.received_at,
            registered_at=registered,
            by=Who(code, Role.REGISTRAR),
            form={
                "channel": str(arrival.channel),
                "received_at": arrival.received_at,
                "subject": grammar.say(self.rng, "subject"),
                "text": grammar.say(self.rng, "text"),
                "demands": [grammar.say(self.rng, "demand") for _ in range(self.demands)],
                **self._person(code),
                "referred_by": self.say("referrer") if arrival.channel is Channel.REFERRAL else None,
                "kind": self.rng.choices(*KINDS)[0],
                "urgent": self.rng.random() < 0.03,
            },
        )

    def _person(self, code: str) -> Values:
        root = plans.person_of(self.plan, code, self.place)
        rng = Random(f"{self.plan.seed}/person/{code}/{root}")  # noqa: S311 made-up figures # nosec B311
        if rng.random() < 0.04:
            return {"petitioner_name": None, "phone": None, "address": None, "group_size": 1}
        grown, silent = rng.random() < 0.03, rng.random() < 0.02
        told = not silent and rng.random() < 0.85
        return {
            "petitioner_name": self.grammar.say(rng, "name"),
            "phone": None if silent else f"100{rng.randrange(10**8):08d}",
            "address": self.grammar.say(rng, "address") if told else None,
            "group_size": rng.randrange(5, 60) if grown else 1,
        }

    # ---- front

    def go(self) -> None:
        """Walk from registration to the end."""
        self._triage(left=1)
        self.course.ends = self.at

    def _triage(self, left: int) -> None:
        rng, start = self.rng, self.at
        self.spend("triage", self.office.triage)
        if self.at - start > 2.5 and self.course.form["petitioner_name"] is None and left:
            self._excuse_reply(start)
        elif self.at - start > 3.5 and rng.random() < 0.45:
            after, self.at = self.at, start + rng.uniform(0.3, 3.4)
            self.do(
                Act.ACKNOWLEDGE, Role.REGISTRAR, method=rng.choice(("phone", "sms")), remark=self.say("told")
            )
            self.at = after
        if left and self._merge():
            return
        outcome = rng.random()
        if outcome < 0.07:
            self._turned_away(Act.DECLINE, "declined")
        elif outcome < 0.18:
            self._turned_away(Act.TO_LITIGATION, "to_litigation")
        elif outcome < 0.24 and left and len(self.plan.courts) > 1:
            self._transfer()
        elif outcome < 0.30 and left:
            self._supplement()
        elif outcome < 0.315:
            self.do(Act.WITHDRAW, Role.REGISTRAR, remark=self.say("withdrawn"))
        else:
            self._accept()

    def _excuse_reply(self, start: float) -> None:
        after, self.at = self.at, start + self.rng.uniform(0.2, 1.2)
        means, result = str(Means.SEARCH), str(Tried.ANONYMOUS)
        self.do(Act.LOG_ATTEMPT, Role.REGISTRAR, method=means, reason=result, remark=self.say("attempt"))
        self.at += 0.3
        excuse = str(Excuse.ANONYMOUS)
        self.do(Act.EXCUSE_REPLY, Role.REGISTRAR, excuse=excuse, remark=self.say("excused"))
        self.at = max(after, self.at)

    def _merge(self) -> bool:
        """Join it to what the same person already has running here."""
        code = self.course.court
        before = plans.earlier(self.plan, code, self.place) if self.here == code else None
        if before is None or self.rng.random() >= 0.6:
            return False
        other = _Walk(self.plan, code, before, self.listed)
        other.go()
        first = other.course
        if (
            first.moved
            or not first.registered_at < self.plan.hours.moment(self.at)
            or first.ends <= self.at + 0.01
        ):
            return False
        self.course.joined = first.id
        self.do(Act.MERGE, Role.REGISTRAR, into=first.number, remark=self.say("merged"))
        return True

    def _turned_away(self, act: Act, symbol: str) -> None:
        self.do(act, Role.REGISTRAR, remark=self.say(symbol))
        if self._deliver(Role.REGISTRAR, 0):
            self.spend("close")
            self.do(Act.CLOSE, Role.REGISTRAR, remark="")

    def _transfer(self) -> None:
        others = [spec.code for spec in self.plan.courts if spec.code != self.here]
        target, came_from = self.rng.choice(others), self.here
        self.do(Act.TRANSFER, Role.REGISTRAR, court=target, remark=self.say("transferred"))
        self.here, self.due, self.course.moved = target, due_place(self.plan, self.at), True
        if self.rng.random() < 0.12:
            self.at += self.rng.uniform(0.5, 4.0)
            self.do(Act.RETURN, Role.REGISTRAR, remark=self.say("returned"))
            self.here, self.due = came_from, due_place(self.plan, self.at)
        self._triage(left=0)

    def _supplement(self) -> None:
        self.do(Act.ASK_SUPPLEMENT, Role.REGISTRAR, remark=self.say("supplement"))
        asked = self.at
        self.spend("supplement")
        if self.rng.random() < 0.12:
            self.spend("supplement")
            self._turned_away(Act.DECLINE, "declined")
            return
        self.due += self.at - asked
        self.do(Act.RECEIVE_SUPPLEMENT, Role.REGISTRAR, remark=self.say("supplemented"))
        self.spend("decide", self.office.triage)
        self._accept()

    def _accept(self) -> None:
        self.do(
            Act.ACCEPT, Role.REGISTRAR, leader_id=Who(self.here, Role.LEADER), remark=self.say("accepted")
        )
        if self.course.form["kind"] == "class6":
            self.class6_ends = self.plan.hours.place(self.plan.hours.day(self.at) + timedelta(days=60), 0)
        if self.rng.random() < 0.03:
            self.at += 0.05
            texts = [*self.course.form["demands"], self.say("demand")]
            self.demands = len(texts)
            self.do(Act.CHANGE_DEMANDS, Role.REGISTRAR, demands=texts)
        self._assign(new=True)

    # ---- middle

    def _assign(self, *, new: bool) -> None:
        self.spend("assign", self.office.triage)
        if new:
            self.handler = int(self.rng.random() * self.office.handlers)
        self._name()
        self.spend("take_up", pace_at(self.office, self.at))
        self.do(Act.TAKE_UP, Role.HANDLER, self.handler, remark="")
        self._handle()

    def _name(self, remark: str = "") -> None:
        handler = Who(self.here, Role.HANDLER, self.handler)
        leader = Who(self.here, Role.LEADER)
        self.do(Act.ASSIGN, Role.REGISTRAR, handler_id=handler, leader_id=leader, remark=remark)

    def _handle(self) -> None:
        rng, start = self.rng, self.at
        office, slow = self.office, pace_at(self.office, self.at)
        slow *= handler_pace(self.plan, self.here, self.handler)
        self.spend("handle", slow)
        if rng.random() < office.neglect:
            self.spend("lying")
        hurried = HURRIED_LATE if office.late else HURRIED
        near = self.due - 3.0 < self.at < self.due + NEAR and start < self.due - 6.0
        if near and rng.random() < hurried:
            self.at = self.due - rng.uniform(3.0, 6.0)
        end, what = self.at, rng.random()
        if what < 0.04 and office.handlers > 1 and end - start > 4:
            self._hand_on(start, end)
            return
        if what < 0.055:
            self.at = start + (end - start) * rng.random()
            self._turned_away(Act.TO_LITIGATION, "to_litigation")
            return
        if what < 0.07:
            self.at = start + (end - start) * rng.random()
            self.do(Act.WITHDRAW, Role.REGISTRAR, remark=self.say("withdrawn"))
            return
        self._meanwhile(start, end)
        self._keep_told(start, end)
        self._draft()

    def _meanwhile(self, start: float, end: float) -> None:
        rng = Random(f"{self.plan.seed}/beside/{self.course.court}/{self.place}")  # noqa: S311 made-up figures # nosec B311
        for each in beside.happenings(rng, self.grammar, start, end, self.class6_ends):
            self.at = each.at
            self.do(each.act, each.role, self.handler if each.role is Role.HANDLER else 0, **each.values)

    def _hand_on(self, start: float, end: float) -> None:
        """Give it to another handler on the way, who begins where the first left off."""
        self.at = start + (end - start) * self.rng.uniform(0.2, 0.7)
        self.handler = (self.handler + 1) % self.office.handlers
        self._name(self.say("reassigned"))
        taken = self.at + self.rng.uniform(0.3, 1.5)
        self.at = taken
        self.do(Act.TAKE_UP, Role.HANDLER, self.handler, remark="")
        self.at = max(taken + 0.5, end)
        self._draft()

    def _keep_told(self, start: float, end: float) -> None:
        """Tell how it goes once the three months are over, each month."""
        told = max(start, self.due) + 15.0
        while told < end - 1.0:
            self.at = told
            self.do(
                Act.TELL_PROGRESS, Role.HANDLER, self.handler, method="phone", remark=self.say("progress")
            )
            told += 21.0
        self.at = end

    def _draft(self) -> None:
        for again in range(3):
            self._write()
            self.spend("approve", 1.0)
            if again == 2 or self.rng.random() >= self.office.send_back:
                break
            self.do(Act.SEND_BACK, Role.LEADER, remark=self.say("sent_back"))
            self.spend("redraft", 1.0)
        self.do(Act.APPROVE, Role.LEADER, remark="")
        self.spend("issue")
        self.do(Act.ISSUE, Role.HANDLER, self.handler, remark="")
        if self._deliver(Role.HANDLER, self.handler):
            self._ask_back()

    def _write(self) -> None:
        rng = self.rng
        outcomes = ("support", "explain", "explain", "not_support", "other_procedure")
        items = [
            {
                "demand_id": number,
                "outcome": outcomes[int(rng.random() * 5)],
                "facts": self.say("facts"),
                "basis": self.say("basis"),
            }
            for number in range(1, self.demands + 1)
        ]
        self.do(Act.SAVE_DRAFT, Role.HANDLER, self.handler, text=self.say("answer"), items=items)
        self.at += 0.03
        self.do(Act.SUBMIT, Role.HANDLER, self.handler, remark="")

    # ---- back

    def _deliver(self, role: Role, number: int) -> bool:
        rng = self.rng
        self.spend("deliver")
        excuse = self._excuse(role, number)
        if excuse is not None:
            self.do(Act.CLOSE_EXCUSED, Role.REGISTRAR, excuse=str(excuse), remark=self.say("excused"))
            return False
        method = rng.choice(("post", "post", "in_person", "phone"))
        self.do(Act.RECORD_DELIVERY, role, number, method=method, proof=self.say("proof"))
        return True

    def _excuse(self, role: Role, number: int) -> Excuse | None:
        form, rng = self.course.form, self.rng
        if form["petitioner_name"] is None:
            self._fail(role, number, Means.SEARCH, Tried.ANONYMOUS)
            return Excuse.ANONYMOUS
        if form["phone"] is None and form["address"] is None:
            self._fail(role, number, Means.SEARCH, Tried.NO_CONTACT)
            return Excuse.NO_CONTACT
        if rng.random() >= 0.11:
            return None
        return self._reach(role, number)

    def _reach(self, role: Role, number: int) -> Excuse | None:
        wrong = self.rng.random() < 0.35
        for means, result in asked.WRONG if wrong else asked.NOBODY:
            self._fail(role, number, means, result)
            if means is not Means.POST and self.rng.random() < 0.5:
                return None
        return Excuse.WRONG_NUMBER if wrong else Excuse.NOBODY_ANSWERED

    def _fail(self, role: Role, number: int, means: Means, result: Tried) -> None:
        tried = {"method": str(means), "reason": str(result)}
        self.do(Act.LOG_ATTEMPT, role, number, **tried, remark=self.say("attempt"))
        self.at += 1.0
        self.spend("deliver_again")

    def _ask_back(self, *, left: int = 1) -> None:
        self.spend("follow_up", self.office.triage)
        said, method, tries = asked.answer(self.rng, phoned=self.course.form["phone"] is not None)
        for _ in range(tries):
            self.do(Act.LOG_CALL, Role.REGISTRAR, words=self.say("attempt"))
            self.at += 1.0
        self.do(Act.FOLLOW_UP, Role.REGISTRAR, method=method, satisfaction=said, words=self.say("call_back"))
        if said == "unsatisfied":
            self.spend("decide")
            if self.rng.random() < 0.3 and left and self.course.deeds[-1].at < self.plan.end:
                return self._reopen(Act.DECIDE_REOPEN)
            self.do(Act.DECIDE, Role.LEADER, verdict="no", remark=self.say("not_reopened"))
        self.spend("close")
        if (
            said == "partly"
            and self.rng.random() < 0.05
            and left
            and self.course.deeds[-1].at < self.plan.end
        ):
            return self._reopen(Act.REOPEN)
        return self.do(Act.CLOSE, Role.REGISTRAR, remark="")

    def _reopen(self, by: Act) -> None:
        self.do(by, Role.LEADER, remark=self.say("reopened"))
        self.due = due_place(self.plan, self.at)
        self.spend("handle", pace_at(self.office, self.at) * 0.6)
        self._write()
        self.spend("approve")
        self.do(Act.APPROVE, Role.LEADER, remark="")
        self.spend("issue")
        self.do(Act.ISSUE, Role.HANDLER, self.handler, remark="")
        if self._deliver(Role.HANDLER, self.handler):
            self._ask_back(left=0)
