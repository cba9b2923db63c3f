"""Search as people use it: what was just saved is found, what may not be seen is neither shown nor counted, what is erased is gone."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from starlette.testclient import TestClient

from central import db
from central.access import service as access
from central.access.models import Look
from central.actor import Actor
from central.context import Context
from central.documents import service as documents
from central.documents.service import Store
from central.petitions.queries import Filter
from central.petitions.states import State
from central.replies import queries as replies
from central.search import following, grammar, service
from central.search.router import names
from central.search.service import Answer
from central.settings import Documents
from tests.central.documents import corpus
from tests.factories.accounts import House
from tests.factories.courts import MORNING
from tests.factories.petitions import at, registered

SignIn = Callable[[TestClient, str], str]


@pytest.fixture
def find(context: Context) -> Callable[..., Answer]:
    def found(typed: str, actor: Actor, **more: object) -> Answer:
        index = service.index_of(context.settings.data, context.vault, context.engine)
        if index.shelf.current() is None:
            # A search waits for what was just saved, not for a first index on a busy machine.
            following.advance(index.shelf, index.engine, seconds=30)
        query = grammar.parse(typed, names=names(), province="辽")
        with context.look() as s:
            return service.search(s, index=index, query=query, actor=actor, **more)  # type: ignore[arg-type]

    return found


def _subjects(answer: Answer) -> list[str]:
    assert answer.found is not None
    return [hit.petition.subject for hit in answer.found.hits]


def test_what_was_just_saved_is_found_newest_first(
    context: Context, house: House, find: Callable[..., Answer]
) -> None:
    for turn in range(3):
        with db.unit_of_work(context.engine) as s:
            registered(
                s, house, subject=f"供暖{turn}", text="室温不足𠮷", now=MORNING + timedelta(hours=turn)
            )
        answer = find("供暖", house.registrar)
        assert _subjects(answer) == [f"供暖{n}" for n in range(turn, -1, -1)]
        assert not answer.behind
    assert len(_subjects(find("𠮷", house.registrar))) == 3
    assert _subjects(find("供暖1 室温", house.registrar)) == ["供暖1"]
    assert _subjects(find("室温 -供暖1 -供暖2", house.registrar)) == ["供暖0"]
    assert _subjects(find("标题:室温", house.registrar)) == []
    assert _subjects(find("尽快执行 事由:供暖2", house.registrar)) == ["供暖2"]


def test_looks_are_read_and_not_written_into_the_index(
    context: Context, house: House, find: Callable[..., Answer]
) -> None:
    shelf = service.index_of(context.settings.data, context.vault, context.engine).shelf
    with db.unit_of_work(context.engine) as s:
        first = registered(s, house, subject="供暖")
    find("供暖", house.registrar)
    path = shelf.current()
    assert path is not None
    followed = shelf.open(path).meta("cursor")
    with db.unit_of_work(context.engine) as s:
        access.shown(s, by=house.registrar, what="search", keys=[first.id], now=MORNING, how=Look.SEARCHED)
    assert not find("供暖", house.registrar).behind
    assert shelf.open(path).meta("cursor") == followed
    with db.unit_of_work(context.engine) as s:
        registered(s, house, subject="供暖又停")
    assert len(_subjects(find("供暖", house.registrar))) == 2
    assert int(shelf.open(path).meta("cursor")) > int(followed)


def test_pages_go_on_by_key_through_equal_moments(
    context: Context, house: House, find: Callable[..., Answer]
) -> None:
    with db.unit_of_work(context.engine) as s:
        ids = {registered(s, house, subject="同日来信供暖费").id for _ in range(7)}
    seen, after = [], None
    while True:
        found = find("来信供暖费", house.registrar, after=after, limit=3).found
        assert found is not None
        seen += [hit.petition.id for hit in found.hits]
        assert found.count == (7 if after is None else None)
        after = found.after
        if after is None:
            break
    assert len(seen) == 7
    assert set(seen) == ids


def test_numbers_courts_days_and_states_narrow(
    context: Context, house: House, find: Callable[..., Answer]
) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = registered(s, house, subject="供暖", case_numbers="（2023）辽0102民初4567号")
    number, name = petition.number, house.court.name
    for typed in (
        number,
        number[-8:],
        "number:" + number[-4:],
        "〔2023〕辽0102民初4567号",
        "case:4567",
        f"court:{name[:5]}",
        name[:-4],
    ):
        assert _subjects(find(typed, house.registrar)) == ["供暖"], typed
    day = MORNING.date()
    assert _subjects(find(f"供暖 from:{day} to:{day} 状态:已登记 channel:letter", house.registrar)) == [
        "供暖"
    ]
    assert _subjects(find(f"供暖 from:{day.year + 1}", house.registrar)) == []
    assert _subjects(find("人民法院", house.registrar)) == []
    assert _subjects(find("供暖", house.registrar, filter_=Filter(state=State.CLOSED))) == []


def test_a_reply_is_found_once_it_was_approved(
    context: Context, house: House, find: Callable[..., Answer]
) -> None:
    with db.unit_of_work(context.engine) as s:
        drafted = at(s, house, State.DRAFTED)
        reply = replies.latest(s, drafted.id)
        assert reply is not None
        words = next(iter(replies.items(s, reply.id).values())).facts[:6]
    assert _subjects(find(f'reply:"{words}"', house.registrar)) == []
    with db.unit_of_work(context.engine) as s:
        at(s, house, State.REPLIED)
    assert len(_subjects(find(f'答复:"{words}"', house.registrar))) == 1


def test_what_a_person_may_not_see_is_not_counted(
    context: Context, house: House, find: Callable[..., Answer]
) -> None:
    with db.unit_of_work(context.engine) as s:
        mine = at(s, house, State.HANDLING)
        registered(s, house, subject="物业服务纠纷执行")
    answer = find("物业服务", house.handler)
    assert answer.found is not None
    assert [hit.petition.id for hit in answer.found.hits] == [mine.id]
    assert answer.found.count == 1
    all_of_it = find("物业服务", house.registrar).found
    assert all_of_it is not None
    assert all_of_it.count == 2


def test_what_was_read_on_a_letter_is_found_as_a_paper(
    context: Context, house: House, find: Callable[..., Answer]
) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = registered(s, house, subject="来信")
    read = "我家在砂山\n街仓库后面\n请尽快查封"
    assert _subjects(find("附件:砂山街", house.registrar)) == []
    store = Store(context.settings.data, Documents(), context.vault)
    scanned = documents.with_text(documents.prepare("来信.png", BytesIO(corpus.png()), store.limits), read)
    with db.unit_of_work(context.engine) as s:
        documents.keep(
            s,
            store=store,
            petition_id=petition.id,
            key_id=petition.key_id,
            prepared=scanned,
            by=house.registrar,
            now=MORNING,
        )
    scanned.close()
    for typed in ("附件:砂山街仓库", "paper:尽快查封", "砂山街仓库"):
        assert _subjects(find(typed, house.registrar)) == ["来信"], typed
    assert _subjects(find("正文:砂山街", house.registrar)) == []


def test_the_index_comes_back_after_damage_and_after_another_database(
    context: Context, house: House, find: Callable[..., Answer]
) -> None:
    with db.unit_of_work(context.engine) as s:
        registered(s, house, subject="供暖")
    assert _subjects(find("供暖", house.registrar)) == ["供暖"]
    index = service.index_of(context.settings.data, context.vault, context.engine)
    path = index.shelf.current()
    assert path is not None
    store = index.shelf.open(path)
    with store.writing():
        store.db.execute("UPDATE block SET facts = zeroblob(200)")
        store.set_meta("version", 99)
    index.shelf._version = -1
    assert _subjects(find("供暖", house.registrar)) == ["供暖"]
    assert index.shelf.current() != path
    store = index.shelf.open(index.shelf.current())  # type: ignore[arg-type]
    with store.writing():
        store.set_meta("seen", "of another log")
        store.set_meta("cursor", 1)
    assert _subjects(find("供暖", house.registrar)) == ["供暖"]


def test_the_page_shows_hits_marked_and_says_what_is_wrong(
    client: TestClient, context: Context, house: House, sign_in: SignIn
) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = registered(s, house, subject="关于供暖的来信", text="室温只有十二度<b>，ＡＢＣ小区")
    number = petition.number
    sign_in(client, house.registrar.username)
    page = client.get("/search?q=供暖 abc").text
    assert "关于<mark>供暖</mark>的来信" in page
    assert "<mark>ＡＢＣ</mark>小区" in page
    assert "&lt;b&gt;" in page
    wrong = client.get('/search?q="供暖')
    assert wrong.status_code == 422
    assert "引号没有成对" in wrong.text
    assert "没有找到" in client.get("/search?q=龘").text
    assert client.get(f"/search?q={number}").headers["location"] == f"/petitions/{petition.id}"
    part = client.get("/search/instant?q=供").text
    assert "<mark>供</mark>" in part
    assert "<html" not in part
    for typed in ("13800000000", "电话:13800000000"):
        assert "这像是电话" in client.get("/search", params={"q": typed}).text
    assert "这像是电话" not in client.get("/search", params={"q": "编号:0102-2026-000007"}).text
    with context.read() as s:
        assert "供暖" not in str(
            s.connection().exec_driver_sql("SELECT data FROM event WHERE kind = 'look.searched'").fetchall()
        )
