"""Master keys: where they lie, how their file is read and written. They wrap data keys and never leave the machine.

The file has one line for each key, oldest first: `id base64`. The id is derived from the key, so a line proves itself.
Which of them is the current one stands in the key store. The file is looked for as the systemd credential `minyi-master`, at the
setting `vault.master_key_file`, or as `keys/master.key` in the data folder.
"""

import base64
import binascii
import os
import threading
from collections.abc import Iterable
from pathlib import Path

from central import keys
from central.settings import Settings
from central.vault.cipher import KEY_BYTES, DataKey, derived
from central.vault.errors import MasterProblem
from shared.ids import new_id

CREDENTIAL = "minyi-master"
_HEAD = "# Minyi master keys, oldest first. Whoever has this file and the key store reads everything. Mode 0600.\n"


class Master:
    """One master key. It never shows itself."""

    __slots__ = ("_raw", "_wrapping", "id")

    def __init__(self, raw: bytes) -> None:
        self.id = derived(raw, "master id", 6).hex()
        self._raw = raw
        # The id of the key is not part of what it wraps: the place names the master.
        self._wrapping = DataKey(new_id(), derived(raw, "wrap"))

    def __repr__(self) -> str:
        return f"Master({self.id})"

    @property
    def wrapping(self) -> DataKey:
        """The key that wraps data keys."""
        return self._wrapping

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose (HKDF-SHA256)."""
        return derived(self._raw, "derive:" + purpose)

    def secret(self) -> bytes:
        """Return the 32 bytes themselves, for file and shares."""
        return self._raw


def new_master() -> Master:
    """Return a fresh master key."""
    return Master(os.urandom(KEY_BYTES))


class Ring:
    """The master keys of a file, read again when the file changes: a rotation needs no restart."""

    def __init__(self, path: Path, *, strict: bool = True) -> None:
        self.path, self.strict = path, strict
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._masters: dict[str, Master] = {}
        self.reload()

    def __repr__(self) -> str:
        return f"Ring({self.path})"

    def get(self, master_id: str) -> Master:
        """Return a master key; raise `MasterProblem` if the file does not hold it."""
        found = self._masters.get(master_id)
        if found is None:
            self.reload()
            found = self._masters.get(master_id)
        if found is None:
            raise MasterProblem("vault.master_other", master=master_id, path=self.path)
        return found

    def all(self) -> list[Master]:
        """Return the masters of the file as it is now, oldest first."""
        self.reload()
        return list(self._masters.values())

    def reload(self) -> None:
        """Read the file if it changed since."""
        with self._lock:
            try:
                stat = self.path.stat()
                seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
                if seen == self._seen:
                    return
                self._check_mode(stat.st_mode)
                text = self.path.read_text("utf-8")
            except FileNotFoundError:
                raise MasterProblem("vault.master_missing", path=self.path) from None
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or type(error).__name__
                raise MasterProblem("vault.master_unreadable", path=self.path, reason=reason) from None
            self._masters = {master.id: master for master in _parsed(text, self.path)}
            self._seen = seen

    def _check_mode(self, mode: int) -> None:
        # systemd shows the owner's access to a credential as that of the group.
        if self.strict and mode & 0o077:
            raise MasterProblem("vault.master_too_open", path=self.path, mode=f"{mode & 0o777:o}")


def _parsed(text: str, path: Path) -> Iterable[Master]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        master_id, _, encoded = line.strip().partition(" ")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raw = b""
        if len(raw) != KEY_BYTES or Master(raw).id != master_id:
            raise MasterProblem("vault.master_damaged", path=path, line=number)
        found.append(Master(raw))
    if not found:
        raise MasterProblem("vault.master_damaged", path=path, line=1)
    return found


def write(path: Path, masters: Iterable[Master]) -> None:
    """Write the file of master keys, whole or not at all, for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [f"{each.id} {base64.b64encode(each.secret()).decode()}\n" for each in masters]
    keys.write_private(path, (_HEAD + "".join(lines)).encode())


def place(settings: Settings, credentials: Path | None) -> tuple[Path, bool]:
    """Return where the master keys lie, and whether their mode is ours to check (systemd guards its own)."""
    if credentials is not None and (credentials / CREDENTIAL).exists():
        return credentials / CREDENTIAL, False
    return settings.vault.master_key_file or settings.data / "keys" / "master.key", True
