"""`minyi-edge selftest`: one device after the other, with what to do at each, and a table at the end."""

import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer

from edge_agent.commands import BAD_INPUT, DONE, FAILED, RUN_FILE, load_or_say
from edge_agent.selftest import steps
from edge_agent.selftest.steps import Bench, Outcome, Step
from edge_agent.settings import Settings
from shared.i18n import Catalogue, Lang

MESSAGES = Catalogue([tomllib.loads((Path(__file__).parent / "messages.toml").read_text("utf-8"))])
_MARKS = {Outcome.GOOD: "+", Outcome.ODD: "?", Outcome.BAD: "!", Outcome.ABSENT: "-"}


def selftest(config: Path | None, only: list[str], seconds: float, as_json: bool, unattended: bool) -> int:  # noqa: FBT001  positional as the command line hands it on
    """Run the steps; 0 when none is bad, 1 when one is, 2 when the settings cannot be taken or the box is running."""
    settings = load_or_say(config)
    if settings is None:
        return BAD_INPUT
    lang = Lang(settings.language)
    if (settings.data / RUN_FILE).exists():
        typer.echo(_text("box_runs", lang), err=True)
        return BAD_INPUT
    wrong = [name for name in only if name not in NAMES]
    if wrong:
        typer.echo(_text("no_such_step", lang, name=wrong[0], names=", ".join(NAMES)), err=True)
        return BAD_INPUT
    bench = _bench(settings, lang, seconds, unattended=unattended)
    done = []
    for step in _run(bench, only or list(NAMES)):
        done.append(step)
        typer.echo(f"{_MARKS[step.outcome]} {_sentence(step, lang)}", err=as_json)
    if as_json:
        typer.echo(json.dumps([_facts(step, lang) for step in done], ensure_ascii=False, indent=2))
    bad = [step for step in done if step.outcome is Outcome.BAD]
    typer.echo(_text("all_good" if not bad else "some_bad", lang, count=len(bad)), err=as_json)
    return FAILED if bad else DONE


def _bench(settings: Settings, lang: Lang, seconds: float, *, unattended: bool) -> Bench:
    def tell(key: str) -> None:
        typer.echo(f"> {_text(f'ask.{key}', lang, seconds=f'{seconds:g}')}", err=True)

    def ask(key: str) -> bool:
        if unattended or not sys.stdin.isatty():
            return True  # nobody is there to look: the driver's own word counts
        return bool(typer.confirm(_text(f"ask.{key}", lang, seconds=""), default=True, err=True))

    return Bench(settings, seconds, tell, ask, steps.make_driver(settings))


_STEPS: dict[str, Callable[[Bench], Step]] = {
    "disk": steps.disk,
    "clock": lambda bench: steps.clock(bench, now=datetime.now(UTC)),
    "line": lambda bench: steps.line(bench, now=datetime.now(UTC)),
    "lamp": steps.lamp,
    "button": steps.button,
    "scanner": steps.scanner,
    "camera": steps.camera,
    "printer": steps.printer,
}
NAMES = tuple(_STEPS)


def _run(bench: Bench, names: list[str]) -> Iterator[Step]:
    for name in names:
        try:
            yield _STEPS[name](bench)
        except Exception as error:  # noqa: BLE001  a driver's surprise is a result of its test
            yield Step(name, Outcome.BAD, "failed", {"why": f"{type(error).__name__}: {error}"})


def _facts(step: Step, lang: Lang) -> dict[str, str]:
    return {"step": step.name, "outcome": step.outcome.value, "said": _sentence(step, lang)}


def _sentence(step: Step, lang: Lang) -> str:
    name = _text(f"step.{step.name}", lang)
    return f"{name}: {_text(f'said.{step.said}', lang, **step.facts)}"


def _text(key: str, lang: Lang, **values: object) -> str:
    return MESSAGES.text(f"selftest.{key}", lang, **values)
