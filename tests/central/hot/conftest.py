"""Desks and the small province of supervision."""

from tests.central.desk.conftest import desk
from tests.central.supervision.conftest import province

__all__ = ["desk", "province"]
