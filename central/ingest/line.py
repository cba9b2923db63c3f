"""The centre's connection to the broker: paho with its own thread, MQTT 3.1.1, connecting again for ever.

The session is clean. The broker keeps no queue for a centre that is away: boxes send again what was not acknowledged,
and what matters for longer is retained.
"""

import secrets
import socket
import threading
from collections.abc import Callable
from typing import Any

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from central.ingest.door import Door
from shared import topics

LOG = structlog.get_logger()

_QOS = 1
_KEEPALIVE_SECONDS = 30
#: Between two tries to connect: from 1 second, doubling, to this. The halls are live 10 s after a power cut of the centre
#: at the latest, and its broker may have been back since just after the last try.
_LONGEST_WAIT_SECONDS = 3
_IN_FLIGHT = 1000
_TAKE_OVER_SECONDS = 5.0


class Line:
    """One client, connected or trying to be, from `start` to `stop`.

    `on_message` gets topic, payload and whether the broker had kept the message; `on_up` is called whenever the
    subscriptions stand. Both come from paho's thread, and must neither block nor raise.
    """

    def __init__(
        self, door: Door, *, on_message: Callable[[str, bytes, bool], None], on_up: Callable[[], None]
    ) -> None:
        self._door = door
        self._on_message = on_message
        self._on_up = on_up
        self._refused = ""
        self.up = False
        self._client = self._build()

    def start(self) -> None:
        """Begin connecting; return at once."""
        self._client.connect_async(self._door.host, self._door.port, keepalive=_KEEPALIVE_SECONDS)
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect, after what was handed over has been sent, and end the thread."""
        self.up = False
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Hand a message to paho, QoS 1. While the line is down it is dropped: boxes ask again for what they miss."""
        if self.up:
            self._client.publish(topic, payload.encode(), qos=_QOS, retain=retain)

    def _build(self) -> Client:
        # A name of its own for each process: two with one name would push each other out for ever.
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"minyi-centre-{secrets.token_hex(4)}",
            clean_session=True,
            protocol=MQTTProtocolVersion.MQTTv311,
        )
        client.reconnect_delay_set(min_delay=1, max_delay=_LONGEST_WAIT_SECONDS)
        client.max_inflight_messages_set(_IN_FLIGHT)
        _sign_in(client, self._door)
        client.on_connect, client.on_disconnect = self._connected, self._disconnected
        client.on_subscribe, client.on_message = self._subscribed, self._message
        return client

    def _connected(
        self, client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _more: Properties | None
    ) -> None:
        if not code.is_failure:
            client.subscribe([(topic, _QOS) for topic in topics.ALL_UP])
        elif self._refused != str(code):  # once, not with every try
            self._refused = str(code)
            LOG.error("broker refuses the centre", host=self._door.host, reason=self._refused)

    def _subscribed(
        self, _client: Client, _data: Any, _mid: int, codes: list[ReasonCode], _more: Properties | None
    ) -> None:
        if any(code.is_failure for code in codes):
            LOG.error("broker refuses the centre's subscriptions", codes=[str(code) for code in codes])
            return
        self._refused = ""
        self.up = True
        LOG.info("line to the broker is up", host=self._door.host, port=self._door.port)
        self._on_up()

    def _disconnected(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, code: ReasonCode, _more: Properties | None
    ) -> None:
        if self.up:
            LOG.warning("line to the broker is down", reason=str(code))
        self.up = False

    def _message(self, _client: Client, _data: Any, news: MQTTMessage) -> None:
        self._on_message(news.topic, bytes(news.payload), news.retain)


def take_over(door: Door, client_id: str) -> bool:
    """Connect under the client id of another, which ends that connection, and leave; say whether the broker was reached.

    Only the centre can: at the door for boxes the broker gives out the ids itself.
    """
    answered = threading.Event()
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        clean_session=True,
        protocol=MQTTProtocolVersion.MQTTv311,
        reconnect_on_failure=False,
    )
    _sign_in(client, door)
    client.on_connect = lambda *_: answered.set()
    try:
        client.connect(door.host, door.port, keepalive=_KEEPALIVE_SECONDS)
    except OSError:
        return False
    client.loop_start()
    reached = answered.wait(_TAKE_OVER_SECONDS)
    client.disconnect()
    client.loop_stop()
    return reached


def _sign_in(client: Client, door: Door) -> None:
    if door.username:
        client.username_pw_set(door.username, door.password)
    if door.tls:
        client.tls_set(ca_certs=str(door.ca_file) if door.ca_file else None)
    client.on_socket_open = _send_at_once


def _send_at_once(_client: Client, _data: Any, sock: Any) -> None:
    """Switch Nagle's algorithm off: behind an unanswered PUBACK it would hold the next message back for 40 ms."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
