"""Decisions on a review and guidance to a court procedure are set, signed and filed like replies, and reach their petitioner."""

import re

from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.deadlines.calendar import shipped_calendar
from central.letters import keyring, queries, work
from central.letters.checking import Verdict, check
from central.letters.kinds import LetterKind, content_of
from central.litigation import forms
from central.litigation import service as litigation
from central.litigation.rules import route, table
from central.petitions.models import Petition
from central.petitions.states import State
from central.portal import passes
from central.portal import service as portal
from shared.clock import court_day
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.accounts import house as make_house
from tests.factories.courts import MORNING, tree


def with_pass(context: Context, client: TestClient, petition: Petition) -> None:
    with context.read() as s:
        version = portal.code_version(s.get_one(Petition, petition.id))
    keys = context.settings.data / "keys"
    client.cookies.set(passes.COOKIE, passes.issue(keys, petition.id, version, now=context.clock.now()))


def genuine(context: Context, content: bytes) -> bool:
    return check(content, keyring.published(context.settings.data / "keys")).verdict is Verdict.GENUINE


def test_a_decision_on_a_review_is_a_letter_of_the_court_above(context: Context, client: TestClient) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.at(s, make_house(s, tree(s)["辽0102"]), State.REVIEW_DECIDED)
        letter = queries.newest(s, petition.id, LetterKind.REVIEW)
        assert letter is not None
        content = content_of(letter.content)
    words = "".join(part.text for part in content.parts)
    assert (content.title, letter.court_id) == ("信访事项复查意见书", petition.court_id)
    assert "依照《信访工作条例》第三十五条进行了复查" in words
    assert "号信访人：" not in words
    with_pass(context, client, petition)
    page = client.get("/track/petition").text
    [path] = set(re.findall(r"/track/petition/letters/[0-9a-f-]+\.pdf", page))
    assert "信访事项复查意见书" in page
    assert genuine(context, client.get(path).content)
    assert client.get(path.replace(".pdf", ".sig")).status_code == 200
    other = path.replace(path.split("/")[-1], f"{petition.id}.pdf")
    assert client.get(other).status_code == 404


def test_the_guidance_letter_is_signed_and_filed(context: Context, client: TestClient, house: House) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house)
        procedure, today = table().procedures[0], court_day(MORNING)
        calendar = shipped_calendar()
        found = route(procedure, None, today=today, calendar=calendar, warning=table().warning)
        litigation.send(
            s,
            petition_id=petition.id,
            form=forms.Send(procedure=procedure.key, remark="请向本院申请执行监督。"),
            route=found,
            court="本院",
            by=house.registrar,
            now=MORNING,
        )
        letter = queries.newest(s, petition.id, LetterKind.TO_LITIGATION)
        assert letter is not None
        assert "请向本院申请执行监督。" in letter.content
    with_pass(context, client, petition)
    assert client.get("/track/petition/litigation.pdf").content == work.made(context, letter.id).content
