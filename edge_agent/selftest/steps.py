"""The steps of the self-test, each on its own: what it looks at, and what came of it. Nothing that is read or pressed is kept."""

import os
import queue
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from cryptography import x509

from edge_agent import identity
from edge_agent.loading import DRIVERS, load
from edge_agent.ports import (
    Button,
    Camera,
    CodeReader,
    DeviceLost,
    DriverOptions,
    LampState,
    PrintOutcome,
    Slip,
)
from edge_agent.settings import Settings

#: A box whose disk takes longer for one synced write keeps people waiting. Milliseconds.
SLOW_DISK = 50.0
LEAST_FREE = 500 * 2**20
_LINE_SECONDS = 5.0
_SAID_DAYS = 30


class Outcome(StrEnum):
    """What became of a step."""

    GOOD = "good"
    #: Works, and somebody should look all the same.
    ODD = "odd"
    BAD = "bad"
    #: The settings name no such device.
    ABSENT = "absent"


class Step(NamedTuple):
    """A result. `said` is the key below `selftest.said.` of its sentence, `facts` fill it."""

    name: str
    outcome: Outcome
    said: str
    facts: Mapping[str, object] = {}


class Bench(NamedTuple):
    """What the steps work with. `ask` shows a request (its key) and returns the installer's yes or no; `tell` shows one."""

    settings: Settings
    seconds: float
    tell: Callable[[str], None]
    ask: Callable[[str], bool]
    make: Callable[[str, str, str], Any]


def make_driver(settings: Settings) -> Callable[[str, str, str], Any]:
    """Return a maker of drivers as the running box makes them."""

    def make(port: str, name: str, device: str) -> Any:
        return load(DRIVERS[port, name])(DriverOptions(settings.data, device))

    return make


def disk(bench: Bench) -> Step:
    """Write and sync a small file in the data folder, and look how much room there is."""
    folder = bench.settings.data
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        taken = max(_synced_write(folder / ".selftest") for _ in range(5)) * 1000
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Step("disk", Outcome.BAD, "disk_bad", {"folder": folder, "why": error.strerror})
    facts = {"folder": folder, "ms": f"{taken:.1f}", "free": free // 2**20}
    if free < LEAST_FREE:
        return Step("disk", Outcome.ODD, "disk_full", facts)
    return Step("disk", Outcome.ODD if taken > SLOW_DISK else Outcome.GOOD, "disk_written", facts)


def _synced_write(path: Path) -> float:
    began = time.perf_counter()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(handle, bytes(4096))
        os.fsync(handle)
    finally:
        os.close(handle)
        path.unlink()
    return time.perf_counter() - began


def clock(bench: Bench, *, now: datetime) -> Step:
    """Compare the clock with the newest moment the box knows of: its own certificate's beginning."""
    held = identity.load(bench.settings.data)
    facts = {"time": f"{now.astimezone():%Y-%m-%d %H:%M:%S %z}"}
    if held is not None:
        begins = x509.load_pem_x509_certificate(held.granted.certificate.encode()).not_valid_before_utc
        if now < begins:
            return Step("clock", Outcome.BAD, "clock_behind", facts)
    return Step("clock", Outcome.GOOD if now.year >= 2026 else Outcome.BAD, "clock_shows", facts)


def line(bench: Bench, *, now: datetime) -> Step:
    """Reach the broker, by TLS under the box's own certificate if it has one; say how long that is valid."""
    held = identity.load(bench.settings.data)
    settings = identity.applied(bench.settings, held)
    broker = settings.broker
    if broker is None:
        return Step("line", Outcome.ABSENT, "line_none")
    facts = {"address": f"{broker.host}:{broker.port}"}
    try:
        with socket.create_connection((broker.host, broker.port), timeout=_LINE_SECONDS) as plain:
            if broker.tls:
                _context(settings).wrap_socket(plain, server_hostname=broker.host).close()
    except (OSError, ssl.SSLError) as error:
        return Step("line", Outcome.BAD, "line_bad", facts | {"why": str(error)})
    if held is None:
        return Step("line", Outcome.ODD, "line_not_enrolled", facts)
    ends = x509.load_pem_x509_certificate(held.granted.certificate.encode()).not_valid_after_utc
    days = (ends - now.astimezone(UTC)).days
    outcome = Outcome.GOOD if days > _SAID_DAYS else Outcome.ODD
    return Step("line", outcome, "line_good", facts | {"days": days})


def _context(settings: Settings) -> ssl.SSLContext:
    ca = settings.mqtt.ca_file
    context = ssl.create_default_context(cafile=str(ca) if ca else None)
    if settings.mqtt.cert_file is not None:
        context.load_cert_chain(settings.mqtt.cert_file, settings.mqtt.key_file)
    return context


def lamp(bench: Bench) -> Step:
    """Let the lamp show each state, and ask whether it did."""
    name = bench.settings.drivers.lamp
    if name == "none":
        return Step("lamp", Outcome.ABSENT, "not_set")
    shown = bench.make("lamp", name, "")
    try:
        shown.show(LampState.CALLING)
        seen = bench.ask("lamp_lit")
    finally:
        shown.show(LampState.OFF)
    return Step("lamp", Outcome.GOOD if seen else Outcome.BAD, "lamp_seen" if seen else "lamp_dark")


def button(bench: Bench) -> Step:
    """Wait for one press."""
    name = bench.settings.drivers.button
    if name == "none":
        return Step("button", Outcome.ABSENT, "not_set")
    device = bench.settings.drivers.button_device
    pressed: queue.SimpleQueue[float] = queue.SimpleQueue()
    driver: Button = bench.make("button", name, device)
    driver.start(lambda: pressed.put(time.monotonic()))
    bench.tell("press_button")
    try:
        pressed.get(timeout=bench.seconds)
    except queue.Empty:
        return Step("button", Outcome.BAD, "button_silent", {"device": device or name})
    finally:
        driver.stop()
    return Step("button", Outcome.GOOD, "button_pressed")


def scanner(bench: Bench) -> Step:
    """Wait for one code; only its length is shown."""
    name = bench.settings.drivers.scanner
    if name == "none":
        return Step("scanner", Outcome.ABSENT, "not_set")
    device = bench.settings.drivers.scanner_device
    read: queue.SimpleQueue[int] = queue.SimpleQueue()
    driver = bench.make("scanner", name, device)
    driver.start(lambda text: read.put(len(text)))
    bench.tell("scan_code")
    try:
        signs = read.get(timeout=bench.seconds)
    except queue.Empty:
        return Step("scanner", Outcome.BAD, "scanner_silent", {"device": device or name})
    finally:
        driver.stop()
    return Step("scanner", Outcome.GOOD, "code_read", {"signs": signs})


def camera(bench: Bench) -> Step:
    """Look for one code held before the camera; frames stay in memory, of the code only its length is shown."""
    name = bench.settings.drivers.camera
    if name == "none":
        return Step("camera", Outcome.ABSENT, "not_set")
    device = bench.settings.drivers.camera_device
    try:
        driver: Camera = bench.make("camera", name, device)
        reader: CodeReader = bench.make("reader", "qr", "")
    except (DeviceLost, ImportError) as error:
        return Step("camera", Outcome.BAD, "camera_lost", {"why": str(error)})
    bench.tell("hold_code")
    return _looked(driver, reader, bench.seconds)


def _looked(driver: Camera, reader: CodeReader, seconds: float) -> Step:
    ender = threading.Timer(seconds, driver.close)
    ender.start()
    frames, size = 0, ""
    try:
        for frame in driver.frames():
            frames += 1
            height, width = frame.pixels.shape[:2]
            size = f"{width} x {height}"
            texts = reader.read(frame)
            if texts:
                facts = {"signs": len(texts[0]), "size": size, "frames": frames}
                return Step("camera", Outcome.GOOD, "camera_read", facts)
    except DeviceLost as error:
        return Step("camera", Outcome.BAD, "camera_lost", {"why": str(error)})
    finally:
        ender.cancel()
        driver.close()
    if frames:
        return Step("camera", Outcome.ODD, "camera_no_code", {"size": size, "frames": frames})
    return Step("camera", Outcome.BAD, "camera_blind")


def printer(bench: Bench) -> Step:
    """Print a test slip, and ask whether it can be read."""
    name = bench.settings.drivers.printer
    if name == "none":
        return Step("printer", Outcome.ABSENT, "not_set")
    device = getattr(bench.settings.drivers, "printer_device", "")
    driver = bench.make("printer", name, device)
    outcome = driver.print_slip(
        Slip(("T001", "自检 Self-test", bench.settings.box), f"selftest-{uuid4().hex[:8]}")
    )
    if outcome is not PrintOutcome.PRINTED:
        return Step("printer", Outcome.BAD, f"printer_{outcome.value}")
    readable = bench.ask("slip_readable")
    return Step(
        "printer", Outcome.GOOD if readable else Outcome.BAD, "printed" if readable else "slip_unreadable"
    )
