"""Which column holds what."""

import tomllib
from pathlib import Path

import pytest

from central.intake import heads
from central.intake.heads import BadLayout
from central.intake.rows import Field, RawRow

#: The heads of a message board's export.
BOARD = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间")


def row(*cells: str, number: int = 1) -> RawRow:
    return RawRow(number, cells)


def test_the_heads_of_a_message_board_are_all_known() -> None:
    assert list(heads.lay_out(row(*BOARD)).columns.items()) == [
        (Field.NUMBER, 0),
        (Field.PETITIONER, 1),
        (Field.SUBJECT, 2),
        (Field.RECEIVED_AT, 3),
        (Field.TEXT, 4),
        (Field.REPLY, 5),
        (Field.REPLIED_AT, 6),
    ]


@pytest.mark.parametrize(
    "head", ["来信日期", " 来信 日期：", "来信日期（年月日）", "＊来信日期", "【来信日期】*来信日期"]
)
def test_blanks_signs_and_remarks_in_a_head_do_not_matter(head: str) -> None:
    assert heads.field_of(head) is Field.RECEIVED_AT


def test_width_and_case_do_not_matter() -> None:
    assert heads.field_of("ＴＥＸＴ") is heads.field_of("Text") is Field.TEXT


def test_an_unknown_head_holds_nothing() -> None:
    assert heads.field_of("办件量") is None


def test_no_word_of_the_shipped_table_stands_for_two_things() -> None:
    path = Path(heads.__file__).with_name("data") / "heads.toml"
    table = tomllib.loads(path.read_text("utf-8"))
    for section in ("heads", "channels", "no_names", "surnames"):
        words = [heads.plain(word) for listed in table[section].values() for word in listed]
        assert len(words) == len(set(words)), sorted(word for word in words if words.count(word) > 1)


def test_every_field_has_heads() -> None:
    path = Path(heads.__file__).with_name("data") / "heads.toml"
    assert set(tomllib.loads(path.read_text("utf-8"))["heads"]) == set(Field)


def test_a_place_in_the_list_is_no_number_of_a_petition() -> None:
    layout = heads.lay_out(row("序号", "编号", "日期", "内容"))
    assert layout.columns[Field.NUMBER] == 1
    assert Field.NUMBER not in heads.lay_out(row("序号", "日期", "内容")).columns


def test_what_a_person_says_of_a_head_wins() -> None:
    layout = heads.lay_out(row("日期", "内容", "备注"), {"备注": Field.TEXT, "内容": Field.IGNORE})
    assert layout.columns == {Field.RECEIVED_AT: 0, Field.TEXT: 2}


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (("内容", "主题"), Field.RECEIVED_AT),
        (("日期", "姓名"), Field.TEXT),
        (("日期", "内容", "答复"), Field.REPLIED_AT),
        (("日期", "内容", "答复时间"), Field.REPLY),
    ],
)
def test_a_missing_column_is_named_with_those_that_are_there(names: tuple[str, ...], what: Field) -> None:
    with pytest.raises(BadLayout) as caught:
        heads.lay_out(row(*names))
    assert caught.value.key == "intake.layout.missing"
    assert caught.value.values == {"what": f"intake.field.{what}", "heads": "、".join(names)}


def test_a_subject_is_enough() -> None:
    assert Field.TEXT not in heads.lay_out(row("日期", "主题")).columns


def test_two_columns_for_one_thing_are_named() -> None:
    with pytest.raises(BadLayout) as caught:
        heads.lay_out(row("来信日期", "登记日期", "内容"))
    assert caught.value.key == "intake.layout.two_columns"
    assert caught.value.values["heads"] == "来信日期、登记日期"


def test_a_head_that_only_the_mapping_has_is_named() -> None:
    with pytest.raises(BadLayout) as caught:
        heads.lay_out(row("日期", "内容"), {"来文日期": Field.RECEIVED_AT})
    assert caught.value.values == {"head": "来文日期", "heads": "日期、内容"}


def test_a_row_shorter_than_the_heads_has_empty_cells() -> None:
    layout = heads.lay_out(row("日期", "内容", "电话"))
    assert (layout.cell(("2019-4-25",), Field.PHONE), layout.cell((), Field.NUMBER)) == ("", "")


@pytest.mark.parametrize(("word", "channel"), [("来信", "letter"), (" 12345 ", "phone"), ("网信", "online")])
def test_words_of_a_channel_are_known(word: str, channel: str) -> None:
    assert heads.channel_of(word) == channel


@pytest.mark.parametrize(
    ("texts", "channel"),
    [
        (("台账", "来访登记表", "来访时间", "来访人"), "visit"),
        (("来信", "信访台账.xlsx", "信访人", "信访内容"), "letter"),
        (("来信来访登记台账", "来信日期"), None),
        (("Sheet1", "信访人", "信访形式", "办理来源"), None),
        (("12368热线", "来电时间"), "phone"),
    ],
)
def test_a_ledger_of_one_channel_tells_it(texts: tuple[str, ...], channel: str | None) -> None:
    assert heads.channel_told(*texts) == channel


@pytest.mark.parametrize("text", ["匿名", "网友", "A00077171", "1390000", "", "-", "李"])
def test_what_is_no_name_is_not_taken_for_one(text: str) -> None:
    assert not heads.is_name(text)


def test_names_of_people_and_bodies_are_names() -> None:
    assert all(map(heads.is_name, ["王小明", "阿不都·热合曼", "某某市第一小学", "Ms. Li"]))


def test_a_choice_is_held_to_the_same_rules() -> None:
    names = ["a", "b", "c"]
    assert heads.chosen(3, names, [None, Field.RECEIVED_AT, Field.TEXT]).columns == {
        Field.RECEIVED_AT: 1,
        Field.TEXT: 2,
    }
    with pytest.raises(BadLayout):
        heads.chosen(3, names, [Field.TEXT, Field.TEXT, Field.RECEIVED_AT])
