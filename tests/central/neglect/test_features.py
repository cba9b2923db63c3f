"""What goes into the warning, and that nothing of a person does."""

import ast
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path

import pytest

from central.events.kinds import Kind
from central.neglect import features, past, queries, service
from central.neglect.features import Act, Office, Snapshot
from central.petitions.models import Petition, Petitioner

DAY = date(2026, 5, 20)
SEEN = Snapshot(
    rule="answer",
    day=DAY,
    started_on=date(2026, 4, 1),
    due_on=date(2026, 7, 1),
    extension_days=0,
    stage="handling",
    stage_since=date(2026, 4, 10),
    acts=5,
    sent_back=0,
    handed_on=0,
    paused_days=0,
    office=Office(12.0, 40, 8),
)
#: Fields of a snapshot: the course of the work, and nothing else. A new one is weighed here first.
COURSE = {
    "rule",
    "day",
    "started_on",
    "due_on",
    "extension_days",
    "stage",
    "stage_since",
    "acts",
    "sent_back",
    "handed_on",
    "paused_days",
    "office",
}
#: What the learning may read of a petition: which it is, for its events; its number, to take every so-manieth.
READ = {"id", "number", "next_rule"}
#: What it may read of an event, beside its stream and moment.
OF_EVENTS = {"kind"}


def test_a_snapshot_holds_the_course_of_the_work_alone() -> None:
    assert {field.name for field in fields(Snapshot)} == COURSE
    assert {field.name for field in fields(Office)} == {"load", "answered", "late"}
    assert {field.name for field in fields(Act)} == {"kind", "on"}


@pytest.mark.parametrize("module", [features, past, queries, service], ids=lambda module: module.__name__)
def test_no_column_about_who_petitions_is_read(module: object) -> None:
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))  # type: ignore[attr-defined]
    columns = set(Petition.model_fields) | set(Petitioner.model_fields) | {"data", "actor"}
    read = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in {"Petition", "petition", "Petitioner", "Event", "Demand", "Note"}
    }
    # The past of accounts and extensions stands in events: that module reads no other, and nothing of petitions but their ids.
    allowed = {"kind", "data"} if module is past else READ | OF_EVENTS
    assert read & columns <= allowed
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"Petitioner", "Demand", "Note", "Reply", "Matter"}


def test_every_number_has_a_name_and_a_group() -> None:
    assert len(features.vector(SEEN)) == len(features.NAMES) == len(features.GROUPS)
    assert len(set(features.NAMES)) == len(features.NAMES)
    assert set(features.TOLD) <= set(features.GROUPS)


def test_the_share_of_time_used_runs_from_nothing_to_all() -> None:
    assert features.used(SEEN) == pytest.approx(49 / 91)
    past = Snapshot(**{**_values(), "day": date(2027, 1, 1)})
    assert features.used(past) == 1.0
    same = Snapshot(**{**_values(), "due_on": SEEN.started_on, "day": SEEN.started_on})
    assert features.used(same) == 0.0


def _values() -> dict[str, object]:
    return {field.name: getattr(SEEN, field.name) for field in fields(Snapshot)}


def test_what_happened_later_is_not_known_on_the_day() -> None:
    acts = [
        Act(Kind.PETITION_REGISTERED, DAY),
        Act(Kind.PETITION_ACCEPTED, DAY + timedelta(days=2)),
        Act(Kind.PETITION_ASSIGNED, DAY + timedelta(days=3)),
        Act(Kind.PETITION_TAKEN_UP, DAY + timedelta(days=4)),
        Act(Kind.REPLY_SUBMITTED, DAY + timedelta(days=9)),
        Act(Kind.REPLY_SENT_BACK, DAY + timedelta(days=10)),
        Act(Kind.PETITION_ASSIGNED, DAY + timedelta(days=20)),
    ]
    assert features.stage_of(acts, DAY + timedelta(days=1)) == ("registered", DAY, 1, 0, 0)
    later = DAY + timedelta(days=12)
    assert features.stage_of(acts, later) == ("handling", DAY + timedelta(days=10), 6, 1, 0)
    assert features.stage_of(acts, DAY + timedelta(days=30))[4] == 1


def test_whether_a_deadline_was_missed_is_known_once_it_is_over() -> None:
    due = DAY
    assert features.missed(due_on=due, ended_on=due, until=due) is False
    assert (
        features.missed(due_on=due, ended_on=due + timedelta(days=1), until=due + timedelta(days=5)) is True
    )
    assert features.missed(due_on=due, ended_on=None, until=due + timedelta(days=1)) is True
    assert features.missed(due_on=due, ended_on=None, until=due) is None
    assert features.missed(due_on=due, ended_on=due + timedelta(days=9), until=due) is None


def test_reasons_are_what_raises_the_chance_most() -> None:
    values = features.vector(SEEN)
    weights = [1.0 if group == "load" else 0.0 for group in features.GROUPS]
    means = [
        value - (0.5 if group == "load" else 0.0)
        for group, value in zip(features.GROUPS, values, strict=True)
    ]
    assert features.reasons(weights, means, values) == ["load"]
    assert features.reasons(weights, values, values) == []
