"""Small rounds of the drills; the full figures are `scripts/drill.sh NAME`. Bars of time say nothing on a machine busy with tests."""

import os

import pytest

from tests.drills import clocks, full, killing, merging, papers, power, units, updates
from tests.drills.asked import Asked

SEED = 20261123


@pytest.mark.hall
def test_a_power_cut_or_a_flipped_bit_loses_no_event() -> None:
    found = power.run(Asked(SEED, 30))
    assert found.wrong == []
    assert found.figures["cuts"] == 30


def test_a_wrong_clock_confuses_neither_numbers_nor_journal() -> None:
    assert clocks.run(Asked(SEED, 15)).wrong == []


def test_no_forged_or_old_paper_is_taken() -> None:
    assert papers.run(Asked(SEED, 3)).wrong == []


@pytest.mark.hall
def test_a_full_or_read_only_disk_stops_no_hall() -> None:
    assert full.run(Asked(SEED, 1)).wrong == []


@pytest.mark.hall
def test_nothing_that_was_shown_is_lost_by_killing_the_box() -> None:
    found = killing.box(Asked(SEED, 2))
    assert found.wrong == []
    assert found.figures["tickets_shown"] > 0


@pytest.mark.hall
@pytest.mark.skipif(os.geteuid() != 0, reason="dpkg wants root")
def test_an_update_cut_off_anywhere_leaves_a_good_version() -> None:
    assert updates.run(Asked(SEED, 1)).wrong == []


def test_every_unit_is_closed() -> None:
    assert units.run(Asked(SEED, 1)).wrong == []


@pytest.mark.hall
def test_a_batch_of_letters_killed_anywhere_goes_out_once() -> None:
    found = merging.run(Asked(SEED, 10))
    assert found.wrong == []
    assert found.figures["kills"] == 2
