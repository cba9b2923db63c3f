"""Pure parts of delivery: numbers of postal items, what to do next, strokes that become a picture."""

import json
import struct
import zlib
from datetime import date

import pytest

from central.delivery import signature, tracking
from central.delivery.rules import Known, Todo, todo
from central.delivery.tracking import Flag
from central.errors import Invalid
from central.petitions.models import ReplyBy

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("typed", "normal", "flag"),
    [
        ("EE 123 456 785 CN", "EE123456785CN", None),
        ("ＥＥ１２３４５６７８５ＣＮ", "EE123456785CN", None),
        ("rr473124829in", "RR473124829IN", None),
        ("EE123456786CN", "EE123456786CN", Flag.CHECK_DIGIT),
        ("1012345678901", "1012345678901", None),
        ("XA-12345678911", "XA12345678911", None),
        ("SF1234567890123", "SF1234567890123", None),
        ("EE12345678CN", "EE12345678CN", Flag.UNKNOWN_FORM),
    ],
)
def test_a_number_is_made_plain_and_judged(typed: str, normal: str, flag: Flag | None) -> None:
    assert tracking.normal(typed) == normal
    assert tracking.judge(normal) == flag


def test_one_wrong_digit_never_passes() -> None:
    for serial in ("47312482", "12345678", "00000000", "99999999"):
        right = tracking.check_digit(serial)
        flags = [tracking.judge(f"EE{serial}{digit}CN") for digit in range(10)]
        assert [digit for digit, flag in enumerate(flags) if flag is None] == [right]


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (Known(), Todo.SEARCH),
        (Known(has_phone=True), Todo.CALL),
        (Known(has_phone=True, has_address=True), Todo.SEND_POST),
        (Known(reply_by=ReplyBy.PHONE, has_phone=True, has_address=True), Todo.CALL),
        (Known(reply_by=ReplyBy.IN_PERSON), Todo.HAND_OVER),
        (Known(reply_by=ReplyBy.PORTAL, issued_on=date(2026, 11, 19)), Todo.WAIT_PAGE),
        (Known(reply_by=ReplyBy.PORTAL, issued_on=date(2026, 11, 18)), Todo.OTHER_WAY),
        (Known(reply_by=ReplyBy.PORTAL, has_phone=True, attempts=1), Todo.CALL),
        (Known(has_address=True, posted_on=date(2026, 11, 14)), Todo.WAIT_POST),
        (Known(has_address=True, posted_on=date(2026, 11, 13)), Todo.ASK_POST),
    ],
)
def test_what_to_do_next(known: Known, wanted: Todo) -> None:
    assert todo(known, TODAY) is wanted


def test_strokes_become_the_picture_they_draw() -> None:
    found = signature.strokes(json.dumps([[[10, 10], [110, 10]], [[300, 5000], [300, -5]]]))
    png = signature.picture(found)
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">IIBB", png[16:26]) == (signature.WIDTH, signature.HEIGHT, 1, 0)
    length = struct.unpack(">I", png[33:37])[0]
    raw = zlib.decompress(png[41 : 41 + length])
    row = signature.WIDTH // 8 + 1
    inked = {
        (x, y)
        for x, y in ((60, 10), (300, 100), (60, 100), (200, 10))
        if not raw[y * row + 1 + x // 8] >> (7 - x % 8) & 1
    }
    assert inked == {(60, 10), (300, 100)}


@pytest.mark.parametrize(
    "sent",
    ["", "[]", "{}", "[[[1,2]]]", "[[[1,2],[9,2]]]", "[[[1.5,2],[90,2]]]", "[[[true,2],[90,2]]]", "[[1,2]]", "[" * 5000, "null",
     json.dumps([[[x % 600, x % 200] for x in range(6001)]])],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_signature_is_refused(sent: str) -> None:
    with pytest.raises(Invalid):
        signature.strokes(sent)
