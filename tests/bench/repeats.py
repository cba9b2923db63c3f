"""Made-up petitions and made-up repeats of them: told in other words, shortened, extended, from another phone, through a bad scan. Pure."""

import random
from collections.abc import Callable
from dataclasses import dataclass

_PLACES = [
    "和平区砂山街",
    "沈河区五爱街",
    "铁西区兴华街",
    "皇姑区黄河大街",
    "大东区东北大马路",
    "浑南区营盘街",
    "于洪区黄海路",
    "沈北新区蒲河大道",
    "苏家屯区枫杨路",
    "辽中区蒲东街道",
    "新民市法哈牛镇",
    "法库县大孤家子镇",
]
_FIRMS = [
    "宏达",
    "永兴",
    "金鼎",
    "华瑞",
    "恒通",
    "盛世",
    "中科",
    "远东",
    "鑫源",
    "百川",
    "天成",
    "正阳",
    "东升",
    "国泰",
    "瑞丰",
    "嘉禾",
]
_KINDS = ["建筑公司", "物业公司", "餐饮公司", "运输公司", "装饰公司", "劳务公司", "房地产公司", "商贸公司"]
_NAMES = ["赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈", "褚", "卫", "蒋", "沈", "韩", "杨"]
_GIVEN = ["建国", "秀英", "桂兰", "志强", "玉梅", "海涛", "凤霞", "文斌", "丽娜", "国庆", "淑珍", "永利"]
_STORIES = (
    "我在{place}的{firm}干了{months}个月，公司欠我工资{money}元。{court}判决公司支付，判决生效以后一直没有执行到位。公司名下有{asset}，我多次向执行人员提供线索，没有人去查封。",
    "我买了{firm}在{place}开发的房子，交了{money}元，房子到现在没有交付。起诉到{court}，开庭以后{months}个月没有判决，打电话一直没有人接。",
    "{place}的邻居{name}把公共通道占了，我摔伤住院花了{money}元。{court}一审判决以后我上诉，二审法院{months}个月没有通知开庭，也不告诉我承办人是谁。",
    "我借给{name}{money}元，有借条和转账记录。{court}调解以后{name}不还钱，把{asset}转到亲戚名下，执行局说没有财产，终结了本次执行程序。",
    "{firm}的车在{place}撞了我的家人，{court}判决赔偿{money}元。保险公司赔了一部分，余下的{months}个月没有给，{name}躲着不见，我要求公开执行进展。",
    "{place}征收我家的院子，补偿{money}元我不同意，起诉到{court}，立案庭{months}个月不给立案也不给书面裁定，让我回去等通知。",
    "{court}拍卖了{name}的{asset}，我租住在里面，租金已经交了{money}元，法院没有通知我优先购买，清场的时候把我的东西丢了。",
    "我是{firm}的职工，单位在{place}没有给我交社保，仲裁以后单位不服起诉到{court}，案子拖了{months}个月，补缴{money}元一直没有着落。",
)
_ASSETS = [
    "两辆货车",
    "一套门市房",
    "三台挖掘机",
    "一块厂房用地",
    "银行账户里的货款",
    "一辆奔驰轿车",
    "仓库里的钢材",
    "一套商品房",
]
_GRIEVANCES = (
    "承办人换了三次，每次都要我从头讲一遍。",
    "开庭的时候不让我说话，笔录也没有给我看。",
    "送达的文书写错了我的名字，要求更正没有人理。",
    "执行款到了法院账户，却没有发给我。",
    "对方律师和书记员当着我的面有说有笑，我怀疑不公正。",
    "鉴定费交了两次，鉴定报告到今天没有出来。",
    "保全期限快要到了，续封申请交上去没有回音。",
    "我申请调取监控录像，合议庭没有答复。",
    "网上立案提交以后显示审核中，一个季度没有变化。",
    "诉讼费应当退还的部分没有退。",
    "庭审直播中断，补开的那次没有通知证人。",
    "对方报告的财产和车管所登记的对不上。",
)
_FILLER = (
    "我年纪大了，身体不好，家里还有老人和孩子要养，生活很困难。",
    "我相信法律，也相信法院会公平对待老百姓。",
    "我已经跑了很多趟，每次都让我等，不知道要等到什么时候。",
    "附上判决书复印件、身份证复印件和以前的来信，请查收。",
    "希望领导在百忙之中过问此事，给我一个明确的说法。",
    "去年冬天我去信访窗口反映过一次，接待的人做了记录。",
    "我不懂法律程序，请不了律师，只能写信。",
    "邻居们都可以给我作证。",
    "为了这件事我丢了工作，来回车费也花了不少。",
    "我没有别的要求，只想按规定办。",
    "12368热线打过几次，回复说已经转给承办部门。",
    "我保留向上级反映的权利，但是更愿意在当地解决。",
)
#: Said otherwise: pairs of words that mean much the same.
_OTHERWISE = (
    ("公司", "单位"), ("欠我工资", "拖欠劳动报酬"), ("判决", "裁判"), ("一直没有", "始终未"), ("没有人", "无人"), ("多次", "好几回"),
    ("执行人员", "执行法官"), ("查封", "采取查封措施"), ("起诉到", "诉至"), ("打电话", "去电"), ("交了", "支付了"), ("不还钱", "拒不归还"),
    ("借给", "出借给"), ("名下有", "拥有"), ("住院花了", "治疗花费"), ("不告诉我", "不告知"), ("补偿", "补偿款"), ("不同意", "不认可"),
    ("让我回去", "叫我先回家"), ("丢了", "弄丢"), ("案子", "案件"), ("没有着落", "没有下文"), ("躲着不见", "找不到人"), ("到现在", "至今"),
    ("我", "本人"), ("把", "将"), ("干了", "工作了"), ("房子", "房屋"), ("以后", "之后"),
)  # fmt: skip
#: Signs that scanners take for one another.
_MISREAD = {
    "己": "已",
    "未": "末",
    "人": "入",
    "日": "曰",
    "土": "士",
    "大": "太",
    "元": "无",
    "法": "怯",
    "行": "衍",
    "判": "刿",
    "我": "找",
    "没": "设",
    "有": "冇",
    "公": "么",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: which matter it is of, what was done to it, its text."""

    matter: int
    how: str
    text: str


def story(rng: random.Random, matter: int) -> Letter:
    """Return the first letter of a matter: one of few stories with names, places and sums of its own, as hard to tell apart as real ones."""
    firm, name = rng.choice(_FIRMS) + rng.choice(_KINDS), rng.choice(_NAMES) + rng.choice(_GIVEN)
    text = rng.choice(_STORIES).format(
        place=f"{rng.choice(_PLACES)}{rng.randrange(1, 400)}号",
        firm=firm,
        name=name,
        months=rng.randrange(3, 40),
        money=f"{rng.randrange(3, 900)}{rng.choice(('000', '500', '万', '600'))}",
        court=rng.choice(("区法院", "县法院", "市中级法院", "基层法院")),
        asset=rng.choice(_ASSETS),
    )
    more = [*rng.sample(_GRIEVANCES, 2), *rng.sample(_FILLER, rng.randrange(0, 3))]
    return Letter(matter, "first", text + "".join(more))


def _paraphrased(text: str, rng: random.Random) -> str:
    for word, other in _OTHERWISE:
        if rng.random() < 0.8:
            text = text.replace(word, other)
    parts = [part for part in text.split("。") if part]
    rng.shuffle(parts)
    return "。".join(parts) + "。"


def _shortened(text: str, rng: random.Random) -> str:
    parts = [part for part in text.replace("，", "。").split("。") if part]
    # What it is about stands in the beginning, and stays.
    keep = sorted(rng.sample(range(2, len(parts)), max(1, len(parts) // 4)))
    return "。".join(parts[i] for i in (0, 1, *keep)) + "。"


def _extended(text: str, rng: random.Random) -> str:
    return "".join(rng.sample(_FILLER, 3)) + text + "".join(rng.sample(_FILLER, 3))


def _scanned(text: str, rng: random.Random) -> str:
    made = []
    for sign in text:
        chance = rng.random()
        if chance < 0.02:
            continue
        made.append(_MISREAD.get(sign, sign) if chance < 0.5 else "口" if chance > 0.98 else sign)
    return "".join(made)


HOWS: dict[str, Callable[[str, random.Random], str]] = {
    "other phone": lambda text, _: text,
    "other words": _paraphrased,
    "shortened": _shortened,
    "extended": _extended,
    "bad scan": _scanned,
    "other words, bad scan": lambda text, rng: _scanned(_paraphrased(text, rng), rng),
}


def repeats(first: Letter, rng: random.Random) -> list[Letter]:
    """Return a repeat of each kind."""
    return [Letter(first.matter, how, change(first.text, rng)) for how, change in HOWS.items()]
