"""Sentences: every key that code or a template names is there in both languages, with the same places to fill."""

import ast
import re
import tomllib
from collections.abc import Mapping
from string import Formatter
from typing import Any

import pytest

from shared.i18n import Catalogue, Lang
from tests.architecture.sources import PACKAGES, ROOT, Module, house, planted

#: A catalogue for each process: the centre's from every domain, the box's from its one file.
FILES = {
    "central": sorted((ROOT / "central").glob("*/messages.toml")),
    "edge_agent": sorted((ROOT / "edge_agent").glob("**/messages.toml")),
}
_KEY = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$")
_IN_TEMPLATE = re.compile(r"""["']([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*\.?)["']""")


def loaded(package: str) -> Catalogue:
    """Return the catalogue of a package."""
    return Catalogue(tomllib.loads(path.read_text("utf-8")) for path in FILES[package])


def literals(module: Module) -> set[str]:
    """Return the texts of a module that look like keys; of a put-together one its beginning, with a dot at the end."""
    docs = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
            found.add(str(node.values[0].value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            found.add(node.value)
    return found


def unknown(texts: set[str], known: Catalogue) -> list[str]:
    """Return texts that name a domain of the catalogue and no sentence of it."""
    keys = known.keys()
    domains = {key.split(".")[0] for key in keys}
    named = {text for text in texts if text.split(".")[0] in domains and "." in text}
    begun = {text for text in named if re.match(r"^[a-z][a-z0-9_.]*[._]$", text)}
    whole = {text for text in named - begun if _KEY.match(text)}
    return sorted(
        [text for text in whole if not known.has(text)]
        + [text for text in begun if not any(key.startswith(text) for key in keys)]
    )


def lopsided(table: Mapping[str, Any], at: str = "") -> list[str]:
    """Return sentences that lack a language, are empty, cannot be filled, or have other places in one than in the other."""
    if "zh" in table or "en" in table:
        zh, en = (str(table.get(lang, "")) for lang in ("zh", "en"))
        return [] if zh.strip() and en.strip() and _places(zh) == _places(en) is not None else [at]
    return [
        each
        for key, value in table.items()
        if isinstance(value, Mapping)
        for each in lopsided(value, f"{at}.{key}" if at else key)
    ]


def _places(sentence: str) -> set[str] | None:
    try:
        return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
    except ValueError:
        return None


#: Names of modules, files and the like that look like keys.
NO_KEYS = re.compile(r"\.(py|toml|html|css|js|json|svg|png|key|md|sqlite3)$")


@pytest.mark.parametrize("package", FILES)
def test_every_key_in_the_code_has_its_sentence(package: str) -> None:
    known = loaded(package)
    wrong = {
        module.name: found
        for module in house().values()
        if module.parts[0] == package
        for found in [[text for text in unknown(literals(module), known) if not NO_KEYS.search(text)]]
        if found
    }
    assert wrong == {}


@pytest.mark.parametrize("package", FILES)
def test_every_key_in_a_template_has_its_sentence(package: str) -> None:
    known = loaded(package)
    wrong = {}
    for path in sorted((ROOT / package).rglob("*.html")):
        texts = set(_IN_TEMPLATE.findall(path.read_text("utf-8")))
        if found := [text for text in unknown(texts, known) if not NO_KEYS.search(text)]:
            wrong[str(path.relative_to(ROOT))] = found
    assert wrong == {}


@pytest.mark.parametrize(
    "path", [p for files in FILES.values() for p in files], ids=lambda p: str(p.relative_to(ROOT))
)
def test_every_sentence_is_whole_in_both_languages(path: Any) -> None:
    assert lopsided(tomllib.loads(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("package", FILES)
def test_no_sentence_is_written_twice(package: str) -> None:
    tables = (tomllib.loads(path.read_text("utf-8")) for path in FILES[package])
    keys = [key for table in tables for key in Catalogue([table]).keys()]  # noqa: SIM118
    assert sorted(key for key in set(keys) if keys.count(key) > 1) == []


def test_every_module_with_sentences_is_looked_through() -> None:
    assert {module.parts[0] for module in house().values()} == set(PACKAGES)


KNOWN = Catalogue(
    [{"halls": {"secret": {"zh": "密", "en": "Secret"}, "reason": {"late": {"zh": "迟", "en": "Late"}}}}]
)


def test_a_key_without_a_sentence_is_caught() -> None:
    module = planted(
        central__halls__x='say("halls.secrets", f"halls.raison.{x}", f"halls.reason.{x}", "halls.secret")'
    )
    assert unknown(literals(module["central.halls.x"]), KNOWN) == ["halls.raison.", "halls.secrets"]


def test_a_sentence_without_english_or_with_other_places_is_caught() -> None:
    table = {
        "a": {
            "x": {"zh": "{n} 件"},
            "y": {"zh": "{n} 件", "en": "{count} petitions"},
            "z": {"zh": "好", "en": "good"},
        }
    }
    assert lopsided(table) == ["a.x", "a.y"]


def test_a_sentence_that_cannot_be_filled_is_caught() -> None:
    assert lopsided({"a": {"x": {"zh": "{", "en": "{"}}}) == ["a.x"]


def test_both_languages_are_asked_for() -> None:
    assert [lang.value for lang in Lang] == ["zh-CN", "en"]
