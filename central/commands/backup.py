"""`minyi backup` and `minyi restore`: a sealed copy of everything, and the way back."""

import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from central.backup import reading, restoring, writing
from central.backup.container import Head, read_head
from central.backup.contents import Manifest
from central.backup.errors import BackupRefused
from central.commands import copies
from central.commands.common import (
    CHECK_FAILED,
    Data,
    Json,
    complain,
    is_terminal,
    open_existing,
    refusals,
    say,
    show,
)
from central.commands.common import settings as read_settings
from central.commands.log import as_figures, say_report
from central.context import Context
from central.copies.chain import is_copies
from central.settings import Settings, credentials_folder
from central.vault import master
from central.vault.master import Ring
from shared.i18n import Lang

_MEGABYTE = 1_000_000

Verify = Annotated[bool, typer.Option("--verify", help="Read the backup TARGET to its end and make none.")]
Listing = Annotated[bool, typer.Option("--list", help="List the backups in the folder TARGET and make none.")]
Keep = Annotated[
    int,
    typer.Option("--keep", min=0, help="Keep so many backups in the folder and delete older ones; 0: all."),
]
Follow = Annotated[
    bool,
    typer.Option(
        "--follow", help="Copy what is committed every few seconds into the folder TARGET, until stopped."
    ),
]
Until = Annotated[
    str,
    typer.Option(
        "--until",
        help="FILE is a folder of continuous copies: restore this moment (local court time), or latest.",
    ),
]
ClusterFolder = Annotated[
    Path | None,
    typer.Option(
        "--cluster",
        help="With --until: make PostgreSQL's own data folder here, the quickest way for a large one.",
    ),
]
Into = Annotated[
    str, typer.Option("--into", help="Database to restore to, as an address; overrides MINYI_DB__URL.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Take the place of what is there.")]
Keystore = Annotated[
    Path | None,
    typer.Option(
        "--keystore", help="Copy of the key store; else the installation's own, else the one beside FILE."
    ),
]


def backup(
    target: Annotated[Path, typer.Argument(help="A new file, or a folder.")],
    data: Data = None,
    *,
    keep: Keep = 0,
    verify: Verify = False,
    listing: Listing = False,
    follow: Follow = False,
    json: Json = False,
) -> None:
    """Write a sealed backup of database, attachments, ledgers and anchors while the server runs; the key store goes beside it."""
    if follow:
        copies.follow(target, open_existing(data))
    elif verify:
        _verify(target, read_settings(data), as_json=json)
    elif listing:
        _list(target, read_settings(data), as_json=json)
    else:
        _make(target, open_existing(data), keep, as_json=json)


def restore(
    file: Annotated[Path, typer.Argument(help="The backup, or a folder of continuous copies.")],
    into: Into = "",
    data: Data = None,
    *,
    until: Until = "",
    cluster: ClusterFolder = None,
    replace: Replace = False,
    keystore: Keystore = None,
    json: Json = False,
) -> None:
    """Restore a backup to SQLite or PostgreSQL and check it; what is there stays untouched until all is proven."""
    settings = read_settings(data, **({"db": {"url": into}} if into else {}))
    if until and not file.is_dir():
        complain("copies.not_a_folder", settings.language, path=file)
    if until:
        copies.restore(
            file,
            settings,
            until=until,
            replace=replace,
            keystore=keystore,
            cluster=cluster,
            progress=_progress(as_json=json),
            as_json=json,
        )
        return
    if is_copies(file):
        complain("copies.not_a_file", settings.language, path=file)
    begun = time.monotonic()
    with refusals(settings.language):
        found = restoring.restore(
            file, settings, replace=replace, keystore=keystore, progress=_progress(as_json=json)
        )
    seconds = round(time.monotonic() - begun, 1)
    if json:
        figures = _figures(found.manifest) | {"seconds": seconds, "erased": found.erased}
        show(figures | {"verify": as_figures(found.report)}, as_json=True)
    else:
        _say_restored(found, settings, seconds)
    if found.report.findings:
        raise typer.Exit(CHECK_FAILED)


def make(context: Context, target: Path, progress: writing.Progress) -> writing.Made:
    """Make a backup of a running installation."""
    return writing.make(
        context.engine,
        context.vault,
        data=context.settings.data,
        target=target,
        program=version("minyi"),
        now=context.clock.now(),
        progress=progress,
    )


def _make(target: Path, context: Context, keep: int, *, as_json: bool) -> None:
    begun, lang = time.monotonic(), context.settings.language
    try:
        with refusals(lang):
            made = make(context, target, _progress(as_json=as_json))
            deleted = writing.forget(made.path, keep) if keep else []
    finally:
        context.engine.dispose()
    figures = _figures(made.manifest) | {
        "path": str(made.path),
        "size": made.size,
        "seconds": round(time.monotonic() - begun, 1),
        "deleted": [str(each) for each in deleted],
    }
    if as_json:
        show(figures, as_json=True)
        return
    megabytes = {"files": _mb(made.manifest.bytes), "size": _mb(made.size)}
    say("backup.made", lang, **(figures | megabytes))
    for each in deleted:
        say("backup.deleted", lang, path=each)


def _verify(path: Path, settings: Settings, *, as_json: bool) -> None:
    if is_copies(path):
        copies.verify(path, settings, _derive(settings), as_json=as_json)
        return
    with refusals(settings.language):
        head, manifest = reading.verify(path, _derive(settings))
    if as_json:
        show(_figures(manifest) | _head(head), as_json=True)
        return
    say("backup.good", settings.language, path=path, **(_head(head) | _figures(manifest)))


def _list(folder: Path, settings: Settings, *, as_json: bool) -> None:
    if is_copies(folder):
        copies.listing(folder, settings, _derive(settings), as_json=as_json)
        return
    rows = []
    for path in sorted(folder.glob("*.backup")):
        try:
            rows.append({"path": str(path)} | _head(read_head(path)))
        except BackupRefused as error:
            rows.append({"path": str(path), "problem": error.key})
    if as_json:
        show({"backups": rows}, as_json=True)
        return
    for row in rows:
        key = "backup.damaged" if "problem" in row else "backup.row"
        say(key, settings.language, **row)


def _say_restored(found: restoring.Restored, settings: Settings, seconds: float) -> None:
    say(
        "backup.restored",
        settings.language,
        rows=found.manifest.rows,
        files=sum(int(each["files"]) for each in found.manifest.files.values()),
        seconds=seconds,
        erased=found.erased,
    )
    before = restoring.place_of(settings).before
    if before.is_dir() and any(before.rglob("*")):
        say("backup.before_kept", settings.language, path=before)
    say_report(found.report, Lang(settings.language))


def _figures(manifest: Manifest) -> dict[str, Any]:
    return {
        "rows": manifest.rows,
        "tables": manifest.tables,
        "files": manifest.files,
        "last_event": manifest.last_event,
        "last_hash": manifest.last_hash,
        "anchor": manifest.anchor,
    }


def _head(head: Head) -> dict[str, Any]:
    return {
        "made_at": head.made_at,
        "master": head.master,
        "revision": head.revision,
        "program": head.program,
        "last_event": head.last_event,
    }


def _derive(settings: Settings) -> Any:
    path, strict = master.place(settings, credentials_folder())
    ring = Ring(path, strict=strict)
    return lambda master_id: ring.get(master_id).derive("backup")


def _mb(size: int) -> float:
    return round(size / _MEGABYTE, 1)


def _counted(done: int) -> None:
    typer.echo(f"\r{done:,}", nl=False, err=True)


def _silent(done: int) -> None:
    del done


def _progress(*, as_json: bool) -> Callable[[int], None]:
    return _counted if is_terminal() and not as_json else _silent
