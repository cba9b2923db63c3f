"""A clerk's account of another court in the wrong hands: whatever is tried, nothing is learnt of the petitions elsewhere."""

import re
from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

import pytest
from httpx2 import Response
from sqlalchemy import text
from sqlmodel import Session, select
from starlette.testclient import TestClient

from central import db
from central.accounts import grants
from central.accounts import queries as accounts
from central.actor import Role, Via
from central.context import Context
from central.courts import queries as courts
from central.halls.models import HallBox
from central.petitions.models import Petition
from central.petitions.states import Act, State
from shared import wire
from shared.ids import new_id
from tests.central.rights import world as worlds
from tests.central.rights.asking import Asking, bare, share
from tests.central.rights.routes import ACTS, HALL, LEDGERS, PETITION, ROWS
from tests.central.rights.world import SECRET, Person, Place, World
from tests.factories import halls, petitions
from tests.factories.accounts import House, staff
from tests.factories.courts import MORNING, SEED

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: Seen from the attacker, whose own things are those of `SIBLING`.
ELSEWHERE = [Place.MINE, Place.OWN, Place.BARRED, Place.CHILD, Place.PARENT]
ROLES = [Role.REGISTRAR, Role.SUPERVISOR, Role.AUDITOR, Role.COURT_ADMIN]
#: Whatever counts, lists, finds or tells the state of a court.
WATCHED = [
    "/today",
    "/today?due=2026-11-23&after={petition}",
    "/petitions",
    "/petitions?only_open=true",
    "/petitions?overdue=true",
    "/petitions?court=辽01",
    "/petitions?court=辽&state=handling&channel=letter",
    "/petitions?at=2026-11-24T00:00:00%2B00:00&after={petition}",
    *(f"/invariants/{number}" for number in range(1, 6)),
    "/find?q={number}",
    "/find?q=辽01-2026-1",
    "/find?q=王小明",
    "/find?q=13800000000",
    "/hall",
    "/intake/ledgers",
    "/access",
    "/access?number={number}",
    "/access?court=辽01",
    "/staff",
    "/staff?q=zh",
    "/api/v1/petitions",
    "/api/v1/petitions?limit=200",
    "/api/v1/petitions?court=辽01",
    "/api/v1/petitions?court=辽01&state=registered",
]


@pytest.fixture
def world(context: Context) -> World:
    with db.unit_of_work(context.engine) as s:
        return worlds.build(s, context.settings.data)


@pytest.fixture
def attacker(context: Context, world: World) -> Callable[[Role], Person]:
    """`attacker(role)` is somebody of a court beside, signed in and with a token."""
    del world

    def made(role: Role) -> Person:
        with db.unit_of_work(context.engine) as s:
            person = accounts.by_username(s, f"{role}.ln02")
            return worlds.signed_in(s, person or staff(s, courts.by_code(s, "辽02"), role))

    return made


def get(client: TestClient, who: Person, path: str) -> Response:
    client.cookies.clear()
    if path.startswith("/api/"):
        return client.get(path, headers={"Authorization": f"Bearer {who.bearer}"})
    client.cookies.set("minyi_session", who.cookie)
    return client.get(path)


def seen(client: TestClient, who: Person, parts: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    """Give everything that is watched, as it stands."""
    for path in WATCHED:
        url = path.format(**parts)
        status, headers, body = bare(get(client, who, url), parts)
        yield path, (status, headers, _UUID.sub("ID", body))  # forms carry a fresh id each time


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_no_id_of_another_court_differs_from_a_made_up_one(
    client: TestClient, context: Context, world: World, attacker: Callable[[Role], Person], role: Role
) -> None:
    who, asking = attacker(role), Asking(client, world)
    rows = PETITION | ACTS | LEDGERS | {name: row for name, row in HALL.items() if "{" in name}
    rows |= {name: row for name, row in ROWS.items() if name.startswith(("GET /staff/{", "POST /staff/{"))}
    told = []
    for name, row in share(rows, context.engine.dialect.name, ROLES.index(role)).items():
        made_up = dict(world.ids(Place.NONE))
        absent = bare(asking.ask(name, row, who, Place.NONE, parts={**made_up, **world.crew()}), made_up)
        for place in ELSEWHERE if name in PETITION else ELSEWHERE[1:2]:
            parts = {**made_up, **world.ids(place)}
            if bare(asking.ask(name, row, who, place, parts={**parts, **world.crew()}), parts) != absent:
                told.append(f"{name}: {place}")
    assert told == []


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_no_list_count_or_search_moves_with_what_happens_elsewhere(
    client: TestClient, context: Context, world: World, attacker: Callable[[Role], Person], role: Role
) -> None:
    who, parts = attacker(role), {**world.ids(Place.OWN), "number": world.things["number"][Place.OWN]}
    before = dict(seen(client, who, parts))
    assert SECRET + "sibling" in str(before["/petitions"]) or role is Role.COURT_ADMIN, "sees the own court's"
    for place in ELSEWHERE:
        assert SECRET + place not in str(before), place
    with db.unit_of_work(context.engine) as s:
        busy(s)
    after = dict(seen(client, who, parts))
    if role is Role.AUDITOR:  # the log of looks holds the auditor's own, and none of the other court's
        before["/access"] = after["/access"]
        assert "辽01" not in str(after["/access"])
    assert [path for path, answer in after.items() if answer != before[path]] == []


def busy(s: Session) -> None:
    """A morning at the other court: petitions come in and go on, one is overdue and broken, somebody calls for help."""
    at = courts.by_code(s, "辽01")
    people = {role: accounts.by_username(s, f"{role}.ln01") for role in ("registrar", "handler", "leader")}
    here = House(at, **{role: accounts.actor_of(one, at, Via.WEB) for role, one in people.items() if one})
    for state in (State.REGISTERED, State.HANDLING, State.REPLIED, State.CLOSED):
        petitions.at(s, here, state)
    petitions.do(s, here, petitions.registered(s, here), Act.NAME_CONFLICT, person="handler.ln01")
    s.flush()
    s.connection().execute(
        text("UPDATE petition SET next_due_on = NULL WHERE number LIKE '辽01-2026-00000%'")
    )
    box = s.exec(select(HallBox).where(HallBox.court_id == at.id)).one()
    journal = halls.Journal(box.id)
    journal.seq = 2
    answer = halls.receive(s, journal.raised())
    assert answer.verdict in set(wire.Verdict)


def test_parts_of_foreign_petitions_do_not_hang_on_ones_own(
    client: TestClient, world: World, attacker: Callable[[Role], Person]
) -> None:
    who = attacker(Role.REGISTRAR)
    own, foreign, made_up = (world.ids(place) for place in (Place.SIBLING, Place.OWN, Place.NONE))
    for path in (
        "/petitions/{own}/documents/{document}",
        "/petitions/{own}/documents/{document}/original",
        "/petitions/{own}/clocks/{clock}",
        "/api/v1/petitions/{own}/documents/{document}",
    ):
        answers = [
            bare(get(client, who, path.format(**{**parts, "own": own["petition"]})), parts)
            for parts in (foreign, made_up)
        ]
        assert answers[0] == answers[1], path
        assert answers[0][0] == 404, path


@pytest.mark.parametrize(
    ("act", "field", "kind"), [(Act.MERGE, "into", "number"), (Act.ASSIGN, "handler_id", "handler")]
)
def test_no_field_of_an_act_tells_whether_something_exists_elsewhere(
    client: TestClient, world: World, attacker: Callable[[Role], Person], act: Act, field: str, kind: str
) -> None:
    who, own = attacker(Role.REGISTRAR), world.ids(Place.SIBLING)["petition"]
    foreign = {"number": world.things["number"][Place.OWN], "handler": world.crew()["handler"]}[kind]
    made_up = {"number": "辽01-2026-009999", "handler": str(new_id())}[kind]
    answers = []
    for value in (foreign, made_up):
        fields = {Act.MERGE: {"remark": "同一事项"}, Act.ASSIGN: {"leader_id": str(new_id())}}[act] | {
            field: value
        }
        answer = client.post(
            f"/api/v1/petitions/{own}/acts",
            json={"act": act, "fields": fields},
            headers={"Authorization": f"Bearer {who.bearer}"},
        )
        assert answer.status_code in {409, 422}, answer.text
        answers.append(bare(answer, {"asked": value}))
    assert answers[0] == answers[1]


def test_a_foreign_id_can_be_registered_like_any_other(
    client: TestClient, context: Context, world: World, attacker: Callable[[Role], Person]
) -> None:
    who, bodies = attacker(Role.REGISTRAR), []
    for ident in (world.ids(Place.OWN)["petition"], str(new_id())):
        letter = petitions.FORM | {"demands": ["答复"], "petition_id": ident}
        answer = client.post(
            "/api/v1/petitions", json=letter, headers={"Authorization": f"Bearer {who.bearer}"}
        )
        assert answer.status_code == 201, answer.text
        bodies.append(answer.json()["petition"])
    assert {body["number"][:8] for body in bodies} == {"辽02-2026"}
    assert bodies[0]["id"] != world.ids(Place.OWN)["petition"]
    with context.read() as s:
        kept = s.get_one(Petition, UUID(world.ids(Place.OWN)["petition"]))
        assert kept.subject == f"{SECRET}own"


def test_on_the_public_page_a_number_without_its_code_is_none(client: TestClient, world: World) -> None:
    answers = [
        bare(client.post("/track", data={"number": number, "code": "AAAA-AAAA-AAAA"}), {"number": number})
        for number in (world.things["number"][Place.OWN], "辽01-2026-009999")
    ]
    assert answers[0] == answers[1]


def test_a_stolen_cookie_and_token_end_with_the_account(
    client: TestClient, context: Context, world: World, attacker: Callable[[Role], Person]
) -> None:
    who = attacker(Role.REGISTRAR)
    assert get(client, who, "/today").status_code == get(client, who, "/api/v1/petitions").status_code == 200
    with db.unit_of_work(context.engine) as s:
        person = accounts.by_username(s, who.username)
        assert person is not None
        grants.set_active(s, staff=person, active=False, reason="被盗用", by=SEED, now=MORNING)
    assert get(client, who, "/today").status_code == 303
    assert get(client, who, "/api/v1/petitions").status_code == 401
    del world
