"""Search in the wrong hands: the barrier holds in every place where results, counts or numbers show; what is erased leaves all of them."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import numpy as np
import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from central import db
from central.accounts import queries as accounts
from central.accounts import service as accounts_service
from central.actor import Role, Via, system
from central.context import Context
from central.courts import queries as court_queries
from central.courts.models import Department
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.keeping import service as keeping
from central.keeping import work
from central.keeping.models import Appraisal
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.search import following, segments, service
from shared.clock import FixedClock
from tests.factories import petitions
from tests.factories.accounts import House, staff
from tests.factories.courts import MORNING, SEED

WORD = "砂山街供暖"
_FRESH = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\w-]{30,}")
SignIn = Callable[[TestClient, str], str]


def ready(context: Context) -> service.Index:
    index = service.index_of(context.settings.data, context.vault, context.engine)
    while not following.advance(index.shelf, index.engine, seconds=30):
        pass
    return index


@pytest.fixture
def everywhere(client: TestClient, context: Context, sign_in: SignIn) -> Callable[[str, str, str], list[str]]:
    """`everywhere("registrar2.ln0102", word, number)` gives all answers in which a search can show something."""

    def asked(login: str, word: str, number: str) -> list[str]:
        client.cookies.clear()
        sign_in(client, login)
        pages = (
            f"/search?q={word}",
            f"/search?q={word[:2]}",
            f"/search?q=-{word[:3]}",
            f"/search?q={word[:2]}&only_open=true",
            f"/search?q=number:{number[-6:]}",
            f"/search?q={number}",
            f"/search/instant?q={word}",
            f"/search/instant?q={number}",
        )
        answers = [client.get(page) for page in pages]
        with db.unit_of_work(context.engine) as s:
            person = accounts.by_username(s, login)
            assert person is not None
            token = accounts_service.issue_token(s, staff=person, label="p", by=SEED, now=MORNING)
        client.cookies.clear()
        header = {"Authorization": f"Bearer {token}"}
        answers.append(client.get(f"/api/v1/search?q={word}", headers=header))
        return [
            f"{each.status_code} {each.headers.get('location', '')} {_FRESH.sub('', unquote(each.text))}"
            for each in answers
        ]

    return asked


def test_the_barrier_holds_at_once_in_every_answer_of_search(
    context: Context, house: House, everywhere: Callable[[str, str, str], list[str]]
) -> None:
    with db.unit_of_work(context.engine) as s:
        filing = court_queries.departments(s, house.court.id)[0]
        civil = Department(court_id=house.court.id, code="civil", name="民庭", name_en="Civil division")
        s.add(civil)
        log.record(
            s,
            kind=Kind.DEPARTMENT_CREATED,
            stream=stream_name("court", house.court.id),
            actor=SEED,
            at=MORNING,
        )
        staff(s, house.court, Role.REGISTRAR, username="registrar2.ln0102", department=filing)
        staff(s, house.court, Role.HANDLER, username="handler2.ln0102", department=civil)
        staff(s, house.court, Role.LEADER, username="leader2.ln0102", department=civil)
        made = petitions.registered(s, house, subject=WORD, text=WORD * 3)
        for turn in range(2):
            petitions.registered(s, house, subject=f"供暖{turn}", text="别的事情")
        number = made.number
    ready(context)
    before = everywhere("registrar2.ln0102", WORD, number)
    assert sum("砂山街" in each for each in before) >= 5
    with db.unit_of_work(context.engine) as s:
        named = {"ground": "accused", "person": "registrar2.ln0102"}
        petitions.do(s, house, s.get_one(Petition, made.id), Act.NAME_CONFLICT, by=house.registrar, **named)
    barred = everywhere("registrar2.ln0102", WORD, number)
    leader = everywhere("leader.ln0102", WORD, number)
    assert [each for each in (*barred, *leader) if made.id.hex in each or str(made.id) in each] == []
    for each in (*barred, *leader):
        assert "砂山街</mark>" not in each
        assert each.count("砂山街供暖砂山街") == 0
        assert not each.startswith("303")
    # As an absent one: the same answers to the same word when there is no such petition.
    absent = everywhere("registrar2.ln0102", "龘龘街供暖", "辽0102-2026-099999")
    swap = {
        WORD: "龘龘街供暖",
        number: "辽0102-2026-099999",
        number[-6:]: "099999",
        WORD[:2]: "龘龘",
        WORD[:3]: "龘龘街",
    }
    for mine, none in zip(barred, absent, strict=True):
        for typed, other in swap.items():
            mine = mine.replace(typed, other)  # noqa: PLW2901 what was typed comes back on the page
        assert mine == none


def test_an_erased_petition_leaves_search_snippets_and_the_keys_of_its_postings(
    context: Context, house: House, clock: FixedClock, everywhere: Callable[[str, str, str], list[str]]
) -> None:
    with db.unit_of_work(context.engine) as s:
        row = petitions.at(s, house, State.CLOSED)
        other = petitions.registered(s, house, subject="供暖")
        word = row.subject
    index = ready(context)
    store = index.shelf.open(index.shelf.current())  # type: ignore[arg-type]
    segments.write(store, [], 0, 2, 0)
    [held] = store.segments()
    clock.at += timedelta(days=365.25 * 10 + 2)
    assert work.run(context) == {"due": 1}
    with db.unit_of_work(context.engine) as s:
        for appraisal in s.exec(select(Appraisal)).all():
            keeping.decide_erasure(s, row=appraisal, by=system(Via.JOB), now=clock.now())
    assert work.run(context) == {"erased": 1}
    found = everywhere("registrar.ln0102", word, row.number)
    assert [each for each in found if str(row.id) in each and not each.startswith("303")] == []
    service.run(index)
    assert context.vault.store.get([held.key_id])[0].wrapped is None
    with index.shelf.view() as view:
        assert view is not None
        assert view.count == 2
        assert [view.id_of(at) for at in np.flatnonzero(view.alive()).tolist()] == [other.id]
        assert not view.holding(word[:2], None)[[at for at in range(2) if not view.alive()[at]]].any()
        assert store.db.execute("SELECT count(*) FROM doc").fetchone() == (1,)


def test_a_stopped_rebuild_goes_on_and_garbage_in_the_file_is_no_error(
    context: Context, house: House, client: TestClient, sign_in: SignIn
) -> None:
    with db.unit_of_work(context.engine) as s:
        for turn in range(3):
            petitions.registered(s, house, subject=f"{WORD}{turn}")
    index = ready(context)
    first = index.shelf.current()
    assert first is not None
    told: list[tuple[int, int]] = []

    def killed(done: int, total: int) -> None:
        told.append((done, total))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        following.rebuild(index.shelf, index.engine, progress=killed)
    assert index.shelf.current() == first
    begun = sorted(path.name for path in index.shelf.folder.glob("index-*.sqlite3"))
    assert len(begun) == 2
    following.rebuild(index.shelf, index.engine, progress=lambda done, total: told.append((done, total)))
    assert [path.name for path in index.shelf.folder.glob("index-*.sqlite3")] == [begun[-1]]
    assert told == [(3, 3)]
    standing = following.standing(index.shelf, index.engine)
    assert (standing.petitions, standing.behind) == (3, 0)
    sign_in(client, "registrar.ln0102")
    assert "砂山街" in client.get(f"/search/instant?q={WORD}").text
    current = index.shelf.current()
    assert current is not None
    for path in index.shelf.folder.glob("index-*"):
        path.write_bytes(b"no index" * 3000)
    assert client.get(f"/search/instant?q={WORD}").status_code == 200
    ready(context)
    assert "砂山街" in client.get(f"/search/instant?q={WORD}").text


def test_the_link_to_the_next_page_names_no_petition(
    client: TestClient, context: Context, house: House, sign_in: SignIn
) -> None:
    with db.unit_of_work(context.engine) as s:
        ids = [petitions.registered(s, house, subject=WORD).id for _ in range(21)]
    ready(context)
    sign_in(client, "registrar.ln0102")
    page = client.get(f"/search?q={WORD}").text
    found = re.search(r"place=([\w=%-]+)", page)
    assert found is not None
    shown = [each for each in ids if f"/petitions/{each}" in page]
    hidden = next(each for each in ids if each not in shown)
    assert len(shown) == 20
    assert str(hidden) not in page
    assert hidden.hex not in page
    assert f"/petitions/{hidden}" in client.get(f"/search?q={WORD}&place={found[1]}").text
    assert f"/petitions/{shown[0]}" in client.get(f"/search?q={WORD}&place=none-of-ours").text
