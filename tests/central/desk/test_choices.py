"""What the forms of acts offer beyond what their models say."""

import pytest
from sqlmodel import Session

from central.desk.choices import Options
from central.petitions.states import Act
from tests.factories import petitions
from tests.factories.accounts import house


@pytest.mark.parametrize(
    ("act", "methods"),
    [
        (Act.RECORD_DELIVERY, ["post", "in_person", "phone"]),
        (Act.DELIVER_OPINION, ["portal", "post", "in_person", "phone"]),
    ],
)
def test_nobody_writes_down_by_hand_what_the_system_records(act: Act, methods: list[str], s: Session) -> None:
    petition = petitions.registered(s, house(s))
    offered = [each.value for each in Options(s, petition, conflicts=False).of(act)["method"]]
    assert offered == methods
