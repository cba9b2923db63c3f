"""Prepare the demonstration once, start its parts, say where they are, stop them in reverse."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import tomli_w
import typer

from central import context as contexts
from central import db, serve
from central.actor import Via, system
from central.commands import province
from central.commands.common import refusals, say, settings
from central.context import Context
from central.courts import queries as courts
from central.courts import service as courts_service
from central.courts.province import load_province, packaged
from central.demo import proposing, scenes, story
from central.documents.service import store_of
from central.halls import queries as halls
from central.halls import service as halls_service
from central.halls.authority import open_authority
from central.keys import signing_key, write_private
from central.settings import Settings
from central.web.catalogue import catalogue
from shared.i18n import Lang
from shared.wire import VisitKind

#: Everyone's password in the demonstration. It opens nothing but made-up data on this machine.
PASSWORD = "minyi-demo"  # noqa: S105
BOX = "ln0102-1"
COURT = "辽0102"
COUNTER_PIN = "2468"
#: The photograph of a made-up letter, also filed with one of the petitions.
LETTER = Path(__file__).with_name("letter.jpg")
_BOX_WAIT_SECONDS = 20


def http(port: int | None) -> dict[str, Any]:
    """Return the override of the port, if one was given."""
    return {"http": {"port": port}} if port is not None else {}


@dataclass
class Demo:
    """The running demonstration."""

    context: Context
    box_port: int
    box: subprocess.Popen[bytes] | None = field(default=None)
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def folder(self) -> Path:
        """Data folder of the box."""
        return self.context.settings.data / "box"


def run(data: Path, port: int) -> None:
    """Run the demonstration until Ctrl-C; everything it made stays for the next time."""
    chosen = settings(
        data.resolve(),
        environment="demo",
        http={"port": port},
        mqtt={"embedded_port": 0, "embedded_tls_port": free_port()},
    )
    with refusals(chosen.language):
        serve.check_port(chosen.http.host, port)
        demo = Demo(prepare(chosen), free_port(prefer=port + 1))
        serve.run(demo.context, ready=lambda: _served(demo), stopping=lambda: _stop_box(demo))
    say("commands.stopped", chosen.language)


def free_port(prefer: int = 0) -> int:
    """Return a port nobody listens on, the preferred one if it is free."""
    for port in (prefer, 0):
        with contextlib.closing(socket.socket()) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(sock.getsockname()[1])
    raise serve.PortTaken("commands.port_taken", port=prefer)


def prepare(chosen: Settings) -> Context:
    """Return a context on the demonstration's data, made on the first run."""
    if not (chosen.data / "demo.json").exists():
        say("commands.demo_preparing", chosen.language)
    context = contexts.build(chosen)
    with db.unit_of_work(context.engine) as s:
        if halls.box(s, BOX) is None:
            _make(s, context)
    return context


def _make(s: Any, context: Context) -> None:
    """Create province, people, petitions, the box and today's appointments in one transaction."""
    by, now = system(Via.COMMAND), context.clock.now()
    spec = load_province(packaged("liaoning.toml"))
    courts_service.seed(s, province=spec, by=by, now=now)
    province.demo_staff(s, spec, PASSWORD, by=by, now=now)
    receipts = story.tell(s, store=store_of(context.settings, context.vault), now=now)
    halls_service.add_box(s, box_id=BOX, court_id=courts.by_code(s, COURT).id, by=by, now=now)
    about = {each.key: each.petition for each in receipts if each.key}
    scenes.play(s, about, keys=context.settings.data / "keys", now=now)
    kept = {"receipts": [{"number": r.number, "code": r.code, "state": r.state} for r in receipts]}
    write_private(
        context.settings.data / "demo.json", json.dumps(kept, ensure_ascii=False, indent=1).encode()
    )


def _served(demo: Demo) -> None:
    """Start what goes on beside the pages: the box, and the learning of proposals, which takes some seconds."""
    _start_box(demo)
    threading.Thread(target=proposing.begin, args=(demo.context,), daemon=True).start()


def _start_box(demo: Demo) -> None:
    """Start the real command of the box with dummy devices, and say where everything is once it answers."""
    threading.Thread(target=_run_box, args=(demo, _write_box_config(demo)), daemon=True).start()


def _run_box(demo: Demo, config: Path) -> None:
    """Enroll the box on its first start as any other, run it, announce it; the thread lasts as long as the box.

    If this process is killed, or the thread that started the box ends, the kernel ends the box: nothing is left running.
    """
    command = ["setpriv", "--pdeathsig", "TERM", str(Path(sys.executable).with_name("minyi-edge"))]
    with (demo.folder / "box.log").open("ab") as log:
        if not (demo.folder / "identity" / "identity.json").exists():
            centre = f"http://127.0.0.1:{demo.context.settings.http.port}"
            words = ["enroll", "--config", str(config), "--centre", centre, "--code", _code(demo)]
            subprocess.run([*command, *words], stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False)  # noqa: S603 our own command
        if demo.stopping.is_set():
            return
        # Its own process group: Ctrl-C reaches this process alone, which stops the box first.
        demo.box = subprocess.Popen(  # noqa: S603 our own command
            [*command, "run", "--config", str(config)],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    _announce(demo)
    demo.box.wait()


def _code(demo: Demo) -> str:
    """Return a one-time code for the box of the demonstration."""
    context, now = demo.context, demo.context.clock.now()
    centre = open_authority(context.settings.data / "keys", now=now)
    with db.unit_of_work(context.engine) as s:
        court_id, by = courts.by_code(s, COURT).id, system(Via.COMMAND)
        return halls_service.offer_code(s, box_id=BOX, court_id=court_id, centre=centre, by=by, now=now)


def _stop_box(demo: Demo) -> None:
    demo.stopping.set()
    if demo.box is None or demo.box.poll() is not None:
        return
    demo.box.terminate()
    try:
        demo.box.wait(10)
    except subprocess.TimeoutExpired:
        demo.box.kill()


def _write_box_config(demo: Demo) -> Path:
    chosen = demo.context.settings
    demo.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = {
        "box": BOX,
        "data": str(demo.folder),
        "http": {"host": chosen.http.host, "port": demo.box_port, "public_url": _public_url(demo)},
        "mqtt": {"url": f"mqtts://127.0.0.1:{chosen.mqtt.embedded_tls_port}"},  # another port at each start
        "hall": {"counters": 3, "counter_pin": COUNTER_PIN},
        "drivers": dict.fromkeys(("camera", "document_camera", "button", "printer", "lamp"), "dummy"),
    }
    _lay_a_letter(demo.folder / "paper-camera")
    path = demo.folder / "edge.toml"
    write_private(path, tomli_w.dumps(config).encode())
    return path


def _lay_a_letter(under: Path) -> None:
    """Put a made-up letter under the document camera; other pictures laid there later take its place."""
    under.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not any(under.iterdir()):
        (under / LETTER.name).write_bytes(LETTER.read_bytes())


def _public_url(demo: Demo) -> str:
    """Return where this machine's browser finds a ticket's own page; elsewhere the box says its own address."""
    loopback = demo.context.settings.http.host == "127.0.0.1"
    return f"http://127.0.0.1:{demo.box_port}" if loopback else ""


def _announce(demo: Demo) -> None:
    """Wait for the box, then print addresses, accounts and codes to try."""
    lang = demo.context.settings.language
    if not _answers(f"http://127.0.0.1:{demo.box_port}/healthz"):
        say("commands.box_down", lang, log=demo.folder / "box.log")
    for line in announcement(demo):
        typer.echo(line)


def _answers(address: str) -> bool:
    until = time.monotonic() + _BOX_WAIT_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 our own box on loopback # nosec B310
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def announcement(demo: Demo) -> list[str]:
    """Return the lines printed when everything is ready."""
    chosen = demo.context.settings
    centre, box = f"http://127.0.0.1:{chosen.http.port}", f"http://127.0.0.1:{demo.box_port}"
    kept = json.loads((chosen.data / "demo.json").read_text())

    def word(key: str, **values: object) -> str:
        return catalogue().text(f"commands.{key}", Lang(chosen.language), **values)

    receipt = next(r for r in kept["receipts"] if r["state"] == "replied")
    return [
        "",
        word("demo_ready"),
        f"  {word('demo_staff')}: {centre}/login",
        f"  {word('demo_track')}: {centre}/track",
        f"    {word('demo_receipt')}: {receipt['number']}  {receipt['code']}",
        f"  {word('demo_api')}: {centre}/api/v1/openapi.json",
        f"  {word('demo_box')}: {box}/  {box}/display  {box}/counter/1 (PIN {COUNTER_PIN})",
        *(f"    {word('demo_appointment')}: {code}" for code in appointment_codes(demo)),
        f"  {word('demo_accounts', password=PASSWORD)}",
        *(f"    {name:<12} {role}" for name, role in ACCOUNTS),
        f"  {word('demo_data')}: {chosen.data}",
        "",
    ]


def appointment_codes(demo: Demo) -> list[str]:
    """Make one fresh appointment for this hour and return its short code."""
    now = demo.context.clock.now()
    with db.unit_of_work(demo.context.engine) as s:
        court = courts.by_code(s, COURT)
        made = halls_service.make_appointment(
            s,
            court_id=court.id,
            kind=VisitKind.APPOINTMENT,
            slot_start=now,
            slot_end=now + timedelta(hours=2),
            key=signing_key(demo.context.settings.data / "keys", "appointments"),
            by=system(Via.COMMAND),
            now=now,
        )
    demo.context.wake.notify()
    return [made.short_code]


#: Accounts worth trying first; demo.toml has them all.
ACCOUNTS = (
    ("reg.0102", "registrar"),
    ("hand1.0102", "handler"),
    ("lead.0102", "leader"),
    ("hall.0102", "hall_staff"),
    ("admin.0102", "court_admin"),
    ("sup.01", "supervisor"),
    ("audit.ln", "auditor"),
    ("admin.ln", "court_admin"),
)
