"""A blurred sign that the model takes for its traditional form is read in the form of the page; rare signs of names stay."""

import numpy as np
import pytest

from central.scanning import script

SIGNS = ["blank", "话", "話", "吉", "喆", "圭", "垚"]


@pytest.mark.parametrize(
    ("chances", "read"),
    [
        ({"話": 0.99, "话": 0.009}, "话"),  # it doubts between the two forms and nothing else
        ({"話": 0.9999, "话": 0.0001}, "話"),  # no doubt: it stands there, as in a quotation
        ({"話": 0.5, "话": 0.2, "吉": 0.3}, "話"),  # it does not know what it is
        ({"喆": 0.998, "吉": 0.0005}, "喆"),
        ({"垚": 0.99, "圭": 0.009}, "垚"),  # what stands beside it is no form of it
    ],
    ids=["doubt", "sure", "guess", "name", "rare"],
)
def test_only_a_doubt_between_two_forms_is_settled(chances: dict[str, float], read: str) -> None:
    given = np.array([[[chances.get(sign, 0.0) for sign in SIGNS]]], np.float32)
    found = script.simplified(given, SIGNS)[0, 0]
    assert SIGNS[int(found.argmax())] == read
    assert found.max() == given.max()  # how sure it is does not change


def test_a_page_in_traditional_signs_is_left_alone() -> None:
    assert script.is_mostly_simplified(["请求书面答复本人，现将有关问题说明如下，并說明理由"])
    assert not script.is_mostly_simplified(["請求書面答復本人並說明理由", "上海"])
