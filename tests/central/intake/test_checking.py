"""From a row of the sheet to what a petition needs, or the reason why not."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from central.intake import checking, heads
from central.intake.checking import MOST_NUMBER, MOST_SUBJECT, MOST_TEXT, Ledger
from central.intake.rows import Field, LedgerRow, RawRow, Refusal
from central.web.catalogue import catalogue
from shared.i18n import Lang

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FIELDS = {
    "number": "留言编号",
    "petitioner": "留言用户",
    "subject": "留言主题",
    "received_at": "留言时间",
    "text": "留言详情",
    "reply": "答复意见",
    "replied_at": "答复时间",
    "phone": "电话",
    "address": "地址",
    "channel": "渠道",
}
USUAL = {
    "number": "2549",
    "petitioner": "A00045581",
    "subject": "物业\t公司\u3000乱收费",
    "received_at": "2019/4/25 9:32:09",
    "text": "\n\t\u3000\u3000小区物业没有公示收费标准。\n",
    "reply": "您好，\u00a0已核实。\n",
    "replied_at": "2019/5/10 14:56:53",
}


def ledger(*more: str, code: str = "辽0102", channel: str = "online") -> Ledger:
    layout = heads.lay_out(RawRow(1, (*FIELDS.values(), *more)))
    return Ledger(layout, code, channel, NOW)


def check(at: int = 2, *, of: Ledger | None = None, more: tuple[str, ...] = (), **cells: str) -> Any:
    given = USUAL | cells
    return checking.check(
        RawRow(at, (*(given.get(name, "") for name in FIELDS), *more)),
        of or ledger(*("备注",) * len(more)),
    )


def taken(at: int = 2, **values: Any) -> LedgerRow:
    found = check(at, **values)
    assert isinstance(found, LedgerRow), found
    return found


def refused(**values: Any) -> Refusal:
    found = check(**values)
    assert isinstance(found, Refusal), found
    return found


def test_a_row_becomes_what_a_petition_needs() -> None:
    row = taken()
    assert (row.number, row.source_number, row.channel) == (2, "2549", "online")
    assert row.received_at == datetime(2019, 4, 25, 1, 32, 9, tzinfo=UTC)
    assert row.replied_at == datetime(2019, 5, 10, 6, 56, 53, tzinfo=UTC)


def test_text_and_reply_stay_as_they_came_and_the_subject_is_one_clean_line() -> None:
    row = taken()
    assert (row.text, row.reply) == (USUAL["text"], USUAL["reply"])
    assert row.subject == "物业 公司 乱收费"
    assert json.loads(row.cells)["留言主题"] == USUAL["subject"]


def test_columns_that_nobody_knows_are_kept_too() -> None:
    row = taken(more=("一", "", "三"))
    assert json.loads(row.cells) | {"备注": "一", "#13": "三"} == json.loads(row.cells)
    assert "留言详情" not in json.loads(row.cells)


def test_a_row_without_an_answer_waits() -> None:
    row = taken(reply=" \n", replied_at="")
    assert (row.reply, row.replied_at) == (None, None)


def test_a_missing_subject_comes_from_the_first_sentence() -> None:
    assert taken(subject=" \t", text="\u3000请问何时立案？已等了三个月。").subject == "请问何时立案"


def test_a_missing_text_is_the_subject() -> None:
    assert taken(text="\n", subject="何时立案").text == "何时立案"


def test_a_long_subject_is_shortened_where_it_is_shown_and_kept_whole() -> None:
    row = taken(subject="长" * (MOST_SUBJECT + 50))
    assert len(row.subject) == MOST_SUBJECT
    assert len(json.loads(row.cells)["留言主题"]) == MOST_SUBJECT + 50


def test_a_nul_is_left_out_since_no_database_takes_it() -> None:
    row = taken(text="甲\x00乙", address="某\x00路", more=("\x00备",))
    assert (row.text, row.address) == ("甲乙", "某路")
    assert "\x00" not in json.loads(row.cells)["备注"]


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"received_at": " "}, "留言时间", "date_missing"),
        ({"received_at": "昨天"}, "留言时间", "date_unreadable"),
        ({"received_at": "2019-02-30"}, "留言时间", "date_impossible"),
        ({"received_at": "2026-11-24"}, "留言时间", "date_future"),
        ({"received_at": "1948-12-30", "reply": "", "replied_at": ""}, "留言时间", "date_too_early"),
        ({"reply": ""}, "答复意见", "reply_missing"),
        ({"replied_at": ""}, "答复时间", "date_missing"),
        ({"replied_at": "不详"}, "答复时间", "date_unreadable"),
        ({"replied_at": "2027-01-01"}, "答复时间", "date_future"),
        ({"replied_at": "2019/4/25 9:32:08"}, "答复时间", "answered_before_received"),
        ({"replied_at": "2019-04-24"}, "答复时间", "answered_before_received"),
        ({"text": "\n", "subject": "\u3000"}, "留言详情", "nothing_said"),
        ({"text": "字" * (MOST_TEXT + 1)}, "留言详情", "too_long"),
        ({"reply": "字" * (MOST_TEXT + 1)}, "答复意见", "too_long"),
        ({"number": "1" * (MOST_NUMBER + 1)}, "留言编号", "too_long"),
    ],
)
def test_what_cannot_be_taken_names_row_column_value_and_reason(
    cells: dict[str, str], column: str, reason: str
) -> None:
    found = refused(**cells)
    assert (found.number, found.column, found.reason) == (2, column, reason)
    [name] = [name for name, head in FIELDS.items() if head == column]
    assert found.value == (USUAL | cells).get(name, "").strip()[:200]
    for lang in Lang:
        assert catalogue().text(f"intake.refused.{reason}", lang, **found.values)


def test_an_answer_dated_by_its_day_may_be_of_the_day_of_receipt() -> None:
    row = taken(replied_at="2019-04-25")
    assert row.replied_at == row.received_at


def test_a_clock_a_little_ahead_is_no_future() -> None:
    assert taken(received_at="2026-11-23 10:04:00", reply="", replied_at="").received_at == NOW


def test_a_channel_is_read_from_its_column_or_is_the_usual_one() -> None:
    assert taken(channel="来访").channel == "visit"
    assert taken(of=ledger(channel="letter")).channel == "letter"


def test_a_number_or_a_word_for_nobody_is_no_name() -> None:
    assert taken().petitioner is None
    assert taken(petitioner="匿名").petitioner is None
    assert taken(petitioner=" 王小明\t").petitioner == "王小明"
    assert json.loads(taken().cells)["留言用户"] == "A00045581"


def test_a_phone_is_taken_if_it_is_one_and_kept_as_it_stands_if_not() -> None:
    assert taken(phone="１３９０００００００１").phone == "13900000001"
    row = taken(phone="见附件")
    assert row.phone is None
    assert json.loads(row.cells)["电话"] == "见附件"


def test_a_row_is_known_by_its_number_in_its_court() -> None:
    assert taken(3).key == taken(2, text="另一件").key
    assert taken().key != taken(number="2550").key
    assert taken().key != taken(of=ledger(code="辽0103")).key


def test_without_a_number_a_row_is_known_by_what_the_petition_says() -> None:
    unnumbered = taken(number="")
    assert unnumbered.key == taken(number="", reply="", replied_at="").key
    assert unnumbered.key != taken(number="", text="另一件").key


def test_a_changed_row_has_another_digest_and_the_same_row_elsewhere_has_not() -> None:
    assert taken(2).digest == taken(9).digest
    assert taken().digest != taken(reply="又答复一次").digest


def test_a_row_shorter_than_the_heads_is_read_as_far_as_it_goes() -> None:
    cells = tuple((USUAL | {"reply": "", "replied_at": ""})[name] for name in list(FIELDS)[:5])
    found = checking.check(RawRow(2, cells), ledger())
    assert isinstance(found, LedgerRow)
    assert found.reply is None


def test_the_same_ledger_gives_the_same_rows_at_another_time() -> None:
    later = replace(ledger(), now=NOW + timedelta(days=400))
    assert taken(of=later) == taken()


def test_every_field_that_is_checked_has_a_name_for_people() -> None:
    for what in Field:
        assert catalogue().text(f"intake.field.{what}", Lang.ZH)
