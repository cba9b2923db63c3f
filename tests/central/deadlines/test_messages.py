"""Every rule, unit and reason has its name in both languages."""

import tomllib
from importlib import resources

import pytest

from central.deadlines.calendar import DayKind
from central.deadlines.due import Why
from central.deadlines.rules import Basis, Unit
from central.deadlines.shipped import shipped_rules
from shared.i18n import Catalogue, Lang

CATALOGUE = Catalogue(
    [tomllib.loads(resources.files("central.deadlines").joinpath("messages.toml").read_text("utf-8"))]
)
KEYS = [
    *(rule.name_key for rule in shipped_rules().rules),
    *(rule.unit_key for rule in shipped_rules().rules),
    *(f"deadlines.unit.{unit}" for unit in Unit),
    *(f"deadlines.basis.{basis}" for basis in Basis),
    *(f"deadlines.why.{why}" for why in Why),
    *(f"deadlines.day.{kind}" for kind in DayKind),
    "deadlines.status.published",
    "deadlines.status.estimated",
]


@pytest.mark.parametrize("key", sorted(set(KEYS)))
@pytest.mark.parametrize("lang", Lang)
def test_what_a_sheet_names_has_a_sentence(key: str, lang: Lang) -> None:
    assert CATALOGUE.text(key, lang) != ""


def test_a_length_is_a_sentence_with_its_amount() -> None:
    assert CATALOGUE.text("deadlines.unit.working_days", Lang.ZH, amount=5) == "5 个工作日"
