"""The desk of petitions, with what exports need."""

from tests.central.desk.conftest import bring, desk

__all__ = ["bring", "desk"]
