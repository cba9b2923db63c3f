"""The pages of the boxes' settings: who sees them, who changes them, what a wrong field says."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from central import db
from central.actor import Role
from central.context import Context
from central.fleet import queries
from central.fleet.models import SettingsEdition
from tests.factories import accounts as people
from tests.factories import halls
from tests.factories.courts import MORNING, court

SignIn = Callable[[TestClient, str], str]
GOOD = {
    "widen_seconds": "90",
    "kinds": ["", "query"],
    "language": "",
    "hold_minutes": "60",
    "note": "求助更快扩大",
}
PAGE = "/hall/boxes/settings"


@pytest.fixture
def csrf(client: TestClient, context: Context, sign_in: SignIn) -> str:
    """An admin of the high court, signed in, above a court with two boxes."""
    with db.unit_of_work(context.engine) as s:
        at = court(s, "辽0102")
        people.actor(s, court(s, "辽"), Role.COURT_ADMIN)
        people.actor(s, at, Role.COURT_ADMIN)
        for number in (1, 2):
            halls.box(s, at, number)
    return sign_in(client, "court_admin.ln")


def edition(context: Context) -> SettingsEdition:
    with context.read() as s:
        return queries.fleet(s, now=MORNING).editions[0]


def test_an_admin_makes_groups_and_sends_settings_to_the_first(
    client: TestClient, context: Context, csrf: str
) -> None:
    assert "还没有下发过设置" in client.get(PAGE).text
    client.post("/hall/boxes/groups", data={"csrf": csrf, "name": "先行组", "place": "1"})
    with context.read() as s:
        (group,) = queries.fleet(s, now=MORNING).groups
    client.post("/hall/boxes/groups/move", data={"csrf": csrf, "box": "ln0102-1", "group": str(group.id)})
    assert client.post(PAGE, data={"csrf": csrf, **GOOD}).status_code == 303
    made = edition(context)
    assert (made.content, made.place) == ({"widen_seconds": 90, "kinds": ["query"]}, 1)
    page = client.get(PAGE).text
    assert "第 1 版正在下发" in page
    assert "正在等待：ln0102-1" in page
    assert client.post(f"{PAGE}/{made.id}/go-on", data={"csrf": csrf}).status_code == 303
    assert client.post(f"{PAGE}/{made.id}/stop", data={"csrf": csrf}).status_code == 303
    assert edition(context).status == "stopped"
    fleet = client.get("/hall/boxes").text
    assert "本机设置" in fleet


WRONG: tuple[tuple[dict[str, object], str], ...] = (
    ({"widen_seconds": "5"}, "10 到 3600"),
    ({"widen_seconds": "很快"}, "请填写所示范围内的整数"),
    ({"voice": "loud"}, "请从列出的选项中选择"),
    ({"kinds": ["", "tea"]}, "请从列出的事由中选择"),
    ({"idle_seconds": "30", "warning_seconds": "40"}, "提醒时间应短于返回首页的时间"),
    ({"note": ""}, "写明调整了什么"),
    ({"hold_minutes": "-1"}, "0 到 10080"),
    ({"mqtt_url": "mqtt://elsewhere"}, 'class="error-summary"'),
)


def test_a_wrong_field_is_named_and_nothing_is_sent(client: TestClient, context: Context, csrf: str) -> None:
    for wrong, sentence in WRONG:
        answer = client.post(PAGE, data={"csrf": csrf, **GOOD, **wrong})
        assert answer.status_code == 422, wrong
        assert sentence in answer.text, wrong
    with context.read() as s:
        assert queries.fleet(s, now=MORNING).editions == []


def test_an_admin_below_sees_and_changes_nothing(client: TestClient, csrf: str, sign_in: SignIn) -> None:
    client.post(PAGE, data={"csrf": csrf, **GOOD})
    client.cookies.clear()
    token = sign_in(client, "court_admin.ln0102")
    page = client.get(f"{PAGE}?lang=en").text
    assert "求助更快扩大" in page
    assert "/go-on" not in page
    assert client.post(PAGE, data={"csrf": token, **GOOD}).status_code == 403


def test_staff_of_another_court_read_of_no_box_that_is_not_theirs(
    client: TestClient, context: Context, csrf: str, sign_in: SignIn
) -> None:
    client.post(PAGE, data={"csrf": csrf, **GOOD})
    with db.unit_of_work(context.engine) as s:
        people.actor(s, court(s, "辽0103"), Role.COURT_ADMIN)
    client.cookies.clear()
    sign_in(client, "court_admin.ln0103")
    page = client.get(PAGE).text
    assert "求助更快扩大" in page
    assert "ln0102" not in page


def test_old_content_fills_the_form_for_a_new_edition(client: TestClient, csrf: str) -> None:
    client.post(PAGE, data={"csrf": csrf, **GOOD})
    page = client.get(f"{PAGE}?from=1").text
    assert "恢复第 1 版的内容" in page
    assert 'name="widen_seconds" value="90"' in page
