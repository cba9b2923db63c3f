"""What comes down from the centre: one table of routes, each with its reader."""

from collections.abc import Callable
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from edge_agent import assist, documents
from edge_agent.box import Box
from edge_agent.errors import CannotKeep
from edge_agent.logdesk import LogDesk
from edge_agent.trial import Trial
from shared import wire
from shared.clock import Clock

log = structlog.get_logger()


class BoxInbox:
    """Hands messages to the acts of the box."""

    def __init__(
        self,
        box: Box,
        *,
        keys: list[Ed25519PublicKey],
        clock: Clock,
        trial: Trial | None = None,
        logs: LogDesk | None = None,
    ) -> None:
        self._box = box
        self._takers = documents.Takers(trial, logs)
        self._keys = keys
        self._clock = clock
        self._routes: dict[str, Callable[[str, bytes], None]] = {
            "down/calls": self._call,
            "down/documents": self._document,
        }

    def take(self, path: str, payload: bytes) -> None:
        """Take a message; what cannot be read is logged by its path and left."""
        route, _, name = path.rpartition("/")
        reader = self._routes.get(route)
        if reader is None:
            log.warning("message_unknown", path=path)
            return
        try:
            reader(name, payload)
        except (ValueError, ValidationError):
            log.warning("message_unreadable", path=path, size=len(payload))
        except CannotKeep:
            log.warning("message_not_kept", path=path)

    def _call(self, name: str, payload: bytes) -> None:
        now = self._clock.now()
        if payload:
            state = wire.CallState.model_validate_json(payload)
        else:  # the centre has tidied the retained message away: the call is over
            state = wire.CallState(call_id=UUID(name), status=wire.CallStatus.CLOSED, at=now)
        if str(state.call_id) == name:
            assist.from_centre(self._box, state, now=now)

    def _document(self, name: str, payload: bytes) -> None:
        if not payload:
            return
        now = self._clock.now()
        answer = documents.take(self._box, payload, name=name, keys=self._keys, now=now, takers=self._takers)
        if answer not in documents.GOOD:
            log.warning("document_refused", name=name, reason=answer.value)
