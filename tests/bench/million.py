"""A province at work: made-up petitions in every basic court, written by the ledger import, to measure pages and lists on."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text
from sqlmodel import Session

from central import db
from central.accounts import queries as accounts
from central.accounts import service as accounts_service
from central.accounts.models import Staff
from central.actor import Via, system
from central.commands import province
from central.courts import queries as courts
from central.courts import service as courts_service
from central.courts.models import Court
from central.courts.province import load_province, packaged
from central.intake import bulk
from central.intake.models import LedgerImport, Stage
from central.intake.rows import LedgerRow
from central.settings import Throttle
from shared.canonical import sha256_hex
from tests.bench import kept

REGISTRAR = "reg.0102"
PASSWORD = "a-password-of-the-bench"
BATCH = 1000
#: The last row was received before this moment, so runs on other days fill the same.
UNTIL = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
YEARS = timedelta(days=5 * 365)
#: Of ten petitions, how many still wait.
OPEN_OF_TEN = 2
_BY = system(Via.IMPORT)

_MATTERS = (
    "物业服务合同",
    "劳动报酬",
    "房屋买卖合同",
    "民间借贷",
    "机动车交通事故",
    "离婚后财产",
    "建设工程款",
)
_ASKS = (
    "申请执行进展缓慢",
    "立案材料迟迟没有回音",
    "判决书一直没有送达",
    "对保全措施有异议",
    "请求退还诉讼费",
)
_SENTENCES = (
    "本人于去年在贵院起诉，案件受理后多次电话询问，均答复正在办理。",
    "判决生效已经超过六个月，对方仍未履行，家里老人看病急需用钱。",
    "承办人曾表示将在两周内答复，至今没有收到任何书面材料。",
    "本人已按要求补交了身份证复印件、合同原件和转账记录。",
    "对方名下有房屋和车辆，线索已经在今年三月书面提交。",
    "希望贵院说明目前所处的环节、经办人和下一步的时间安排。",
    "因路途较远，往返一次需要整整一天，恳请以电话或者书面方式告知。",
    "此前曾来访一次，窗口工作人员态度很好，但没有得到明确的结果。",
    "如果材料仍有缺少，请一次性告知，本人立即补齐。",
    "以上情况属实，相关凭证可以随时提供，盼复。",
)
_ANSWER = (
    "您好，您反映的问题已收悉。经核实，该案已由承办人重新梳理，财产线索正在逐项查询，"
    "预计三十日内告知结果。如对本答复有异议，可在收到之日起三十日内申请复查。"
)


def fill(engine: Engine, *, count: int, seed: int = 1) -> None:
    """Put the shipped province, the demonstration's staff and `count` petitions into a migrated, empty database."""
    step, done = kept.counted("petitions", count), 0
    with db.unit_of_work(engine) as s:
        basic = _seed(s)
        imports = [_import(s, court) for court in basic]
    for place, (court, into) in enumerate(zip(basic, imports, strict=True)):
        share = count // len(basic) + (place < count % len(basic))
        for rows in _batches(random.Random(f"{seed}/{court.code}"), court.code, share):
            with db.unit_of_work(engine) as s:
                bulk.write(s, court_id=court.id, rows=rows, by=_BY, now=UNTIL, source=into.id)
            done += len(rows)
            step(done)
    if engine.dialect.name == "postgresql":
        # As autovacuum would have done by the time so many are there.
        with db.unit_of_work(engine) as s:
            s.connection().execute(text("ANALYZE"))


def token(engine: Engine) -> str:
    """Return an API token of a registrar of 辽0102 in a filled database."""
    with db.unit_of_work(engine) as s:
        return accounts_service.issue_token(
            s, staff=_registrar(s), label="bench", by=_BY, now=datetime.now(UTC)
        )


def session_cookie(engine: Engine, username: str = REGISTRAR) -> str:
    """Return the session cookie of the same registrar or of somebody else, signed in now."""
    with db.unit_of_work(engine) as s:
        found = accounts_service.sign_in(
            s,
            username=username,
            password=PASSWORD,
            rules=accounts_service.Rules(Throttle()),
            now=datetime.now(UTC),
        )
    assert found is not None
    return found[0]


def _seed(s: Session) -> list[Court]:
    spec = load_province(packaged("liaoning.toml"))
    courts_service.seed(s, province=spec, by=_BY, now=UNTIL)
    province.demo_staff(s, spec, PASSWORD, by=_BY, now=UNTIL)
    return [court for court in courts.everything(s) if court.level == "basic"]


def _registrar(s: Session) -> Staff:
    staff = accounts.by_username(s, REGISTRAR)
    assert staff is not None
    return staff


def _import(s: Session, court: Court) -> LedgerImport:
    work = LedgerImport(
        court_id=court.id, stage=Stage.DONE, file_name="bench", file_digest="0" * 64, created_at=UNTIL
    )
    s.add(work)
    return work


def _batches(rng: random.Random, code: str, count: int) -> Iterator[Sequence[LedgerRow]]:
    for start in range(0, count, BATCH):
        yield [_row(rng, code, start + place) for place in range(min(BATCH, count - start))]


def _row(rng: random.Random, code: str, place: int) -> LedgerRow:
    received = UNTIL - YEARS * rng.random()
    replied = min(received + timedelta(days=rng.randrange(3, 58), minutes=rng.randrange(600)), UNTIL)
    answered = rng.randrange(10) >= OPEN_OF_TEN
    matter, ask = rng.choice(_MATTERS), rng.choice(_ASKS)
    key = sha256_hex(f"{code}/{place}")
    return LedgerRow(
        number=place + 2,
        key=key,
        digest=key,
        channel="online",
        received_at=received,
        subject=f"{matter}纠纷{ask}",
        text=f"尊敬的领导：本人与对方因{matter}发生纠纷，{ask}。" + "".join(rng.sample(_SENTENCES, 9)),
        source_number=str(place + 1),
        petitioner=rng.choice("王李张刘陈杨赵黄周吴") + "某",
        phone=f"1390000{rng.randrange(10_000):04d}",
        reply=_ANSWER if answered else None,
        replied_at=replied if answered else None,
    )
