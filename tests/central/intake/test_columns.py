"""Two columns that say the same: the longer is the text, the shorter the subject."""

import pytest

from central.intake import columns
from central.intake.rows import Field, Found, RawRow

LONG = "我家去年十一月起没有暖气，多次打电话没有人来，请求法院督促执行并退还供热费。"


@pytest.mark.parametrize("heads", [("姓名", "反映事项", "反映内容"), ("姓名", "事由", "内容摘要")])
@pytest.mark.parametrize("turned", [False, True])
def test_of_two_columns_that_say_the_same_the_longer_is_the_text(
    heads: tuple[str, ...], *, turned: bool
) -> None:
    cells = ["供热费退还", LONG][:: -1 if turned else 1]
    below = [RawRow(at, (f"甲{at}某", *cells)) for at in range(2, 8)]
    held = [each.field for each in columns.propose(Found(1, 1, heads), below)]
    wanted = [Field.SUBJECT, Field.TEXT][:: -1 if turned else 1]
    assert held == [Field.PETITIONER, *wanted]


def test_two_columns_of_one_length_keep_to_the_commoner_head() -> None:
    below = [RawRow(at, (LONG, LONG)) for at in range(2, 8)]
    held = [each.field for each in columns.propose(Found(1, 1, ("反映事项", "反映内容")), below)]
    assert held.count(Field.TEXT) == 1
    assert Field.SUBJECT not in held
