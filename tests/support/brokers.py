"""Both brokers behind one face: the embedded one, and Mosquitto with the access list that production installs."""

from pathlib import Path
from typing import Protocol

from central.context import Context
from central.ingest import broker
from central.ingest.door import Door
from central.ingest.passwords import password_file
from central.settings import Mqtt
from tests.support.mosquitto import Mosquitto
from tests.support.ports import HOST, accepts, free_port
from tests.support.processes import ROOT, wait_until

PASSWORD = "the centre's password in tests"
ACCESS = ROOT / "systemd" / "mosquitto-minyi.acl"


class Broker(Protocol):
    """A broker that knows the boxes of a context and can be stopped and started on its port."""

    @property
    def door(self) -> Door:
        """Where it is, and the centre's name and password."""
        ...

    def start(self) -> None:
        """Start it."""
        ...

    def stop(self) -> None:
        """Stop it."""
        ...


class Embedded:
    """The broker inside this process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._port = context.settings.mqtt.embedded_port
        self._running: broker.EmbeddedBroker | None = None

    @property
    def door(self) -> Door:
        return Door(HOST, self._port, "centre", PASSWORD)

    def start(self) -> None:
        self._running = broker.start(self._context, password=PASSWORD)

    def stop(self) -> None:
        if self._running is not None:
            self._running.stop()
            wait_until(lambda: not accepts(self._port), what="the embedded broker is gone")


class Guarded:
    """Mosquitto, closed to strangers."""

    def __init__(self, context: Context, folder: Path) -> None:
        self._context, self._folder = context, folder
        self._mosquitto = Mosquitto(folder, config=self._rules(), port=free_port())

    def _rules(self) -> str:
        passwords, access = self._folder / "passwords", self._folder / "access"
        return f"set_tcp_nodelay true\nallow_anonymous false\npassword_file {passwords}\nacl_file {access}\n"

    @property
    def door(self) -> Door:
        return Door(HOST, self._mosquitto.port, "centre", PASSWORD)

    @property
    def url(self) -> str:
        """Address as the settings take it."""
        return self._mosquitto.url

    def start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._write()
        self._mosquitto.start()

    def reload(self) -> None:
        """Let it read passwords and rights anew, as `systemctl reload` does."""
        self._write()
        self._mosquitto.reload()

    def _write(self) -> None:
        mqtt = Mqtt.model_validate({"username": "centre", "password": PASSWORD})
        with self._context.read() as s:
            lines = password_file(s, mqtt=mqtt)
        for name, text in (("passwords", lines), ("access", ACCESS.read_text())):
            (self._folder / name).write_text(text)
            (self._folder / name).chmod(0o600)

    def stop(self) -> None:
        self._mosquitto.stop()

    def kill(self) -> None:
        """Kill -9: what it had acknowledged and not saved is lost."""
        self._mosquitto.kill()
