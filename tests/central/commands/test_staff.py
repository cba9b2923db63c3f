"""`minyi staff`: rights of people from the command line, with the same rules and records as the page."""

from tests.central.commands.conftest import Minyi

WHO = ("--court", "辽0102", "--name", "某某", "--role", "handler")
WHY = ("--reason", "借调")


def test_people_are_listed_and_their_rights_changed(minyi: Minyi) -> None:
    minyi("seed")
    minyi("admin", "create", "somebody", *WHO)
    assert minyi("staff", "list", "--court", "辽01", "--json").json == {"somebody": "辽0102 某某 handler"}
    roles = ("--role", "registrar", "--role", "handler", *WHY)
    assert minyi("staff", "roles", "somebody", *roles, "--json").json["roles"] == "handler,registrar"
    where = ("--role", "supervisor", "--court", "辽01", "--below", *WHY)
    grant = minyi("staff", "grant", "somebody", *where, "--json").json["grant"]
    assert minyi("staff", "show", "somebody", "--json").json[grant].startswith("supervisor 辽01 below ")
    assert minyi("staff", "revoke", "somebody", grant, *WHY).code == 0
    assert grant not in minyi("staff", "show", "somebody", "--json").json
    assert minyi("staff", "close", "somebody", *WHY).code == 0
    assert (
        minyi("staff", "list", "--court", "辽", "--find", "some", "--json")
        .json["somebody"]
        .endswith("closed")
    )
    assert minyi("staff", "open", "somebody", *WHY).code == 0
    assert minyi("verify").code == 0


def test_what_cannot_be_is_said(minyi: Minyi) -> None:
    minyi("seed")
    minyi("admin", "create", "somebody", *WHO)
    for wrong in (
        ("show", "nobody"),
        ("grant", "somebody", "--role", "leader", "--court", "辽99", *WHY),
        ("grant", "somebody", "--role", "leader", "--court", "辽01", "--department", "none", *WHY),
        ("grant", "somebody", "--role", "system", "--court", "辽01", *WHY),
        ("revoke", "somebody", "00000000-0000-0000-0000-000000000001", *WHY),
    ):
        assert minyi("staff", *wrong).code == 2, wrong
