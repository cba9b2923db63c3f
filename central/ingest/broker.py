"""The embedded broker: amqtt in a thread of its own, for the demonstration and small sites. It keeps nothing on disk.

amqtt is pinned to one exact version, since this overrides methods of its inside. Why:
- it ends the session of a client id before it has looked at the password of who uses it;
- it hands whoever connects every retained message that anybody has subscribed to;
- it walks its table of subscriptions while others change it;
- it reads packets of any size and waits for ever for the first one.
"""

import asyncio
import logging
import secrets
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import structlog
from amqtt.adapters import ReaderAdapter, StreamReaderAdapter, StreamWriterAdapter, WriterAdapter
from amqtt.broker import Broker, Server
from amqtt.contexts import Action, BrokerConfig, ListenerConfig
from amqtt.errors import AMQTTError
from amqtt.session import Session

from central.context import Context
from central.errors import MinyiError
from central.halls import queries, service
from central.ingest.door import Door
from shared import topics

LOG = structlog.get_logger()

_LISTENER = "default"
#: Most bytes in one packet; Mosquitto's configuration for production says the same.
_MAX_PACKET = 128 * 1024
_FIRST_PACKET_SECONDS = 10
_STOP_SECONDS = 10.0
_BACKLOG = 128
#: How long a revoked box may stay connected. The centre takes nothing from it meanwhile.
_REVOKED_SECONDS = 20.0


class PortTaken(MinyiError):
    """The embedded broker cannot listen where it should."""

    status = 500


class PacketTooLong(Exception):
    """A client announced a packet longer than any of ours."""


class Rights:
    """Who may speak where: a box within its own topics, the centre everywhere below `minyi/`."""

    def __init__(self, context: Context, centre: Door) -> None:
        self._context = context
        self._centre = centre

    async def lets_in(self, username: str, password: str) -> bool:
        """Say whether name and password are the centre's or those of a box that is not revoked."""
        if username == self._centre.username:
            return secrets.compare_digest(password.encode(), self._centre.password.encode())
        return await asyncio.to_thread(self._box_fits, username, password)

    def _box_fits(self, box: str, secret: str) -> bool:
        with self._context.read() as s:
            return service.secret_fits(s, box_id=box, secret=secret)

    def revoked_of(self, names: Sequence[str]) -> list[str]:
        """Return those of `names` that are revoked boxes."""
        with self._context.read() as s:
            found = [queries.box(s, name) for name in names]
        return [box.id for box in found if box is not None and box.revoked_at is not None]

    def may(self, username: str, topic: str, action: Action) -> bool:
        """Say whether `username` may publish to, subscribe to or receive on `topic` (also a filter)."""
        if username == self._centre.username:
            return topic.startswith("minyi/")
        place = topics.parse(topic)
        if place is None or place.box != username:
            return False
        return place.path.startswith("up/" if action is Action.PUBLISH else "down/")


class _Steady(dict[str, list[tuple[Session, int]]]):
    """A table that can be walked while it changes."""

    def __iter__(self) -> Iterator[str]:
        return iter(list(super().keys()))

    def items(self) -> Any:
        return [(key, list(value)) for key, value in super().items()]


class _Reader(StreamReaderAdapter):  # type: ignore[misc]  # amqtt publishes no types
    """Refuses to read a packet that is too long."""

    async def read(self, n: int = -1) -> bytes:
        if n > _MAX_PACKET:
            raise PacketTooLong
        found: bytes = await super().read(n)
        return found


class GuardedBroker(Broker):  # type: ignore[misc]  # amqtt publishes no types
    """amqtt's broker on a socket that listens already, with the rights of `Rights`."""

    def __init__(self, listening: socket.socket, rights: Rights) -> None:
        config = BrokerConfig(listeners={_LISTENER: ListenerConfig(bind="")}, plugins={})
        super().__init__(config)
        self._listening = listening
        self._rights = rights
        self._subscriptions = _Steady()
        self._by_name: dict[str, str] = {}

    async def _start_listeners(self) -> None:
        server = await asyncio.start_server(self._accepted, sock=self._listening)
        self._servers[_LISTENER] = Server(_LISTENER, server)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._client_connected(_LISTENER, _Reader(reader), StreamWriterAdapter(writer))
        except PacketTooLong:
            LOG.warning("packet too long, connection closed")
        finally:
            writer.close()

    async def _initialize_client_session(
        self, reader: ReaderAdapter, writer: WriterAdapter, remote_address: str, remote_port: int
    ) -> Any:
        try:
            async with asyncio.timeout(_FIRST_PACKET_SECONDS):
                return await super()._initialize_client_session(reader, writer, remote_address, remote_port)
        except TimeoutError as error:
            raise AMQTTError("no CONNECT in time") from error

    async def _delete_session(self, client_id: str) -> None:
        """Do nothing: amqtt calls it before the password is known. `_authenticate` ends the session that is replaced."""

    async def _authenticate(self, session: Session, _: ListenerConfig) -> bool:
        # Client ids mean nothing here: a name has one connection, and nobody can take over another's by its id.
        session.client_id, name = secrets.token_hex(16), session.username or ""
        if not await self._rights.lets_in(name, session.password or ""):
            LOG.warning("broker refused a client", name=name[:64], host=session.remote_address)
            return False
        if (session.will_flag and not self._rights.may(name, session.will_topic, Action.PUBLISH)) or not (
            session.clean_session
        ):
            return False
        await self._replace(name, session.client_id)
        return True

    async def _replace(self, name: str, client_id: str) -> None:
        """End the connection that this name had: its machine has gone, or it is connecting anew."""
        old, self._by_name[name] = self._by_name.get(name), client_id
        session, handler = self._sessions.pop(old, (None, None))
        if session is None or handler is None:
            return
        session.will_flag = False  # the name is on the line
        await self._del_all_subscriptions(session)
        session.clear_queues()
        await handler.handle_connection_closed()

    async def _handle_client_session(self, *facts: Any) -> None:
        """Serve one connection to its end, then forget it: no session outlives its connection."""
        session: Session = facts[2]
        try:
            await super()._handle_client_session(*facts)
        finally:
            self._sessions.pop(session.client_id, None)
            await self._del_all_subscriptions(session)

    async def cut_off_revoked(self) -> None:
        """End the connections of boxes that have been revoked since they connected."""
        while True:
            await asyncio.sleep(_REVOKED_SECONDS)
            for name in await asyncio.to_thread(self._rights.revoked_of, list(self._by_name)):
                LOG.warning("revoked box is cut off", box=name)
                await self._replace(name, "")

    async def _topic_filtering(self, session: Session, topic: str, action: Action) -> bool:
        return self._rights.may(session.username or "", topic, action)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        if any(one is session for one, _ in self._subscriptions.get(subscription[0], [])):
            await super()._publish_retained_messages_for_subscription(subscription, session)


class EmbeddedBroker:
    """The broker's thread. `door` is where it listens, with the centre's password of this run."""

    def __init__(self, context: Context, password: str = "") -> None:
        mqtt = context.settings.mqtt
        self._listening = _listen(mqtt.embedded_host, mqtt.embedded_port)
        host, port = self._listening.getsockname()[:2]
        self.door = Door(host, port, mqtt.username, password or secrets.token_urlsafe(32))
        self._rights = Rights(context, self.door)
        self._loop = asyncio.new_event_loop()
        self._started: Future[None] = Future()
        self._stopped: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)

    def start(self) -> None:
        """Start the thread and wait until clients are served."""
        self._thread.start()
        self._started.result()

    def stop(self) -> None:
        """Disconnect everyone and end the thread; safe to call twice."""
        if self._stopped is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop.set_exception_handler(_note)
        self._stopped = asyncio.Event()
        try:
            broker = GuardedBroker(self._listening, self._rights)
            await broker.start()
        except Exception as error:  # noqa: BLE001  whoever starts the thread gets it
            self._started.set_exception(error)
            return
        self._started.set_result(None)
        LOG.info("embedded broker listens", host=self.door.host, port=self.door.port)
        cutting = asyncio.create_task(broker.cut_off_revoked())
        await self._stopped.wait()
        cutting.cancel()
        try:
            async with asyncio.timeout(_STOP_SECONDS / 2):
                await broker.shutdown()
        except TimeoutError:
            LOG.warning("embedded broker did not close every connection in time")


def start(context: Context, *, password: str = "") -> EmbeddedBroker:
    """Start the embedded broker on `mqtt.embedded_port`; raise `PortTaken`.

    The centre gets `password`, or a random one that nobody outside this process knows.
    """
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)  # it warns of what clients do; what matters we log
    logging.getLogger("transitions").setLevel(logging.CRITICAL)
    broker = EmbeddedBroker(context, password)
    broker.start()
    return broker


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # It names its protocol, or asyncio would leave Nagle's algorithm on and hold messages back.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise PortTaken("ingest.port_taken", host=host, port=port, reason=error.strerror or "") from error
    return listening


def _note(_loop: asyncio.AbstractEventLoop, facts: dict[str, Any]) -> None:
    LOG.debug("embedded broker", said=facts.get("message"), error=repr(facts.get("exception")))
