"""A centre that keeps events in memory and answers by the contract of `shared.wire`."""

from uuid import UUID

from shared import wire


class FakeCentre:
    """Takes events strictly in order of each (box, epoch); `refuses` names events that need a person."""

    def __init__(self, *, refuses: frozenset[int] = frozenset()) -> None:
        self.events: list[wire.Envelope] = []
        self.seen: set[UUID] = set()
        self.expected: dict[tuple[str, UUID], int] = {}
        self.refuses = refuses

    def take(self, payload: str | bytes) -> wire.Ack:
        """Return the receipt for one event."""
        event = wire.Envelope.model_validate_json(payload)
        place = (event.box, event.epoch)
        expected = self.expected.get(place, 1)
        if event.seq > expected:
            return self._ack(event, wire.Verdict.GAP, expected=expected)
        if event.event_id in self.seen:
            self.expected[place] = max(expected, event.seq + 1)
            return self._ack(event, wire.Verdict.DUPLICATE)
        self.expected[place] = expected + 1
        if event.seq in self.refuses:
            return self._ack(event, wire.Verdict.REFUSED, reason="needs a person")
        self.seen.add(event.event_id)
        self.events.append(event)
        return self._ack(event, wire.Verdict.ACCEPTED)

    @staticmethod
    def _ack(event: wire.Envelope, verdict: wire.Verdict, **more: object) -> wire.Ack:
        facts = {"event_id": event.event_id, "epoch": event.epoch, "seq": event.seq, "verdict": verdict}
        return wire.Ack.model_validate({**facts, **more})
