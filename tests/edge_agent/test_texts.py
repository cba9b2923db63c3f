"""Every sentence the box can say exists in both languages, and tells people what to do."""

import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

import edge_agent
from edge_agent.texts import FILE, catalogue
from shared.i18n import Lang
from shared.wire import Refusal, VisitKind

ROOT = Path(edge_agent.__file__).parent
KEYS = catalogue().keys()


def places(key: str, lang: Lang) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(catalogue().text(key, lang)) if name}


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_say_it_with_the_same_facts(key: str) -> None:
    assert catalogue().text(key, Lang.ZH)
    assert catalogue().text(key, Lang.EN)
    assert places(key, Lang.ZH) == places(key, Lang.EN)


def test_every_key_that_code_and_templates_name_is_there() -> None:
    groups = "|".join(tomllib.loads(FILE.read_text("utf-8")))
    named = re.compile(rf'"((?:{groups})\.[a-z_]+)"')
    used = {
        key
        for path in [*ROOT.rglob("*.py"), *ROOT.rglob("*.html")]
        for key in named.findall(path.read_text("utf-8"))
    }
    assert len(used) > 80
    assert sorted(key for key in used if key not in KEYS and not key.endswith(".html")) == []


@pytest.mark.parametrize("reason", [*(one.value for one in Refusal), "no_roster"])
def test_each_refusal_has_a_sentence_of_its_own(reason: str) -> None:
    sentences = [catalogue().text(key, Lang.ZH) for key in KEYS if key.startswith("refusal.")]
    assert sentences.count(catalogue().text(f"refusal.{reason}", Lang.ZH)) == 1
    assert catalogue().text(f"refusal.{reason}", Lang.EN).endswith(".")


@pytest.mark.parametrize("reason", sorted({one.value for one in Refusal} - {"already_used", "too_early"}))
def test_a_refusal_that_staff_can_help_with_says_so(reason: str) -> None:
    assert "呼叫工作人员" in catalogue().text(f"refusal.{reason}", Lang.ZH)
    assert "call staff" in catalogue().text(f"refusal.{reason}", Lang.EN)


@pytest.mark.parametrize("kind", list(VisitKind))
def test_each_kind_of_visit_has_a_name(kind: VisitKind) -> None:
    assert catalogue().has(f"kind.{kind.value}")
    assert catalogue().has(f"kind_hint.{kind.value}")


def test_no_chinese_and_no_sentence_stands_in_a_template() -> None:
    for path in ROOT.rglob("*.html"):
        assert not re.search("[一-鿿]", path.read_text("utf-8")), path
