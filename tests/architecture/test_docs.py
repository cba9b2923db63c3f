"""The pages of docs/ say what the code does: settings, acts, events, topics, verbs."""

import re
from functools import cache

import pytest
import typer
from typer.main import get_command

from central.cli import VERBS, commands
from central.events.kinds import Kind
from central.events.verify import OF_CHAINS, OF_ROWS
from central.settings import Settings
from central.web.catalogue import catalogue
from edge_agent.cli import app as box
from scripts import write_docs
from shared import topics
from tests.architecture.sources import ROOT

centre = commands()
AGAIN = "run .venv/bin/python scripts/write_docs.py"


@cache
def page(name: str) -> str:
    """Return a page of docs/."""
    return (ROOT / "docs" / name).read_text("utf-8")


@cache
def pages() -> str:
    """Return all pages in one text, the decisions left out."""
    return "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md")))


def missing(names: list[str], text: str) -> list[str]:
    """Return names that do not stand in `text` as code, between backticks."""
    said = set(re.findall(r"`([^`\n]+)`", text))
    return [name for name in names if name not in said]


def verbs(app: typer.Typer, name: str) -> list[str]:
    """Return every verb of a command as it is typed."""
    found, waiting = [], [(name, get_command(app))]
    while waiting:
        path, command = waiting.pop()
        inner = getattr(command, "commands", {})
        waiting += [(f"{path} {key}", each) for key, each in inner.items()]
        found += [] if inner else [path]
    return sorted(found)


@pytest.mark.parametrize(("name", "part"), [(n, p) for n, found in write_docs.parts().items() for p in found])
def test_the_generated_parts_are_those_of_the_code(name: str, part: str) -> None:
    assert write_docs.filled(page(name), part, write_docs.parts()[name][part]) == page(name), AGAIN


def test_a_part_that_is_out_of_date_is_caught() -> None:
    changed = page("settings.md").replace("`MINYI_DATA`", "`MINYI_DATUM`")
    assert write_docs.filled(changed, "centre", write_docs.parts()["settings.md"]["centre"]) != changed


def test_a_setting_without_a_meaning_is_a_mistake() -> None:
    empty = [
        line for line in write_docs.settings_of(Settings, "MINYI_").splitlines() if line.endswith("|  |")
    ]
    assert empty == []


def test_every_kind_of_event_is_explained() -> None:
    assert missing([str(kind) for kind in Kind], page("events.md")) == []


def test_every_finding_of_verify_is_explained() -> None:
    found = [key.removeprefix("verify.") for key in catalogue().keys() if key.startswith("verify.")]  # noqa: SIM118
    sentences = [name for name in found if name not in {"counts", "clean", "first", "broken"}]
    assert set(sentences) >= OF_CHAINS | OF_ROWS
    assert missing(sentences, page("events.md")) == []


def test_every_topic_is_explained() -> None:
    named = re.findall(r"\| `(minyi/<box>/[^`]+)`", topics.__doc__ or "")
    assert len(named) == 10
    assert missing(named, pages()) == []


def test_every_topic_that_is_built_stands_in_the_table_of_topics() -> None:
    source = (ROOT / "shared/topics.py").read_text("utf-8")
    built = set(re.findall(r'f"minyi/\{box\}/([a-z]+/[a-z]+)', source))
    named = set(re.findall(r"minyi/<box>/([a-z]+/[a-z]+)", topics.__doc__ or ""))
    assert built == named


@pytest.mark.parametrize(("app", "name"), [(centre, "minyi"), (box, "minyi-edge")], ids=["centre", "box"])
def test_every_verb_is_explained(app: typer.Typer, name: str) -> None:
    assert missing(verbs(app, name), page("commands.md")) == [], AGAIN


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_alone_takes_what_it_takes_among_all(verb: str) -> None:
    alone, among = (write_docs.verbs(each, "minyi") for each in (commands(verb), centre))
    assert set(alone.split("\n")) == set(among.split("\n")[:2]) | {
        line for line in among.split("\n")[2:] if line.startswith((f"| `minyi {verb}`", f"| `minyi {verb} "))
    }


def test_a_verb_that_no_page_explains_is_caught() -> None:
    app = typer.Typer()
    app.command("run")(lambda: None)
    app.command("forget")(lambda: None)
    assert missing(verbs(app, "minyi"), "`minyi run`") == ["minyi forget"]


def test_every_command_says_what_it_does() -> None:
    lines = [
        line
        for app, name in ((centre, "minyi"), (box, "minyi-edge"))
        for line in write_docs.verbs(app, name).split("\n")
    ]
    assert [line for line in lines if "` |  |" in line] == []


def test_links_between_the_pages_lead_somewhere() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    links = [
        (path, link)
        for path in pages
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    ]
    assert [
        f"{path.relative_to(ROOT)}: {link}" for path, link in links if not (path.parent / link).exists()
    ] == []
