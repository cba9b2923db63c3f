"""Accounts: names, passwords, sessions, tokens."""

import pytest
from sqlmodel import Session

from central.accounts import queries, service
from central.actor import Role
from central.errors import Invalid
from central.settings import Throttle
from shared.canonical import sha256_hex
from tests.factories.accounts import PASSWORD, staff
from tests.factories.courts import MORNING, SEED, court

LIMITS = service.Rules(Throttle())


def signed_in(s: Session, username: str, password: str = PASSWORD) -> bool:
    found = service.sign_in(s, username=username, password=password, rules=LIMITS, now=MORNING)
    return found is not None


def test_the_right_password_signs_in_and_a_wrong_one_does_not(s: Session) -> None:
    person = staff(s, court(s), Role.HANDLER)
    assert signed_in(s, person.username)
    assert not signed_in(s, person.username, "another password")


def test_a_closed_account_does_not_sign_in(s: Session) -> None:
    person = staff(s, court(s), Role.HANDLER, active=False)
    assert not signed_in(s, person.username)


def test_a_new_password_ends_every_open_session(s: Session) -> None:
    person = staff(s, court(s), Role.HANDLER)
    found = service.sign_in(s, username=person.username, password=PASSWORD, rules=LIMITS, now=MORNING)
    assert found is not None
    assert queries.actor_of_session(s, sha256_hex(found[0])) is not None
    service.set_password(s, staff=person, password="quite another one", by=SEED, now=MORNING)
    assert queries.actor_of_session(s, sha256_hex(found[0])) is None
    assert signed_in(s, person.username, "quite another one")


@pytest.mark.parametrize(
    ("username", "key"),
    [("handler.ln0102", "username_taken"), ("Handler", "username_form"), ("a", "username_form")],
)
def test_a_name_that_is_taken_or_is_none_is_refused(s: Session, username: str, key: str) -> None:
    at = court(s)
    staff(s, at, Role.HANDLER)
    with pytest.raises(Invalid) as refusal:
        service.create_staff(
            s,
            username=username,
            name="某",
            court_id=at.id,
            roles=[Role.HANDLER],
            password=PASSWORD,
            by=SEED,
            now=MORNING,
        )
    assert refusal.value.key == f"accounts.{key}"


def test_a_revoked_token_acts_as_nobody(s: Session) -> None:
    person = staff(s, court(s), Role.REGISTRAR)
    secret = service.issue_token(s, staff=person, label="api", by=SEED, now=MORNING)
    acting = queries.actor_of_token(s, sha256_hex(secret))
    assert acting is not None
    assert acting.staff_id == person.id
    (token,) = queries.tokens(s, person.id, "api")
    service.revoke_token(s, token=token, by=SEED, now=MORNING)
    s.flush()
    assert queries.actor_of_token(s, sha256_hex(secret)) is None
