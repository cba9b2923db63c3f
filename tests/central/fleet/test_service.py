"""Settings on their way: signed, as changes, group by group; what boxes say of them."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import col, select

from central.errors import Conflict, Forbidden
from central.events.kinds import Kind
from central.events.models import Event
from central.fleet import forms, service
from central.halls import boxes as halls_boxes
from central.halls.models import BoxSettings
from shared.hall_settings import HallSettings, SettingsState
from tests.factories.courts import SEED

ONE = HallSettings(widen_seconds=90, idle_seconds=60)
TWO = HallSettings(widen_seconds=120)
A, B, C = "ln0102-1", "ln0102-2", "ln0102-3"


def kinds(province: Any) -> list[str]:
    wanted = col(Event.kind).in_([kind for kind in Kind if kind.value.startswith("settings.")])
    return list(province.s.exec(select(Event.kind).where(wanted).order_by(col(Event.id))).all())


def test_an_edition_goes_group_by_group_and_then_to_all_others(province: Any) -> None:
    province.group("first", 1, A)
    made = province.edition(ONE)
    assert province.round() == {A}
    province.pass_(59)
    assert province.round() == set()
    province.pass_(1)
    assert province.round() == {B, C}
    assert province.status(made) == ("done", 100)
    assert set(province.states().values()) == {"same"}
    assert {box.values for box in province.boxes.values()} == {ONE}
    assert kinds(province) == [
        *("settings.made", "settings.confirmed", "settings.advanced"),
        *("settings.confirmed", "settings.confirmed", "settings.done"),
    ]


def test_a_box_that_gives_it_back_stops_it_and_the_others_keep_what_they_have(province: Any) -> None:
    province.group("first", 1, A, B)
    made = province.edition(ONE)
    assert province.round(A) == {A, B}
    assert province.status(made)[0] == "stopped"
    assert (made.reason, made.reason_box) == ("failed", A)
    province.pass_(600)
    assert province.round() == set()
    assert (province.boxes[B].values, province.boxes[C].values) == (ONE, HallSettings())
    assert province.states() == {A: "own", B: "same", C: "own"}


def test_what_is_known_of_a_box_goes_down_as_changes(province: Any) -> None:
    province.edition(ONE)
    province.round()
    assert {box.papers[0].base for box in province.boxes.values()} == {None}
    province.pass_(1)
    province.edition(TWO)
    papers = province.send()
    assert {(paper.base, paper.drop) for paper in papers.values()} == {(ONE.digest, ("idle_seconds",))}
    assert papers[A].put == TWO


def test_a_box_that_does_not_have_what_it_said_gets_the_whole(province: Any) -> None:
    province.edition(ONE)
    province.round()
    province.edition(TWO)
    province.boxes[A].values = HallSettings(widen_seconds=11)
    province.round()
    assert province.boxes[A].wants_all
    (paper,) = province.send().values()
    assert paper.base is None
    province.boxes[A].take(paper)
    assert province.boxes[A].values == TWO


def test_versions_rise_for_ever_also_back_to_old_content(province: Any) -> None:
    for values in (ONE, TWO, ONE):
        province.edition(values)
        province.round()
    serials = [paper.serial for paper in province.boxes[A].papers]
    assert serials == sorted(set(serials))
    assert province.boxes[A].values == ONE


def test_a_centre_from_a_backup_goes_on_above_what_the_box_took(province: Any) -> None:
    province.boxes[A].serial = 2**40
    province.hear(A)
    province.edition(ONE)
    assert province.send()[A].serial == 2**40 + 1


def test_no_box_uses_the_numbers_of_editions_up(province: Any) -> None:
    assert province.edition(ONE).number == 1
    province.boxes[A].edition = 2**31 - 3
    province.hear(A)
    assert province.edition(TWO).number == 2
    province.boxes[B].edition = 7
    province.hear(B)
    assert province.edition(ONE).number == 8
    with pytest.raises(ValidationError):
        SettingsState(box=A, digest="0" * 64, edition=2**31 - 1, at=province.now)


def test_a_reset_box_gets_its_settings_again(province: Any) -> None:
    province.edition(ONE)
    province.round()
    province.boxes[A].values, province.boxes[A].edition = HallSettings(), 0
    province.hear(A)
    assert province.states()[A] == "sent"
    assert province.round() == {A}


def test_a_paper_that_nears_its_end_is_signed_anew(province: Any) -> None:
    province.edition(ONE)
    before = province.send()[A]
    province.now += timedelta(days=16)
    after = province.send()[A]
    assert after.not_after > before.not_after
    assert after.serial > before.serial


def test_a_new_edition_takes_the_place_of_the_one_under_way(province: Any) -> None:
    province.group("first", 1, A)
    old = province.edition(ONE)
    province.round()
    province.edition(TWO)
    assert (old.status, old.reason) == ("stopped", "replaced")
    assert province.round() == {A}


def test_an_admin_stops_it_or_lets_it_go_on_without_those_who_are_away(province: Any) -> None:
    province.group("first", 1, A)
    made = province.edition(ONE)
    service.go_on(province.s, edition_id=made.id, by=province.admin, now=province.now)
    assert made.place == 100
    service.stop(province.s, edition_id=made.id, by=province.admin, now=province.now)
    with pytest.raises(Conflict):
        service.go_on(province.s, edition_id=made.id, by=province.admin, now=province.now)
    assert province.send() == {}


def test_only_an_admin_of_the_high_court_sets_boxes(province: Any) -> None:
    form = forms.NewEdition(hold_minutes=1, note="试用")
    with pytest.raises(Forbidden):
        service.make_edition(province.s, ONE, form, by=province.local, now=province.now)


def test_nothing_goes_to_a_revoked_box_and_nothing_is_taken_from_it(province: Any) -> None:
    halls_boxes.revoke_box(province.s, box_id=A, by=SEED, now=province.now)
    province.edition(ONE)
    assert A not in province.send()
    province.boxes[A].edition = 9
    province.hear(A)
    assert province.s.get(BoxSettings, A) is None
