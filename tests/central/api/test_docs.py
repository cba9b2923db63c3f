"""docs/api.md says what there is."""

from pathlib import Path

from central.api.problems import RESPONSES
from central.api.schemas import ACTS
from central.casework.acts import WAYS
from central.petitions.states import Act

TEXT = Path(__file__).parents[3].joinpath("docs/api.md").read_text("utf-8")


def line_of(name: str) -> str:
    fields = WAYS[Act(name)].form.model_fields
    shown = (f"`{field}`" + ("" if info.is_required() else "?") for field, info in fields.items())
    return f"| `{name}` | {', '.join(shown)} |"


def test_every_act_is_listed_with_its_fields() -> None:
    assert [name for name in ACTS if line_of(name) not in TEXT] == []


def test_every_refusal_is_listed() -> None:
    assert [status for status in (*RESPONSES, 405, 500) if f"| {status} |" not in TEXT] == []
