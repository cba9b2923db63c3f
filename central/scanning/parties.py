"""Who writes and who is complained about. Pure: text in, names and places out; `plain` is searched, `text` is what is given back."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_WRITER = (
    "再审申请人|信访人|申诉人|反映人|申请人|投诉人|上访人|举报人|控告人|检举人|来信人|写信人|寄信人|寄件人|诉求人|陈述人|具状人|求助人|群众代表|"
    "信访代表|联系人|署名|签名|姓名|落款"
)
_LABEL_END = r"\s*(?:[（][^）\n]{0,16}[）])?\s*(?:姓名|签名|签字)?\s*[：]\s*"
_NAME = r"[\u4e00-\u9fff·]{2,4}"
_SENDER = re.compile(
    rf"(?<![被对\u4e00-\u9fff])(?P<label>{'|'.join(r' *'.join(each) for each in _WRITER.split('|'))}){_LABEL_END}(?P<value>[^\n]{{2,60}})"
)
_SIGNED = re.compile(
    rf"(?:此\s*致|敬\s*礼|特此)[^\n]*\n(?:[^\n]{{0,24}}\n){{0,4}}?\s*(?:(?:{_WRITER})\s*[：]?\s*)?(?P<value>{_NAME})\s*(?:（[^）\n]*）)?\s*(?=\n\s*(?:\d{{4}}|[一二][〇零○O0])|$)"
)
_I_AM = re.compile(
    rf"(?:我叫|本人(?:叫|系)?|我是|我名叫)(?P<value>{_NAME}?)(?=[，,。（]|男|女|现年|系|今年|家住|住)"
)
_ACCUSED = (
    "被反映人|被投诉人|被申诉人|被举报人|被控告人|被申请人|被检举人|被信访人|被上访人|"
    "涉事人员|被反映对象|投诉对象|举报对象|反映对象|责任人员|被告|被执行人"
)
_UNITS = (
    "被反映单位|被投诉单位|被举报单位|被申诉单位|被控告单位|被申请单位|被检举单位|"
    "被信访单位|涉事单位|责任单位|投诉单位|反映单位|举报单位"
)
_AGAINST = re.compile(
    rf"(?P<label>{_ACCUSED})(?:姓名|及职务)?\s*\d?\s*(?:[（][^）\n]{{0,12}}[）])?\s*[：]\s*(?P<value>[^\n]{{2,80}})"
)
_AGAINST_UNIT = re.compile(rf"(?P<label>{_UNITS})(?:名称)?\s*\d?\s*[：]\s*(?P<value>[^\n]{{2,80}})")
_OFFICE = "审判长|审判员|执行法官|承办法官|主审法官|法官助理|法官|执行员|书记员|副?庭长|副?院长|副?局长|副?主任|副?科长"
_NAMED = re.compile(
    rf"(?:投诉|反映|举报|控告|检举|要求处理|请求追究)(?:[^\n，。；：]{{0,24}}?)(?:{_OFFICE})"
    rf"(?P<value>{_NAME}?)(?=[，。；、（ ]|的|在|不|拖|存|对|违|徇|故|未|拒|等|一|$|\n)"
)
#: The commoner family names: without a label only what begins with one is taken for a name.
_FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史"
    "陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤康易乔赖殷牛洪穆佟关富纪费齐尚温庞樊兰施聂"
)
#: An official who did something, or did it not, is complained about: 执行法官李明多次不接电话。
_ACTED = re.compile(
    rf"(?:{_OFFICE})(?P<value>[{_FAMILY}][\u4e00-\u9fff]{{1,2}}?)(?=多次|长期|一直|始终|至今|迟迟|总是|拖|拒|推诿|推脱|不|未|没有|违|徇|枉|滥|收受|索|态度|故意|消极|敷衍|隐瞒|偏袒|存在)"
)
_UNIT_END = re.compile(
    r"(?:公司|法院|检察院|局|厅|委员会|政府|中心|厂|学校|大学|医院|银行|派出所|研究所|事务所|大队|支队|部|处|站|协会|集团|合作社|单位|庭|办公室|村委会|居委会|街道办|支行|分行|信用社|酒店|商场|超市|店)$"
)
_SEPARATORS = re.compile(r"[、，；;/]|\s{1,}|及|和(?=[\u4e00-\u9fff]{2,4}(?:[、，]|$))")
_NO_NAMES = frozenset(
    re.findall(
        r"\S+",
        "男性 女性 汉族 满族 回族 本人 我们 群众 领导 法官 同志 联系 电话 手机 敬礼 此致 附件 全体 村民 业主 职工 职务 住址 现住"
        " 信访人 申诉人 反映人 投诉人 申请人 上访人 院长 特此 不详 匿名",
    )
)


class Party(NamedTuple):
    """A name, where it stands, and how sure it is what it is taken for."""

    value: str
    span: tuple[int, int]
    sure: float


def senders(plain: str, text: str) -> Iterator[Party]:
    """Yield who may have written, from labels, from the signature, from how the letter begins."""
    for match in _SENDER.finditer(plain):
        start = match.start("value")
        name = _first_name(match["value"])
        if name:
            weak = match["label"].replace(" ", "") in {"联系人", "姓名"}
            shown = text[start : start + len(name)].strip()
            shown = shown if shown.isascii() else shown.replace(" ", "")
            yield Party(shown, (start, start + len(name)), 0.9 if weak else 0.97)
    for match in _SIGNED.finditer(plain):
        if match["value"] not in _NO_NAMES and not _UNIT_END.search(match["value"]):
            yield Party(text[match.start("value") : match.end("value")], match.span("value"), 0.85)
    for match in _I_AM.finditer(plain):
        if len(match["value"]) >= 2 and match["value"] not in _NO_NAMES:
            yield Party(text[match.start("value") : match.end("value")], match.span("value"), 0.7)


def _first_name(value: str) -> str:
    """Return the name at the beginning of what stands behind a label; signs set apart (张 三) are one name."""
    spaced = re.match(r"[\u4e00-\u9fff]{1,2}(?: {1,3}[\u4e00-\u9fff]{1,2}){1,2}(?=$|[，（\n])", value)
    if spaced:
        return spaced[0]
    match = re.match(r"[\u4e00-\u9fff]{1,12}(?:·[\u4e00-\u9fff]{1,8})*|[A-Za-z][A-Za-z .'-]{2,40}", value)
    name = match[0] if match else ""
    name = (
        re.sub(r"(?:等\S*|男|女|身份证\S*|联系\S*|电话\S*|住址?\S*|系)$", "", name) if len(name) > 2 else name
    )
    good = (2 <= len(name) <= 4 or "·" in name or name.isascii()) and name not in _NO_NAMES
    return name.strip() if good and name else ""


def accused(plain: str, text: str) -> Iterator[Party]:
    """Yield the people complained about."""
    for match in _AGAINST.finditer(plain):
        yield from (each for each in _split(match, text) if not _is_unit(each.value) and _is_name(each.value))
    for match in _NAMED.finditer(plain):
        if len(match["value"]) >= 2 and match["value"] not in _NO_NAMES:
            yield Party(text[match.start("value") : match.end("value")], match.span("value"), 0.65)
    for match in _ACTED.finditer(plain):
        yield Party(text[match.start("value") : match.end("value")], match.span("value"), 0.6)


def accused_units(plain: str, text: str) -> Iterator[Party]:
    """Yield the units complained about; a unit behind the label of a person is one as well."""
    for match in _AGAINST_UNIT.finditer(plain):
        yield from (each for each in _split(match, text) if len(each.value) >= 3)
    for match in _AGAINST.finditer(plain):
        yield from (each for each in _split(match, text) if _is_unit(each.value))


def _split(match: re.Match[str], text: str) -> Iterator[Party]:
    """Yield the names behind a label, one by one."""
    start, value = (
        match.start("value"),
        re.split(r"。|；?(?:地址|住所|住址|电话|法定代表人)[：]", match["value"])[0],
    )
    at = 0
    for piece in [*_SEPARATORS.finditer(value), None]:
        end = piece.start() if piece else len(value)
        part = value[at:end]
        name = re.sub(rf"^(?:{_OFFICE})|(?:{_OFFICE}|等人?|（.*?）?)$", "", part.strip())
        if name:
            first = start + at + part.find(name)
            yield Party(text[first : first + len(name)], (first, first + len(name)), 0.95)
        if piece:
            at = piece.end()


def _is_unit(value: str) -> bool:
    return len(value) >= 3 and _UNIT_END.search(value) is not None


def _is_name(value: str) -> bool:
    return (
        re.fullmatch(r"[\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]+·[\u4e00-\u9fff]+|[\u4e00-\u9fff]某{1,2}", value)
        is not None
        and value not in _NO_NAMES
    )
