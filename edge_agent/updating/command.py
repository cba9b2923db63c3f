"""`minyi-edge update`: take a bundle in, or go on with what a cut left."""

import json
import sys
import time
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
import typer

from edge_agent.commands import BAD_INPUT, DONE, FAILED, load_or_say
from edge_agent.settings import Settings
from edge_agent.updating import machine
from edge_agent.updating.bundle import Refused, architecture
from edge_agent.updating.states import Phase, State
from edge_agent.updating.updater import Busy, NotInstalled, Tools, Updater
from shared.bundles import Manifest
from shared.i18n import Catalogue, Key, Lang

MESSAGES = Catalogue([tomllib.loads((Path(__file__).parent / "messages.toml").read_text("utf-8"))])
log = structlog.get_logger()


def update(config: Path | None, path: Path | None, check: bool, again: bool, as_json: bool) -> int:  # noqa: FBT001  positional as the command line hands it on
    """Check or take in a bundle; without one, go on where an update stands. 0 done, 1 refused or given up, 2 cannot be done here."""
    settings = load_or_say(config)
    if settings is None:
        return BAD_INPUT
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    told = _Told(Lang(settings.language), as_json=as_json)
    try:
        with Updater.alone(settings.update.folder, tools(settings)) as updater:
            return _update(updater, settings, path, told, check=check, again=again)
    except Busy:
        told.say("update.busy")
    except NotInstalled:
        told.say("update.not_installed", folder=settings.update.program)
    except OSError as error:
        told.say("update.out_of_reach", path=error.filename or "", reason=error.strerror or str(error))
    return BAD_INPUT


def tools(settings: Settings) -> Tools:
    """Return what an update works with on this machine."""
    chosen = settings.update
    service = machine.Unit(settings)
    packages = machine.Dpkg(chosen.program, options=chosen.dpkg_options, pause=time.sleep)

    def watched(version: str) -> bool:
        return machine.watched(service, version, window=chosen.window_seconds, steady=chosen.steady_seconds)

    return Tools(machine.Links(chosen.program), packages, service, watched, architecture())


class _Told:
    """Says what came of it: a sentence, or one JSON object."""

    def __init__(self, lang: Lang, *, as_json: bool) -> None:
        self._lang = lang
        self._as_json = as_json

    def say(self, key: str, /, **values: object) -> None:
        sentence = MESSAGES.text(key, self._lang, **values)
        if self._as_json:
            facts = {name: str(value) for name, value in values.items()}
            sentence = json.dumps({"outcome": key, **facts, "said": sentence}, ensure_ascii=False)
        typer.echo(sentence)


def _update(
    updater: Updater, settings: Settings, path: Path | None, told: _Told, *, check: bool, again: bool
) -> int:
    now = datetime.now(UTC)
    if path is not None and check:
        return _checked(lambda: updater.check(path, settings.update.public_keys, now=now, again=again), told)
    if updater.state.phase is not Phase.IDLE:
        if check:
            told.say("update.under_way", version=updater.state.target)
            return DONE
        updater.pick_up()
        return _ended(updater.state, updater.go_on(), told)
    if path is None:
        updater.go_on()
        told.say("update.nothing", version=updater.state.good)
        return DONE
    try:
        manifest = updater.take(path, settings.update.public_keys, now=now, again=again)
    except Refused as refused:
        return _refused(refused, told)
    log.info("update_taken", version=manifest.version)
    return _ended(updater.state, updater.go_on(), told)


def _checked(look: Callable[[], Manifest], told: _Told) -> int:
    try:
        manifest = look()
    except Refused as refused:
        return _refused(refused, told)
    told.say("update.good", version=manifest.version, packages=len(manifest.packages))
    return DONE


def _refused(refused: Refused, told: _Told) -> int:
    told.say(f"update.refused.{refused.why}", **refused.values)
    return FAILED


def _ended(begun: State, ended: State, told: _Told) -> int:
    """Say whether the version of the update that `begun` stands for is in force."""
    if ended.good == begun.target:
        told.say("update.kept", version=ended.good)
        return DONE
    told.say("update.given_up", version=begun.target, good=ended.good, why=Key(ended.why))
    return FAILED
