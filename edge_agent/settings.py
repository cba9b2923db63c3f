"""All settings of the box: one frozen class, read once from a TOML file and `MINYI_EDGE_*` variables.

Names of variables nest by `__`: `MINYI_EDGE_HTTP__PORT`. Nothing else in the package reads the environment.
"""

import base64
import os
import tomllib
from pathlib import Path
from typing import Annotated, ClassVar, Literal, NamedTuple
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from shared.topics import BOX_ID
from shared.wire import VisitKind

PREFIX = "MINYI_EDGE_"
CONFIG_VARIABLE = "MINYI_EDGE_CONFIG"
DEFAULT_CONFIG = Path("/etc/minyi/minyi-edge.toml")
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_KEY_BYTES = 32

Name = Annotated[str, Field(max_length=64)]


def checked_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return public keys as they are; raise ValueError for one that is none."""
    for key in keys:
        if len(base64.b64decode(key, validate=True)) != _KEY_BYTES:
            msg = "an Ed25519 public key is 32 bytes in base64"
            raise ValueError(msg)
    return keys


class Group(BaseModel):
    """A table of the TOML file: closed and frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Http(Group):
    """Where kiosk, display and counters find the box. The hall's own LAN, never the internet."""

    host: str = Field("127.0.0.1", description="Address to listen on; the hall LAN's address in a real hall")
    port: int = Field(
        8081, ge=0, le=65535, description="Port to listen on; 0 takes a free one (see run.json)"
    )
    tls: Literal["auto", "on", "off"] = Field(
        "auto", description="Pages by HTTPS; auto: wherever others than this machine can reach the box"
    )
    cert_file: Path | None = Field(
        None, description="The court's own certificate for the pages; empty: the box makes one"
    )
    key_file: Path | None = Field(None, description="Key of that certificate")
    public_url: str = Field(
        "",
        description="Address under which phones reach the box, shown as QR code; empty: http.host, none on the loopback address",
    )


class Mqtt(Group):
    """The line to the centre. Everything in the hall works without it."""

    url: str = Field(
        "", description="mqtt://host:port or mqtts://host:port; empty: the box stays off the line"
    )
    username: str = Field("", description="Name at the broker; empty: the box id")
    password: SecretStr = Field(SecretStr(""), description="Password at the broker")
    password_file: Path | None = Field(None, description="File with the password, instead of mqtt.password")
    ca_file: Path | None = Field(None, description="Certificates that mqtts:// trusts; empty: the system's")
    cert_file: Path | None = Field(None, description="The box's own certificate for mqtts://")
    key_file: Path | None = Field(None, description="Key of that certificate")
    keepalive_seconds: int = Field(
        15, ge=5, le=600, description="A silent line is noticed after about 1.5 times this"
    )
    ack_seconds: int = Field(
        5,
        ge=1,
        le=300,
        description="When no acknowledgement comes for so long, the oldest event is sent again",
    )
    window: int = Field(200, ge=1, le=1000, description="Events under way at once")

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in _PORTS or not parts.hostname):
            msg = "write mqtt://host:port or mqtts://host:port"
            raise ValueError(msg)
        return url


class Hall(Group):
    """The hall in which the box stands."""

    court_name: Name = Field("", description="Name of the court on screens and slips; empty: none is shown")
    place: Name = Field("大厅", description="Where the help button is; staff read it when somebody calls")
    counters: int = Field(4, ge=1, le=99, description="Number of counters")
    counter_pin: SecretStr = Field(
        SecretStr(""), description="PIN of the counter pages; empty: counter pages stay locked"
    )
    kinds: tuple[VisitKind, ...] = Field(
        (VisitKind.LETTER_DROP, VisitKind.QUERY, VisitKind.LEADER_RECEPTION),
        description="Kinds of visit for which a number can be taken without an appointment",
    )
    appointments_in_a_row: int = Field(
        2, ge=1, le=20, description="So many appointments are called before one visitor without appointment"
    )
    declared_in_a_row: int = Field(
        2,
        ge=1,
        le=20,
        description="So many visitors declared at a counter (old, disabled, with small children) are called before another",
    )
    visit_minutes: int = Field(
        8, ge=1, le=240, description="Usual length of a visit, until the day's own visits tell"
    )
    widen_seconds: int = Field(
        60,
        ge=10,
        le=3600,
        description="A call for help unanswered for so long goes to the whole hall, after twice that to the leader on duty",
    )
    announce_times: int = Field(
        2, ge=1, le=5, description="So often the display announces each call: chime, flash and voice"
    )
    early_minutes: int = Field(
        30, ge=0, le=480, description="An appointment code opens so long before its slot"
    )
    late_seconds: int = Field(60, ge=0, le=60, description="And so long after its end")
    tickets_per_minute: int = Field(
        600, ge=1, description="More numbers a minute are refused: no hall is that full"
    )


class Kiosk(Group):
    """The touch page."""

    idle_seconds: int = Field(45, ge=10, le=600, description="Without a touch the page returns to its start")
    warning_seconds: int = Field(
        30, ge=5, le=600, description="Without a touch the page asks whether anyone is there"
    )
    hold_milliseconds: int = Field(
        800, ge=0, le=5000, description="The help button is held so long: no call by accident"
    )
    same_code_seconds: int = Field(
        10, ge=1, le=300, description="A code that stays before the camera counts once in this time"
    )

    @model_validator(mode="after")
    def _warned_before_it_ends(self) -> "Kiosk":
        if self.warning_seconds >= self.idle_seconds:
            msg = "kiosk.warning_seconds must be below kiosk.idle_seconds"
            raise ValueError(msg)
        return self


class Drivers(Group):
    """Which driver serves each device."""

    camera: Literal["none", "dummy", "opencv"] = Field("none", description="Reads codes held up at the kiosk")
    camera_device: str = Field(
        "", description="Device or address of the camera driver, as /dev/video0; empty: it chooses"
    )
    document_camera: Literal["none", "dummy", "opencv"] = Field(
        "none", description="Looks at pages that staff lay under it at a counter; dummy: a folder of pictures"
    )
    document_camera_device: str = Field(
        "", description="Device or address of the document camera, as /dev/video2; empty: it chooses"
    )
    scanner: Literal["none", "evdev"] = Field(
        "none", description="A hand scanner that types codes like a keyboard"
    )
    scanner_device: str = Field("", description="Device of the scanner driver; empty: it chooses")
    button: Literal["none", "dummy", "evdev", "gpio"] = Field("none", description="The help button")
    button_device: str = Field(
        "", description="Device of the button driver, as /dev/input/by-id/...-event-kbd, or a GPIO line as 17"
    )
    printer: Literal["none", "dummy", "escpos"] = Field("none", description="Prints slips")
    printer_device: str = Field(
        "",
        description="tcp://host:9100, /dev/usb/lp0 or /dev/ttyUSB0?baud=19200; ?width=384 for 58 mm paper; empty: it chooses",
    )
    voice: Literal["none", "espeak"] = Field(
        "espeak", description="Speaks calls and prompts; espeak: by espeak-ng where it is installed"
    )
    lamp: Literal["none", "dummy", "gpio"] = Field("none", description="The lamp above the help button")
    lamp_device: str = Field(
        "",
        description="GPIO lines of the lamp and, after a comma, of a buzzer that sounds while somebody calls: 27,22",
    )


class Update(Group):
    """Software of the box as signed bundles (`minyi-edge update`)."""

    trusted_keys: tuple[str, ...] = Field(
        (),
        max_length=2,
        description="Public keys (Ed25519, base64) that sign software; two while one is replaced; empty: no bundle is taken",
    )
    program: Path = Field(Path("/opt/minyi-edge"), description="Folder of the installed versions")
    folder: Path = Field(
        Path("/var/lib/minyi-edge-update"), description="Where an update notes how far it is; root's own"
    )
    restart: tuple[str, ...] = Field(
        ("systemctl", "restart", "minyi-edge.service"),
        min_length=1,
        description="Command that starts the box again with the version in force",
    )
    dpkg_options: tuple[str, ...] = Field((), description="Further words for dpkg, as --root=DIR")
    window_seconds: int = Field(
        300,
        ge=5,
        le=780,
        description="A new version must prove itself within this time, or the box goes back",
    )
    steady_seconds: int = Field(30, ge=0, le=300, description="So long it must be well without a break")

    @field_validator("trusted_keys")
    @classmethod
    def _ed25519(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        return checked_keys(keys)

    @model_validator(mode="after")
    def _steady_fits(self) -> "Update":
        if self.steady_seconds >= self.window_seconds:
            msg = "update.steady_seconds must be below update.window_seconds"
            raise ValueError(msg)
        return self

    @property
    def public_keys(self) -> list[Ed25519PublicKey]:
        """The keys, ready to verify."""
        return [Ed25519PublicKey.from_public_bytes(base64.b64decode(key)) for key in self.trusted_keys]


class Settings(BaseSettings):
    """Everything that can be set. `minyi-edge settings` prints it with source, default and meaning."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )
    toml_file: ClassVar[Path | None] = None

    box: str = Field(
        description="Id of this box, unique in the province: court in Latin letters, number: ln0102-1"
    )
    court: str = Field(
        "", description="Court as appointment codes name it; empty: the box id up to its hyphen"
    )
    data: Path = Field(
        Path("var/minyi-edge"), description="Folder of the journal, its key, and the dummy devices"
    )
    language: Literal["zh-CN", "en"] = Field("zh-CN", description="Language in which pages start")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged"
    )
    keep_days: int = Field(
        7,
        ge=0,
        le=365,
        description="Acknowledged events and past tickets are kept so long, sealed, for a centre restored from a backup",
    )
    trial_seconds: int = Field(
        120,
        ge=2,
        le=3600,
        description="Settings of the centre stay when the box was well for so long under them; else the ones before come back",
    )
    trusted_keys: tuple[str, ...] = Field(
        (),
        description="Public keys (Ed25519, base64) that sign appointment codes and documents; two while one is replaced",
    )
    http: Http = Http()
    mqtt: Mqtt = Mqtt()
    hall: Hall = Hall()
    kiosk: Kiosk = Kiosk()
    drivers: Drivers = Drivers()
    update: Update = Update()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of sources: arguments, then variables, then the file."""
        del dotenv_settings, file_secret_settings
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, cls.toml_file))

    @field_validator("box")
    @classmethod
    def _box_id(cls, box: str) -> str:
        if not BOX_ID.match(box):
            msg = "write the court in small Latin letters and digits, a hyphen, a number: ln0102-1"
            raise ValueError(msg)
        return box

    @field_validator("trusted_keys")
    @classmethod
    def _ed25519(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        return checked_keys(keys)

    @property
    def court_prefix(self) -> str:
        """The court of the appointment codes this box takes."""
        return self.court or self.box.partition("-")[0]

    @property
    def public_keys(self) -> list[Ed25519PublicKey]:
        """The trusted keys, ready to verify."""
        return [Ed25519PublicKey.from_public_bytes(base64.b64decode(key)) for key in self.trusted_keys]

    @property
    def broker(self) -> "Broker | None":
        """Where the broker is, or None when the box stays off the line."""
        return Broker.of(urlsplit(self.mqtt.url)) if self.mqtt.url else None

    def mqtt_password(self) -> str:
        """Return the password at the broker, from its file or from the setting."""
        if self.mqtt.password_file is not None:
            return self.mqtt.password_file.read_text().strip()
        return self.mqtt.password.get_secret_value()


class Broker(NamedTuple):
    """Address of the broker."""

    host: str
    port: int
    tls: bool

    @classmethod
    def of(cls, parts: SplitResult) -> "Broker":
        """Return the address that a checked `mqtt.url` names."""
        return cls(parts.hostname or "", parts.port or _PORTS[parts.scheme], parts.scheme == "mqtts")


def config_file(named: Path | None) -> Path | None:
    """Return the TOML file in force: `named`, else `MINYI_EDGE_CONFIG`, else the one in /etc if it is there."""
    if named is not None:
        return named
    variable = os.environ.get(CONFIG_VARIABLE)
    if variable:
        return Path(variable)
    return DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None


def load(named: Path | None = None) -> Settings:
    """Read the settings; raise pydantic's ValidationError, OSError or TOMLDecodeError on what cannot be taken."""
    file = config_file(named)
    if file is not None:
        tomllib.loads(
            file.read_text(encoding="utf-8")
        )  # a missing or broken file speaks here, with its place
    from_file = type("BoxSettings", (Settings,), {"toml_file": file, "__module__": __name__})
    loaded: Settings = from_file()
    return loaded
