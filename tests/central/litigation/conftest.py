"""A court with its people."""

from tests.central.desk.conftest import bring, desk

__all__ = ["bring", "desk"]
