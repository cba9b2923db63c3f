"""What a letter says of itself, proposed with its place: who wrote, where to answer, which case, against whom, what is asked. Pure.

Proposals only: nothing counts before a person confirmed it. Numbers are checked by their check digit, case numbers by `cases`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from central.cases import numbers
from central.scanning import dates, demands, parties
from central.scanning.lines import Box, Line
from central.scanning.story import Story, told

#: Weights of the digits of an identity number (GB 11643-1999).
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
#: Signs that are read for each other in a run of digits.
_MIXED = str.maketrans("OoQDlIi|ZzSsB", "0000111122558")

_ID = re.compile(r"(?<![0-9A-Za-z])([0-9OoQDlI|][0-9OoQDlI| ]{14,24}?[0-9OoXx×])(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d(?:[- ]?\d){8})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)((?:（?0\d{2,3}）?[-—– ]?)[2-9]\d{6,7})(?!\d)")
_PHONE_LABEL = re.compile(r"(?:电\s*话|手\s*机|联系方式|联系号码|TEL|Tel|tel|Phone|phone)[^\n]{0,12}$")
_ADDRESS = re.compile(
    r"(?P<label>(?:通[讯信]|联系|邮寄|送达|现居?住|家庭|详细|居住|户籍|身份证)?(?:住址|地址|住所地?|所在地)|现住|居住地|住(?=[：])|Address|address)"
    r"(?:及电话)?\s*[：]\s*(?P<value>[^\n；。]{4,80})"
)
_LIVES = re.compile(
    r"[，、 ](?:现)?(?:住|居住于|家住|住在)(?P<value>[^\n，；。：]{2,8}?(?:省|市|区|县|自治州|旗)[^\n，；。]{2,60})"
)
_NEXT_LABEL = re.compile(
    r"[，、；。 ]*(?:邮\s*编|邮政编码|联系电话|联系方式|电\s*话|手\s*机|身份证|公民身份|职业|工作单位|邮箱)"
    r"|[，、 ]*(?:被|原审)?(?:反映|申诉|信访|投诉)人"
)
_CASE = re.compile(
    r"[（〔\[【〈]\s*(?:19|20)\d{2}\s*[）〕\]】〉]\s*[\u4e00-\u9fff0-9 ]{2,24}?号(?:之[一二三四五六七八九十]+)?"
    r"|(?:19|20)\d{2}年?[\u4e00-\u9fff]{1,10}字第?\s*\d+\s*号"
)
_COURT = re.compile(r"[\u4e00-\u9fff]{2,24}?人民法院|最高法院")
_BEFORE_COURT = re.compile(
    r"^.*(?:尊敬的|此致|敬礼|致|呈|向(?!阳)|由|被|到|经(?!济|开)|至|在|因|不服|判决|关于|送|请求|恳请|要求|及|的|我|了)(?=[\u4e00-\u9fff]{2})"
)


@dataclass(frozen=True, slots=True)
class Field:
    """One proposal: `name` is a key below `scanning.field.`; `valid` is false for a number whose check digit is wrong."""

    name: str
    value: str
    confidence: float
    page: int
    box: Box
    valid: bool = True


def propose(lines: Sequence[Line], *, courts: Sequence[str] = ()) -> list[Field]:
    """Return what a letter's lines say, best first within each name; `courts` are the names of courts that are known."""
    story = told(lines)
    if not story.rows:
        return []
    return [
        *_people(story),
        *_addresses(story),
        *_phones(story),
        *_identities(story),
        *_dates(story),
        *_cases(story),
        *_courts(story, courts),
        *_demands(story),
    ]


def _field(
    story: Story, name: str, value: str, span: tuple[int, int], sure: float, *, valid: bool = True
) -> Field:
    spot = story.spot(*span)
    return Field(name, value, round(sure * spot.confidence, 3), spot.page, spot.box, valid)


def _people(story: Story) -> Iterator[Field]:
    senders = [
        _field(story, "sender_name", each.value, each.span, each.sure)
        for each in parties.senders(story.plain, story.text)
    ]
    yield from _distinct(sorted(senders, key=lambda each: -each.confidence))[:1]
    for name, found in (
        ("accused", parties.accused(story.plain, story.text)),
        ("accused_units", parties.accused_units(story.plain, story.text)),
    ):
        yield from _distinct([_field(story, name, each.value, each.span, each.sure) for each in found])


def _distinct(fields: list[Field]) -> list[Field]:
    """Return fields without those whose value was there before."""
    seen: dict[str, Field] = {}
    for each in fields:
        seen.setdefault(each.value, each)
    return list(seen.values())


def _addresses(story: Story) -> Iterator[Field]:
    found = []
    for pattern, sure in ((_ADDRESS, 0.95), (_LIVES, 0.8)):
        for match in pattern.finditer(story.plain):
            start, end = match.span("value")
            cut = _NEXT_LABEL.search(story.plain, start, end)
            end = cut.start() if cut else end
            value = story.text[start:end].strip(" ，,、")
            if len(value) < 4:
                continue
            label = match.groupdict().get("label") or ""
            rank = 1 if label.startswith(("户籍", "身份证")) else 0
            found.append((rank, -sure, _field(story, "address", value.replace(" ", ""), (start, end), sure)))
    yield from [field for _, _, field in sorted(found, key=lambda each: each[:2])][:1]


def _phones(story: Story) -> Iterator[Field]:
    found = []
    for pattern, sure in ((_MOBILE, 0.9), (_LANDLINE, 0.75)):
        for match in pattern.finditer(story.plain):
            digits = re.sub(r"\D", "", match[1])
            if pattern is _LANDLINE and not (10 <= len(digits) <= 12):
                continue
            labelled = (
                _PHONE_LABEL.search(story.plain[max(0, match.start() - 24) : match.start()]) is not None
            )
            found.append(
                _field(story, "phone", digits, match.span(1), sure + 0.08 if labelled else sure * 0.8)
            )
    yield from _distinct(sorted(found, key=lambda each: -each.confidence))[:2]


def _identities(story: Story) -> Iterator[Field]:
    found = []
    for match in _ID.finditer(story.plain):
        value = match[1].replace(" ", "").replace("×", "X").upper()
        value = value[:-1].translate(_MIXED) + ("X" if value[-1] == "X" else value[-1].translate(_MIXED))
        if not re.fullmatch(r"[1-8]\d{16}[\dX]", value) or not _is_day(value[6:14]):
            continue
        good = is_identity(value)
        found.append(_field(story, "id_number", value, match.span(1), 0.98 if good else 0.3, valid=good))
    yield from _distinct(sorted(found, key=lambda each: -each.confidence))[:1]


def is_identity(value: str) -> bool:
    """Say whether the check digit of an 18-digit identity number is right (GB 11643-1999)."""
    if not re.fullmatch(r"\d{17}[\dX]", value):
        return False
    total = sum(int(sign) * weight for sign, weight in zip(value, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == value[17]


def _is_day(digits: str) -> bool:
    return 1900 <= int(digits[:4]) <= 2100 and 1 <= int(digits[4:6]) <= 12 and 1 <= int(digits[6:]) <= 31


def _dates(story: Story) -> Iterator[Field]:
    written = dates.written(story.plain)
    if written is not None:
        yield _field(story, "written_on", written.value.isoformat(), written.span, written.sure)
    stamped = dates.postmark(story.plain)
    if stamped is not None:
        yield _field(story, "postmark_on", stamped.value.isoformat(), stamped.span, stamped.sure)


def _cases(story: Story) -> Iterator[Field]:
    found = []
    for match in _CASE.finditer(story.plain):
        read = numbers.parse(match[0])
        if read is not None:
            found.append(_field(story, "case_numbers", read.canonical, match.span(), 0.95))
    yield from _distinct(found)


def _courts(story: Story, known: Sequence[str]) -> Iterator[Field]:
    """Return the court that is addressed: in the salutation or under 此致; else the first that is named."""
    found = []
    for match in _COURT.finditer(story.plain):
        start, end = match.span()
        name, sure = _court_of(match[0], known)
        start = end - len(name)
        before = story.plain[max(0, start - 8) : start]
        addressed = re.search(r"(?:尊敬的|此\s*致\s*|敬呈|呈|致)\s*$", before) or re.match(
            r"\s*(?:的?(?:各位)?(?:领导|院长|法官|信访|立案|执行|负责)[^\n]{0,10})?[：]|\s*$",
            story.plain[end : end + 16].split("\n")[0],
        )
        found.append(
            (
                0 if addressed else 1,
                _field(story, "court", name, (start, end), sure * (1.0 if addressed else 0.7)),
            )
        )
    best = sorted(found, key=lambda each: each[0])
    yield from _distinct([field for _, field in best])[:1]


def _court_of(text: str, known: Sequence[str]) -> tuple[str, float]:
    fits = [name for name in known if text.endswith(name)]
    if fits:
        return max(fits, key=len), 0.97
    short = _BEFORE_COURT.sub("", text)
    near = [name for name in known if name.endswith(short) and len(short) > 5]
    return (near[0], 0.8) if len(near) == 1 else (short if len(short) > 4 else text, 0.75)


def _demands(story: Story) -> Iterator[Field]:
    for each in demands.found(story.plain):
        start, end = each.span
        yield _field(story, "demands", story.text[start:end].replace("\n", ""), each.span, each.sure)
