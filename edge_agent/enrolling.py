"""`minyi-edge enroll`: with a one-time code of the centre this machine becomes the box of its settings."""

import ssl
import urllib.error
import urllib.request
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import typer
from pydantic import ValidationError

from edge_agent import identity
from edge_agent.commands import BAD_INPUT, DONE, FAILED, load_or_say
from edge_agent.settings import Settings
from shared import enrolment

_SECONDS = 20
_LONGEST_ANSWER = 100_000


class Refused(RuntimeError):
    """The centre did not let this machine in; the text says why."""


def enroll(config: Path | None, centre: str, code: str, trust: Path | None) -> int:
    """Get a certificate from the centre and keep it; 2 for what was typed wrongly, 1 when the centre says no."""
    settings = load_or_say(config)
    if settings is None:
        return BAD_INPUT
    if not _may_be_used(centre):
        typer.echo("--centre: write https://host (http:// on this machine alone)", err=True)
        return BAD_INPUT
    try:
        parsed = enrolment.read_code(code)
    except enrolment.BadCode:
        typer.echo("--code: letters are missing or wrong; copy it whole, hyphens do not matter", err=True)
        return BAD_INPUT
    try:
        found = _joined(settings, centre, parsed, trust)
    except (OSError, Refused) as error:
        typer.echo(f"{settings.box} is not enrolled: {error}", err=True)
        return FAILED
    identity.keep(settings.data, found)
    typer.echo(f"{settings.box} is enrolled; broker: {found.granted.broker}. Start the box anew if it runs.")
    return DONE


def _joined(settings: Settings, centre: str, code: enrolment.Code, trust: Path | None) -> identity.Identity:
    """Return the new identity; raise `Refused` or OSError. The key stays on this machine."""
    key = identity.next_key(settings.data)
    asked = enrolment.ask(code, box=settings.box, csr=identity.request(key, box=settings.box))
    answer = _post(centre.rstrip("/") + enrolment.PATH, asked.model_dump_json().encode(), trust)
    try:
        grant = enrolment.Grant.model_validate_json(answer)
        granted = enrolment.opened(grant, code=code, key=key.public_key())
    except (ValidationError, enrolment.NotTheCentre) as error:
        raise Refused("the answer is not from the centre that gave out this code") from error
    return identity.made(key, authority=grant.authority, granted=granted)


def _post(address: str, body: bytes, trust: Path | None) -> bytes:
    call = urllib.request.Request(  # noqa: S310 checked: https, or http to this machine
        address, body, {"content-type": "application/json", "accept": "application/json"}
    )
    context = ssl.create_default_context(cafile=str(trust) if trust else None)
    try:
        with urllib.request.urlopen(call, timeout=_SECONDS, context=context) as answer:  # noqa: S310 # nosec B310
            found: bytes = answer.read(_LONGEST_ANSWER)
            return found
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(f"{error.code} {error.read(2000).decode(errors='replace')}") from error


def _may_be_used(centre: str) -> bool:
    parts = urlsplit(centre)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and _is_here(parts.hostname or "")


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
