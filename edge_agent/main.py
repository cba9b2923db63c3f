"""Puts the box together, starts its parts in order, stops them in reverse."""

import asyncio
import contextlib
import fcntl
import json
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from types import FrameType

import structlog
import typer
import uvicorn

from edge_agent import documents, identity, kept_settings, mqtt, tls
from edge_agent.board import Board
from edge_agent.box import Box
from edge_agent.commands import BAD_INPUT, DONE, FAILED, RUN_FILE, load_or_say
from edge_agent.desk import Desk
from edge_agent.devices import Devices
from edge_agent.errors import CannotKeep
from edge_agent.figures import of_machine
from edge_agent.files import write_atomically
from edge_agent.following import follow, look, rules_of, start_logging
from edge_agent.inbox import BoxInbox
from edge_agent.link import Link
from edge_agent.logdesk import LogDesk
from edge_agent.logring import LogRing
from edge_agent.notify import notify, watchdog_seconds
from edge_agent.opening import open_store
from edge_agent.outbox import Outbox
from edge_agent.paper.courier import Courier
from edge_agent.pump import Pace
from edge_agent.sealing import BrokenSeal
from edge_agent.settings import Settings
from edge_agent.speech import Speech
from edge_agent.store import OtherBox, Store, damaged_files
from edge_agent.telling import Teller, Telling, Together
from edge_agent.texts import catalogue
from edge_agent.trial import Trial
from edge_agent.upkeep import Upkeep
from edge_agent.voice import Voice
from edge_agent.web.app import build
from shared.clock import SystemClock

log = structlog.get_logger()
_TICK_SECONDS = 1.0
_GRACE_SECONDS = 3
_BACKLOG = 128


def run(config: Path | None) -> int:
    """Run the box until it is told to stop; 2 when settings, folder or port cannot be taken."""
    settings = load_or_say(config)
    if settings is None:
        return BAD_INPUT
    ring = LogRing(SystemClock().now())
    start_logging(settings, ring)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _noted)  # uvicorn raises it once more at its end; our own stop comes after that
    try:
        with contextlib.ExitStack() as stack:
            return _run(settings, identity.load(settings.data), ring, stack)
    except OtherBox as error:
        why = f"{settings.data} holds the journal of box {error}, not of {settings.box}; set data or box"
    except (sqlite3.Error, CannotKeep) as error:
        why = f"cannot write in {settings.data}: {error.__cause__ or error}; is the disk full or read-only?"
    except (OSError, BrokenSeal) as error:
        why = str(error)
    typer.echo(f"minyi-edge cannot start: {why}", err=True)
    return BAD_INPUT


def _noted(number: int, frame: FrameType | None) -> None:
    del number, frame


def _run(
    configured: Settings, own: identity.Identity | None, ring: LogRing, stack: contextlib.ExitStack
) -> int:
    settings = identity.applied(configured, own)
    clock = SystemClock()
    stack.enter_context(_alone(settings.data))
    listening = stack.enter_context(_listen(settings))
    store = open_store(settings.data, box=settings.box, now=clock.now())
    stack.callback(store.close)
    if own is not None:
        store.centre_key = own.sealing_key
        documents.raise_floor(store, own.granted.documents_above)
    slots = kept_settings.at_start(store, now=clock.now())
    desk = _desk(settings, store, clock)
    desk.ring = ring
    secured = tls.files(settings, now=clock.now())
    desk.base_url = settings.http.public_url.rstrip("/") or _address(listening, secured=secured is not None)
    devices = Devices(desk)
    server = _Server(desk, secured, devices, lambda: _tell(settings, listening, secured))

    def changed() -> None:
        desk.board.changed()
        devices.show()

    desk.box.on_change = changed
    trial = _trial(desk, slots, devices)
    _start_link(desk, server, own, stack)
    stack.callback(devices.stop)
    devices.start()
    devices.show()
    stack.callback((settings.data / RUN_FILE).unlink, missing_ok=True)
    asyncio.run(server.serve(sockets=[listening]))
    log.info("stopping")
    if not server.damaged:
        trial.stop()
    return FAILED if server.damaged else DONE


def _desk(settings: Settings, store: Store, clock: SystemClock) -> Desk:
    box = Box(store, rules_of(settings))
    box.today(clock.now())
    for name in damaged_files(settings.data):
        box.raise_alarm("alarm.damaged_file", now=clock.now(), detail=name)
    desk = Desk(settings, box, Outbox(store), Board(), clock, catalogue(), settings.public_keys)
    desk.speech = Speech.found(settings.drivers.voice)
    return desk


def _trial(desk: Desk, slots: kept_settings.Slots, devices: Devices) -> Trial:
    """Put the centre's settings above the machine's own before anything is shown or said."""
    trial = Trial(desk.box, desk.settings, slots, follow=follow(desk, devices), well=look(desk))
    trial.start(now=desk.clock.now())
    desk.trial = trial
    return trial


def _start_link(
    desk: Desk, server: "_Server", own: identity.Identity | None, stack: contextlib.ExitStack
) -> None:
    settings, broker = desk.settings, desk.settings.broker
    if broker is None:
        log.info("link_off")
        return
    logs = LogDesk(desk.ring, box=settings.box, clock=desk.clock, centre_key=desk.box.store.centre_key)
    tellers: list[Teller] = [
        logs,
        *([Telling(desk.trial, box=settings.box, clock=desk.clock)] if desk.trial else []),
    ]
    link = Link(
        box=settings.box,
        software=version("minyi"),
        outbox=desk.outbox,
        inbox=BoxInbox(desk.box, keys=desk.keys, clock=desk.clock, trial=desk.trial, logs=logs),
        pace=Pace(settings.mqtt.window, settings.mqtt.ack_seconds),
        clock=desk.clock,
        lines=mqtt.lines(settings, broker, Voice(own.private if own else None, desk.keys)),
        on_change=desk.board.changed,
        on_damage=server.stop_damaged,
        figures=of_machine(desk),
        courier=lambda send: Courier(desk.box, desk.outbox, clock=desk.clock, send=send),
        teller=Together(tellers),
    )
    desk.link = link
    if desk.trial is not None:
        desk.trial.on_told = link.wake
    desk.box.on_journal = link.wake
    stack.callback(link.stop)
    link.start()


class _Server(uvicorn.Server):
    """The web server; it also keeps the second's beat."""

    def __init__(
        self, desk: Desk, secured: tls.Files | None, devices: Devices, tell: Callable[[], None]
    ) -> None:
        config = uvicorn.Config(
            build(desk),
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            ws="none",
            http="h11",
            backlog=_BACKLOG,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            ssl_certfile=secured.cert if secured else None,
            ssl_keyfile=secured.key if secured else None,
        )
        super().__init__(config)
        self._desk = desk
        self._devices, self._tell = devices, tell
        self.damaged = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the live streams first: they would never end by themselves."""
        notify("STOPPING=1")
        self._desk.board.close()
        super().handle_exit(sig, frame)

    def stop_damaged(self) -> None:
        """Stop because a record does not open: the next start sets the file aside and saves the rest."""
        self.damaged = True
        self._desk.board.close()
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, then tell the service manager."""
        await super().startup(sockets)
        self._tell()
        self._beat = asyncio.create_task(self._beats())
        notify("READY=1")

    async def _beats(self) -> None:
        upkeep, limit = Upkeep(self._desk), watchdog_seconds()
        told = 0.0
        while not self.should_exit:
            try:
                await asyncio.to_thread(upkeep.tick)
            except Exception:  # the beat must not end; without a good tick the watchdog does its work
                log.exception("upkeep_failed")
            else:
                if self._devices.stuck:
                    log.error("camera_stuck")
                elif limit is not None and time.monotonic() - told >= limit - _TICK_SECONDS:
                    notify("WATCHDOG=1")
                    told = time.monotonic()
            await asyncio.sleep(_TICK_SECONDS)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: two processes on one journal would give out numbers twice."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = (folder / "lock").open("w")
    except OSError as error:
        raise OSError(f"cannot write in {folder}: {error.strerror}; set data") from error
    with held as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(f"another minyi-edge runs on {folder}") from None
        yield


@contextlib.contextmanager
def _listen(settings: Settings) -> Iterator[socket.socket]:
    address = (settings.http.host, settings.http.port)
    family = socket.AF_INET6 if ":" in settings.http.host else socket.AF_INET
    # It names its protocol, or asyncio would leave Nagle's algorithm on: every answer on a kept connection 40 ms later.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        # It listens once pages are served: who presses for help while the box starts is told at once that nobody was called.
        listening.bind(address)
    except OSError as error:
        listening.close()
        why = (error.strerror or "").partition(" (")[0]
        raise OSError(
            f"cannot listen on {address[0]}:{address[1]}: {why}; set http.host, http.port"
        ) from error
    with listening:
        yield listening


def _address(listening: socket.socket, *, secured: bool) -> str:
    """Return the address for phones: none when the box listens for itself alone, or everywhere under no known name."""
    host, port = listening.getsockname()[:2]
    if ip_address(host).is_loopback or ip_address(host).is_unspecified:
        return ""
    scheme = "https" if secured else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _tell(settings: Settings, listening: socket.socket, secured: tls.Files | None) -> None:
    """Write where the box listens, for `status`, updates, the demo and tests."""
    host, port = listening.getsockname()[:2]
    certificate = str(secured.cert) if secured else ""
    facts = {"host": host, "port": port, "box": settings.box, "certificate": certificate}
    facts["software"] = version("minyi")  # by this an update sees which version serves
    write_atomically(settings.data / RUN_FILE, json.dumps(facts).encode())
    shown = tls.shown_digest(secured.cert) if secured else ""
    log.info("ready", host=host, port=port, box=settings.box, certificate=shown)
