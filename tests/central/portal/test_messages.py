"""Every sentence the pages need is there, in both languages."""

import pytest

from central.deadlines.shipped import shipped_rules
from central.events.kinds import Kind
from central.petitions.states import State
from central.portal import owed, queries, stages
from central.web.catalogue import catalogue
from shared.i18n import Lang

#: Work inside the court: the petitioner is not told of it.
INSIDE = {
    Kind.REPLY_DRAFT_SAVED,
    Kind.REPLY_SUBMITTED,
    Kind.REPLY_SENT_BACK,
    Kind.REPLY_REMARKED,
    Kind.REPLY_REMARK_RESOLVED,
    Kind.REPLY_APPROVED,
    Kind.REPLY_STEP_APPROVED,
    Kind.REVIEW_DRAFT_SAVED,
    Kind.REVIEW_SUBMITTED,
    Kind.REVIEW_STEP_APPROVED,
    Kind.REVIEW_SENT_BACK,
    Kind.PETITION_DISPOSAL_PROPOSED,
    Kind.PETITION_DISPOSAL_REFUSED,
    Kind.PETITION_HELD,
    Kind.PETITION_EXTENSION_ASKED,
    Kind.PETITION_EXTENSION_REFUSED,
    Kind.PETITION_HOLD_LIFTED,
    Kind.PETITION_KEY_DESTROYED,
    Kind.PETITION_IMPORT_UNDONE,
    Kind.PAPER_MOVED,
    Kind.PETITION_SORTED,
}
ABOUT_PETITIONS = {
    kind
    for kind in Kind
    if kind.startswith(("petition.", "reply.", "follow_up.", "message.", "paper.", "ask.", "review."))
}
KEYS = {
    *(f"portal.stage.{stages.stage_of(state)}" for state in State),
    *(f"portal.rail.{stage.key}" for state in State for stage in stages.rail(state, [])),
    *(f"portal.owes.{rule.key}" for rule in shipped_rules().rules if rule.owed_by_court),
    *(
        f"portal.duty.{rule.key}"
        for rule in shipped_rules().rules
        if rule.owed_by_court and rule.basis != "house"
    ),
    *(f"portal.duty.{rule.key}" for rule in shipped_rules().rules if rule.paused_by),
    *(f"portal.asks.{rule}{late}" for rule in owed.ASKED for late in ("", "_late")),
    *(f"portal.right.{rule}" for rule in owed.RIGHTS),
    *(f"portal.happened.{kind.replace('.', '_')}" for kind in queries.TOLD),
}


@pytest.mark.parametrize("key", sorted(KEYS))
@pytest.mark.parametrize("lang", Lang)
def test_what_the_pages_say_has_a_sentence(key: str, lang: Lang) -> None:
    assert catalogue().text(key, lang) != ""


def test_every_kind_of_event_is_told_or_kept_on_purpose() -> None:
    assert ABOUT_PETITIONS - INSIDE == queries.TOLD


@pytest.mark.parametrize("key", [key for key in catalogue().keys() if key.startswith("portal.")])  # noqa: SIM118
def test_both_languages_fill_in_the_same(key: str) -> None:
    places = [{part.split("}")[0] for part in catalogue().text(key, lang).split("{")[1:]} for lang in Lang]
    assert places[0] == places[1]
