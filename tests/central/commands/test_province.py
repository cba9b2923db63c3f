"""`minyi seed`, `admin` and `token`: figures, sentences, exit codes."""

from tests.central.commands.conftest import Minyi

WHO = ("--court", "辽0102", "--name", "某某", "--role", "handler")


def test_a_second_seed_adds_nothing_and_the_log_stays_clean(minyi: Minyi) -> None:
    first = minyi("seed", "--demo", "--json").json
    assert first["courts"] > 100
    assert len(first["password"]) > 8
    assert minyi("seed", "--demo", "--json").json == {"courts": 0, "staff": 0}
    assert minyi("verify").code == 0


def test_an_account_is_made_once_and_its_token_ends_at_once(minyi: Minyi) -> None:
    minyi("seed")
    assert minyi("admin", "create", "somebody", *WHO).code == 0
    again = minyi("admin", "create", "somebody", *WHO)
    assert (again.code, "somebody" in again.err) == (2, True)
    assert minyi("token", "issue", "somebody", "--json").json["token"].startswith("minyi_")
    assert minyi("token", "revoke", "somebody", "--json").json == {"revoked": 1}
    assert minyi("token", "revoke", "somebody").code == 2


def test_an_account_nobody_has_is_named(minyi: Minyi) -> None:
    answer = minyi("token", "issue", "nobody")
    assert (answer.code, "nobody" in answer.err) == (2, True)


def test_a_new_account_has_no_password_but_a_code_to_set_one(minyi: Minyi) -> None:
    minyi("seed")
    made = minyi("admin", "create", "somebody", *WHO, "--json").json
    assert (made["username"], made["minutes"]) == ("somebody", 30)
    again = minyi("admin", "reset", "somebody", "--reason", "lost_device", "--factors", "--json").json
    assert again["code"] != made["code"]
    assert minyi("admin", "reset", "nobody").code == 2
    assert minyi("verify").code == 0
