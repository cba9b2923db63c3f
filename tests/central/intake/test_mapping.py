"""What a mapping file can say."""

import pytest

from central.intake import mapping
from central.intake.mapping import BadMapping, Said
from central.intake.rows import Field


def test_an_empty_file_says_nothing() -> None:
    assert mapping.parse("") == Said()


def test_sheet_channel_and_columns_are_read() -> None:
    said = mapping.parse(
        'sheet = "台账"\nchannel = "letter"\n[columns]\n"何时" = "received_at"\n"备注" = "ignore"\n'
    )
    assert said == Said("台账", {"何时": Field.RECEIVED_AT, "备注": Field.IGNORE}, "letter")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("columns = [", "no_toml"),
        ('colums = "x"', "unknown_key"),
        ('channel = "pigeon"', "unknown_value"),
        ('[columns]\n"何时" = "when"', "unknown_value"),
        ('[columns]\n"何时" = 3', "unknown_value"),
        ('[columns]\n"何时" = ["text"]', "unknown_value"),
        ("channel = [1]", "unknown_value"),
        ("sheet = 1", "no_text"),
        ('columns = "x"', "no_table"),
    ],
)
def test_what_a_file_says_wrongly_is_named(text: str, reason: str) -> None:
    with pytest.raises(BadMapping) as caught:
        mapping.parse(text)
    assert caught.value.key == f"intake.mapping.{reason}"
