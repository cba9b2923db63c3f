"""Numbers of papers: what is wrong is said, nothing is refused, little is shown."""

from datetime import date

import pytest

from central.petitions.papers import Paper, flag, masked

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("kind", "number", "found"),
    [
        (Paper.CITIZEN, "11010519491231002X", None),
        (Paper.CITIZEN, "110105 19491231 002x", None),
        (Paper.CITIZEN, "110105194912310021", "checksum"),
        (Paper.CITIZEN, "11010519491231002", "length"),
        (Paper.CITIZEN, "110105491231002", "first_generation"),
        (Paper.CITIZEN, "1101051949123100ABC", "length"),
        (Paper.CITIZEN, "11010519490231002X", "checksum"),
        (Paper.RESIDENCE, "810000199408230021", None),
        (Paper.RESIDENCE, "11010519491231002X", "residence"),
        (Paper.FOREIGNER, "CAN110012345678", None),
        (Paper.FOREIGNER, "CAN1", "foreigner"),
        (Paper.HK_MACAO, "H12345678", None),
        (Paper.HK_MACAO, "K12345678", "hk_macao"),
        (Paper.TAIWAN, "12345678", None),
        (Paper.TAIWAN, "1234", "taiwan"),
        (Paper.PASSPORT, "E12345678", None),
        (Paper.PASSPORT, "没有", "passport"),
        (Paper.ORGANISATION, "91110000600037341L", None),
        (Paper.ORGANISATION, "91110000600037342L", "checksum"),
        (Paper.ORGANISATION, "9111", "organisation_length"),
        (Paper.OTHER, "军字第1号", None),
        (None, "军字第1号", None),
        (None, "110105194912310021", "checksum"),
        (Paper.CITIZEN, None, None),
    ],
)
def test_each_paper_is_judged_by_its_own_rule(
    kind: Paper | None, number: str | None, found: str | None
) -> None:
    assert flag(kind, number, today=TODAY) == found


def test_one_wrong_digit_of_a_citizens_number_is_always_found() -> None:
    right = "11010519491231002X"
    for place in range(17):
        for digit in set("0123456789") - {right[place]}:
            wrong = right[:place] + digit + right[place + 1 :]
            assert flag(Paper.CITIZEN, wrong, today=TODAY) is not None, wrong


def test_nobody_was_born_tomorrow() -> None:
    assert flag(Paper.CITIZEN, "11010519491231002X", today=date(1949, 12, 30)) == "birth"


def test_only_the_end_of_a_number_is_shown() -> None:
    assert masked("11010519491231002X") == "*" * 14 + "002X"
    assert masked("E12345678") == "******678"
