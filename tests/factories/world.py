"""A small province in which every table of the log has rows: for tests that look at all of them."""

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine
from sqlmodel import Session

from central import db
from central.access import service as access
from central.access.forms import GiveReason
from central.access.models import Look
from central.access.rules import Why
from central.accounts import external, factors, grants, push_devices
from central.accounts import queries as accounts
from central.accounts import service as accounts_service
from central.accounts.forms import Subscription
from central.accounts.models import FactorKey, SecondFactor
from central.actor import Role, Via
from central.batches import service as batches
from central.batches.forms import Assign, Report
from central.courts.models import Court
from central.documents import service as documents
from central.documents.service import Store
from central.events import anchors
from central.exports import service as exports
from central.exports.forms import Ask, Chosen, Decide
from central.halls import receipts, service
from central.halls.authority import open_authority
from central.halls.line_keys import line_keys
from central.instructions import service as instructions
from central.instructions.forms import Give
from central.keeping import service as keeping
from central.keeping.forms import Because
from central.keeping.rules import Kind, rule_of, schedule
from central.keys import signing_key
from central.notifications import service as notifications
from central.notifications.forms import Prefer
from central.notifications.rules import Channel
from central.packaged import service as packaged
from central.packaged.forms import Open, Step, Visit
from central.petitions import queries
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.reception import promises
from central.reception import service as reception
from central.reception.forms import Book, Plan, Promise, Record
from central.replies import service as replies
from central.replies.forms import Enclose
from central.settings import Documents, Exports, Throttle
from central.supervision import service as supervision
from central.supervision.forms import Order
from central.vault import rows
from central.workdays import service as workdays
from central.workdays.forms import ChangeDay
from edge_agent import identity
from shared import enrolment, pieces, wire
from shared.ids import new_id
from tests.central.documents import corpus
from tests.factories import halls, ledgers, petitions, world_more
from tests.factories.accounts import House, house, staff
from tests.factories.courts import MORNING, SEED, tree
from tests.support.processes import wait_until

#: The day after the acts: what happened before is due to be sealed.
NEXT_DAY = MORNING + timedelta(days=1)


def build(engine: Engine, folder: Path) -> None:
    """Fill the tables by the real services and seal the log once; `folder` takes the anchors."""
    with db.unit_of_work(engine) as s:
        courts = tree(s)
        here, there = house(s, courts["辽0102"]), house(s, courts["辽0103"])
        account = accounts.by_username(s, here.registrar.username)
        assert account is not None
        accounts_service.issue_token(s, staff=account, label="前台", by=SEED, now=MORNING)
        _closed(s, here)
        _filed(s, here, folder.parent)
        _waiting(s, here)
        petitions.at(s, here, State.TRANSFERRED, to=there)
        _looked(s, there, petitions.at(s, there, State.HANDLING))
        petitions.at(s, there, State.MERGED)
        _rights(s, here, there)
        ledgers.write(s, here, ledgers.row(2), ledgers.answered(3))
        ledgers.undone(s, here)
        _signing_in(s, here)
        _exported(s, here)
        _kept(s, here)
        _supervised(s, here)
        _counted(s)
        _received(s, here, folder.parent / "keys")
        _own_cases(s, here)
        world_more.fill(s, here)
        _assigned(s, here, courts["辽01"])
        _hall(s, here)
        _enrolled(s, here, folder.parent / "keys")
    folder.mkdir(parents=True, exist_ok=True)
    key = signing_key(folder.parent / "keys", "anchor")
    seal(engine, key, folder, NEXT_DAY)
    with db.unit_of_work(engine) as s:
        _add_events(s)
    seal(engine, key, folder, NEXT_DAY + timedelta(days=1))


def seal(engine: Engine, key: Ed25519PrivateKey, folder: Path, now: datetime) -> None:
    """Seal all that is recorded. PostgreSQL lets a seal wait for every transaction that was under way, other workers' too."""

    def sealed() -> bool:
        with db.unit_of_work(engine) as s:
            return anchors.make_due(s, key=key, folder=folder, now=now) is not None

    wait_until(sealed, what="the log is sealed")


def _looked(s: Session, there: House, petition: Petition) -> None:
    form = GiveReason(why=Why.SUPERVISION, text="来信询问进度")
    reason = access.give_reason(s, petition_id=petition.id, form=form, by=there.leader, now=MORNING)
    for how in (Look.OPENED, Look.PRINTED):
        access.looked(s, by=there.leader, how=how, petitions=[petition.id], now=MORNING, reason=reason)
    access.shown(s, by=there.leader, what="list", keys=[petition.id], now=MORNING)


def _filed(s: Session, here: House, data: Path) -> None:
    petition, store = petitions.at(s, here, State.HANDLING), Store(data, Documents(), rows.vault_of(s))
    scanned = documents.with_text(
        documents.prepare("来信.png", BytesIO(corpus.png()), store.limits), "来信全文"
    )
    documents.keep(
        s,
        store=store,
        petition_id=petition.id,
        key_id=petition.key_id,
        prepared=scanned,
        by=here.handler,
        now=MORNING,
    )
    scanned.close()
    taken = documents.take_in(
        s,
        store=store,
        petition_id=petition.id,
        key_id=petition.key_id,
        name="判决书.png",
        content=BytesIO(corpus.png()),
        by=here.handler,
        now=MORNING,
    )
    s.flush()
    for chosen in (
        [{"document_id": taken.id, "name": "判决书"}],
        [],
        [{"document_id": taken.id, "name": "裁定书"}],
    ):
        form = Enclose.model_validate({"enclosures": chosen})
        replies.enclose(s, petition_id=petition.id, form=form, by=here.handler, now=MORNING)


def _closed(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.REPLIED)
    for act in (Act.LOG_ATTEMPT, Act.RECORD_DELIVERY, Act.FOLLOW_UP, Act.CLOSE):
        petitions.do(s, here, petition, act)


def _waiting(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.AWAITING_SUPPLEMENT)
    petitions.do(s, here, petition, Act.RECEIVE_SUPPLEMENT)
    petitions.do(s, here, petition, Act.CHANGE_DEMANDS)  # deletes a demand


def _rights(s: Session, here: House, there: House) -> None:
    account = accounts.by_username(s, here.leader.username)
    assert account is not None
    grants.grant(
        s,
        staff=account,
        role=Role.LEADER,
        court=there.court,
        below=False,
        department_id=None,
        reason="代管",
        by=SEED,
        now=MORNING,
    )
    petitions.registered(
        s,
        here,
        handled_by=there.handler.username,
        case_numbers=["（2021）辽0102民初1234号"],
        group_size=5,
        people=[{"role": "representative", "name": "赵一"}],
    )


#: A point on the curve, as a browser names its key.
_POINT = "BI5TO2-gv3tGJbswZnwB-2B--fi4qA_vWzAGKHAxh7Kjc-sdveAzGDZtBp-DpvWQAFPHNjPLBBshxV4ahsH0ALQ"


def _signing_in(s: Session, here: House) -> None:
    staff_id = here.leader.staff_id
    assert staff_id is not None
    external.link(
        s, staff_id=staff_id, issuer="https://sso.example", subject="1", by=here.leader, now=MORNING
    )
    form = Prefer(channel=Channel.MAIL, mail="leader@court.example", phone="13800000001")
    notifications.set_preference(s, form=form, offered=set(Channel), by=here.leader, now=MORNING)
    device = Subscription(endpoint="https://push.example/device", p256dh=_POINT, auth="A" * 22)
    push_devices.allow(s, form=device, lang="zh-CN", by=here.leader, now=MORNING)
    factor = SecondFactor(staff_id=staff_id, kind="totp", label="手机", created_at=MORNING, digest="")
    factors.add(
        s, factor=factor, key=FactorKey(factor_id=factor.id, content=b"sealed"), by=here.leader, now=MORNING
    )


def _exported(s: Session, here: House) -> None:
    form = Ask(why=Why.SUPERVISION, text="季度检查")
    limits = Exports(free_rows=0)
    export = exports.ask(s, chosen=Chosen(), form=form, limits=limits, by=here.registrar, now=MORNING)
    exports.decide(s, export_id=export.id, agree=True, form=Decide(text="同意"), by=here.leader, now=MORNING)


def _kept(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.WITHDRAWN)
    form = Because(words="诉讼需要")
    keeping.hold(s, petition_id=petition.id, form=form, by=here.leader, now=MORNING)
    keeping.lift(s, petition_id=petition.id, form=form, by=here.leader, now=MORNING)
    later, plan = MORNING + timedelta(days=6 * 366), schedule()
    rule = rule_of(plan, Kind.WITHDRAWN)
    assert rule is not None
    s.flush()
    assert keeping.take_up(s, plan=plan, rule=rule, by=SEED, now=later, grace=timedelta(days=30))


def _supervised(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.REGISTERED)
    form = Order.model_validate({"reason": "overdue", "words": "请说明原因", "period": "working_5"})
    supervision.order(s, petition_id=petition.id, form=form, by=here.leader, now=MORNING)


def _counted(s: Session) -> None:
    form = ChangeDay.model_validate(
        {"day": "2027-07-01", "to": "off", "name": "纪念日", "reason": "省政府通知"}
    )
    workdays.change_day(s, form=form, by=SEED, now=MORNING)


def _received(s: Session, here: House, keys: Path) -> None:
    form = Plan.model_validate(
        {
            "leader_id": here.leader.staff_id,
            "day": "2026-11-23",
            "start": "09:30",
            "end": "10:30",
            "slot_minutes": 30,
            "place": "201 室",
        }
    )
    day = reception.plan(s, form=form, by=here.registrar, now=MORNING)
    reception.publish(s, day_id=day.id, by=here.registrar, now=MORNING)
    booking = Book(appointment_id=new_id(), slot=0, name="王小明")
    reception.book(s, day_id=day.id, form=booking, keys=keys, by=here.registrar, now=MORNING)
    said = Record(asked="要求尽快执行", said="本月内答复", subject="执行款未发放")
    done = reception.record(s, day_id=day.id, booking_id=None, form=said, by=here.registrar, now=MORNING)
    given = Promise.model_validate(
        {
            "record_id": done.record.id,
            "words": "本月内答复",
            "person_id": here.handler.staff_id,
            "period": "working_5",
        }
    )
    promises.promise(s, petition_id=done.petition.id, form=given, by=here.registrar, now=MORNING)


def _own_cases(s: Session, here: House) -> None:
    petition, leader = petitions.at(s, here, State.HANDLING), here.leader.staff_id
    opened = Open.model_validate({"leader_id": leader, "person_id": here.handler.staff_id, "plan": "先核实"})
    at: dict[str, Any] = {"petition_id": petition.id, "now": MORNING, "by": here.leader}
    package = packaged.open_package(s, form=opened, **at)
    at["package_id"] = package.id
    step = Step.model_validate({"words": "约谈双方", "due_on": "2026-11-27"})
    packaged.add_step(s, form=step, **at)
    visit = {"day": "2026-11-23", "staff_id": leader, "how": "at_home", "words": "说明进展"}
    packaged.add_visit(s, form=Visit.model_validate(visit), **at)
    written = {"words": "请办结", "people": [here.handler.staff_id], "period": "working_5"}
    given = instructions.give(s, form=Give.model_validate(written), by=here.leader, now=MORNING)
    instructions.acknowledge(s, instruction_id=given.id, by=here.handler, now=MORNING)


def _assigned(s: Session, here: House, above: Court) -> None:
    petition = petitions.at(s, here, State.HANDLING)
    over = accounts.actor_of(staff(s, above, Role.SUPERVISOR, username="batch.over"), above, Via.WEB)
    s.flush()
    form = Assign.model_validate({"numbers": petition.number, "words": "请按期报告", "period": "working_10"})
    batch = batches.assign(s, form=form, by=over, now=MORNING)
    item = batches.queries.items(s, batch.id, actor=over)[0].row
    report = Report(report="已约谈双方")
    batches.report(s, batch_id=batch.id, item_id=item.id, form=report, by=here.handler, now=MORNING)


def _enrolled(s: Session, here: House, keys: Path) -> None:
    made = open_authority(keys, now=MORNING)
    centre = service.Centre(made, line_keys(keys), "mqtts://192.0.2.1:8883")
    box = f"{here.court.latin}-2"

    def offered() -> enrolment.Code:
        code = service.offer_code(s, box_id=box, court_id=here.court.id, centre=made, by=SEED, now=MORNING)
        return enrolment.read_code(code)

    key = Ed25519PrivateKey.generate()
    request = enrolment.ask(offered(), box=box, csr=identity.request(key, box=box))
    service.join(s, request=request, centre=centre, address="192.0.2.2", limits=Throttle(), now=MORNING)
    offered()


def _hall(s: Session, here: House) -> None:
    journal = halls.box(s, here.court)
    call = halls.raise_call(s, journal)
    halls.receive(s, journal.ticket())
    halls.receive(s, journal.answered(call))
    halls.receive(s, journal.answered(new_id()))  # a call nobody raised lies in the tray
    pages = wire.PagesSent(
        batch_id=new_id(), counter=1, by="李四", pages=(wire.PageFacts(digest="0" * 64, size=60_000),)
    )
    halls.receive(s, journal.put(pages))
    receipts.issue(s, key=Ed25519PrivateKey.generate(), now=MORNING)
    receipt = {"number": 1, "counter": 1, "by": "李四", "handed": "petition", "sheets": 3}
    halls.receive(s, journal.put(wire.ReceiptGiven.model_validate(receipt)))
    slip = {"slip_id": new_id(), "number": 12, "kind": "query", "counter": 1, "by": "李四", "served": True}
    times = {"taken_at": MORNING - timedelta(hours=2), "ended_at": MORNING - timedelta(hours=1)}
    halls.receive(s, journal.put(wire.SlipKeyed.model_validate(slip | times)))
    part = pieces.PagePart(batch_id=pages.batch_id, part=0, data="AAAA")
    service.take_part(s, box_id=journal.box, part=part, now=MORNING)
    world_more.settings_of_boxes(s, here, journal.box)
    for hours in (2, 3):
        service.make_appointment(
            s,
            court_id=here.court.id,
            kind=wire.VisitKind.QUERY,
            slot_start=MORNING + timedelta(hours=hours),
            slot_end=MORNING + timedelta(hours=hours, minutes=30),
            key=Ed25519PrivateKey.generate(),
            by=here.registrar,
            now=MORNING,
        )


def _add_events(s: Session) -> None:
    there = accounts.by_username(s, "registrar.ln0103")
    assert there is not None
    accounts_service.issue_token(s, staff=there, label="大厅", by=SEED, now=NEXT_DAY)
    assert queries.by_number(s, "辽0102-2026-000001") is not None
