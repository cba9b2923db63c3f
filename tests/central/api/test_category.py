"""A program sorts petitions: the same categories and the same event as on the pages."""

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from central.sorting.models import SortingModel
from tests.central.api.conftest import LETTER
from tests.central.sorting.conftest import learned

__all__ = ["learned"]
PETITIONS = "/api/v1/petitions"
PATH = ["执行", "财产处置", "执行款发放"]
PAID = {"text": "执行款已经划到法院账户，没有发放给我，领款手续办了两次，钱没有发下来。", "subject": "执行款"}


def registered(api: TestClient, **more: Any) -> str:
    return str(api.post(PETITIONS, json=LETTER | more).json()["petition"]["id"])


def chosen(api: TestClient, ident: str) -> list[dict[str, Any]]:
    events = api.get(f"{PETITIONS}/{ident}/events").json()
    return [each["facts"] for each in events if each["kind"] == "petition.sorted"]


def test_a_category_of_the_list_is_chosen_by_code_or_path(api: TestClient) -> None:
    known = {each["code"]: each["path_zh"] for each in api.get("/api/v1/categories").json()["categories"]}
    assert known["050203"] == PATH
    at = f"{PETITIONS}/{(ident := registered(api))}/category"
    assert api.get(at).json() == {"category": None, "scheme": None, "chosen_at": None, "proposed": None}
    for typed in ("050202", "/".join(PATH)):
        answer = api.post(at, json={"category": typed})
    assert (answer.status_code, answer.json()["category"]["path_zh"]) == (200, PATH)
    refused = api.post(at, json={"category": "没有的类别"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "category")
    assert api.get(f"{PETITIONS}/{ident}").json()["category"]["code"] == "050203"
    assert [(each.get("was"), each["category"]) for each in chosen(api, ident)] == [
        (None, "050202"),
        ("050202", "050203"),
    ]


def test_a_registration_brings_its_category_or_is_refused_whole(api: TestClient) -> None:
    ident = registered(api, category="执行款发放")
    assert [each["category"] for each in chosen(api, ident)] == ["050203"]
    refused = api.post(PETITIONS, json=LETTER | {"category": "没有的类别"})
    assert refused.json()["errors"][0]["field"] == "category"
    assert len(api.get(PETITIONS).json()["items"]) == 1


def test_what_is_proposed_comes_with_its_words_and_is_measured(
    api: TestClient, learned: Callable[[], SortingModel]
) -> None:
    version = learned()
    at = f"{PETITIONS}/{(ident := registered(api, **PAID))}/category"
    said = api.get(at).json()["proposed"]
    assert (said["version"], said["category"]["code"]) == (version.number, "050203")
    assert said["words"]
    api.post(at, json={"category": "050203", "category_seen": "050203"})
    (told,) = chosen(api, ident)
    assert (told["proposed"], told["seen"]) == ("050203", True)
