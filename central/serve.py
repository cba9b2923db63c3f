"""Compose a process: start its parts in order, stop them in reverse, in one place."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, closing
from enum import StrEnum
from functools import partial
from typing import cast

import structlog
import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from central import app, jobs, memory, notify
from central.context import Context
from central.errors import MinyiError
from central.ingest import broker
from central.ingest import client as ingest
from central.settings import Settings
from central.web.patience import Patient

LOG = structlog.get_logger()
#: Of TLS 1.2 only suites with forward secrecy and authenticated encryption; those of TLS 1.3 are all of that kind.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


class Part(StrEnum):
    """What a process of its own can be; without a part, one process is all of them."""

    WEB = "web"
    INGEST = "ingest"
    JOBS = "jobs"


class PortTaken(MinyiError):
    """Something else listens on the port."""

    status = 500


def check_port(host: str, port: int) -> None:
    """Raise `PortTaken` if `port` cannot be listened on."""
    with closing(socket.socket()) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except OSError as error:
            raise PortTaken("commands.port_taken", port=port) from error


def nothing() -> None:
    """Do nothing: the hook of whoever does not want one."""


def run(
    context: Context,
    *,
    only: Part | None = None,
    ready: Callable[[], None] = nothing,
    stopping: Callable[[], None] = nothing,
) -> None:
    """Run until SIGINT or SIGTERM. `ready` is called once pages are served, `stopping` before they no longer are."""
    settings = context.settings
    if only in {None, Part.WEB}:
        check_port(settings.http.host, settings.http.port)
    memory.settle()
    with ExitStack() as parts:
        if only in {None, Part.INGEST}:
            start_ingest(context, parts)
        if only in {None, Part.JOBS}:
            scheduler = jobs.start(context)
            parts.callback(scheduler.shutdown, wait=True)
        if only is None or only is Part.WEB:
            serve_web(context, ready, stopping)
        else:
            asyncio.run(wait_for_signal(ready))
    notify.notify("STOPPING=1")


def start_ingest(context: Context, parts: ExitStack) -> None:
    """Start the broker, unless one is set, and the reader of what the boxes send."""
    door = None
    if not context.settings.mqtt.url:
        embedded = broker.start(context)
        parts.callback(embedded.stop)
        door = embedded.door
    parts.callback(ingest.start(context, door).stop)


def serve_web(context: Context, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
    """Serve the pages; returns after a signal and a short grace for open streams."""
    if context.settings.http.workers > 1:
        config = _config("central.app:from_environment", context.settings)
        with closing(_listening(context.settings)) as sock:
            _Workers(config, [sock], ready, stopping).run()
        return
    with _outliving(signal.SIGTERM):
        _Server(_config(app.build(context), context.settings), ready, stopping).run()


@contextlib.contextmanager
def _outliving(number: signal.Signals) -> Iterator[None]:
    """Do not die of the signal that uvicorn raises once more at its end: what stands under the pages is stopped after it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(number, before)


class _Server(uvicorn.Server):
    """Tells systemd and the caller when pages are served, and systemd that the loop turns."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready, self._stopping = ready, stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then say so."""
        await super().startup(sockets)
        if self.started:
            notify.notify("READY=1")
            self._ready()
            self._watchdog = asyncio.create_task(_feed_watchdog())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let the caller stop what stands on the pages, then stop serving them."""
        self._stopping()
        await super().shutdown(sockets)


async def _feed_watchdog() -> None:
    seconds = notify.watchdog_seconds()
    while seconds:
        notify.notify("WATCHDOG=1")
        await asyncio.sleep(seconds)


def _listening(settings: Settings) -> socket.socket:
    """Return the socket that the web processes share.

    It names its protocol, or asyncio would leave Nagle's algorithm on: every answer on a kept connection would take 40 ms longer.
    """
    family, kind, proto, _, address = socket.getaddrinfo(
        settings.http.host, settings.http.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )[0]
    sock = socket.socket(family, kind, proto)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(address)
    sock.set_inheritable(True)
    return sock


class _Workers(Multiprocess):
    """Several web processes on one socket. Their parent tells systemd how they do: one that hangs is replaced."""

    def __init__(
        self,
        config: uvicorn.Config,
        sockets: list[socket.socket],
        ready: Callable[[], None],
        stopping: Callable[[], None],
    ) -> None:
        super().__init__(config, sockets)
        self._ready, self._stopping = ready, stopping

    def init_processes(self) -> None:
        """Start the processes, then say so: the socket already listens, so no request is lost meanwhile."""
        super().init_processes()
        notify.notify("READY=1")
        self._ready()

    def keep_subprocess_alive(self) -> None:
        """Replace what died, then feed the watchdog (called twice a second)."""
        super().keep_subprocess_alive()
        notify.notify("WATCHDOG=1")

    def terminate_all(self) -> None:
        """Let the caller stop what stands on the pages, then stop the processes."""
        self._stopping()
        super().terminate_all()


def _config(application: ASGIApp | str, settings: Settings) -> uvicorn.Config:
    http = settings.http
    # No class of its own making: further web processes get their configuration pickled.
    lines = partial(Patient, seconds=http.head_seconds, most=http.lines_per_address, proxies=http.proxies)
    return uvicorn.Config(
        application,
        factory=isinstance(application, str),
        workers=http.workers,
        host=http.host,
        port=http.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
        # On a busy machine a web process needs more than the usual 5 s to load; ended then, it would begin again for ever.
        timeout_worker_healthcheck=60,
        server_header=False,
        # Who speaks TLS itself has no proxy in front whose word would count.
        proxy_headers=http.secure and http.tls_certificate is None,
        forwarded_allow_ips=http.proxies,
        http=cast("type[asyncio.Protocol]", lines),
        ssl_certfile=http.tls_certificate,
        ssl_keyfile=http.tls_key,
        ssl_ciphers=CIPHERS,
    )


async def wait_for_signal(ready: Callable[[], None]) -> None:
    """Wait in a process without pages."""
    async with _signals() as stopped:
        notify.notify("READY=1")
        ready()
        watchdog = asyncio.create_task(_feed_watchdog())
        await stopped.wait()
        watchdog.cancel()


@contextlib.asynccontextmanager
async def _signals() -> AsyncIterator[asyncio.Event]:
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (2, 15):
        loop.add_signal_handler(number, stopped.set)
    yield stopped
