"""Which passwords may be chosen: long enough, not one that leaked, not built from words anybody here would try first.

There is no rule of composition and no expiry (ASVS 5: 6.2.5, 6.2.10). The leaked ones ship with the program; nothing is asked of the
network. docs/sign-in.md names the lists.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

from central.errors import Invalid

SHORTEST = 12
LONGEST = 128
#: Sorted digests of leaked passwords, `WIDTH` bytes each.
LIST = Path(__file__).parent / "data" / "breached.bin"
WIDTH = 5

#: What is left of a password once these are taken out must be a password still (ASVS 5: 6.1.2, 6.2.11).
CONTEXT_WORDS = (
    "minyi", "xinfang", "fayuan", "zhongyuan", "gaoyuan", "renmin", "susong", "xinfangban", "liaoning", "shenyang",
    "dalian", "anshan", "fushun", "benxi", "dandong", "jinzhou", "yingkou", "fuxin", "liaoyang", "panjin", "tieling",
    "chaoyang", "huludao", "petition", "court", "justice", "registrar", "handler", "leader", "supervisor", "auditor",
    "administrator", "admin", "welcome", "changeme", "password", "passwort", "mima", "guanliyuan", "zhongguo", "china",
    "民意", "信访", "法院", "人民", "中级", "高级", "基层", "辽宁", "沈阳", "大连", "中国", "管理员", "密码",
)  # fmt: skip
#: So many signs beside such words are asked for.
LEAST_REST = 8


def check(password: str, *, own_words: Iterable[str] = ()) -> None:
    """Raise `Invalid` for a password that may not be chosen. `own_words`: user name, names of person and court."""
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        raise Invalid("accounts.policy.short", field="password", least=SHORTEST)
    if len(plain) > LONGEST:
        raise Invalid("accounts.policy.long", field="password", most=LONGEST)
    low = folded(plain)
    if is_breached(low) or _is_pattern(low):
        raise Invalid("accounts.policy.breached", field="password")
    if len(_without(low, own_words)) < LEAST_REST:
        raise Invalid("accounts.policy.context", field="password")


def folded(password: str) -> str:
    """Return the form in which passwords are looked up: NFKC, small letters."""
    return unicodedata.normalize("NFKC", password).casefold()


def entry_of(low: str) -> bytes:
    """Return the entry of a folded password in the list."""
    return blake2b(low.encode("utf-8", "surrogatepass"), digest_size=WIDTH).digest()


def is_breached(low: str) -> bool:
    """Say whether a folded password is in the shipped list."""
    content, wanted = _leaked(), entry_of(low)

    def entry(number: int) -> bytes:
        return content[number * WIDTH : (number + 1) * WIDTH]

    return entry(bisect_left(range(len(content) // WIDTH), wanted, key=entry)) == wanted


@cache
def _leaked() -> bytes:
    return LIST.read_bytes()


def _is_pattern(low: str) -> bool:
    """Say whether a password is a short piece said again and again, or a walk through the alphabet or the digits."""
    repeated = any(low == (low[:size] * len(low))[: len(low)] for size in range(1, 5))
    steps = {ord(b) - ord(a) for a, b in pairwise(low)}
    return repeated or steps in ({1}, {-1})


def _without(low: str, own_words: Iterable[str]) -> str:
    words = sorted({*CONTEXT_WORDS, *_parts(own_words)}, key=len, reverse=True)
    for word in words:
        low = low.replace(word, "")
    return low


def _parts(own_words: Iterable[str]) -> Iterator[str]:
    for word in own_words:
        low = folded(word)
        yield from (
            part
            for part in (low, *low.replace(".", " ").split())
            if len(part) >= (3 if part.isascii() else 2)
        )
