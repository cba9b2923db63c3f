"""Chains as rules: which one a petition follows, and who is named at each step."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from central.approvals.rules import By, Named, Spec, best, named, packed, spec_of, unpacked

ANN, BEN = UUID(int=1), UUID(int=2)


@dataclass(frozen=True)
class Chain:
    kind: str = ""
    rules: str = ""


def test_the_most_exact_chain_is_followed_and_the_kind_counts_before_the_rules() -> None:
    all_, kind, rules, both = Chain(), Chain("class6"), Chain(rules="2022"), Chain("class6", "2022")
    assert best([all_, kind, rules, both], kind="class6", rules="2022") is both
    assert best([all_, kind, rules], kind="class6", rules="2022") is kind
    assert best([all_, kind, rules], kind="general", rules="2022") is rules
    assert best([all_, kind, rules], kind="general", rules="2019") is all_
    assert best([kind, rules], kind="general", rules="2019") is None


def test_steps_are_kept_as_words() -> None:
    specs = (Spec(By.LEADER), Spec(By.ROLE, "supervisor"), Spec(By.PERSON, ANN.hex))
    assert unpacked(packed(specs)) == specs


@pytest.mark.parametrize("text", ["", "role", "leader:x", "person:x", "team:1"])
def test_a_step_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        spec_of(text)


def test_each_step_gets_a_name_and_one_person_is_not_asked_twice_in_a_row() -> None:
    specs = [Spec(By.LEADER), Spec(By.ROLE, "supervisor"), Spec(By.PERSON, BEN.hex)]
    who = {By.LEADER: ANN, By.ROLE: ANN, By.PERSON: BEN}
    assert named(specs, lambda spec: who[spec.by]) == ([Named(specs[0], ANN), Named(specs[2], BEN)], None)


def test_a_step_for_which_there_is_nobody_is_named() -> None:
    specs = [Spec(By.LEADER), Spec(By.ROLE, "supervisor")]
    found, missing = named(specs, lambda spec: ANN if spec.by is By.LEADER else None)
    assert (found, missing) == ([Named(specs[0], ANN)], specs[1])
