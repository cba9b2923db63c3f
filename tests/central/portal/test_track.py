"""Looking a petition up: what opens it, what does not, and what is said then."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.groups import Throttle
from central.petitions.models import Petition
from central.petitions.states import Act
from central.portal import service
from shared.clock import FixedClock
from tests.central.portal.conftest import Receipt
from tests.factories import petitions
from tests.factories.accounts import House

Make = Callable[..., Receipt]
LookUp = Callable[[Receipt], str]

#: Ways in which people copy a number and a code from paper.
TYPED = [
    (str, str),
    (str, lambda code: " ".join(code[i : i + 4] for i in range(0, 16, 4))),
    (str, lambda code: "-".join(code[i : i + 4] for i in range(0, 16, 4))),
    (str, lambda code: "".join(chr(ord(digit) + 0xFEE0) for digit in code)),
    (str, lambda code: f"\u3000{code[:8]}—{code[8:]} "),
    (lambda number: number[1:], str),
    (lambda number: number.replace("-", " "), str),
    (lambda number: number.replace("-", "－"), str),
    (lambda number: number.replace("000", ""), str),
]


def typed(client: TestClient, number: str, code: str) -> tuple[int, str]:
    answer = client.post("/track", data={"number": number, "code": code})
    return answer.status_code, answer.text


@pytest.mark.parametrize(("number", "code"), TYPED)
def test_it_opens_however_number_and_code_are_typed(
    number: Callable[[str], str], code: Callable[[str], str], receipt: Make, client: TestClient
) -> None:
    held = receipt()
    assert typed(client, number(held.petition.number), code(held.code))[0] == 303


def test_a_wrong_code_and_an_unknown_number_get_the_same_answer(receipt: Make, client: TestClient) -> None:
    held = receipt()
    wrong = typed(client, held.petition.number, "0" * 16)
    unknown = typed(client, "辽0102-2026-009999", "0" * 16)
    assert wrong[0] == unknown[0] == 404
    assert wrong[1].replace(held.petition.number, "") == unknown[1].replace("辽0102-2026-009999", "")
    assert "编号和查询码对不上" in wrong[1]


@pytest.mark.parametrize(
    ("number", "code", "sentence"),
    [
        ("", "1" * 16, "请填写回执上的信访编号"),
        ("我的信", "1" * 16, "这不像信访编号"),
        ("辽0102-2026-000001", "", "请填写回执上的查询码"),
        ("辽0102-2026-000001", "1" * 15, "您填了 15 位"),
    ],
)
def test_what_cannot_be_right_is_said_exactly(
    number: str, code: str, sentence: str, client: TestClient
) -> None:
    status, page = typed(client, number, code)
    assert (status, sentence in page) == (422, True)


def test_a_slip_of_the_finger_is_no_guess(receipt: Make, client: TestClient) -> None:
    held = receipt()
    for _ in range(15):
        typed(client, held.petition.number, held.code[:-1])
    assert typed(client, held.petition.number, held.code)[0] == 303


def test_after_ten_wrong_codes_even_the_right_one_waits(receipt: Make, client: TestClient) -> None:
    held = receipt()
    for _ in range(10):
        typed(client, held.petition.number, "0" * 16)
    status, page = typed(client, held.petition.number, held.code)
    assert status == 429
    assert "请在 15 分钟后再试。您的信访不受任何影响。" in page


def test_after_the_wait_the_right_code_opens_again(
    receipt: Make, client: TestClient, clock: FixedClock
) -> None:
    held = receipt()
    for _ in range(10):
        typed(client, held.petition.number, "0" * 16)
    clock.at += timedelta(minutes=15)
    assert typed(client, held.petition.number, held.code)[0] == 303


def test_the_number_is_kept_and_the_code_is_not_sent_back(receipt: Make, client: TestClient) -> None:
    held = receipt()
    page = typed(client, held.petition.number, "1234567890123456")[1]
    assert held.petition.number in page
    assert "1234567890123456" not in page


def test_the_pass_is_for_no_script_and_no_other_site(receipt: Make, client: TestClient) -> None:
    held = receipt()
    cookie = client.post("/track", data={"number": held.petition.number, "code": held.code}).headers[
        "set-cookie"
    ]
    assert all(flag in cookie for flag in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"))


def test_without_a_pass_the_page_asks_for_number_and_code(client: TestClient) -> None:
    assert client.get("/track/petition").headers["location"] == "/track"


def test_after_half_an_hour_the_pass_has_ended_and_the_page_says_so(
    receipt: Make, look_up: LookUp, client: TestClient, clock: FixedClock
) -> None:
    look_up(receipt())
    clock.at += timedelta(minutes=31)
    answer = client.get("/track/petition")
    assert "自动退出" in client.get(answer.headers["location"]).text


def test_a_new_code_ends_the_pass_of_the_old_one(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, house: House
) -> None:
    held = receipt()
    look_up(held)
    with db.unit_of_work(context.engine) as s:
        petitions.do(s, house, held.petition.id, Act.REISSUE_CODE)
    assert client.get("/track/petition").status_code == 303
    assert typed(client, held.petition.number, held.code)[0] == 404


def test_a_forged_pass_opens_nothing(client: TestClient) -> None:
    client.cookies.set("minyi_track", "WyJhIiwiYiIsMV0.forged")
    assert client.get("/track/petition").status_code == 303


def test_nothing_is_kept_by_the_browser(receipt: Make, look_up: LookUp, client: TestClient) -> None:
    look_up(receipt())
    assert client.get("/track/petition").headers["cache-control"] == "no-store"


def test_after_leaving_the_page_is_closed(receipt: Make, look_up: LookUp, client: TestClient) -> None:
    look_up(receipt())
    assert client.post("/track/leave").headers["location"] == "/track"
    assert client.get("/track/petition").status_code == 303


def test_the_sheet_of_another_petition_is_not_found(
    receipt: Make, look_up: LookUp, client: TestClient
) -> None:
    look_up(receipt())
    sheet = client.get("/track/petition").text.split("/track/petition/clocks/")[1][:36]
    assert client.get(f"/track/petition/clocks/{sheet}").status_code == 200
    look_up(receipt())
    assert client.get(f"/track/petition/clocks/{sheet}").status_code == 404


def test_a_form_on_another_site_is_refused(client: TestClient) -> None:
    answer = client.post("/track", data={"number": "x"}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


def test_who_guesses_does_not_lock_the_petitioner_out(
    receipt: Make, context: Context, clock: FixedClock
) -> None:
    held, limits = receipt(), Throttle(guesses=1, address_guesses=1)

    def opened(code: str, address: str) -> object:
        with db.unit_of_work(context.engine) as s:
            number = held.petition.number
            return service.open_with_code(
                s, number=number, code=code, address=address, limits=limits, now=clock.now()
            )

    for each in (3, 4, 5):
        refused = [opened("0" * 16, f"192.0.2.{each}") for _ in range(2)][-1]
        assert isinstance(refused, service.Refused)
        assert refused.status == 429
    assert isinstance(opened(held.code, "192.0.2.2"), Petition)
