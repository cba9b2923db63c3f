"""A `link.Line` over MQTT 3.1.1 with paho.

Each connection gets a client of its own, so that nothing of the last one is sent again behind the pump's back.
"""

import socket
import threading
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.link import CONNECT_SECONDS, Line
from edge_agent.settings import Broker, Settings
from edge_agent.voice import Voice
from shared import topics, wire

_QOS = 1


class PahoLine:
    """One connection."""

    def __init__(self, client: Client, broker: Broker, *, keepalive: int, voice: Voice) -> None:
        self._client = client
        self._voice = voice
        self._broker = broker
        self._keepalive = keepalive
        self._answered = threading.Event()
        self._subscribed = threading.Event()
        self._refusal = "no answer"
        self._up = False

    def open(self, on_message: Callable[[str, bytes], None], on_down: Callable[[str], None]) -> None:
        """Connect, start paho's thread, wait for CONNACK."""

        def connected(
            _client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _more: Properties | None
        ) -> None:
            self._up = not code.is_failure
            self._refusal = str(code)
            self._answered.set()

        def disconnected(
            _client: Client, _data: Any, _flags: DisconnectFlags, code: ReasonCode, _more: Properties | None
        ) -> None:
            self._up = False
            self._answered.set()
            on_down(str(code))

        def subscribed(
            _client: Client, _data: Any, _mid: int, codes: list[ReasonCode], _more: Properties | None
        ) -> None:
            self._up = self._up and not any(code.is_failure for code in codes)
            self._subscribed.set()

        def message(_client: Client, _data: Any, news: MQTTMessage) -> None:
            heard = self._voice.heard(news.topic, bytes(news.payload))
            if heard is not None:
                on_message(news.topic, heard)

        self._client.on_connect, self._client.on_disconnect = connected, disconnected
        self._client.on_subscribe, self._client.on_message = subscribed, message
        self._client.connect(self._broker.host, self._broker.port, keepalive=self._keepalive)
        self._client.loop_start()
        self._answered.wait(CONNECT_SECONDS)
        if not self._up:
            raise ConnectionRefusedError(self._refusal)

    def subscribe(self, filters: list[str]) -> None:
        """Subscribe and wait for SUBACK: an ACL that forbids our own topics must be seen, not silently endured."""
        result, _ = self._client.subscribe([(one, _QOS) for one in filters])
        if result is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise ConnectionError(str(result))
        if not self._subscribed.wait(CONNECT_SECONDS) or not self._up:
            raise ConnectionError("subscription refused")

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Hand a message to paho; a PUBACK is not waited for."""
        self._client.publish(topic, self._voice.said(topic, payload).encode(), qos=_QOS, retain=retain)

    def close(self) -> None:
        """Disconnect (paho sends what is queued first) and end paho's thread."""
        self._client.disconnect()
        self._client.loop_stop()


def lines(settings: Settings, broker: Broker, voice: Voice | None = None) -> Callable[[wire.Presence], Line]:
    """Return a maker of lines. Each is told the presence that the broker publishes if the box vanishes.

    `voice` signs what is said and drops what is not signed; without one (no identity) everything passes as it is.
    """
    speaking = voice or Voice(None, ())

    def make(will: wire.Presence) -> Line:
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=topics.client_id(settings.box),
            clean_session=True,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_SECONDS
        client.on_socket_open = _send_at_once
        client.max_inflight_messages_set(settings.mqtt.window + 2)
        topic = topics.presence(settings.box)
        client.will_set(topic, speaking.said(topic, will.model_dump_json()), qos=_QOS, retain=True)
        password = settings.mqtt_password()
        if password or settings.mqtt.username:
            client.username_pw_set(settings.mqtt.username or settings.box, password)
        if broker.tls:
            _use_tls(client, settings)
        return PahoLine(client, broker, keepalive=settings.mqtt.keepalive_seconds, voice=speaking)

    return make


def _send_at_once(_client: Client, _data: Any, sock: Any) -> None:
    """Switch Nagle's algorithm off: behind an unanswered PUBACK it would hold a call for help back for 40 ms."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _use_tls(client: Client, settings: Settings) -> None:
    files = (settings.mqtt.ca_file, settings.mqtt.cert_file, settings.mqtt.key_file)
    ca, cert, key = (str(file) if file else None for file in files)
    client.tls_set(ca_certs=ca, certfile=cert, keyfile=key)
