"""What Minyi must never become, as words: a rule has a reason, the words that betray it, and texts it must leave alone.

Names are looked at as words: `FaceDetectorYN`, `face_id` and `face-id` all say "face"; `surface` and `interface` do not.
Prose that says what Minyi does *not* do (docstrings, comments, documents, README) is not looked at; messages shown to people are,
and those that deny something stand by their key in `DENIALS`.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.architecture.sources import ROOT, Modules

PACKAGES = ("central", "edge_agent", "shared")


class Rule(NamedTuple):
    """`words` is looked for in text made of small words; `reason` is what the person who broke the rule reads."""

    name: str
    reason: str
    words: re.Pattern[str]


class Finding(NamedTuple):
    """Where which rule is broken by what."""

    where: str
    rule: str
    text: str


def _rule(name: str, reason: str, *words: str) -> Rule:
    english = [rf"\b(?:{word})\b" if word.isascii() else word for word in words]
    return Rule(name, reason, re.compile("|".join(english)))


RULES = (
    _rule(
        "no face",
        "A camera reads codes or pages. Who comes to a court to complain is not to be recognised by a machine.",
        "faces?", "facial", "haar ?cascades?", "cascade classifier", "hog descriptor", "head ?pose", "gaze",
        "人脸", "刷脸", "面部", "脸部", "人像", "抓拍",
    ),
    _rule(
        "no body measured",
        "Sensitive personal information by law (PIPL art. 28), and no petition needs it.",
        "biometr\\w*", "finger ?prints?", "voice ?prints?", "palm ?prints?", "iris", "retina", "gait", "emotions?", "sentiments?",
        "re ?id(?:entification)?", "生物识别", "生物特征", "指纹", "声纹", "虹膜", "步态", "情绪",
    ),
    _rule(
        "no list of people to watch",
        "Petitioning is a right. A list of those who use it often is the first thing such a system is asked for, and the last it may have.",
        "watch ?lists?", "black ?lists?", "grey ?lists?", "gray ?lists?", "key (?:persons?|people|petitioners?)", "vip",
        "trouble ?makers?", "vexatious", "suspects?", "persons? of interest", "people of interest",
        "黑名单", "灰名单", "关注名单", "布控", "重点人", "重点关注", "重点信访", "缠访", "闹访", "非访", "非正常上访", "老上访", "上访户", "涉稳", "维稳", "稳控",
    ),
    _rule(
        "no mark given to a person",
        "Petitions have a stage and a due date. A number or a word that ranks the person would decide how they are heard.",
        "scores?", "scoring", "scored", "ratings?", "(?:risk|threat|danger|stability|credit|trust) (?:levels?|class(?:es)?|grades?|rank\\w*|ind(?:ex|ices)|tags?|labels?|values?)",
        "(?:persons?|people|petitioners?|visitors?|citizens?) (?:levels?|class(?:es)?|grades?|rank\\w*|tags?|labels?|profiles?|types?)", "profiling",
        "评分", "打分", "积分", "评级", "画像", "标签", "风险等级", "风险评估", "风险人员", "高风险", "危险程度", "信用分", "人员等级", "人员分级", "分级管控",
    ),
)  # fmt: skip

#: Keys of messages that tell people what is not done.
DENIALS = {"kiosk.no_face"}

#: Packages whose purpose is one of the above, by parts of their names. OpenCV can find faces too: the rule of names sees its use.
PACKAGES_REFUSED = re.compile(
    r"(?<!inter)(?<!sur)(?<!type)face|facial|^dlib|mediapipe|mtcnn|biometr|fingerprint|voiceprint|pyannote|speechbrain|resemblyzer"
    r"|deep-?sort|bytetrack|torchreid|reid|emotion|openpose|ultralytics|yolo"
)


def words(text: str) -> str:
    """Return `text` with names taken apart: `FaceDetectorYN.face_id` gives "face detector yn face id"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]+", " ", spaced.lower())


def broken(where: str, texts: Iterable[str]) -> list[Finding]:
    """Return what the rules find in `texts`."""
    return [
        Finding(where, rule.name, hit[0])
        for text in texts
        for rule in RULES
        for hit in [rule.words.search(words(text))]
        if hit
    ]


def names_and_strings(tree: ast.Module) -> Iterator[str]:
    """Yield every name a module gives or uses and every string in it that is no docstring."""
    prose = {id(statement.value) for node in ast.walk(tree) for statement in _bare_strings(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and id(node) not in prose:
                yield node.value
            continue
        for field in ("id", "attr", "name", "arg", "asname", "module"):
            given = getattr(node, field, None)
            if isinstance(given, str):
                yield given


def _bare_strings(node: ast.AST) -> list[ast.Expr]:
    body = getattr(node, "body", None)
    found = body if isinstance(body, list) else []
    return [one for one in found if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)]


def in_modules(modules: Modules) -> list[Finding]:
    """Return what the rules find in names and strings of modules: tables, forms, settings, topics, kinds of events."""
    return [
        found for module in modules.values() for found in broken(module.name, names_and_strings(module.tree))
    ]


def in_messages(value: object, key: str = "") -> list[Finding]:
    """Return what the rules find in keys and sentences of a catalogue, or of any other TOML file."""
    if key in DENIALS:
        return []
    if isinstance(value, dict):
        return [
            found for name, one in value.items() for found in in_messages(one, f"{key}.{name}".strip("."))
        ]
    if isinstance(value, list):
        return [found for one in value for found in in_messages(one, key)]
    return broken(key, [key, str(value)])


def files(*endings: str) -> list[Path]:
    """Return the files of the packages with one of these endings, vendored libraries left out."""
    found = [
        path for package in PACKAGES for ending in endings for path in (ROOT / package).rglob(f"*{ending}")
    ]
    return sorted(path for path in found if "vendor" not in path.parts and ".min." not in path.name)


def in_templates(text: str) -> list[str]:
    """Return the parts of a template that count: its comments and the keys of denials taken out."""
    plain = re.sub(r"\{#.*?#\}|<!--.*?-->", " ", text, flags=re.DOTALL)
    for key in DENIALS:
        plain = plain.replace(key, " ")
    return [plain]


@cache
def locked() -> tuple[str, ...]:
    """Return the names of all packages that an installation can bring, optional ones included."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))
    return tuple(package["name"] for package in lock["package"])


def refused(packages: Iterable[str]) -> list[str]:
    """Return those of `packages` whose purpose lies beyond the boundary."""
    return [name for name in packages if PACKAGES_REFUSED.search(name.lower())]
