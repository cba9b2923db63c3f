"""What a letter asks for, as a numbered list. Pure."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_HEAD = re.compile(
    r"(?:^|\n|。)\s*(?:[一二三四五六七八九十]{1,2}、|\d[.、])?\s*(?:我的|本人的?|具体|主要|现提出以下|提出如下|现提出如下|为此提出以下|综上[，、]?|特提出以下)?"
    r"(?:信访|申诉|投诉|上访|反映|诉讼|再审|申请|举报)?(?:请求事项|诉求事项|请求|诉求|要求)(?:事项)?(?:如下|是|为)?\s*(?:[：]|\n)"
)
#: How an item is numbered.
_NUMBER = (
    r"(?:第[一二三四五六七八九十]{1,2}(?:项)?[、，：.]?|[一二三四五六七八九十]{1,3}[、，.．]"
    r"|[（][一二三四五六七八九十\d]{1,3}[）]、?|\d{1,2}\s*(?:[、．)）]|\.(?!\d))|[①②③④⑤⑥⑦⑧⑨⑩])\s*"
)
_ITEM = re.compile(rf"(?:^|(?<=[\n；;。：]))\s*{_NUMBER}")
#: A sentence that ends in a colon before a numbered list: 为此我请求：一、…
_LEADS = re.compile(rf"(?:请求|恳请|恳求|诉求|要求|希望|请)[^\n。；：]{{0,20}}[：]\s*(?={_NUMBER})")
_STOP = re.compile(
    r"\n\s*(?:[一二三四五六七八九十]、)?\s*(?:事\s*实\s*[与和及、]\s*理\s*由|事实经过|基本事实|主要事实|此\s*致|敬\s*礼|附\s*[：件]|以上|综上|特此|望|恳请|证据|理由|信访人|申诉人|反映人|投诉人|申请人|上访人|举报人|谢谢|尊敬的)"
)
_ALONE = re.compile(
    r"(?:^|[\n。；，])(?:现|特|故|为此|因此|据此|综上)?[，]?(?:恳请|请求|恳求|要求|希望|盼望|望)(?P<value>(?:贵院|法院|领导|各位领导|有关部门|上级)?[^\n。；]{6,120})"
)
_MOST = 20


class Demand(NamedTuple):
    """One thing that is asked: where it stands, without number and end stop, and how sure it is."""

    span: tuple[int, int]
    sure: float


def found(plain: str) -> list[Demand]:
    """Return the demands of a letter in their order: numbered below a head, else sentences that ask."""
    for head in (*_HEAD.finditer(plain), *_LEADS.finditer(plain)):
        made = list(_below(plain, head.end()))
        if made:
            return made[:_MOST]
    return [Demand(_bare(plain, *match.span("value")), 0.6) for match in _ALONE.finditer(plain)][:5]


def _below(plain: str, start: int) -> Iterator[Demand]:
    stop = _STOP.search("\n" + plain[start:])
    end = min(len(plain), start + max(stop.start() - 1, 0)) if stop else len(plain)
    block = plain[start:end]
    items = list(_ITEM.finditer(block))
    if items and items[0].start() <= 40:
        for at, item in enumerate(items):
            until = items[at + 1].start() if at + 1 < len(items) else _last_end(block, item.end())
            span = _bare(plain, start + item.end(), start + until)
            if span[1] - span[0] >= 3:
                yield Demand(span, 0.95)
        return
    first = block.lstrip("\n").split("\n")[0]
    at = block.find(first) if first else 0
    for part in re.finditer(r"[^；;]+", first):
        span = _bare(plain, start + at + part.start(), start + at + part.end())
        if span[1] - span[0] >= 4:
            yield Demand(span, 0.8)


def _last_end(block: str, start: int) -> int:
    """Return where the last item ends: at its stop at the end of a line, or at the end of the block."""
    stop = re.search(r"。\s*(?=\n|$)|\n", block[start:])
    return start + stop.start() if stop else len(block)


def _bare(plain: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without blanks and stops at its rims."""
    while start < end and plain[start] in " \n，、：":
        start += 1
    while end > start and plain[end - 1] in " \n，、；;：:。.":
        end -= 1
    return start, end
