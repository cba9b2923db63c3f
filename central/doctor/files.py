"""Looks at settings, folders, disk, certificates and backups."""

import json
import os
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from sqlalchemy import make_url

from central.backup.contents import LAST
from central.backup.restoring import place_of
from central.copies import told
from central.doctor.findings import Finding, Machine, note, shown, wrong
from central.halls.authority import FILE as AUTHORITY
from central.halls.broker_files import FOLDER as BROKER
from central.halls.broker_files import files_of
from central.settings import Settings, config_file, unknown_variables

#: Less than this is too little to go on with: bytes, and share of the disk.
LEAST_FREE, LEAST_SHARE = 1 << 30, 0.05
#: Certificates are renewed so long before they end.
RENEW = timedelta(days=30)
#: What was committed is elsewhere after a minute at the latest; the shortest interval leaves room for a slow disk.
BEHIND = timedelta(seconds=60)
#: A night may be missed, not two.
BACKUP_AGE = timedelta(days=2)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def settings(chosen: Settings, machine: Machine) -> Iterator[Finding]:
    """Secrets where others can read them, slips in names, pages in the open."""
    del machine
    for name in unknown_variables():
        yield wrong("settings", "doctor.unknown_setting", name=name)
    file = config_file()
    secret = chosen.mqtt.password.get_secret_value() or make_url(chosen.database_url).password
    if file is not None and secret and file.stat().st_mode & stat.S_IRWXO:
        yield wrong("settings", "doctor.settings_open", path=file)
    if chosen.mqtt.url and not chosen.mqtt.password.get_secret_value():
        yield wrong("settings", "doctor.no_mqtt_password")
    if chosen.environment != "production":
        yield note("settings", "doctor.not_production", environment=chosen.environment)
    elif not chosen.http.secure:
        yield wrong("settings", "doctor.not_secure")
    if not (chosen.log.copies or chosen.log.ship_command):
        yield note("settings", "doctor.heads_here_only")


def data(chosen: Settings, machine: Machine) -> Iterator[Finding]:
    """The data folder: there, ours alone, room in it, nothing left over of a restore."""
    folder = chosen.data
    if not folder.is_dir():
        yield wrong("data", "doctor.no_data", path=folder)
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield wrong("data", "doctor.data_closed", path=folder)
        return
    for path in (folder, *sorted((folder / "keys").glob("*"))):
        if path.stat().st_mode & _OTHERS:
            yield wrong("data", "doctor.too_open", path=path, mode=f"{path.stat().st_mode & 0o777:o}")
    free, total = machine.free(folder)
    if free < LEAST_FREE or free < total * LEAST_SHARE:
        yield wrong("data", "doctor.disk_full", path=folder, free=f"{free / 1e9:.1f}")
    place = place_of(chosen)
    if place.staged.is_dir():
        yield wrong("data", "doctor.restore_pending", path=place.staged)
    if place.before.is_dir():
        yield note("data", "doctor.before_kept", path=place.before)
    if chosen.log.copies and not chosen.log.copies.is_dir():
        yield wrong("data", "doctor.no_copies", path=chosen.log.copies)


def certificates(chosen: Settings, machine: Machine) -> Iterator[Finding]:
    """Certificates of the pages, of the broker, and of the authority of the boxes: readable, and good for a while."""
    broker = files_of(chosen.data / BROKER).certificate
    own = [path for path in (chosen.data / "keys" / AUTHORITY, broker) if path.exists()]
    named = [path for path in (chosen.http.tls_certificate, chosen.mqtt.ca_file) if path]
    for path in (*named, *own):
        yield from _certificate(path, machine.clock.now())
    key = chosen.http.tls_key
    if key and key.exists() and key.stat().st_mode & stat.S_IRWXO:
        yield wrong("certificates", "doctor.too_open", path=key, mode=f"{key.stat().st_mode & 0o777:o}")


def _certificate(path: Path, now: datetime) -> Iterator[Finding]:
    try:
        until = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        yield wrong("certificates", "doctor.certificate_unreadable", path=path, reason=shown(error))
        return
    if until < now:
        yield wrong("certificates", "doctor.certificate_ended", path=path, day=until.date())
    elif until < now + RENEW:
        yield wrong("certificates", "doctor.certificate_ends", path=path, day=until.date())


def backups(chosen: Settings, machine: Machine) -> Iterator[Finding]:
    """The last backup: made, not long ago, and still where it was put."""
    try:
        told = json.loads((chosen.data / LAST).read_text("utf-8"))
        made, path = datetime.fromisoformat(told["made_at"]), Path(told["path"])
    except (OSError, ValueError, KeyError, TypeError):
        yield (wrong if chosen.environment == "production" else note)("backups", "doctor.no_backup")
        return
    if machine.clock.now() - made > BACKUP_AGE:
        yield wrong("backups", "doctor.backup_old", day=made.date(), path=path)
    if not path.exists():
        yield note("backups", "doctor.backup_gone", path=path)


def copies(chosen: Settings, machine: Machine) -> Iterator[Finding]:
    """Continuous copies: set up, not behind, and still where they go."""
    last = told.read(chosen.data)
    if last is None:
        yield note("copies", "doctor.no_follower")
        return
    behind = machine.clock.now() - last.until
    if behind > BEHIND:
        yield wrong("copies", "doctor.copies_behind", seconds=int(behind.total_seconds()), path=last.path)
    if not last.path.is_dir():
        yield wrong("copies", "doctor.copies_gone", path=last.path)
