"""The hall box as a real process: `minyi-edge run` on a configuration file, with devices made of files."""

import base64
import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import tomli_w
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge_agent import documents
from edge_agent.box import Box, Rules
from edge_agent.opening import open_store
from edge_agent.policy import Window
from shared import wire
from tests.support.ports import HOST
from tests.support.processes import ROOT, Child, Processes, answers

PIN = "2468"
BOX_ID = "ln0102-1"
#: Signs codes and rosters that these boxes trust.
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_RULES = Rules(Window("ln0102", timedelta(0), timedelta(0)), 1, (), 1, 1, "x")


@dataclass(frozen=True)
class Answer:
    """What the box said: `data` when it was JSON, `text` otherwise."""

    status: int
    data: dict[str, Any]
    text: str
    headers: dict[str, str]


def public_key() -> str:
    """Return the key of `KEY` as the settings take it."""
    raw = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def config_of(data: Path, **more: Any) -> dict[str, Any]:
    """Return settings of a box on a free port with dummy devices; `more` replaces or extends tables."""
    config: dict[str, Any] = {
        "box": BOX_ID,
        "data": str(data),
        "trusted_keys": [public_key()],
        "http": {"host": HOST, "port": 0},
        "hall": {"court_name": "沈阳市和平区人民法院", "counters": 3, "counter_pin": PIN},
        "drivers": dict.fromkeys(("camera", "button", "printer", "lamp"), "dummy"),
    }
    for name, table in more.items():
        config[name] = {**config.get(name, {}), **table} if isinstance(table, dict) else table
    return config


def give_roster(
    data: Path, paper: wire.Roster, signed: Callable[[wire.Roster, Ed25519PrivateKey], bytes]
) -> None:
    """Put a signed roster into the file of a box that does not run, as if the line had brought it."""
    now = datetime.now(UTC)
    store = open_store(data, box=BOX_ID, now=now)
    try:
        payload = signed(paper, KEY)
        answer = documents.take(Box(store, _RULES), payload, name="roster", keys=[KEY.public_key()], now=now)
    finally:
        store.close()
    if answer not in documents.GOOD:
        raise AssertionError(answer)


class HallBox:
    """One box; after `start` its pages are at `url`."""

    COMMAND = (ROOT / ".venv/bin/minyi-edge", "run", "--config")

    def __init__(
        self, started: Processes, folder: Path, *, name: str = "box", data: Path | None = None, **more: Any
    ) -> None:
        self.data = data or folder / name
        self.config = folder / f"{name}.toml"
        self.config.write_text(tomli_w.dumps(config_of(self.data, **more)), encoding="utf-8")
        self._started = started
        self._name = name
        self.child: Child | None = None
        self._cookie = ""
        self.port = 0

    @property
    def url(self) -> str:
        """Address of the pages."""
        return f"http://{HOST}:{self.port}"

    @property
    def process(self) -> Child:
        """The running command."""
        if self.child is None:
            raise RuntimeError("not started")
        return self.child

    def start(self) -> "HallBox":
        """Start the command and return when its pages answer."""
        facts = self.data / "run.json"
        facts.unlink(missing_ok=True)
        if self.child is None:
            self.child = self._started.start(self._name, [*self.COMMAND, self.config])
        else:
            self.child.start()
        self.process.wait_for(facts.exists, what="the box says where it listens")
        self.port = int(json.loads(facts.read_text())["port"])
        self.process.wait_for(lambda: answers(f"{self.url}/healthz"), what="the box answers")
        return self

    def kill(self) -> None:
        """Kill -9."""
        self.process.kill()

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """Ask for JSON."""
        return self._ask("GET", path, None, {"accept": "application/json", **(headers or {})})

    def post(self, path: str, values: dict[str, str] | None = None, **headers: str) -> Answer:
        """Post as the pages' scripts do; raise OSError or HTTPException when no whole answer comes."""
        body = json.dumps(values or {}).encode()
        usual = {"accept": "application/json", "content-type": "application/json", "cookie": self._cookie}
        return self._ask("POST", path, body, {**usual, **headers})

    def sign_in(self, pin: str = PIN, by: str = "窗口一") -> Answer:
        """Sign in at the counters; later posts carry the session."""
        body = urlencode({"pin": pin, "by": by, "next": "/counter/1"}).encode()
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        answer = self._ask("POST", "/counter/sign-in", body, headers)
        self._cookie = answer.headers.get("set-cookie", "").partition(";")[0]
        return answer

    def take(self, kind: str = "query", nonce: str = "") -> dict[str, Any]:
        """Take a number; return what the visitor is told."""
        answer = self.post("/tickets", {"kind": kind, "nonce": nonce or uuid4().hex})
        if answer.status != 200:
            raise AssertionError(answer)
        return dict(answer.data["ticket"])

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        line = http.client.HTTPConnection(HOST, self.port, timeout=120)
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            raw = answer.read()
            told = answer.headers.get("content-type", "").startswith("application/json")
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, json.loads(raw) if told else {}, "" if told else raw.decode(), found)
        finally:
            line.close()
