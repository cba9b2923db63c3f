"""`minyi boxes bundle`, `bundle-key`: software for hall boxes, signed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from central.commands.common import Json, refusals, settings, show
from central.halls import bundles
from shared.clock import SystemClock

Packages = Annotated[
    list[Path],
    typer.Argument(
        metavar="DEB...", help="Packages, in the order of installing.", exists=True, dir_okay=False
    ),
]
Version = Annotated[str, typer.Option(help="Version of the box's software, as 0.2.0.")]
Key = Annotated[Path, typer.Option(help="Signing key that bundle-key made.", dir_okay=False)]
Out = Annotated[Path, typer.Option(help="Where the bundle goes.", dir_okay=False)]
Minimum = Annotated[str, typer.Option(help="Oldest version that may be updated by it.")]
NotBefore = Annotated[
    datetime | None, typer.Option(help="No box takes it earlier; UTC. Default: from now on.")
]


def bundle(
    packages: Packages,
    version: Version,
    key: Key,
    out: Out,
    minimum: Minimum = "0.0",
    not_before: NotBefore = None,
    *,
    json: Json = False,
) -> None:
    """Make a signed bundle of software for hall boxes; `minyi-edge update` takes it in. Needs no database."""
    now = SystemClock().now()
    with refusals(settings().language):
        since = not_before.replace(tzinfo=UTC) if not_before else now
        wish = bundles.Wish(version, minimum, since)
        made = bundles.make(packages, wish, bundles.read_key(key), out=out, now=now)
    facts = {
        "bundle": out,
        "version": made.version,
        "minimum": made.minimum,
        "not_before": made.not_before,
        "packages": ", ".join(package.name for package in made.packages),
    }
    show(facts, as_json=json)


def bundle_key(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="File for the key.")], *, json: Json = False
) -> None:
    """Make a key that signs bundles and print its public half for `update.trusted_keys` of the boxes. Keep it off this machine."""
    with refusals(settings().language):
        public = bundles.make_key(path)
    show({"key": path, "public": public}, as_json=json)
