"""Letters as pictures, with what stands on them: texts put together from parts, set in a font, then damaged as scans and telephones do."""

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

Picture = np.ndarray[Any, np.dtype[np.uint8]]
_NOTO = Path("/usr/share/fonts/opentype/noto")
#: Font files and the face inside, as far as this machine has them.
FONTS = [
    (path, face)
    for path, face in (
        (_NOTO / "NotoSerifCJK-Regular.ttc", 2),
        (_NOTO / "NotoSansCJK-Regular.ttc", 2),
        (_NOTO / "NotoSerifCJK-Bold.ttc", 2),
        (Path("/usr/share/fonts/truetype/arphic/ukai.ttc"), 0),
        (Path("/usr/share/fonts/truetype/arphic-gkai00mp/gkai00mp.ttf"), 0),
        (Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc"), 0),
    )
    if path.exists()
]
SIZE = (1654, 2339)
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
_GIVEN = [
    "建国",
    "秀英",
    "志强",
    "丽华",
    "玉兰",
    "德胜",
    "桂芳",
    "永刚",
    "晓燕",
    "文博",
    "海涛",
    "淑珍",
    "伟",
    "敏",
    "静",
]
_CITIES = [
    ("沈阳市", ["和平区", "铁西区", "皇姑区"]),
    ("大连市", ["中山区", "甘井子区"]),
    ("鞍山市", ["铁东区", "海城市"]),
]
_ROADS = ["建设路", "人民街", "青年大街", "兴工北街", "胜利路", "解放南路"]
_UNITS = ["某某建筑工程有限公司", "宏达物业服务有限公司", "盛源房地产开发有限公司", "金桥劳务派遣有限公司"]
_PLOTS = [
    "我在该公司承建的工地从事木工作业，双方口头约定日工资三百五十元，工程完工后公司以资金紧张为由拖欠工资共计四万六千元。",
    "二〇二二年我所居住的小区供暖管道爆裂，室内家具及地板被水浸泡，物业公司拒绝赔偿，经多次协商未果。",
    "法院判决生效后被告拒不履行给付义务，我于次月申请强制执行，至今已经过去十一个月，执行法官从未与我联系。",
    "我与被告签订商品房买卖合同并付清全部房款，开发商逾期两年仍未交付房屋，也不办理产权登记手续。",
    "庭审过程中审判人员未对我提交的录音证据组织质证，判决书也没有说明不予采信的理由，程序明显违法。",
    "原审认定事实错误，把我方已经支付的货款十二万八千元认定为借款利息，致使判决结果显失公平。",
]
_DEMANDS = [
    "请求依法恢复执行并查封被执行人名下房产",
    "请求对本案依法提起再审",
    "请求责令该公司支付拖欠的劳动报酬",
    "请求书面答复本人并说明理由",
    "请求追究相关责任人员的责任",
    "请求退还多收取的诉讼费用",
]


@dataclass(frozen=True, slots=True)
class Letter:
    """Text by lines of the author (a long one is broken when set), and the fields that stand in it."""

    lines: list[str]
    fields: dict[str, Any]


def identity(rng: random.Random) -> str:
    """Return an identity number with a right check digit (GB 11643)."""
    first = f"2101{rng.randint(2, 6):02d}{rng.randint(1950, 1995)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randint(1, 999):03d}"
    total = sum(
        int(sign) * weight
        for sign, weight in zip(first, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    return first + "10X98765432"[total % 11]


def letter(seed: int) -> Letter:
    """Return a made-up letter; every seed words its heads and its end another way."""
    rng = random.Random(seed)
    name = rng.choice(_SURNAMES) + rng.choice(_GIVEN)
    city, districts = rng.choice(_CITIES)
    district = rng.choice(districts)
    address = f"辽宁省{city}{district}{rng.choice(_ROADS)}{rng.randint(1, 220)}号{rng.randint(1, 9)}单元{rng.randint(101, 1802)}室"
    phone = f"1{rng.choice('3578')}{rng.randint(0, 999999999):09d}"
    number = identity(rng)
    case = f"（{rng.randint(2019, 2025)}）辽010{rng.randint(2, 6)}{rng.choice(['民初', '执', '行初', '民终'])}{rng.randint(11, 9876)}号"
    court = f"{city}{district}人民法院"
    unit = city + rng.choice(_UNITS)
    person = rng.choice(_SURNAMES) + rng.choice(_GIVEN)
    demands = rng.sample(_DEMANDS, rng.randint(2, 3))
    year, month, day = rng.randint(2023, 2026), rng.randint(1, 12), rng.randint(1, 28)
    title = rng.choice(["申诉信", "信访信", "上访材料", "情况反映", "再审申请书", "投诉信"])
    who = rng.choice(["信访人", "申诉人", "反映人", "申请人", "投诉人"])
    against = rng.choice(["被反映人", "被投诉人", "被申诉人"])
    of_unit = rng.choice(["被反映单位", "被投诉单位"])
    gender = rng.choice(["，男", "，女", ""])
    head = [
        title,
        f"{who}：{name}{gender}",
        f"{rng.choice(['身份证号', '公民身份号码', '身份证号码'])}：{number}",
        f"{rng.choice(['住址', '地址', '现住址', '通讯地址'])}：{address}",
        f"{rng.choice(['联系电话', '电话', '手机'])}：{phone}",
        f"{against}：{person}",
        f"{of_unit}：{unit}",
    ]
    ask = rng.choice(["请求事项", "诉求", "信访请求"])
    marks = rng.choice([["一、", "二、", "三、"], ["1.", "2.", "3."], ["（一）", "（二）", "（三）"]])
    body = [f"尊敬的{court}领导：", f"    我因{case}一案，现将有关情况反映如下。"]
    body += ["    " + plot for plot in rng.sample(_PLOTS, rng.randint(2, 4))]
    asked = [
        f"{ask}：",
        *(
            f"{mark}{text}；" if at + 1 < len(demands) else f"{mark}{text}。"
            for at, (mark, text) in enumerate(zip(marks, demands, strict=False))
        ),
    ]
    end = ["    此致", "敬礼", f">{who}：{name}", f">{year}年{month}月{day}日"]
    fields = {
        "sender_name": name, "address": address, "phone": phone, "id_number": number, "written_on": f"{year:04d}-{month:02d}-{day:02d}",
        "case_numbers": [case], "court": court, "accused": [person], "accused_units": [unit], "demands": demands,
    }  # fmt: skip
    return Letter([*head, *body, *asked, *end], fields)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as set, and its lines as they stand on it."""

    picture: Picture
    lines: list[str] = field(default_factory=list)


def rendered(
    text: list[str], *, font: tuple[Path, int] = FONTS[0], size: int = 40, ink: int = 25
) -> list[Sheet]:
    """Return the pages of a letter, A4 at 200 dpi."""
    face = ImageFont.truetype(str(font[0]), size, index=font[1])
    width, height = SIZE
    margin, step = 190, round(size * 1.7)
    sheets: list[Sheet] = []
    page, lines, y = Image.new("L", SIZE, 255), list[str](), margin
    for at, line in enumerate(text):
        for part in _broken(line.lstrip(">"), face, width - 2 * margin):
            if y + step > height - margin:
                sheets.append(Sheet(np.array(page), lines))
                page, lines, y = Image.new("L", SIZE, 255), [], margin
            wide = face.getlength(part)
            x = (width - wide) / 2 if at == 0 else width - margin - wide if line.startswith(">") else margin
            ImageDraw.Draw(page).text((x, y), part, font=face, fill=ink)
            lines.append(part.strip())
            y += step
    return [*sheets, Sheet(np.array(page), lines)]


def _broken(line: str, face: ImageFont.FreeTypeFont, most: float) -> list[str]:
    parts, now = [], ""
    for sign in line:
        if face.getlength(now + sign) > most and sign not in "，。；：、）":
            parts.append(now)
            now = ""
        now += sign
    return [*parts, now]


def skewed(picture: Picture, degrees: float) -> Picture:
    """Return a page laid askew on the glass."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(
        cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=255), np.uint8
    )


def shadowed(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return a page in the shadow of a hand or a shelf."""
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    angle, at = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.7)
    side = 1 / (1 + np.exp(-((x - at) * np.cos(angle) + (y - at) * np.sin(angle)) * rng.uniform(8, 30)))
    light = 0.45 + 0.5 * side
    return _times(picture, light)


def folded(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return a page that was folded in three and in two: each fold has a light and a dark side."""
    height, width = picture.shape[:2]
    light = np.full((height, width), 0.96)
    for at in (height / 3, 2 * height / 3):
        away = np.arange(height) - at - rng.uniform(-30, 30)
        light *= (1 - 0.35 * np.exp(-((away + 14) ** 2) / 200) + 0.05 * np.exp(-((away - 14) ** 2) / 200))[
            :, None
        ]
    away = np.arange(width) - width / 2 - rng.uniform(-30, 30)
    light *= (1 - 0.3 * np.exp(-((away + 10) ** 2) / 150))[None, :]
    return _times(picture, light)


def noisy(picture: Picture, rng: np.random.Generator, sigma: float = 14.0) -> Picture:
    """Return a page with the noise of a cheap sensor, dust and a little blur."""
    soft = cv2.GaussianBlur(picture, (0, 0), 0.9)
    dusty = soft.astype(np.float32) + rng.normal(0, sigma, soft.shape)
    for _ in range(60):
        x, y = rng.integers(0, picture.shape[1]), rng.integers(0, picture.shape[0])
        cv2.circle(dusty, (int(x), int(y)), int(rng.integers(1, 3)), float(rng.integers(60, 160)), -1)
    return np.clip(dusty, 0, 255).astype(np.uint8)


def _times(picture: Picture, light: Any) -> Picture:
    return np.clip(
        picture.astype(np.float32) * (light if picture.ndim == 2 else light[:, :, None]), 0, 255
    ).astype(np.uint8)


def photographed(picture: Picture, rng: np.random.Generator, table: str) -> tuple[Picture, Any]:
    """Return a page photographed at an angle on a table, and its corners from the top left clockwise."""
    wide, high = 2400, 3200
    base = {"dark": 40, "wood": 120, "white": 215, "clutter": 130}[table]
    back = np.full((high, wide, 3), base, np.float32)
    if table == "wood":
        grain = np.sin(np.linspace(0, 160, wide) + rng.normal(0, 0.4, wide).cumsum() * 0.05) * 14
        back = back + grain[None, :, None] + np.array([-40, -8, 25])
    if table == "clutter":
        for _ in range(40):
            x, y = rng.integers(0, wide), rng.integers(0, high)
            colour = [float(each) for each in rng.integers(20, 250, 3)]
            cv2.rectangle(
                back,
                (int(x), int(y)),
                (int(x + rng.integers(60, 700)), int(y + rng.integers(40, 500))),
                colour,
                -1,
            )
    back = cv2.GaussianBlur(back, (0, 0), 2) + rng.normal(0, 4, back.shape)
    ph, pw = picture.shape[:2]
    sx, sy = wide * 0.8, high * 0.8
    x0, y0 = (wide - sx) / 2, (high - sy) / 2
    jitter = rng.uniform(-0.07, 0.07, (4, 2)) * wide
    quad = np.array([[x0, y0], [x0 + sx, y0], [x0 + sx, y0 + sy], [x0, y0 + sy]]) + jitter
    middle, angle = quad.mean(axis=0), np.radians(rng.uniform(-8, 8))
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    quad = ((quad - middle) @ spin.T + middle).astype(np.float32)
    quad = np.clip(quad, 12, [wide - 12, high - 12]).astype(np.float32)
    matrix = cv2.getPerspectiveTransform(np.array([[0, 0], [pw, 0], [pw, ph], [0, ph]], np.float32), quad)
    page = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    laid = cv2.warpPerspective(page, matrix, (wide, high), flags=cv2.INTER_AREA)
    mask = (
        cv2.warpPerspective(np.full((ph, pw), 255, np.uint8), matrix, (wide, high)).astype(np.float32)[
            :, :, None
        ]
        / 255
    )
    shade = cv2.GaussianBlur(np.roll(mask[:, :, 0], (14, 10), (0, 1)), (0, 0), 12)[:, :, None]
    photo = back * (1 - 0.35 * shade) * (1 - mask) + laid * mask
    x, y = np.meshgrid(np.linspace(-1, 1, wide), np.linspace(-1, 1, high))
    light = 0.95 - 0.18 * (x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1))
    photo = photo * light[:, :, None] + rng.normal(0, 5, photo.shape)
    return np.clip(cv2.GaussianBlur(photo, (0, 0), 0.8), 0, 255).astype(np.uint8), quad
