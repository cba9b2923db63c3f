"""A small province in which every table of the log has rows: for tests that look at all of them."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from central import db
from central.accounts import queries as accounts
from central.accounts import service
from central.events import anchors
from central.keys import signing_key
from central.petitions import queries
from central.petitions.states import Act, State
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.factories.courts import MORNING, SEED, tree

#: The day after the acts: what happened before is due to be sealed.
NEXT_DAY = MORNING + timedelta(days=1)


def build(engine: Engine, folder: Path) -> None:
    """Fill the tables by the real services and seal the log once; `folder` takes the anchors."""
    with db.unit_of_work(engine) as s:
        courts = tree(s)
        here, there = house(s, courts["辽0102"]), house(s, courts["辽0103"])
        account = accounts.by_username(s, here.registrar.username)
        assert account is not None
        service.issue_token(s, staff=account, label="前台", by=SEED, now=MORNING)
        _closed(s, here)
        _waiting(s, here)
        petitions.at(s, here, State.TRANSFERRED, to=there)
        petitions.at(s, there, State.HANDLING)
        petitions.at(s, there, State.MERGED)
    folder.mkdir(parents=True, exist_ok=True)
    key = signing_key(folder.parent / "keys", "anchor")
    with db.unit_of_work(engine) as s:
        anchors.make_due(s, key=key, folder=folder, now=NEXT_DAY)
    with db.unit_of_work(engine) as s:
        _add_events(s)
    with db.unit_of_work(engine) as s:
        anchors.make_due(s, key=key, folder=folder, now=NEXT_DAY + timedelta(days=1))


def _closed(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.REPLIED)
    for act in (Act.LOG_ATTEMPT, Act.RECORD_DELIVERY, Act.FOLLOW_UP, Act.CLOSE):
        petitions.do(s, here, petition, act)


def _waiting(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.AWAITING_SUPPLEMENT)
    petitions.do(s, here, petition, Act.RECEIVE_SUPPLEMENT)
    petitions.do(s, here, petition, Act.CHANGE_DEMANDS)  # deletes a demand


def _add_events(s: Session) -> None:
    there = accounts.by_username(s, "registrar.ln0103")
    assert there is not None
    service.issue_token(s, staff=there, label="大厅", by=SEED, now=NEXT_DAY)
    assert queries.by_number(s, "辽0102-2026-000001") is not None
