"""Both brokers behind one face: the embedded one, and Mosquitto with the access list that production installs."""

from pathlib import Path
from typing import Protocol

from central.context import Context
from central.halls import broker_files, queries
from central.halls.authority import Authority, open_authority
from central.ingest import broker
from central.ingest.door import Door
from central.ingest.passwords import password_file
from central.settings import Mqtt
from tests.support.mosquitto import Mosquitto
from tests.support.ports import HOST, accepts, free_port
from tests.support.processes import ROOT, wait_until

PASSWORD = "the centre's password in tests"
SYSTEMD = ROOT / "systemd"


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

    def reload(self) -> None:
        """Let it read its files anew, if it has any."""
        ...


class Embedded:
    """The broker inside this process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._port = context.settings.mqtt.embedded_port
        self._running: broker.EmbeddedBroker | None = None

    @property
    def door(self) -> Door:
        return Door(HOST, self._port, "centre", PASSWORD, embedded=True)

    def start(self) -> None:
        self._running = broker.start(self._context, password=PASSWORD)

    def reload(self) -> None:
        """Do nothing: it asks the database."""

    def stop(self) -> None:
        if self._running is not None:
            self._running.stop()
            wait_until(lambda: not accepts(self._port), what="the embedded broker is gone")


class Guarded:
    """Mosquitto with the files that production installs, closed to strangers. Boxes with a certificate use `tls_port`."""

    def __init__(self, context: Context, folder: Path) -> None:
        self._context, self._folder = context, folder
        self.tls_port = context.settings.mqtt.embedded_tls_port or free_port()
        port = free_port()
        self._mosquitto = Mosquitto(folder, config=self._rules(port), port=port)

    def _rules(self, port: int) -> str:
        text = (SYSTEMD / "mosquitto-minyi.conf").read_text()
        places = {
            "listener 1883 127.0.0.1": f"listener {port} {HOST}",
            "listener 8883": f"listener {self.tls_port} {HOST}",
            "/etc/mosquitto/minyi/": f"{self._folder}/",
            "/etc/mosquitto/": f"{self._folder}/",
        }
        for production, here in places.items():
            text = text.replace(production, here)
        return text

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
        names = ["localhost", HOST]
        broker_files.write_server(self._folder, self._authority, names, now=self._context.clock.now())
        self._mosquitto.start()
        wait_until(lambda: accepts(self.tls_port), what="the port for boxes is open")

    def reload(self) -> None:
        """Let it read passwords, rights and revocations anew, as `systemctl reload` does."""
        self._write()
        self._mosquitto.reload()

    @property
    def _authority(self) -> Authority:
        return open_authority(self._context.settings.data / "keys", now=self._context.clock.now())

    def _write(self) -> None:
        mqtt = Mqtt.model_validate({"username": "centre", "password": PASSWORD})
        with self._context.read() as s:
            lines, revoked = password_file(s, mqtt=mqtt), queries.revoked_certificates(s)
        now = self._context.clock.now()
        broker_files.write_revoked(self._folder, self._authority, revoked, now=now)
        texts = {"passwords": lines}
        for name in ("minyi.acl", "minyi-boxes.acl"):
            texts[name] = (SYSTEMD / f"mosquitto-{name}").read_text()
        for name, text in texts.items():
            (self._folder / name).write_text(text)
            (self._folder / name).chmod(0o600)

    def stop(self) -> None:
        self._mosquitto.stop()

    def kill(self) -> None:
        """Kill -9: what it had acknowledged and not saved is lost."""
        self._mosquitto.kill()
