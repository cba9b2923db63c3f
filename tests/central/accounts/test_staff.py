"""`/staff`: accounts, roles and grants in the hands of a court's administrator; what changes takes effect at once."""

import json
import re
from collections.abc import Callable

import pytest

from central import db
from central.accounts import grants, queries
from central.accounts.forms import NewGrant
from central.accounts.models import Staff
from central.actor import Role, Via
from central.context import Context
from central.courts import queries as courts
from central.events.models import Event
from central.petitions.states import State
from tests.central.accounts.conftest import Browser
from tests.factories import petitions
from tests.factories.accounts import House, house, staff
from tests.factories.courts import MORNING, SEED, tree

Browsers = Callable[..., Browser]
Happened = Callable[[str], list[Event]]
LOGIN = "handler.ln0102"
WHY = {"reason": "轮岗"}


@pytest.fixture
def admin(context: Context, browser: Browsers) -> Browser:
    """The administrator of an intermediate court with two courts below it, signed in."""
    with db.unit_of_work(context.engine) as s:
        courts = tree(s)
        house(s, courts["辽0102"])
        staff(s, courts["辽0103"], Role.HANDLER)
        for code in ("辽", "辽02"):
            staff(s, courts[code], Role.HANDLER)
        staff(s, courts["辽01"], Role.COURT_ADMIN)
        staff(s, courts["辽01"], Role.COURT_ADMIN, username="second.ln01")
    made = browser("10.0.0.9")
    made.sign_in("court_admin.ln01")
    return made


def account(context: Context, login: str = LOGIN) -> Staff:
    with context.read() as s:
        found = queries.by_username(s, login)
        assert found is not None, login
        return found


def page(context: Context, login: str = LOGIN) -> str:
    return f"/staff/{account(context, login).id}"


def facts(event: Event) -> dict[str, object]:
    found: dict[str, object] = json.loads(event.data)["facts"]
    return found


def test_the_list_holds_the_people_of_the_court_and_those_below(admin: Browser) -> None:
    listed = admin.get("/staff").text.split("<main")[1]
    for login in (LOGIN, "handler.ln0103", "court_admin.ln01"):
        assert login in listed, login
    for login in ("handler.ln<", "handler.ln02<"):
        assert login not in listed, login


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=handler", {"handler.ln0102", "handler.ln0103"}),
        ("q=HANDLER&court=辽0103", {"handler.ln0103"}),
        ("q=辽0102的leader", {"leader.ln0102"}),
        ("q=%25", set()),
        ("court=辽02&q=handler.ln02", set()),
    ],
)
def test_people_are_found_by_either_name_and_by_court(admin: Browser, query: str, found: set[str]) -> None:
    listed = admin.get(f"/staff?{query}").text.split("<main")[1]
    assert set(re.findall(r"<td>([a-z_]+\.ln\d*)</td>", listed)) == found


def test_the_list_goes_on_by_user_name(admin: Browser, context: Context) -> None:
    with db.unit_of_work(context.engine) as s:
        at = queries.below(s, "/辽/辽01/辽0103/")[0][1]
        for number in range(60):
            staff(s, at, Role.HALL_STAFF, username=f"zz{number:02}")
    first = admin.get("/staff").text
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    both = re.findall(r"<td>(zz\d\d)</td>", first + admin.get(following).text)
    assert both == [f"zz{number:02}" for number in range(60)]


def test_a_new_account_signs_in_by_its_one_time_code(
    admin: Browser, browser: Browsers, context: Context, happened: Happened
) -> None:
    form = {"court": "辽0103", "name": "赵敏", "username": "Zhao.Min", "roles": ["handler", "registrar"]}
    answer = admin.post("/staff", "/staff/new?court=辽0103", **form)
    assert answer.status_code == 201, answer.text
    code = re.findall(r"<code>([A-Z0-9-]+)</code>", answer.text)[0]
    password = "eleven geese in a kettle"
    one = browser()
    fields = {"username": "zhao.min", "code": code, "password": password, "again": password}
    assert one.client.post("/reset", data=fields).status_code == 303
    assert one.sign_in("zhao.min", password).status_code == 303
    assert account(context, "zhao.min").roles == "handler,registrar"
    assert [event.actor for event in happened("staff.created")][-1].startswith("staff:")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"username": "handler.ln0102"}, "handler.ln0102"),
        ({"username": "赵"}, "用户名以小写字母开头"),
        ({"name": ""}, "请填写姓名"),
        ({"roles": []}, "请至少选择一个角色"),
        ({"roles": ["system"]}, "请至少选择一个角色"),
        ({"department": "00000000-0000-0000-0000-000000000001"}, "部门不属于"),
    ],
)
def test_what_cannot_be_taken_is_said_and_what_was_typed_stays(
    admin: Browser, fields: dict[str, object], said: str
) -> None:
    form = {"court": "辽0103", "name": "赵敏", "username": "zhao.min", "roles": ["handler"], **fields}
    answer = admin.post("/staff", "/staff/new?court=辽0103", **form)
    assert answer.status_code == 422
    assert said in answer.text.split("<main")[1]
    assert fields.get("name") == "" or "赵敏" in answer.text


def test_no_account_is_made_where_one_does_not_manage(admin: Browser) -> None:
    form = {"court": "辽02", "name": "赵敏", "username": "zhao.min", "roles": ["handler"]}
    assert admin.post("/staff", "/staff/new?court=辽0103", **form).status_code == 404


def test_new_roles_end_the_sessions_and_hold_at_the_next_sign_in(
    admin: Browser, browser: Browsers, context: Context, happened: Happened
) -> None:
    one = browser()
    one.sign_in(LOGIN)
    kept = one.cookie
    at = page(context)
    assert admin.post(f"{at}/roles", at, roles=["registrar"], **WHY).status_code == 303
    assert not one.is_signed_in()
    one.client.cookies.set("minyi_session", kept)
    assert not one.is_signed_in(), "the old cookie is void"
    one.client.cookies.clear()
    one.sign_in(LOGIN)
    assert one.get("/register").status_code == 200
    assert facts(happened("staff.changed")[-1]) == {"from": "handler", "to": "registrar", "reason": "轮岗"}


def test_who_no_longer_handles_is_shown_nothing_of_it(
    admin: Browser, browser: Browsers, context: Context
) -> None:
    with db.unit_of_work(context.engine) as s:
        people = {
            role: queries.by_username(s, f"{role}.ln0102") for role in ("registrar", "handler", "leader")
        }
        at = courts.by_code(s, "辽0102")
        actors = {role: queries.actor_of(one, at, Via.WEB) for role, one in people.items() if one}
        number = petitions.at(s, House(at, **actors), State.HANDLING).number
    one, at_page = browser(), page(context)
    one.sign_in(LOGIN)
    assert number in one.get("/today").text
    assert admin.post(f"{at_page}/roles", at_page, roles=["hall_staff"], **WHY).status_code == 303
    one.sign_in(LOGIN)
    for path in ("/today", "/petitions"):
        assert number not in one.get(path).text, path


def test_a_grant_shows_who_gave_it_and_ends(
    admin: Browser, browser: Browsers, context: Context, happened: Happened
) -> None:
    one, at = browser(), page(context)
    one.sign_in(LOGIN)
    form = {"court": "辽0103", "role": "registrar", "reach": "alone", **WHY}
    assert admin.post(f"{at}/grants", f"{at}/grants?court=辽0103", **form).status_code == 303
    assert not one.is_signed_in()
    shown = admin.get(at).text
    assert "由辽01的court_admin授予" in shown
    assert "辽0103" in shown
    ending = re.findall(rf'action="({at}/grants/[0-9a-f-]+/revoke)"', shown)[0]
    assert admin.post(ending, at, reason="").status_code == 422
    assert admin.post(ending, at, reason="期满").status_code == 303
    assert "没有其他授权" in admin.get(at).text
    assert admin.post(ending, at, reason="期满").status_code == 404
    assert facts(happened("staff.role_revoked")[-1]) == {"role": "registrar", "reason": "期满"}


@pytest.mark.parametrize(
    ("reach", "shown"), [("alone", ""), ("below", "含下级法院"), ("department", "立案庭")]
)
def test_a_grant_reaches_as_far_as_was_chosen(
    admin: Browser, context: Context, reach: str, shown: str
) -> None:
    at = page(context)
    form = f"{at}/grants?court=辽0103"
    if reach == "department":
        reach = re.findall(r'value="([0-9a-f-]{36})"', admin.get(form).text)[0]
    fields = {"court": "辽0103", "role": "supervisor", "reach": reach, **WHY}
    assert admin.post(f"{at}/grants", form, **fields).status_code == 303
    assert shown in admin.get(at).text.split('id="grants"')[1]


def test_a_court_out_of_reach_is_as_one_that_does_not_exist(admin: Browser, context: Context) -> None:
    at = page(context)
    fields = {"role": "supervisor", "reach": "below", **WHY}
    answers = [
        admin.post(f"{at}/grants", f"{at}/grants?court=辽0103", court=code, **fields)
        for code in ("辽", "辽99")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].text.replace("辽", "").replace("99", "") == answers[1].text.replace("辽", "").replace(
        "99", ""
    )


def test_a_closed_account_is_out_at_once_and_comes_back(
    admin: Browser, browser: Browsers, context: Context
) -> None:
    one, at = browser(), page(context)
    one.sign_in(LOGIN)
    assert admin.post(f"{at}/close", at, reason="").status_code == 422
    assert admin.post(f"{at}/close", at, reason="调离").status_code == 303
    assert not one.is_signed_in()
    assert one.sign_in(LOGIN).status_code == 401
    assert "已停用" in admin.get("/staff").text
    assert admin.post(f"{at}/open", at, reason="调回").status_code == 303
    assert one.sign_in(LOGIN).status_code == 303


def test_nobody_changes_their_own(admin: Browser, context: Context) -> None:
    own, other = page(context, "court_admin.ln01"), page(context, "second.ln01")
    assert admin.get(own).status_code == 404
    for act, fields in (("roles", {"roles": ["leader"]}), ("close", {}), ("grants", {"court": "辽01"})):
        assert admin.post(f"{own}/{act}", other, **fields, **WHY).status_code == 404
    assert account(context, "court_admin.ln01").roles == "court_admin"


@pytest.mark.parametrize("login", ["handler.ln", "handler.ln02"])
def test_people_of_other_courts_are_not_there(admin: Browser, context: Context, login: str) -> None:
    at = page(context, login)
    assert admin.get(at).status_code == 404
    assert admin.post(f"{at}/roles", page(context), roles=["leader"], **WHY).status_code == 404


def test_no_code_is_made_for_somebody_with_rights_above(admin: Browser, context: Context) -> None:
    with db.unit_of_work(context.engine) as s:
        person = queries.by_username(s, LOGIN)
        assert person is not None
        form = NewGrant(court="辽", role=Role.AUDITOR, reach="below", reason="借调")
        grants.give(s, staff=person, form=form, by=SEED, now=MORNING)
    at = page(context) + "/sign-in"
    answer = admin.post(f"{at}/code", at, reason="forgotten")
    assert (answer.status_code, "另有授权" in answer.text) == (403, True)


def test_the_page_is_in_english_too(admin: Browser, context: Context) -> None:
    text = admin.get(page(context) + "?lang=en").text
    assert "Further roles" in text
    assert "Roles at the own court" in text
