"""R5: the clock of the box is wrong: by a day, by an hour, in 1970, through a change to summer time, over a leap day.

`--rounds` days of acts, with a jump of the clock before each: numbers stay unique, the journal keeps its order, no code opens more
than 60 s past its time by the box's clock, a press is shown at once. One real process runs under libfaketime where that is installed.
Deadlines of petitions hang on the centre's clock alone: `tests/central/deadlines`.
"""

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent import assist, checkin, documents, tickets
from edge_agent.box import Box, Rules
from edge_agent.opening import open_store
from edge_agent.outbox import Outbox
from edge_agent.policy import Window
from shared import wire
from shared.clock import court_day
from tests.drills.asked import Asked, Found
from tests.edge_agent import papers
from tests.support.processes import ROOT

_START = datetime(2028, 2, 28, 1, 0, tzinfo=UTC)
_RULES = Rules(
    Window(papers.COURT, timedelta(minutes=30), timedelta(seconds=60)),
    3,
    tuple(wire.VisitKind),
    2,
    10**6,
    "大厅",
)
#: Where the clock goes, seen from where it stands.
JUMPS = {
    "a day on": timedelta(days=1),
    "a day back": timedelta(days=-1),
    "an hour on": timedelta(hours=1),
    "an hour back": timedelta(hours=-1),
    "none": timedelta(0),
}
#: And where it may find itself: an empty battery, the leap day, and the nights in which other countries change their clocks.
PLACES = [
    datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC),
    datetime(2028, 2, 28, 15, 59, 58, tzinfo=UTC),
    datetime(2028, 2, 29, 15, 59, 58, tzinfo=UTC),
    datetime(2027, 3, 28, 0, 59, 58, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 59, 58, tzinfo=UTC),
    datetime(2027, 12, 31, 15, 59, 59, tzinfo=UTC),
]


def run(asked: Asked) -> Found:
    """R5."""
    found, chance = Found(), asked.chance
    key = Ed25519PrivateKey.generate()
    with tempfile.TemporaryDirectory(prefix="minyi-drill-") as name:
        store = open_store(Path(name) / "box", box=papers.BOX_ID, now=_START)
        box, outbox, now = Box(store, _RULES), Outbox(store), _START
        late = 0
        for _ in range(asked.rounds):
            now = chance.choice(PLACES) if chance.random() < 0.3 else now + JUMPS[chance.choice([*JUMPS])]
            now += timedelta(seconds=chance.randint(1, 300))
            for _ in range(3):
                now += timedelta(seconds=1)
                tickets.walk_in(box, kind=wire.VisitKind.QUERY, nonce=uuid4().hex, now=now)
            call = assist.press(box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)
            found.expect(call.open, "a press was not shown")
            assist.close(box, call_id=call.id, by="窗口一", note="", now=now)
            if now.year > 1970:  # no code was ever made for a time before that
                late += _codes(box, key, now, found)
            _papers(box, key, now, found)
        rows = [wire.Envelope.model_validate_json(row.payload) for row in outbox.oldest(10**6)]
        store.close()
    found.expect([row.seq for row in rows] == list(range(1, len(rows) + 1)), "the journal lost its order")
    taken = [row.body for row in rows if isinstance(row.body, wire.TicketTaken)]
    twice = Counter((one.day, one.kind, one.number) for one in taken)
    found.expect(max(twice.values()) == 1, "a number was given twice on one day")
    found.figures |= {"jumps": asked.rounds, "events": len(rows), "codes_past_their_time_refused": late}
    found.figures["process_in_1970"] = _process(found)
    return found


def _codes(box: Box, key: Ed25519PrivateKey, now: datetime, found: Found) -> int:
    """Hold up a code that ended two minutes ago, and one that is good."""
    keys = [key.public_key()]
    old = papers.token(uuid4(), key, at=now - timedelta(minutes=32))
    good = papers.token(uuid4(), key, at=now - timedelta(minutes=5))
    refused = checkin.check_in(box, text=old, keys=keys, nonce=uuid4().hex, now=now)
    taken = checkin.check_in(box, text=good, keys=keys, nonce=uuid4().hex, now=now)
    found.expect(refused.refusal is wire.Refusal.EXPIRED, f"a code 2 min past its time: {refused.refusal}")
    found.expect(taken.refusal is None, f"a good code was refused: {taken.refusal}")
    return 1


def _papers(box: Box, key: Ed25519PrivateKey, now: datetime, found: Found) -> None:
    paper = papers.roster(at=now, serial=10**9, not_after=now - timedelta(seconds=61))
    answer = documents.take(box, papers.signed(paper, key), name="roster", keys=[key.public_key()], now=now)
    found.expect(answer is documents.Answer.EXPIRED, f"a roster 61 s past its time: {answer}")


def _process(found: Found) -> str:
    """Run the real command with its clock in 1970 (monotonic time left true): it starts, says so, and stops in good order."""
    faketime = shutil.which("faketime")
    if faketime is None:
        return "not run: libfaketime is not installed"
    code = (
        "import sys; sys.path.insert(0, '.'); from tests.drills.clocks import in_1970; in_1970(sys.argv[1])"
    )
    with tempfile.TemporaryDirectory(prefix="minyi-drill-") as name:
        done = subprocess.run(
            [faketime, "-f", "1970-01-01 08:00:10", sys.executable, "-c", code, name],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={"FAKETIME_DONT_FAKE_MONOTONIC": "1", "PATH": "/usr/bin:/bin", "TZ": "Asia/Shanghai"},
        )
    found.expect(done.returncode == 0, f"with the clock in 1970: {done.stderr[-500:]}")
    return "done" if done.returncode == 0 else "failed"


def in_1970(folder: str) -> None:
    """Work for a moment with the machine's own clock, which is wrong."""
    now = datetime.now(UTC)
    if now.year != 1970:  # the drill would prove nothing
        raise SystemExit(f"the clock shows {now}")
    store = open_store(Path(folder) / "box", box=papers.BOX_ID, now=now)
    box = Box(store, _RULES)
    ticket = tickets.walk_in(box, kind=wire.VisitKind.QUERY, nonce=uuid4().hex, now=now)
    if ticket.day != court_day(now).isoformat():
        raise SystemExit("the number is of another day")
    assist.press(box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)
    store.close()
