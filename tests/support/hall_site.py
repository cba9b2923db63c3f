"""A whole hall as real processes: `minyi serve`, `minyi-edge run`, and Mosquitto unless the centre's own broker serves."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx2
import tomli_w
from sqlmodel import Session

from central import db
from central.accounts.edge import COOKIE
from central.accounts.models import SignIn
from central.actor import Role
from central.context import Context
from central.courts.models import Court
from central.settings import Database, Mqtt, Settings
from central.vault.vault import open_vault
from shared.canonical import sha256_hex
from tests.factories import accounts, halls, identities
from tests.factories.courts import court
from tests.support.brokers import PASSWORD, Guarded
from tests.support.ports import HOST, free_port
from tests.support.processes import ROOT, Child, answers

BIN = Path(sys.executable).parent
PIN = "2468"
#: A centre imports much, and the machine is shared.
START_SECONDS = 150.0


def ran(words: Sequence[str | Path], env: Mapping[str, str]) -> None:
    """Run a command to its end; fail with what it said unless it was done."""
    made = subprocess.run(
        words, env={**os.environ, **env}, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr


class Centre:
    """`minyi serve` on one database, or `apart` the units of production: jobs, ingest and web. `context` reads the same rows from here."""

    def __init__(
        self, folder: Path, context: Context, mosquitto: Guarded | None, *, apart: bool = False
    ) -> None:
        self.context = context
        self.port, self.mqtt_port = free_port(), mosquitto.door.port if mosquitto else free_port()
        env = {
            "MINYI_DATA": str(context.settings.data),
            "MINYI_ENVIRONMENT": "development",
            "MINYI_DB__URL": context.settings.db.url,
            "MINYI_HTTP__PORT": str(self.port),
            "MINYI_MQTT__EMBEDDED_PORT": str(self.mqtt_port),
            "MINYI_MQTT__EMBEDDED_TLS_PORT": str(context.settings.mqtt.embedded_tls_port),
            "MINYI_MQTT__BOXES_URL": context.settings.mqtt.boxes_url,
        }
        if mosquitto:
            env |= {"MINYI_MQTT__URL": mosquitto.url, "MINYI_MQTT__PASSWORD": PASSWORD}
        self._env = env
        serve: list[str | Path] = [BIN / "minyi", "serve"]
        only: list[str | Path] = ["--only", "web"] if apart else []
        self.child = Child([*serve, *only], log=folder / "centre.log", env=env)
        self.beside = {
            part: Child([*serve, "--only", part], log=folder / f"{part}.log", env=env)
            for part in (("jobs", "ingest") if apart else ())
        }

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> Self:
        """Start, and return when pages are served."""
        self.child.start()
        self.child.wait_for(
            lambda: answers(f"{self.url}/healthz"), timeout=START_SECONDS, what="the centre serves"
        )
        for part in self.beside.values():
            part.start()
        return self

    def kill(self) -> None:
        """Kill -9."""
        for part in (self.child, *self.beside.values()):
            part.kill()

    def revoke(self, box: str) -> None:
        """Revoke a box as an operator does, and return once it is done."""
        ran([BIN / "minyi", "boxes", "revoke", box], self._env)

    def read(self) -> Session:
        """Return a session on what the centre has committed."""
        return self.context.read()

    def signed_in(self, username: str) -> tuple[httpx2.Client, str]:
        """Return a client in which a member of staff is signed in, and the token its forms carry."""
        client = httpx2.Client(base_url=self.url, timeout=120)
        answer = client.post("/login", data={"username": username, "password": accounts.PASSWORD})
        assert answer.status_code == 303, answer.text
        with self.read() as s:
            return client, s.get_one(SignIn, sha256_hex(client.cookies[COOKIE])).csrf


class Box:
    """`minyi-edge run` with dummy devices, enrolled by `minyi-edge enroll`."""

    def __init__(self, folder: Path, *, name: str) -> None:
        self.folder, self.name, self.port = folder, name, free_port()
        folder.mkdir(parents=True, exist_ok=True)
        config = {
            "box": name,
            "data": str(folder / "data"),
            "http": {"host": HOST, "port": self.port},
            "mqtt": {"ack_seconds": 1},
            "hall": {"counter_pin": PIN, "counters": 3, "tickets_per_minute": 100_000},
            "drivers": dict.fromkeys(("button", "lamp", "document_camera"), "dummy"),
        }
        (folder / "edge.toml").write_text(tomli_w.dumps(config))
        self.child = Child(
            [BIN / "minyi-edge", "run", "--config", folder / "edge.toml"], log=folder / "box.log"
        )
        self.http = httpx2.Client(
            base_url=f"http://{HOST}:{self.port}", timeout=120, headers={"accept": "application/json"}
        )

    def enroll(self, centre: Centre) -> None:
        """Make this machine the box, by its own command and a code of the centre."""
        code = identities.code(centre.context, self.name)
        config = ["--config", str(self.folder / "edge.toml")]
        ran([BIN / "minyi-edge", "enroll", *config, "--centre", centre.url, "--code", code], {})

    def start(self) -> Self:
        """Start, and return when pages are served."""
        self.child.start()
        url = f"http://{HOST}:{self.port}/healthz"
        self.child.wait_for(lambda: answers(url), timeout=START_SECONDS, what="the box serves")
        return self

    def kill(self) -> None:
        """Kill -9."""
        self.child.kill()

    def take_ticket(self) -> dict[str, str]:
        """Take a number on the touch page; return what the visitor is shown (`id`, `number`)."""
        answer = self.http.post("/tickets", data={"kind": "query"}).raise_for_status()
        shown: dict[str, str] = answer.json()["ticket"]
        return shown

    def press(self) -> str:
        """Press the help button on the touch page; return the call's id."""
        return str(self.http.post("/help").raise_for_status().json()["call"])

    def page(self, path: str = "/") -> str:
        """Return a page as a browser gets it."""
        return self.http.get(path, headers={"accept": "text/html"}).text

    def sign_in_counter(self, by: str = "李四") -> None:
        """Sign in at the counters."""
        answer = self.http.post("/counter/sign-in", data={"pin": PIN, "by": by})
        assert answer.status_code == 303, answer.text

    @property
    def linked(self) -> bool:
        """Whether the box has its line."""
        return bool(self.http.get("/healthz").json()["line"] == "up")

    @property
    def waiting(self) -> int:
        """How many events the centre has not acknowledged."""
        return int(self.http.get("/healthz").json()["events_waiting"])

    @property
    def parked(self) -> int:
        """How many events the centre refused."""
        return int(self.http.get("/healthz").json()["events_parked"])


@dataclass(frozen=True)
class HallSite:
    """Everything, running. `staff` may answer calls and signs in as `hall_staff.ln0102`."""

    centre: Centre
    box: Box
    mosquitto: Guarded | None
    court: Court
    staff: str

    def quiet(self) -> bool:
        """Say whether the centre has everything the box had to say."""
        return self.box.waiting == 0


@contextlib.contextmanager
def hall_site(
    folder: Path, database_url: str, *, with_mosquitto: bool, apart: bool = False
) -> Iterator[HallSite]:
    """Start a centre (`apart`: as the units of production) and a box on a migrated database and stop them in reverse."""
    tls = free_port()
    mqtt = Mqtt(embedded_tls_port=tls, boxes_url=f"mqtts://{HOST}:{tls}")
    settings = Settings(
        data=folder / "data", environment="development", db=Database(url=database_url), mqtt=mqtt
    )
    vault = open_vault(settings)
    engine = db.make_engine(database_url, vault=vault)
    context = Context(settings=settings, engine=engine, vault=vault)
    with db.unit_of_work(engine) as s:
        at = court(s)
        journal, staff = halls.box(s, at), accounts.actor(s, at, Role.HALL_STAFF)
    mosquitto = Guarded(context, folder / "mosquitto") if with_mosquitto else None
    centre = Centre(folder, context, mosquitto, apart=apart)
    box = Box(folder / "box", name=journal.box)
    with contextlib.ExitStack() as stack:
        stack.callback(engine.dispose)
        if mosquitto:
            stack.callback(mosquitto.stop)
            mosquitto.start()
        for part in (centre, box):
            stack.callback(part.kill)
        centre.start()
        box.enroll(centre)
        box.start()
        stack.callback(box.http.close)
        yield HallSite(centre, box, mosquitto, at, staff.name)
