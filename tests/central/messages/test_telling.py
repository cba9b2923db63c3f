"""Petitioners are told that there is news: by the ways they chose, in working hours, once, and never what it is."""

import pytest
from sqlmodel import col, select

from central import db
from central.commands.messages import words
from central.deadlines.models import DeadlineClock
from central.events.models import Event
from central.events.verify import verify
from central.messages import planning, queries, sending
from central.messages.rules import MessageState, Why
from central.notifications.channels import Failed, Refused
from central.petitions.states import Act, State
from tests.central.messages.conftest import Post
from tests.factories import petitions
from tests.factories.petitions import FORM


def on_timeline(post: Post, kind: str) -> list[str]:
    with post.context.read() as s:
        return list(s.exec(select(Event.data).where(col(Event.kind) == kind).order_by(col(Event.id))).all())


def test_a_message_says_that_there_is_news_and_nothing_else(post: Post) -> None:
    petition = post.register(tell_by=["sms", "mail"], mail="wang@example.org")
    assert post.run() == 2
    (sms,), (mail,) = post.sms.sent, post.mail.sent
    assert (sms.to, mail.to) == (FORM["phone"], "wang@example.org")
    for text in (sms.brief, mail.subject, mail.text):
        assert petition.number[-4:] in text
        for secret in (petition.number, FORM["subject"], FORM["petitioner_name"], "物业", "信访", "登记"):
            assert secret not in text
    assert '"about":["received"]' in on_timeline(post, "message.sent")[0]
    assert not any(FORM["phone"] in data for data in on_timeline(post, "message.sent"))
    with post.context.read() as s:
        assert verify(s, public_key=None, anchor_folder=post.context.settings.data).findings == []


def test_without_consent_nothing_is_sent(post: Post) -> None:
    post.register(tell_by=[""])
    with db.unit_of_work(post.context.engine) as s:
        petitions.registered(s, post.house)  # was not asked
    assert (post.run(), post.rows()) == (0, [])


def test_it_comes_in_the_language_chosen(post: Post) -> None:
    post.register(language="en")
    post.run()
    assert post.sms.sent[0].brief.startswith("[People's Court] There is news about your matter")


@pytest.mark.parametrize(
    ("at", "then"),
    [("2026-11-21T10:00", "2026-11-23T08:30"), ("2026-11-23T22:00", "2026-11-24T08:30")],
    ids=["a rest day", "the night"],
)
def test_quiet_hours_and_rest_days_are_kept_and_news_is_gathered(post: Post, at: str, then: str) -> None:
    petition = post.at(at).register()
    post.run()
    post.do(petition, Act.ACCEPT, Act.ACKNOWLEDGE)
    assert (post.run(), post.sms.sent) == (0, [])
    assert post.at(then).run() == 1
    assert [row.about for row in post.rows()] == [["received", "accepted", "told"]]


def test_every_news_of_a_life_is_told_once(post: Post) -> None:
    petition = post.register()
    post.run()
    post.bring(petition, State.REPLIED)
    post.run()
    post.do(petition, Act.RECORD_DELIVERY)
    post.run()
    post.run()
    assert [row.about for row in post.rows()] == [["received"], ["accepted", "reply"], ["review"]]
    assert len(post.sms.sent) == 3


def test_whoever_read_it_on_the_tracking_page_is_not_told_that_it_arrived(post: Post) -> None:
    petition = post.register()
    post.bring(petition, State.REPLIED)
    post.do(petition, Act.RECORD_DELIVERY, method="portal")
    post.run()
    assert [row.about for row in post.rows()] == [["received", "accepted", "reply"]]


def test_the_end_of_the_right_to_ask_for_review_is_told_a_week_before(post: Post) -> None:
    petition = post.register()
    post.bring(petition, State.REPLIED)
    post.do(petition, Act.RECORD_DELIVERY)
    post.run()
    with post.context.read() as s:
        clock = s.exec(select(DeadlineClock).where(DeadlineClock.rule == "review_request")).one()
    # Delivered on 11-23: 30 days end on 12-23.
    assert f"{clock.due_on:%m-%d}" == "12-23"
    assert post.at("2026-12-15T10:00").run() == 0
    assert post.at("2026-12-16T10:00").run() == 1
    assert post.at("2026-12-17T10:00").run() == 0
    assert post.rows()[-1].about == ["review_ends"]


def die_while_reading(post: Post) -> None:
    with db.unit_of_work(post.context.engine) as s:
        planning.read_lot(s, now=post.clock.now(), limit=10)
        raise ZeroDivisionError


def test_a_crash_between_reading_and_sending_repeats_and_loses_nothing(post: Post) -> None:
    post.register()
    with pytest.raises(ZeroDivisionError):
        die_while_reading(post)
    post.read()
    post.sms.fail = [SystemExit()]  # type: ignore[list-item]
    with pytest.raises(SystemExit):
        post.send()
    assert (post.rows()[0].state, post.run()) == (MessageState.SENDING, 0)
    assert post.at("2026-11-23T11:00").run() == 1
    assert [message.key for message in post.sms.sent] == [post.rows()[0].id]


def test_who_changes_the_mind_before_it_goes_is_not_told(post: Post) -> None:
    petition = post.at("2026-11-23T22:00").register()
    post.run()
    post.do(petition, Act.CHANGE_CONTACT, tell_by=[""])
    post.at("2026-11-24T09:00").run()
    assert [(row.state, row.why) for row in post.rows()] == [(MessageState.STOPPED, Why.NOT_WANTED)]
    assert (post.sms.sent, on_timeline(post, "message.sent")) == ([], [])


def test_a_failure_is_tried_again_later_a_refusal_waits_for_a_person(post: Post) -> None:
    petition = post.register()
    post.sms.fail = [Failed("TimeoutError")]
    assert post.run() == 0
    assert post.at("2026-11-23T10:02").run() == 1
    post.sms.fail = [Refused(400)]
    post.do(petition, Act.ACCEPT)
    post.run()
    with post.context.read() as s:
        found = queries.parked(s, post.house.registrar)
        attempts = petition.attempts
    assert [(message.why, message.code) for message, _ in found] == [(Why.REFUSED, "400")]
    assert '"failed":"refused"' in on_timeline(post, "message.failed")[0]
    # It is neither delivery nor an attempt to deliver.
    assert (attempts, on_timeline(post, "petition.attempt_logged")) == (0, [])


def test_a_way_that_is_not_set_up_is_said_to_the_desk(post: Post) -> None:
    post.register()
    post.read()
    sending.run(post.context, sending.House({}, words), post.clock.now())
    assert [(row.state, row.why) for row in post.rows()] == [(MessageState.PARKED, Why.NOT_SET_UP)]
