"""The desk of petitions, and a petitioner with a pass."""

from tests.central.desk.conftest import bring, desk
from tests.central.portal.conftest import look_up, receipt

__all__ = ["bring", "desk", "look_up", "receipt"]
