"""Vaults for tests: keys of their own in a folder of the test's."""

from pathlib import Path

from central.settings import Settings
from central.vault.vault import Vault, open_vault


def vault_in(folder: Path) -> Vault:
    """Return the vault of a data folder, with keys made on first use."""
    return open_vault(Settings(data=folder, environment="development"))
