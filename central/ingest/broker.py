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
import ssl
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeAlias

import structlog
from amqtt.adapters import ReaderAdapter, StreamReaderAdapter, StreamWriterAdapter, WriterAdapter
from amqtt.broker import Broker, Server
from amqtt.contexts import Action, BrokerConfig, ListenerConfig
from amqtt.errors import AMQTTError
from amqtt.session import Session
from sqlmodel import Session as DbSession

from central.context import Context
from central.errors import MinyiError
from central.halls import service
from central.ingest.door import Door
from central.ingest.tls import Shown, server_context, shown_by
from shared import topics

LOG = structlog.get_logger()

_LISTENER, _SECURED = "default", "boxes"
_THIS_MACHINE = "127.0.0.1"
#: Most bytes in one packet; Mosquitto's configuration for production says the same.
_MAX_PACKET = 128 * 1024
_FIRST_PACKET_SECONDS = 10
_STOP_SECONDS = 10.0
_BACKLOG = 128
#: How long a revoked box may stay connected. The centre takes nothing from it meanwhile.
_REVOKED_SECONDS = 2.0

Secured: TypeAlias = tuple[socket.socket, ssl.SSLContext]


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

    async def lets_in(self, shown: Shown) -> bool:
        """Say whether what was shown is the centre's password, or that of a box or its certificate, neither revoked."""
        if shown.name == self._centre.username and not shown.serial:
            return secrets.compare_digest(shown.secret.encode(), self._centre.password.encode())
        return not await asyncio.to_thread(self.out_of, [shown])

    def out_of(self, boxes: Sequence[Shown]) -> list[str]:
        """Return the names of those that are no box, or no longer let in by what they showed."""
        with self._context.read() as s:
            return [shown.name for shown in boxes if not self._fits(s, shown)]

    def is_box(self, shown: Shown) -> bool:
        """Say whether it was a box that was let in by this, and not the centre."""
        return shown.name != self._centre.username

    def _fits(self, s: DbSession, shown: Shown) -> bool:
        if shown.serial:
            now = self._context.clock.now()
            return service.certificate_fits(s, box_id=shown.name, serial=shown.serial, now=now)
        return service.secret_fits(s, box_id=shown.name, secret=shown.secret)

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


class _Writer(StreamWriterAdapter):  # type: ignore[misc]  # amqtt publishes no types
    """Knows who stands at the other end by its certificate, if there is one."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        super().__init__(writer)
        self.shown = shown_by(writer)


class _Reader(StreamReaderAdapter):  # type: ignore[misc]  # amqtt publishes no types
    """Refuses to read a packet that is too long."""

    async def read(self, n: int = -1) -> bytes:
        if n > _MAX_PACKET:
            raise PacketTooLong
        found: bytes = await super().read(n)
        return found


class GuardedBroker(Broker):  # type: ignore[misc]  # amqtt publishes no types
    """amqtt's broker on sockets that listen already, with the rights of `Rights`. By TLS only certificates let in."""

    def __init__(self, listening: socket.socket, rights: Rights, secured: Secured | None = None) -> None:
        names = (_LISTENER, _SECURED) if secured else (_LISTENER,)
        config = BrokerConfig(listeners={name: ListenerConfig(bind="") for name in names}, plugins={})
        super().__init__(config)
        self._listening = listening
        self._secured = secured
        self._rights = rights
        self._subscriptions = _Steady()
        self._by_name: dict[str, tuple[str, Shown]] = {}

    async def _start_listeners(self) -> None:
        server = await asyncio.start_server(partial(self._accepted, _LISTENER), sock=self._listening)
        self._servers[_LISTENER] = Server(_LISTENER, server)
        if self._secured is not None:
            sock, tls = self._secured
            server = await asyncio.start_server(
                partial(self._accepted, _SECURED),
                sock=sock,
                ssl=tls,
                ssl_handshake_timeout=_FIRST_PACKET_SECONDS,
            )
            self._servers[_SECURED] = Server(_SECURED, server)

    async def _accepted(
        self, listener: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            await self._client_connected(listener, _Reader(reader), _Writer(writer))
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

    async def _authenticate(self, session: Session, listener: ListenerConfig) -> bool:
        # Client ids mean nothing here: a name has one connection, and nobody can take over another's by its id.
        session.client_id, name = secrets.token_hex(16), session.username or ""
        by_name = listener is self.listeners_config[_LISTENER]
        shown = (
            Shown(name, secret=session.password or "") if by_name else Shown(name, serial=session.password)
        )
        if not await self._rights.lets_in(shown):
            LOG.warning("broker refused a client", name=name[:64], host=session.remote_address)
            return False
        if (session.will_flag and not self._rights.may(name, session.will_topic, Action.PUBLISH)) or not (
            session.clean_session
        ):
            return False
        await self._replace(name, (session.client_id, shown))
        return True

    async def _replace(self, name: str, new: tuple[str, Shown] | None) -> None:
        """End the connection that this name had: its machine has gone, or it is connecting anew."""
        old = self._by_name.pop(name, None)
        if new is not None:
            self._by_name[name] = new
        session, handler = self._sessions.pop(old[0] if old else "", (None, None))
        if session is None or handler is None:
            return
        session.will_flag = False  # the name is on the line
        await self._del_all_subscriptions(session)
        session.clear_queues()
        await handler.handle_connection_closed()

    async def _handle_client_session(self, *facts: Any) -> None:
        """Serve one connection to its end, then forget it: no session outlives its connection."""
        writer, session = facts[1], facts[2]
        if writer.shown is not None:  # whatever else it says of itself
            session.username, session.password = writer.shown.name, writer.shown.serial
        try:
            await super()._handle_client_session(*facts)
        finally:
            self._sessions.pop(session.client_id, None)
            await self._del_all_subscriptions(session)

    async def cut_off_revoked(self) -> None:
        """End the connections of boxes that have been revoked since they connected."""
        while True:
            await asyncio.sleep(_REVOKED_SECONDS)
            boxes = [one for _, one in self._by_name.values() if self._rights.is_box(one)]
            try:
                gone = await asyncio.to_thread(self._rights.out_of, boxes)
            except Exception:  # a database that is away must not end this
                LOG.exception("revoked boxes could not be looked for")
                continue
            for name in gone:
                LOG.warning("revoked box is cut off", box=name)
                await self._replace(name, None)

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
        # What speaks without TLS stays on this machine once boxes have a line with it.
        plain_host = _THIS_MACHINE if mqtt.embedded_tls_port else mqtt.embedded_host
        self._listening = _listen(plain_host, mqtt.embedded_port)
        self._secured = self._secure(context) if mqtt.embedded_tls_port else None
        host, port = self._listening.getsockname()[:2]
        self.door = Door(host, port, mqtt.username, password or secrets.token_urlsafe(32), embedded=True)
        self._rights = Rights(context, self.door)
        self._loop = asyncio.new_event_loop()
        self._started: Future[None] = Future()
        self._stopped: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)

    def _secure(self, context: Context) -> Secured:
        mqtt = context.settings.mqtt
        try:
            return _listen(mqtt.embedded_host, mqtt.embedded_tls_port), server_context(context)
        except BaseException:
            self._listening.close()
            raise

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
            broker = GuardedBroker(self._listening, self._rights, self._secured)
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
