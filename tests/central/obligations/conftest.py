"""The desk of petitions, with what the ledger needs."""

from tests.central.desk.conftest import bring, desk

__all__ = ["bring", "desk"]
