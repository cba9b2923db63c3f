"""Contact data and wishes: kept at registration, corrected by an act, consent dated, nothing of it in the log."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from central.errors import Invalid
from central.events.models import Event
from central.petitions import contact, forms, queries
from central.petitions.models import ReplyBy, TellBy
from central.petitions.states import Act, State
from tests.factories import petitions
from tests.factories.accounts import house
from tests.factories.courts import MORNING


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"tell_by": ["sms"], "phone": ""}, "phone"),
        ({"tell_by": "mail"}, "mail"),
        ({"reply_by": "post", "address": " "}, "address"),
        ({"reply_by": "phone", "phone": ""}, "phone"),
    ],
)
def test_a_way_that_leads_nowhere_is_refused(typed: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        forms.Register.model_validate({**petitions.FORM, **typed})
    assert refused.value.field == field


def test_what_is_not_an_address_is_no_mail() -> None:
    for typed in ("wang", "a@b c", "a@例子.中国", "x@y\nBcc: z@y"):
        with pytest.raises(ValueError, match="mail"):
            forms.Register.model_validate({**petitions.FORM, "mail": typed})


def test_consent_is_dated_and_ends_with_the_wish(s: Session) -> None:
    here = house(s)
    petition = petitions.registered(s, here, tell_by=["sms", "sms", ""], reply_by="portal", language="en")
    person = queries.petitioner(s, petition.id)
    assert person is not None
    assert (contact.told_by(person), person.told_since) == ((TellBy.SMS,), MORNING)
    assert (person.reply_by, person.language) == (ReplyBy.PORTAL, "en")

    later = MORNING + timedelta(days=3)
    changed = {"phone": "13811112222", "mail": "new@example.org", "tell_by": ["mail"]}
    petitions.do(s, here, petition, Act.CHANGE_CONTACT, now=later, **changed)
    assert (contact.told_by(person), person.told_since) == ((TellBy.MAIL,), later)
    petitions.do(s, here, petition, Act.CHANGE_CONTACT, now=later, **{**changed, "tell_by": [""]})
    assert (person.tell_by, person.told_since) == ("", None)

    written = s.exec(select(Event.data).where(col(Event.kind) == "petition.contact_changed")).all()
    assert '"changed":["phone","mail","address","tell_by","reply_by","language"]' in written[0]
    assert not any(secret in data for data in written for secret in ("1381111", "new@example", "某路"))


def test_a_form_that_does_not_ask_leaves_the_wish_open(s: Session) -> None:
    here = house(s)
    petition = petitions.registered(s, here)
    person = queries.petitioner(s, petition.id)
    assert person is not None
    assert person.tell_by is None


@pytest.mark.parametrize("state", [State.REGISTERED, State.REPLIED, State.CLOSED])
def test_contact_data_can_be_corrected_wherever_a_petition_stands(s: Session, state: State) -> None:
    here = house(s)
    petition = petitions.at(s, here, state)
    petitions.do(s, here, petition, Act.CHANGE_CONTACT)
    person = queries.petitioner(s, petition.id)
    assert person is not None
    assert (petition.state, person.phone, person.address) == (state, "13900000000", None)
