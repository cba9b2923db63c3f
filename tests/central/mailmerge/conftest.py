"""The small province, and the desk of its people."""

from tests.central.desk.conftest import desk
from tests.central.supervision.conftest import bring, province

__all__ = ["bring", "desk", "province"]
