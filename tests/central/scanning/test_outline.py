"""A page is found on a cluttered table by its own corners: a fold under a shadow is not taken for the edge of the paper."""

import numpy as np

from shared.pages import outline
from tests.bench import letterframes


def test_a_page_in_shadow_is_not_cut_at_its_fold() -> None:
    sheet = letterframes.rendered(letterframes.letter(0).lines, size=29)[0]
    rng = np.random.default_rng(0)
    paper = letterframes.shadowed(letterframes.folded(sheet.picture, rng), rng)
    picture, corners = letterframes.photographed(paper, rng, "clutter")
    found = outline.find(picture)
    assert found is not None
    assert np.abs(found.quad - corners).max() < 20
