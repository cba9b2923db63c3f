"""A bare MQTT client in the name of a box: connects as told, keeps what it hears. With a box's files it signs as the box does."""

from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from paho.mqtt.client import Client, MQTTMessage, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.identity import Files
from shared import sealed, topics, wire
from tests.support.ports import HOST
from tests.support.processes import wait_until


class BareBox:
    """One connection; `heard` has topic and payload of every message, `refused` the broker's no."""

    def __init__(
        self, port: int, name: str, password: str, *, client_id: str = "", files: Files | None = None
    ) -> None:
        self.name, self._port = name, port
        self._key = _private(files) if files is not None else None
        self.heard: list[tuple[str, bytes]] = []
        self.refused = ""
        self.up = False
        self.granted: list[bool] | None = None
        self.client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id or f"bare-{name}",
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        if password:
            self.client.username_pw_set(name, password)
        if files is not None:
            self.client.tls_set(str(files.authority), str(files.own), str(files.own))
        self.client.on_connect, self.client.on_disconnect = self._connected, self._disconnected
        self.client.on_subscribe, self.client.on_message = self._subscribed, self._message

    def open(self) -> Self:
        """Connect; return once the broker has said yes or no."""
        self.client.connect(HOST, self._port)
        self.client.loop_start()
        wait_until(lambda: self.up or self.refused, what="the broker's answer")
        return self

    def subscribe(self, *filters: str) -> list[bool]:
        """Subscribe with QoS 1; return what was granted, nothing if the broker ended the line instead."""
        self.granted = None
        self.client.subscribe([(one, 1) for one in filters])
        wait_until(lambda: self.granted or not self.up, what="SUBACK or the end of the line")
        return self.granted or []

    def settled(self, note: MQTTMessageInfo) -> bool:
        """Say whether the broker has taken a message, or has refused us or ended the line, so that it never will."""
        try:
            return not self.up or note.is_published()
        except RuntimeError:  # the line was cut while it was being sent, and nobody has told us yet
            return True

    def send(self, envelope: wire.Envelope, *, to: str = "") -> None:
        """Publish an event, on the box's own topic unless told otherwise."""
        topic, text = to or topics.events(self.name), envelope.model_dump_json()
        self.client.publish(
            topic, text if self._key is None else sealed.signed(topic, text, self._key), qos=1
        )

    def acks(self) -> list[wire.Ack]:
        """Return the receipts heard so far."""
        mine = topics.acks(self.name)
        found = [payload for topic, payload in self.heard if topic == mine]
        if self._key is not None:
            found = [wire.Signed.model_validate_json(payload).body.encode() for payload in found]
        return [ack for payload in found for ack in wire.receipts(payload)]

    def close(self) -> None:
        """Disconnect."""
        self.client.disconnect()
        self.client.loop_stop()

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connected(self, _c: Client, _d: Any, _f: Any, code: ReasonCode, _p: Any) -> None:
        self.up = not code.is_failure
        self.refused = str(code) if code.is_failure else ""

    def _disconnected(self, _c: Client, _d: Any, _f: Any, code: ReasonCode, _p: Any) -> None:
        self.up = False
        self.refused = self.refused or str(code)

    def _subscribed(self, _c: Client, _d: Any, _m: int, codes: list[ReasonCode], _p: Any) -> None:
        self.granted = [not code.is_failure for code in codes]

    def _message(self, _c: Client, _d: Any, news: MQTTMessage) -> None:
        self.heard.append((news.topic, bytes(news.payload)))


def _private(files: Files) -> Ed25519PrivateKey:
    found = load_pem_private_key(files.own.read_bytes(), password=None)
    assert isinstance(found, Ed25519PrivateKey)
    return found
