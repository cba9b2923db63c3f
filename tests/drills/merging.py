"""Mail merge: one text for `--rounds` petitions; the process that drafts, approves, issues and signs is killed with -9 at random points.

At the end each petition has one letter with a number of its own and a file that verifies, one delivery though its page was opened by two
at once, no version twice, and the log verifies. The page of the batch is asked for all the while.
"""

import contextlib
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx2
from sqlalchemy import func
from sqlmodel import Session, col, select

from central import db
from central.accounts.edge import COOKIE
from central.accounts.models import SignIn
from central.commands import log
from central.context import Context
from central.delivery import service as delivery
from central.errors import MinyiError
from central.events.kinds import Kind
from central.events.models import Event
from central.letters import keyring, work
from central.letters.checking import Verdict, check
from central.letters.kinds import content_of
from central.letters.models import Letter
from central.mailmerge.models import MailMerge, MailMergeItem
from central.petitions.models import Petition
from central.petitions.states import Act
from central.replies.models import Delivery, DraftVersion, Reply
from central.settings import Database, Settings
from central.vault.vault import open_vault
from shared.canonical import sha256_hex
from shared.clock import SystemClock
from shared.ids import new_id
from tests.drills.asked import Asked, Found, share
from tests.factories import accounts, petitions
from tests.factories.courts import court
from tests.support.databases import migrate
from tests.support.ports import HOST, free_port
from tests.support.postgres import Postgres, create_database
from tests.support.processes import Child, answers, wait_until

#: Petitions for one kill.
PER_KILL = 25
#: Seconds in which the page of the batch is there.
PAGE_SECONDS = 1.0
TEXT = {
    "title": "供热收费答复",
    "words": "【信访人】：您的来信（【编号】）收悉。",
    "outcome": "explain",
    "facts": "关于“【诉求】”，已核实。",
    "basis": "《信访工作条例》第三十二条",
}
_START_SECONDS = 240.0


@dataclass
class Office:
    """A centre as two processes on one database: its pages, and the jobs that are killed. `context` reads the same rows from here."""

    folder: Path
    context: Context
    numbers: Sequence[str]
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        settings = self.context.settings
        env = {
            "MINYI_DATA": str(settings.data),
            "MINYI_ENVIRONMENT": "development",
            "MINYI_DB__URL": settings.db.url,
            "MINYI_HTTP__PORT": str(self.port),
        }
        minyi = Path(sys.executable).parent / "minyi"
        self.pages, self.jobs = (
            Child([minyi, "serve", "--only", part], log=self.folder / f"{part}.log", env=env)
            for part in ("web", "jobs")
        )

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def signed_in(self, username: str) -> tuple[httpx2.Client, str]:
        """Return a client in which a member of staff is signed in, and the token its forms carry."""
        client = httpx2.Client(base_url=self.url, timeout=120)
        answer = client.post("/login", data={"username": username, "password": accounts.PASSWORD})
        assert answer.status_code == 303, answer.text
        with self.context.read() as s:
            return client, s.get_one(SignIn, sha256_hex(client.cookies[COOKIE])).csrf

    def done(self) -> int:
        """Return how many steps were done: an act with a petition, or a letter's file."""
        with self.context.read() as s:
            acts = s.exec(select(func.coalesce(func.sum(col(MailMergeItem.run)), 0))).one()
            files = select(func.count()).where(col(Letter.kind) == "reply", col(Letter.file_id).is_not(None))
            return int(acts) + s.exec(files).one()

    def idle(self) -> bool:
        """Say whether no act runs."""
        with self.context.read() as s:
            return not s.exec(select(MailMerge.id).where(col(MailMerge.act).is_not(None))).first()


@contextlib.contextmanager
def prepared(engine: str, count: int) -> Iterator[tuple[Path, Context, list[str]]]:
    """Give a folder, a context and a court with `count` petitions that one handler handles, whose petitioners read on their page."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="minyi-drill-")))
        folder.chmod(0o711)
        url = f"sqlite:///{folder / 'centre.sqlite3'}"
        if engine == "postgres":
            url = create_database(
                stack.enter_context(Postgres(folder / "postgres", durable=True)).url, "drill"
            )
        migrate(url)
        settings = Settings(data=folder / "data", environment="development", db=Database(url=url))
        vault = open_vault(settings)
        rows = db.make_engine(url, vault=vault)
        stack.callback(rows.dispose)
        context = Context(settings=settings, engine=rows, vault=vault)
        with db.unit_of_work(rows) as s:
            house = accounts.house(s, court(s))
        numbers = []
        for _ in range(count):
            with db.unit_of_work(rows) as s:
                numbers.append(_handled(s, house).number)
        yield folder, context, numbers


def _handled(s: Session, house: accounts.House) -> Petition:
    now = SystemClock().now()
    petition = petitions.registered(s, house, now=now, reply_by="portal")
    for act in (Act.ACCEPT, Act.ASSIGN, Act.TAKE_UP):
        petitions.do(s, house, petition, act, now=now)
    return petition


def run(asked: Asked) -> Found:
    """The drill."""
    found, chance = Found(), asked.chance
    with prepared(asked.engine, asked.rounds) as made, contextlib.ExitStack() as stack:
        office = Office(*made)
        for child in (office.pages, office.jobs):
            child.start()
            stack.callback(child.kill)
        office.pages.wait_for(lambda: answers(f"{office.url}/healthz"), timeout=_START_SECONDS, what="pages")
        handler, token = office.signed_in("handler.ln0102")
        form = TEXT | {"csrf": token, "id": new_id().hex, "numbers": "\n".join(office.numbers), "go": "start"}
        began = time.monotonic()
        answer = handler.post("/mailmerge", data=form)
        assert answer.status_code == 303, answer.text
        place = answer.headers["location"]
        kills, gap = max(2, asked.rounds // PER_KILL), 4 * asked.rounds / max(2, asked.rounds // PER_KILL)
        with _watched(office, place) as pages:
            left = _through(office, chance, kills, gap)
            for name, act in (("leader.ln0102", "approve"), ("handler.ln0102", "issue")):
                client, csrf = office.signed_in(name)
                answer = client.post(f"{place}/acts", data={"csrf": csrf, "act": act})
                assert answer.status_code == 303, answer.text
                left = _through(office, chance, left, gap)
            wanted = 4 * asked.rounds
            while left and office.done() < wanted:
                _kill(office, chance, gap)
                left -= 1
            wait_until(
                lambda: office.done() >= wanted, timeout=60 + asked.rounds, what="every letter has its file"
            )
        seconds = time.monotonic() - began
        _opened_by_two(office.context, chance)
        _check(office, asked.rounds, found)
    found.figures |= {
        "letters": asked.rounds,
        "kills": kills - left,
        "seconds": round(seconds, 1),
        "letters_per_second": round(asked.rounds / seconds, 2),
        "page_asked": len(pages),
        "page_p50_s": round(share(pages, 0.5), 3),
        "page_p95_s": round(share(pages, 0.95), 3),
        "page_max_s": round(max(pages, default=0), 3),
    }
    late = share(pages, 0.95)
    found.in_time(late <= PAGE_SECONDS, f"the page of the batch took {late:.2f} s (p95)")
    return found


def _through(office: Office, chance: random.Random, kills: int, gap: float) -> int:
    """Kill until the act that runs is done; return how many kills are left."""
    while kills and not office.idle():
        _kill(office, chance, gap)
        kills -= 1
    wait_until(office.idle, timeout=60 + len(office.numbers), what="the act came to all")
    return kills


def _kill(office: Office, chance: random.Random, gap: float) -> None:
    """Kill -9 after some more steps, at most as many as there are, and start again."""
    aim, pause = office.done() + chance.randint(1, round(2 * gap)), chance.uniform(0, 0.05)
    wait_until(
        lambda: office.done() >= aim or (office.idle() and _all_made(office)),
        timeout=_START_SECONDS,
        what="some more steps",
    )
    time.sleep(pause)
    office.jobs.kill()
    office.jobs.start()


def _all_made(office: Office) -> bool:
    with office.context.read() as s:
        waiting = select(func.count()).where(col(Letter.kind) == "reply", col(Letter.file_id).is_(None))
        return s.exec(waiting).one() == 0


@contextlib.contextmanager
def _watched(office: Office, place: str) -> Iterator[list[float]]:
    """Ask for the page of the batch again and again while the block lasts; give the seconds of each answer."""
    taken: list[float] = []
    over = threading.Event()
    client, _ = office.signed_in("handler.ln0102")

    def ask() -> None:
        while not over.wait(0.5):
            began = time.monotonic()
            client.get(place).raise_for_status()
            taken.append(time.monotonic() - began)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield taken
    finally:
        over.set()
        thread.join(120)


def _opened_by_two(context: Context, chance: random.Random) -> None:
    """Have every answer opened on the tracking page twice, by two at once."""
    with context.read() as s:
        ids = list(s.exec(select(Petition.id)).all())

    def read(order: Sequence[UUID]) -> None:
        for petition_id in order:
            with contextlib.suppress(MinyiError), db.unit_of_work(context.engine) as s:
                delivery.opened(s, petition_id=petition_id, now=SystemClock().now())

    readers = [threading.Thread(target=read, args=(chance.sample(ids, len(ids)),)) for _ in range(2)]
    for each in readers:
        each.start()
    for each in readers:
        each.join()


def _check(office: Office, count: int, found: Found) -> None:
    context = office.context
    keys = keyring.published(context.settings.data / "keys")
    with context.read() as s:
        ids = set(s.exec(select(Petition.id)).all())
        letters = s.exec(select(Letter).where(Letter.kind == "reply")).all()
        found.expect(len(ids) == count, f"{len(ids)} petitions, not {count}")
        for what, rows in (
            ("letter", [each.petition_id for each in letters]),
            ("delivery", s.exec(select(Delivery.petition_id)).all()),
            ("reply", s.exec(select(Reply.petition_id)).all()),
            ("version", s.exec(select(DraftVersion.petition_id)).all()),
        ):
            _once(what, rows, ids, found)
        for kind in (Kind.REPLY_SUBMITTED, Kind.REPLY_APPROVED, Kind.REPLY_ISSUED, Kind.LETTER_SIGNED):
            streams = s.exec(select(Event.stream).where(Event.kind == kind)).all()
            _once(f"event {kind}", [UUID(each.partition("/")[2]) for each in streams], ids, found)
        numbers = [content_of(each.content).number for each in letters]
        found.expect(len(set(numbers)) == count, f"{len(set(numbers))} numbers of letters, not {count}")
    for each in letters:
        made = work.made(context, each.id)
        verdict = check(made.content, keys).verdict
        found.expect(verdict is Verdict.GENUINE, f"the letter of {each.petition_id} is {verdict}")
    report = log.run(context)
    found.expect(not report.findings, f"the log does not verify: {report.findings[:3]}")


def _once(what: str, rows: Sequence[UUID], ids: set[UUID], found: Found) -> None:
    counts = Counter(rows)
    twice, without = [key for key, n in counts.items() if n > 1], ids - counts.keys()
    found.expect(not twice, f"{len(twice)} petitions have more than one {what}, e.g. {twice[:1]}")
    found.expect(not without, f"{len(without)} petitions have no {what}, e.g. {sorted(without)[:1]}")
