"""What two texts have in common, sign by sign: no dictionary, no model. Pure.

A text is cut into runs of three signs ("grams"). Under a key each gram becomes a number; of those of a text the smallest
`PIECES` are kept (bottom-k MinHash, Broder 1997): the same words give the same numbers, shorter and longer versions of a
text share theirs, and who has not the key reads nothing from them. `likeness` then compares two texts in the clear.
"""

import hmac
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from central.cases.numbers import parse

#: Numbers kept of each text.
PIECES = 24
#: A longer text is cut: what it is about stands in its beginning.
MOST_SIGNS = 20_000
_GRAM = 3
_SIGN = re.compile(r"[0-9a-z\u3400-\u4dbf\u4e00-\u9fff]+")
#: Forms of address, of asking and of closing: they say nothing about the matter.
_COURTESY = re.compile(
    "尊敬的|敬爱的|领导|您好|你好|此致|敬礼|谢谢|感谢|麻烦|请问|恳请|恳求|请求|希望|要求|申请|信访人|来信人|反映人|投诉人|本人|我们|"
    "反映|投诉|咨询|建议|情况|问题|有关部门|相关部门|及时|尽快|依法|书面|说明理由|答复|回复|解决|处理|法官|法院|人民法院|院长|法律"
)
#: Signs of grammar: a gram without any carries more of what is told.
_GRAMMAR = frozenset(
    "的了是在我你他她它们这那有和与及或也都就而且但被把对从到为于以因所之其不没无很还又再已于至今并等着过呢吗吧啊"
)
_CASE = re.compile(
    r"[(（\[【〔]?\s*(?:(?:19|20)\d{2}|[〇零一二三四五六七八九○]{4})\s*[)）\]】〕]?\s*(?:最高法|[\u4e00-\u9fff])[\u4e00-\u9fff0-9第\s]{1,24}?\d{1,8}\s*号"
    r"(?:之[一二三四五六七八九十]{1,3})?"
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")


def plain(text: str) -> str:
    """Return the signs that count: one width, small letters, no blanks, stops or courtesies."""
    made = unicodedata.normalize("NFKC", text[:MOST_SIGNS]).lower()
    return _COURTESY.sub(" ", "".join(_SIGN.findall(made))).strip()


def grams(text: str, size: int = _GRAM) -> Counter[str]:
    """Return the runs of `size` signs of a plain text, those without a sign of grammar if there are enough."""
    parts = [part for part in text.split() if part]
    found = Counter(part[i : i + size] for part in parts for i in range(len(part) - size + 1))
    told = Counter({gram: count for gram, count in found.items() if _GRAMMAR.isdisjoint(gram)})
    return told if len(told) >= PIECES else found or Counter(parts)


def number_of(key: bytes, kind: str, text: str) -> int:
    """Return the 63 bits that stand for `text` of a kind under a key."""
    return int.from_bytes(hmac.digest(key, f"{kind}:{text}".encode(), "sha256")[:8], "big") >> 1


def pieces(text: str, key: bytes) -> list[int]:
    """Return the numbers by which a text is found again, at most `PIECES`, smallest first."""
    return sorted(number_of(key, "gram", gram) for gram in grams(plain(text)))[:PIECES]


def case_numbers_in(text: str) -> list[str]:
    """Return the case numbers named anywhere in a text, in their one form."""
    found = (parse(each[0]) for each in _CASE.finditer(text[:MOST_SIGNS]))
    return list(dict.fromkeys(each.canonical for each in found if each is not None))


@dataclass(frozen=True, slots=True)
class Text:
    """A text made ready to be compared with many. `common` grams are those most texts of the day have."""

    plain: str
    grams: Mapping[str, int]
    numbers: frozenset[str]


def ready(text: str) -> Text:
    """Return a text ready to be compared."""
    made = plain(text)
    long_numbers = frozenset(each for each in _NUMBER.findall(made) if len(each) > 2)
    return Text(made, Counter(grams(made, 2)) + Counter(grams(made)), long_numbers)


def weights(texts: Collection[Text]) -> dict[str, float]:
    """Return how much each gram tells among some texts: one that half of them have tells little."""
    counted = Counter(gram for text in texts for gram in text.grams)
    return {gram: math.log((len(texts) + 1) / (count + 0.5)) for gram, count in counted.items()}


def likeness(one: Text, other: Text, told: Mapping[str, float]) -> float:
    """Return how much of the shorter text the longer one has, from 0 to 1, each gram by how much it tells.

    Of the shorter one, because people send the same again with a page more, or in two lines.
    """
    if not one.grams or not other.grams:
        return 0.0
    sums = [sum(_weight(gram, told) for gram in text.grams) for text in (one, other)]
    shared = sum(_weight(gram, told) for gram in one.grams.keys() & other.grams.keys())
    return shared / (0.75 * min(sums) + 0.25 * max(sums)) if min(sums) > 0 else 0.0


def _weight(gram: str, told: Mapping[str, float]) -> float:
    return told.get(gram, 1.0) * len(gram) / 3


def shared_words(one: str, other: str, told: Mapping[str, float], *, most: int = 4) -> list[str]:
    """Return the longest runs that two texts share, those that tell most first: the reason in words."""
    a, b = plain(one), plain(other)
    found: list[str] = []
    i = 0
    while i < len(a) - 2:
        size = 0
        while i + size < len(a) and size < 24 and a[i : i + size + 1] in b:
            size += 1
        run = a[i : i + size].strip("".join(_GRAMMAR) + " ")
        if len(run) >= 3 and " " not in run:
            found.append(run)
        i += max(size, 1)
    return _best(dict.fromkeys(found), told, most)


def _best(runs: Iterable[str], told: Mapping[str, float], most: int) -> list[str]:
    def telling(run: str) -> float:
        return sum(told.get(run[i : i + 3], 0.5) for i in range(max(1, len(run) - 2)))

    chosen: list[str] = []
    for run in sorted(runs, key=telling, reverse=True):
        if not any(run in each for each in chosen):
            chosen.append(run)
    return chosen[:most]


def marked(text: str, other: str, *, least: int = 4) -> list[tuple[bool, str]]:
    """Return `text` in runs, each with whether the other text has it too: for two texts side by side.

    A run counts as shared from `least` signs on; blanks and stops between go with what stands before.
    """
    have = "".join(_SIGN.findall(unicodedata.normalize("NFKC", other).lower()))
    signs = [(i, made) for i, sign in enumerate(text) for made in [_one(sign)] if made]
    shared = [False] * len(text)
    i = 0
    while i < len(signs):
        size, run = 0, ""
        while i + size < len(signs) and run + signs[i + size][1] in have:
            run += signs[i + size][1]
            size += 1
        if size >= least:
            for k in range(signs[i][0], signs[i + size - 1][0] + 1):
                shared[k] = True
        i += max(size if size >= least else 1, 1)
    return _runs(text, shared)


def _one(sign: str) -> str:
    return "".join(_SIGN.findall(unicodedata.normalize("NFKC", sign).lower()))


def _runs(text: str, shared: Sequence[bool]) -> list[tuple[bool, str]]:
    runs: list[tuple[bool, str]] = []
    for sign, is_shared in zip(text, shared, strict=True):
        now = runs[-1][0] if runs and not _one(sign) else is_shared
        if runs and runs[-1][0] == now:
            runs[-1] = (now, runs[-1][1] + sign)
        else:
            runs.append((now, sign))
    return runs


def all_numbers(text: str, case_numbers: Iterable[str]) -> list[str]:
    """Return the case numbers of field and text, each once."""
    return list(dict.fromkeys((*case_numbers, *case_numbers_in(text))))


def grammar() -> frozenset[str]:
    """Return the signs of grammar."""
    return _GRAMMAR
