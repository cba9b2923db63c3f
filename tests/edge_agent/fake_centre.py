"""A centre that keeps events in memory and answers by the contract of `shared.wire`."""

from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit
from uuid import UUID

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from shared import topics, wire


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


class CentreOnTheLine:
    """The fake centre behind a real broker. `loses` says of each event whether its receipt is lost, `doubles` whether it comes twice."""

    def __init__(self, broker: str, *, box: str) -> None:
        self.centre = FakeCentre()
        self.presence: list[wire.Presence] = []
        self.loses: Callable[[], bool] = lambda: False
        self.doubles: Callable[[], bool] = lambda: False
        self._box = box
        parts = urlsplit(broker)
        self._address = (parts.hostname or "", parts.port or 0)
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="centre")
        self._client.reconnect_delay_set(min_delay=1, max_delay=1)
        self._client.on_connect = self._connected
        self._client.on_message = self._message

    def __enter__(self) -> Self:
        self._client.connect_async(*self._address, keepalive=5)
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def events(self) -> list[wire.Envelope]:
        """What the centre holds, in the order it came."""
        return list(self.centre.events)

    def restore(self, events: int) -> None:
        """Become as a backup of the first `events` events was."""
        restored = FakeCentre()
        for event in self.centre.events[:events]:
            restored.take(event.model_dump_json())
        self.centre = restored

    def say(self, state: wire.CallState) -> None:
        """Tell the box what became of a call, retained as the real centre does."""
        self._client.publish(
            topics.call(self._box, state.call_id), state.model_dump_json(), qos=1, retain=True
        )

    def _connected(self, client: Client, *_: object) -> None:
        client.subscribe([(topics.events(self._box), 1), (topics.presence(self._box), 1)])

    def _message(self, client: Client, _data: object, news: MQTTMessage) -> None:
        if news.topic == topics.presence(self._box):
            self.presence.append(wire.Presence.model_validate_json(news.payload))
            return
        receipt = self.centre.take(news.payload).model_dump_json()
        if not self.loses():
            for _ in range(1 + self.doubles()):
                client.publish(topics.acks(self._box), receipt, qos=1)
