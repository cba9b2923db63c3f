"""Templates, style and icons fit together, and ask nothing of anybody else."""

import re
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from central.casework import acts
from central.desk import fields
from central.petitions import forms
from central.petitions.states import Act
from central.web import catalogue, render
from shared.i18n import Lang

TEMPLATES = sorted(catalogue.ROOT.glob("*/templates/*.html"))
CSS = (render.STATIC / "minyi.css").read_text("utf-8")


def name_of(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_compiles(path: Path) -> None:
    assert render._environment().get_template(name_of(path))


def test_what_a_macro_puts_into_a_sentence_is_escaped_once() -> None:
    text = "{% macro name() %}{{ 'a & b' }}{% endmacro %}{{ t('obligations.own', court=name()) }}"
    made = render._environment().from_string(text).render(t=partial(render._text, Lang.EN))
    assert made == "a &amp; b (itself)"


def test_the_day_of_a_moment_is_the_courts_day() -> None:
    midnight = datetime(2026, 11, 19, 16, tzinfo=UTC)  # in Shanghai the 20th begins
    made = render._environment().from_string("{{ at|date }}")
    assert made.render(at=midnight, now_day=date(2026, 11, 30), lang=Lang.EN) == "Fri 20 Nov"


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_holds_no_style_script_or_handler_of_its_own(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+=", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_names_no_other_server(path: Path) -> None:
    assert not re.search(r"(?:src|href|action)=[\"']?(?:https?:)?//", path.read_text("utf-8"))


def test_the_stylesheet_loads_nothing() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_every_icon_named_by_a_template_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', (render.STATIC / "icons.svg").read_text("utf-8")))
    named = {
        name for path in TEMPLATES for name in re.findall(r'ui\.icon\("([a-z]+)"\)', path.read_text("utf-8"))
    }
    assert named <= drawn


def test_every_act_says_what_it_will_do_and_names_its_fields() -> None:
    known = catalogue.catalogue()
    for act in acts.WAYS:
        assert known.has(f"desk.effect.{act}")
    # The draft has a page of its own, and a delivery by ledger is no person's to record.
    by = {"method": [fields.Choice("post", "replies.method.post")]}
    given = {Act.RECORD_DELIVERY: by, Act.DELIVER_OPINION: by}
    for act, form in [(act, way.form) for act, way in acts.WAYS.items()] + [(Act.REGISTER, forms.Register)]:
        for spec in fields.describe(form, given.get(act)) if act is not Act.SAVE_DRAFT else ():
            assert known.has(spec.label_key), spec.name
            assert all(known.has(choice.key) for choice in spec.choices if choice.value), spec.name


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_style_page_shows_every_component(client: TestClient, lang: str) -> None:
    text = client.get(f"/styleguide?lang={lang}").text
    for part in ("rail", "due", "tiles", "fields", "notices", "reading"):
        assert f'id="{part}"' in text


def test_a_static_file_may_be_kept_because_its_address_changes_with_it(client: TestClient) -> None:
    answer = client.get(render.static("minyi.css"))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
