"""Which passwords may be chosen."""

import pytest

from central.accounts import policy
from central.errors import Invalid


def refusal(password: str, *own_words: str) -> str:
    """Return the last part of the sentence's key, or "" for a password that is taken."""
    try:
        policy.check(password, own_words=own_words)
    except Invalid as error:
        return error.key.removeprefix("accounts.policy.")
    return ""


@pytest.mark.parametrize(
    "password",
    [
        "a long enough password",
        "落霞与孤鹜齐飞，秋水共长天一色",
        "vq7 kettle, eleven geese",
        "x" * 3 + "9k2-" * 31,
        "        n2h4k6d8",
    ],
)
def test_long_phrases_of_any_signs_are_taken(password: str) -> None:
    assert refusal(password) == ""


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevensigns", "short"),
        ("x9" * 65, "long"),
        ("1qaz2wsx3edc", "breached"),
        ("1QAZ2wsx3EDC", "breached"),
        ("１ｑａｚ２ｗｓｘ３ｅｄｃ", "breached"),
        ("unbelievable", "breached"),
        ("aaaaaaaaaaaaaaaa", "breached"),
        ("abcabcabcabcabc", "breached"),
        ("abcdefghijklmnop", "breached"),
        ("minyi-minyi-2026", "context"),
        ("Shenyang fayuan 1", "context"),
        ("辽宁法院信访管理员密码中国2026", "context"),
    ],
)
def test_short_leaked_and_obvious_ones_are_refused(password: str, why: str) -> None:
    assert refusal(password) == why


@pytest.mark.parametrize("password", ["jiang.mingyi.2026", "reg.0102-reg.0102", "江明夷江明夷江明夷12345"])
def test_ones_own_names_do_not_make_a_password(password: str) -> None:
    assert refusal(password, "reg.0102", "Jiang Mingyi", "江明夷") == "context"


def test_the_shipped_list_holds_more_than_the_standard_asks_for() -> None:
    # ASVS 5, 6.2.4: at least 3,000 that are as long as the policy asks for.
    assert policy.LIST.stat().st_size / policy.WIDTH > 40_000
