"""What is proposed of letters as people write them; what is told by hand here is what a clerk would key."""

import pytest

from central.scanning import fields
from central.scanning.lines import Box, Line
from tests.bench import letterframes

_SIGN = 40
Told = dict[str, list[str]]


def lines_of(text: str, *, page: int = 1) -> list[Line]:
    """Return lines as a reader gives them: `>` begins a line that stands on the right, blanks indent."""
    made = []
    for at, row in enumerate(text.strip("\n").split("\n")):
        words = row.strip(" >")
        if not words:
            continue
        wide = sum(_SIGN if ord(sign) > 0x2E80 else _SIGN // 2 for sign in words)
        indent = 20 * (len(row) - len(row.lstrip(" ")))
        left = 1460 - wide if row.startswith(">") else 190 + indent
        made.append(Line(page, Box(left, 100 + at * 68, left + wide, 140 + at * 68), words, 0.98))
    return made


def told(text: str, courts: tuple[str, ...] = ()) -> Told:
    found: Told = {}
    for field in fields.propose(lines_of(text), courts=courts):
        found.setdefault(field.name, []).append(field.value)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_every_field_of_a_letter_is_proposed(seed: int) -> None:
    letter = letterframes.letter(seed)
    found = told("\n".join(letter.lines))
    wanted = {name: value if isinstance(value, list) else [value] for name, value in letter.fields.items()}
    assert found == wanted


PLAIN = """
                    申 诉 书
再审申请人（原审原告）：欧阳 娜娜，女，汉族，1968年2月11日出生，住辽宁省沈阳市大东区小北关街15号。
公民身份号码: 11010519491231002X
电话：024-88881234
被申请人（原审被告）：沈阳市宏远机械厂，住所地沈阳市大东区。
请求：一、撤销（2021）辽01民终234号民事判决；二、依法再审本案；
三、诉讼费由被申请人承担。
事实与理由：一审判决认定事实不清。
此致
辽宁省高级人民法院
>再审申请人：欧阳娜娜
>二〇二二年三月十五日
"""


def test_an_application_for_retrial_is_read() -> None:
    found = told(PLAIN)
    assert found["sender_name"] == ["欧阳娜娜"]
    assert found["id_number"] == ["11010519491231002X"]
    assert found["phone"] == ["02488881234"]
    assert found["address"] == ["辽宁省沈阳市大东区小北关街15号"]
    assert found["accused_units"] == ["沈阳市宏远机械厂"]
    assert found["case_numbers"] == ["（2021）辽01民终234号"]
    assert found["court"] == ["辽宁省高级人民法院"]
    assert found["written_on"] == ["2022-03-15"]
    wanted = ["撤销（2021）辽01民终234号民事判决", "依法再审本案", "诉讼费由被申请人承担"]
    assert found["demands"] == wanted


SIMPLE = """
尊敬的院长：
    您好！我叫李秀兰，今年六十三岁，家住海城市西柳镇东柳村。我要反映海城市人民
法院执行局法官王强不作为的问题。我的案子是（2020）辽0381执1203号，到现在没有执行。
我的电话是 138 4122 5566。
    恳请领导督促执行法官尽快把赔偿款执行到位。
    此致
敬礼！
>李秀兰
>2023.6.8
"""


def test_a_plain_letter_without_labels_is_read() -> None:
    found = told(SIMPLE)
    assert found["sender_name"] == ["李秀兰"]
    assert found["phone"] == ["13841225566"]
    assert found["accused"] == ["王强"]
    assert found["written_on"] == ["2023-06-08"]
    assert found["case_numbers"] == ["（2020）辽0381执1203号"]
    assert found["demands"] == ["领导督促执行法官尽快把赔偿款执行到位"]


def test_traditional_signs_are_found_and_given_back_as_written() -> None:
    found = told(
        "信訪人：陳國華\n聯繫電話：13900001111\n被反映單位：大連東海貿易公司\n請求事項：\n1、依法執行；\n2、書面答復。"
    )
    assert found["sender_name"] == ["陳國華"]
    assert found["phone"] == ["13900001111"]
    assert found["accused_units"] == ["大連東海貿易公司"]
    assert found["demands"] == ["依法執行", "書面答復"]


def test_a_wrong_check_digit_is_said() -> None:
    (found,) = [
        each for each in fields.propose(lines_of("身份证号：110105194912310021")) if each.name == "id_number"
    ]
    assert not found.valid
    assert found.confidence < 0.5


def test_the_day_of_a_postmark_is_told_apart() -> None:
    found = told(
        "邮政编码 110000\n沈阳市中级人民法院信访处 收\n辽宁大连\n2024.05.17.10\n大连市中山区人民路1号 张伟寄"
    )
    assert found["postmark_on"] == ["2024-05-17"]


def test_a_place_lies_inside_its_line() -> None:
    line = lines_of("信访人：张建国，联系电话：13812345678")
    places = {each.name: each.box for each in fields.propose(line)}
    assert line[0].box.left < places["sender_name"].left < places["phone"].left
    assert places["phone"].right <= line[0].box.right


def test_a_value_that_runs_on_is_whole_and_shown_over_both_rows() -> None:
    text = "通讯地址：辽宁省沈阳市皇姑区黄河南大街一百二十号华润置地广场小区西门北\n侧八号楼二单元\n联系电话：13812345678"
    (found,) = [each for each in fields.propose(lines_of(text)) if each.name == "address"]
    assert found.value == "辽宁省沈阳市皇姑区黄河南大街一百二十号华润置地广场小区西门北侧八号楼二单元"
    assert found.box.height > 100


def test_a_known_court_is_preferred_to_what_stands_before_it() -> None:
    assert told("我不服和平区人民法院的判决", ("沈阳市和平区人民法院",))["court"] == ["沈阳市和平区人民法院"]
    assert told("此致\n沈阳市和平区人民法院", ("沈阳市和平区人民法院",))["court"] == ["沈阳市和平区人民法院"]


def test_nothing_is_made_up_of_an_empty_page() -> None:
    assert fields.propose([]) == []
    assert told("图书目录\n第一章 水稻") == {}


@pytest.mark.parametrize(
    "head", ["为此我请求：", "我们强烈要求法院：", "恳请贵院依法处理如下：", "现请求如下：", "希望领导："]
)
def test_a_sentence_may_lead_to_the_list_of_demands(head: str) -> None:
    letter = f"判决早已生效，至今没有履行。{head}\n一、恢复对该案的执行；\n二、书面答复进展；\n3. 退还多收的诉讼费1250元。\n此致\n敬礼"
    wanted = ["恢复对该案的执行", "书面答复进展", "退还多收的诉讼费1250元"]
    assert told(letter)["demands"] == wanted


@pytest.mark.parametrize(
    ("text", "accused"),
    [
        ("执行法官李明多次不接电话。", ["李明"]),
        ("承办法官王某某一直拖延不办。", ["王某某"]),
        ("法官经常不接电话，院长一直不管。", []),
        ("法官没有通知我开庭。", []),
    ],
)
def test_an_official_who_is_named_with_what_went_wrong_is_proposed(text: str, accused: list[str]) -> None:
    assert told(f"我的案件判决已经生效。{text}").get("accused", []) == accused
