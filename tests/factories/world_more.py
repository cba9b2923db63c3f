"""The rest of the small province: rows for what petitioners send, what is put on paper, and what comes after an answer."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts import standing_in
from central.actor import Role, Via, petitioner
from central.approvals import service as chains
from central.approvals.forms import Which
from central.approvals.forms import Write as Chain
from central.asks import forms as asking
from central.asks import service as asks
from central.custody import forms as papers
from central.custody import service as custody
from central.deadlines.calendar import shipped_calendar
from central.delivery import forms as posting
from central.delivery import service as delivery
from central.drafting import forms as remarks
from central.drafting import service as drafting
from central.fleet import forms as boxes
from central.fleet import service as fleet
from central.litigation import forms as guidance
from central.litigation import service as litigation
from central.litigation.rules import route, table
from central.matters import forms as pairs
from central.matters import service as matters
from central.petitions import queries
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.sorting import forms as sorted_as
from central.sorting import service as sorting
from central.sorting import versions
from central.sorting.judging import KeptOut
from central.wording import service as wording
from central.wording.forms import Write
from shared.clock import court_day
from shared.hall_settings import HallSettings, SettingsState
from shared.ids import new_id
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.courts import MORNING, SEED


def _approved(s: Session, here: House) -> None:
    """A chain of two steps, the first taken by a stand-in; the chain ends, so that nothing else follows it."""
    for steps in (("role:registrar", "leader"), ("leader", "role:registrar")):
        chains.write(s, form=Chain(steps=steps), by=here.leader, now=MORNING)
        s.flush()
    day = court_day(MORNING)
    form = standing_in.Name(person=here.registrar.staff_id, from_on=day, until_on=day)
    standing_in.name(s, form=form, by=here.leader, now=MORNING)
    petition = petitions.at(s, here, State.DRAFTED)
    account = accounts.get(s, here.registrar.staff_id)
    assert account is not None
    deputy = accounts.actor_for(s, account, Via.WEB, on=day)
    petitions.do(s, here, petition, Act.APPROVE, by=deputy)
    chains.end(s, which=Which(), by=here.leader, now=MORNING)
    s.flush()


def fill(s: Session, here: House) -> None:
    """Fill the tables that come with answering, guiding, delivering, deciding and reviewing."""
    _asked(s, here)
    _remarked(s, here)
    _worded(s, here)
    _approved(s, here)
    _on_paper(s, here)
    _guided(s, here)
    _posted(s, here)
    _unsatisfied(s, here)
    _reviewed(s, here)
    _compared(s, here)
    _sorted(s, here)


def _asked(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.HANDLING)
    at: dict[str, Any] = {"petition_id": petition.id, "now": MORNING}
    own = {"by": petitioner(petition.id)} | at
    sent = asks.supplement(s, form=asking.Supplement(words="补充一份收条"), **own).row
    assert sent is not None
    s.flush()
    asks.seen(s, ask_id=sent.id, form=asking.Seen(words="收到"), by=here.handler, **at)
    objection = asking.Objection.model_validate({"about": "delay", "words": "一直没有消息"})
    made = asks.objection(s, form=objection, **own).row
    assert made is not None
    s.flush()
    answer = asking.Answer.model_validate({"outcome": "not_upheld", "words": "正在核实"})
    asks.answer(s, ask_id=made.id, form=answer, by=here.leader, **at)


def _remarked(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.DRAFTED)
    at: dict[str, Any] = {"petition_id": petition.id, "now": MORNING}
    demand = queries.demands(s, petition.id)[0].id
    for parts in ({"part": "text"}, {"part": "facts", "demand_id": demand, "quote": "经查属实"}):
        form = remarks.Remark.model_validate({"words": "请写明查证经过", **parts})
        row = drafting.remark(s, form=form, by=here.leader, **at)
    petitions.do(s, here, petition, Act.SEND_BACK)
    drafting.resolve(s, remark_id=row.id, by=here.handler, **at)


def _worded(s: Session, here: House) -> None:
    for words in ("来信收悉。", "您的来信已经收悉。"):  # the second takes the place of the first
        form = Write.model_validate({"sort": "phrase", "title": "收悉", "words": words, "key": "review"})
        wording.write(s, form=form, by=here.leader, now=MORNING)


def _compared(s: Session, here: House) -> None:
    one, other = (petitions.registered(s, here) for _ in range(2))
    for verdict in ("different", "same"):
        form = pairs.Decide.model_validate({"other": other.number, "verdict": verdict, "words": "同一份判决"})
        matters.decide(s, petition_id=one.id, form=form, by=here.registrar, now=MORNING)


def _sorted(s: Session, here: House) -> None:
    """A category chosen and corrected; two versions of proposals, the second not good enough to take effect."""
    petition = petitions.registered(s, here)
    ways = sorting.Ways(Path("nowhere"), 0.5)
    for code in ("050203", "050202"):
        form = sorted_as.Choose(category=code)
        sorting.choose(s, petition_id=petition.id, form=form, by=here.registrar, now=MORNING, ways=ways)
    at: dict[str, Any] = {"decisions": 60, "labels": 2, "figures": {}, "by": SEED, "now": MORNING}
    for kept_out in (None, KeptOut.WORSE):
        versions.keep(s, model_id=new_id(), kept_out=kept_out, **at)


def _on_paper(s: Session, here: House) -> None:
    petition = petitions.registered(s, here)
    at: dict[str, Any] = {"petition_id": petition.id, "by": here.registrar, "now": MORNING}
    came = {
        "pages": "3",
        "envelope": "true",
        "postmark_on": "2026-11-20",
        "postmark_place": "鞍山",
        "originals": "true",
        "what": "房产证一本",
        "place_kind": "shelf",
        "place": "A-3-12",
    }
    row = custody.receive(s, form=papers.Receive.model_validate(came), **at)
    s.flush()
    move = {"place_kind": "person", "holder_id": here.handler.staff_id, "why": "承办人核对原件"}
    custody.move(s, paper_id=row.id, form=papers.Move.model_validate(move), **at)
    back = {
        "returned_on": "2026-11-23",
        "returned_by": "in_person",
        "returned_to": "王小明",
        "returned_proof": "收条已归档",
    }
    custody.give_back(s, paper_id=row.id, form=papers.GiveBack.model_validate(back), **at)


def _guided(s: Session, here: House) -> None:
    form = guidance.Send(procedure="civil_retrial", started_on=date(2026, 6, 1), remark="请依法申请再审")
    found = route(
        litigation.procedure_of(form),
        form.started_on,
        today=court_day(MORNING),
        calendar=shipped_calendar(),
        warning=table().warning,
    )
    petition = petitions.registered(s, here)
    by, court = here.registrar, here.court.name
    litigation.send(s, petition_id=petition.id, form=form, route=found, court=court, by=by, now=MORNING)


def _posted(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.REPLIED)
    at: dict[str, Any] = {"petition_id": petition.id, "by": here.handler, "now": MORNING}
    letter = {
        "carrier": "ems",
        "tracking": "EE123456785CN",
        "to_name": "王小明",
        "to_address": "沈阳市和平区某路1号",
        "posted_on": "2026-11-23",
    }
    row = delivery.post(s, form=posting.Post.model_validate(letter), **at)
    s.flush()
    arrived = posting.Arrived(delivered_on=date(2026, 11, 23), receiver="王小明")
    delivery.arrived(s, posting_id=row.id, form=arrived, **at)


def _unsatisfied(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.REPLIED)
    petitions.do(s, here, petition, Act.RECORD_DELIVERY)
    petitions.do(s, here, petition, Act.FOLLOW_UP, satisfaction="unsatisfied", words="没有说明理由")
    petitions.do(s, here, petition, Act.DECIDE, remark="答复已逐项说明")


def _reviewed(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.REVIEW_DECIDED)
    _above(s, petition, Act.DELIVER_OPINION)
    petitions.do(s, here, petition, Act.ASK_REVIEW)  # now the re-review, by a chain that ends afterwards
    above = petitions.deciding(s, petition)
    chains.write(s, form=Chain(kind="re_review", steps=("leader",)), by=above.leader, now=MORNING)
    s.flush()
    _above(s, petition, Act.ASSIGN_REVIEW, Act.SUBMIT_OPINION, Act.APPROVE_OPINION, Act.DELIVER_OPINION)
    chains.end(s, which=Which(kind="re_review"), by=above.leader, now=MORNING)
    again = petitions.registered(s, here)
    petitions.do(s, here, again, Act.END_SAME_FACTS, into=petition.number)


def _above(s: Session, petition: Petition, *acts: Act) -> None:
    for act in acts:
        petitions.do(s, petitions.deciding(s, petition), petition, act)


def settings_of_boxes(s: Session, here: House, box: str) -> None:
    """A group with a box, an edition of settings for it, stopped because the box gave it back."""
    admin = replace(here.leader, roles=frozenset({Role.COURT_ADMIN}), court_path="/辽/")
    group = fleet.make_group(s, boxes.NewGroup(name="先行组", place=1), by=admin, now=MORNING)
    fleet.move(s, boxes.Moved(box=box, group=group.id), by=admin, now=MORNING)
    form = boxes.NewEdition(group=group.id, hold_minutes=60, note="试用")
    fleet.make_edition(s, HallSettings(widen_seconds=90), form, by=admin, now=MORNING)
    s.flush()
    fleet.issue(s, key=Ed25519PrivateKey.generate(), now=MORNING)
    nothing = HallSettings().digest
    state = SettingsState(
        box=box, digest=nothing, refused=1, refused_edition=1, reason="pages", above=1, at=MORNING
    )
    fleet.note_state(s, state=state, now=MORNING)
    fleet.advance(s, now=MORNING)
