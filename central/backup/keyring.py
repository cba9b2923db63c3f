"""The keys of a restore: master keys of this installation, and the key store that is newest."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from central.backup.errors import PlaceRefused
from central.keys import write_private
from central.settings import Settings, credentials_folder
from central.vault import master
from central.vault.cipher import Suite
from central.vault.errors import MasterProblem
from central.vault.master import Ring
from central.vault.store import KeyStore
from central.vault.vault import STORE, Vault


class Keys:
    """Master keys where the settings say; the key store of the installation, else `copy` beside the backup.

    A store that is named (`given`) is taken instead of the installation's own.
    """

    def __init__(self, settings: Settings, copy: Path, *, given: bool) -> None:
        self._settings = settings
        path, strict = master.place(settings, credentials_folder())
        self._ring = Ring(path, strict=strict)
        own = settings.data / "keys" / STORE
        self._store = copy if given or not own.exists() else own
        if not self._store.exists():
            raise PlaceRefused("backup.no_keystore", path=copy)

    def derive(self, master_id: str) -> bytes:
        """Return the 32 bytes for backups from a master key; raise `MasterProblem` if it is not in the ring."""
        return self._ring.get(master_id).derive("backup")

    @contextmanager
    def staged(self, folder: Path) -> Iterator[Vault]:
        """Put the keys of the installation into the folder of what is made ready; give a vault on them."""
        own = self._settings.data / "keys" / STORE
        if self._store == own:
            live = KeyStore(own)
            live.copy_to(folder / STORE)
            live.close()
        else:
            shutil.copyfile(self._store, folder / STORE)
            (folder / STORE).chmod(0o600)
        if self._ring.path == self._settings.data / "keys" / self._ring.path.name:
            write_private(folder / self._ring.path.name, self._ring.path.read_bytes())
        store = KeyStore(folder / STORE)
        try:
            if store.current() is None:
                raise MasterProblem("vault.store_unreadable", path=self._store, reason="no master key in it")
            yield Vault(self._ring, store, Suite(self._settings.vault.suite))
        finally:
            store.close()
