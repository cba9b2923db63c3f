"""Made-up messages about problems of places, each problem told by several people in words of their own, among others that stand alone. Pure."""

import random

_PLACES = [
    "丽景花园",
    "滨河新村",
    "金色家园",
    "万泉小区",
    "长白岛",
    "沙岭市场",
    "五里河公园",
    "中兴菜场",
    "北站广场",
    "奥体中心",
    "大学城",
    "矿机厂宿舍",
    "铁西新城",
    "浑河湾",
    "塔湾车站",
    "泰山社区",
]
_PROBLEMS = (
    ("搅拌站", "夜里开工", "灰尘很大", "噪音扰民", "环保投诉", "混凝土车", "影响孩子睡觉"),
    ("停水", "水压不足", "自来水", "高层没有水", "水管改造", "做不了饭", "物业推诿"),
    ("立案窗口", "排队", "材料退回", "不给立案", "来回跑", "网上立案审核", "没有书面通知"),
    ("捆绑车位", "开发商", "不买车位", "不签合同", "强制搭售", "认购书", "维权业主"),
    ("执行款", "迟迟不发", "到账", "执行局", "领款手续", "一案一账号", "代管款"),
    ("公交改线", "站点取消", "老人出行", "上班换乘", "班次太少", "等车", "公交公司"),
    ("拍卖", "清场", "腾房", "司法拍卖", "占用房屋", "不交付", "竞买人"),
    ("学位", "入学", "学区", "报名", "统筹安排", "家长", "离家太远"),
)
_ALONE = (
    "咨询养老保险一次性补缴的条件", "身份证到期异地怎样补办", "出租车拒载请核查", "路灯不亮已经一周", "二手房过户需要哪些材料", "申请法律援助的标准是什么", "医保报销比例怎样计算",
    "人才公寓申请进度查询", "宠物狗伤人没有人管", "快递丢失不赔付", "网络诈骗报警以后没有回音", "驾校不退学费", "健身房关门办卡的钱要不回来", "护照办理时间太长", "公积金贷款审批慢",
)  # fmt: skip
_ENDS = (
    "请领导关注。",
    "已经影响正常生活。",
    "多次打电话没有结果。",
    "什么时候能够办好？",
    "希望给个说法。",
    "周围的人都有意见。",
    "拖了很久了。",
)


def made(rng: random.Random, *, planted: int, alone: int) -> tuple[list[tuple[str, str]], list[int]]:
    """Return messages as (subject, text), and of each the problem it is about, -1 if it stands alone."""
    pairs = rng.sample([(place, i) for place in _PLACES for i in range(len(_PROBLEMS))], planted)
    found: list[tuple[tuple[str, str], int]] = []
    for number, (place, which) in enumerate(pairs):
        words = _PROBLEMS[which]
        for _ in range(rng.randrange(6, 16)):
            told = [words[0], *rng.sample(words[1:], 3)]
            subject = f"{place}{told[0]}{rng.choice(('问题', '的反映', told[1], '没人管'))}"
            text = f"我住在{place}附近，{told[1]}，{told[0]}{rng.choice(_ENDS)}{told[2]}，{told[3]}。{rng.choice(_ENDS)}"
            found.append(((subject, text), number))
    for _ in range(alone):
        one, place = rng.choice(_ALONE), rng.choice(_PLACES)
        found.append(
            (
                (f"{one}", f"{place}{rng.randrange(1, 90)}号，{one}，{rng.choice(_ENDS)}{rng.choice(_ENDS)}"),
                -1,
            )
        )
    rng.shuffle(found)
    return [each for each, _ in found], [number for _, number in found]
