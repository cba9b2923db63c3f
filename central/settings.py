"""All settings of the centre: one frozen class, read once from a TOML file and `MINYI_*` variables.

Names of variables nest by `__`: `MINYI_DB__URL`. Nothing else in the package reads the environment.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

CONFIG_VARIABLE = "MINYI_CONFIG"
DEFAULT_CONFIG = Path("/etc/minyi/minyi.toml")
PREFIX = "MINYI_"
#: Variables of the hall box and of the tests begin like ours.
NOT_OURS = ("MINYI_EDGE_", "MINYI_TEST_", "MINYI_SHOTS", CONFIG_VARIABLE)


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Database(_Group):
    """Where the tables live."""

    url: str = Field("", description="SQLAlchemy address; empty: minyi.sqlite3 in the data folder")
    pool_size: int = Field(8, ge=1, le=100, description="Connections a process keeps open")


class Mqtt(_Group):
    """The broker between hall boxes and centre."""

    url: str = Field(
        "", description="mqtt://host:port or mqtts://host:port of a broker; empty: the embedded broker"
    )
    embedded_port: int = Field(
        1883, ge=0, le=65535, description="Port of the embedded broker; 0 takes a free one"
    )
    embedded_host: str = Field(
        "127.0.0.1",
        description="Address the embedded broker listens on with TLS; without TLS it is always this machine alone",
    )
    embedded_tls_port: int = Field(
        0, ge=0, le=65535, description="Port of the embedded broker for boxes with a certificate; 0: none"
    )
    boxes_url: str = Field(
        "",
        description="mqtts://host:port under which boxes reach the broker, told to them when they enroll; empty: the embedded one",
    )
    username: str = Field("centre", description="Name of the centre at the broker")
    password: SecretStr = Field(SecretStr(""), description="Password of the centre at the broker")
    ca_file: Path | None = Field(None, description="Certificates that mqtts:// trusts; empty: the system's")


class Http(_Group):
    """Where the pages are served."""

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    secure: bool = Field(
        default=False, description="Served behind TLS: cookies are marked secure, HSTS is sent"
    )
    tls_certificate: Path | None = Field(
        None, description="PEM file of certificate and chain: the server itself speaks TLS 1.2 or later"
    )
    tls_key: Path | None = Field(None, description="PEM file of the certificate's key")
    allowed_hosts: list[str] = Field(
        default_factory=list,
        description="Names under which the server is called, besides localhost, addresses, and that of `public_url`",
    )
    body_seconds: int = Field(
        20,
        ge=1,
        description="Seconds in which the next part of what is sent must come, before the line is cut",
    )
    public_url: str = Field(
        "", description="Address that petitioners use, printed on receipts; empty: as called"
    )
    workers: int = Field(1, ge=1, le=64, description="Web processes; more than one needs PostgreSQL")

    @model_validator(mode="before")
    @classmethod
    def _tls_is_secure(cls, values: dict[str, Any]) -> dict[str, Any]:
        return values | {"secure": True} if values.get("tls_certificate") else values

    @property
    def names(self) -> frozenset[str]:
        """The names under which the server may be called."""
        own = urlsplit(self.public_url).hostname
        return frozenset({"localhost", self.host, *self.allowed_hosts, *([own] if own else [])})


class Session(_Group):
    """Sessions of staff."""

    idle_minutes: int = Field(30, ge=1, description="A session ends after so long without a request")
    absolute_hours: int = Field(12, ge=1, description="A session ends at the latest after so long")
    most: int = Field(
        10, ge=1, le=100, description="Sessions one person has at a time; the oldest gives way to a new one"
    )
    pending_minutes: int = Field(
        10,
        ge=1,
        le=60,
        description="Time between password and second factor, and to enrol one that is required",
    )
    proof_minutes: int = Field(
        15,
        ge=1,
        description="After so long the password is asked for again before password, factors or sessions change",
    )


RoleName = Literal["registrar", "handler", "leader", "supervisor", "court_admin", "auditor", "hall_staff"]


class SignInRules(_Group):
    """What is asked for at sign-in."""

    second_factor_roles: tuple[RoleName, ...] = Field(
        ("leader", "court_admin", "supervisor"), description="Roles that sign in with a second factor"
    )
    require_second_factor: Literal["production", "always", "never"] = Field(
        "production",
        description="Where those roles must have one: in `environment` production alone, always, or never; "
        "a person who has one is asked for it everywhere",
    )
    reset_minutes: int = Field(
        30, ge=5, le=1440, description="How long a one-time code for a new password is good"
    )
    device_days: int = Field(
        180,
        ge=1,
        le=400,
        description="How long a browser that signed in keeps its own count of wrong guesses",
    )


class SingleSignOn(_Group):
    """Sign-in by the provider that staff use elsewhere (OpenID Connect)."""

    issuer: str = Field(
        "", description="https:// address of the provider as it names itself; empty: no single sign-on"
    )
    client_id: str = Field("", description="Name of this server at the provider")
    client_secret: SecretStr = Field(SecretStr(""), description="Password of this server at the provider")
    label: str = Field("统一身份认证", description="What people call the provider; shown on the button")
    label_en: str = Field("the court's single sign-on", description="The same in English")
    ca_file: Path | None = Field(
        None, description="Certificates trusted for the provider; empty: the system's"
    )
    factor_methods: tuple[str, ...] = Field(
        (),
        description="Values of the claim `amr` that say the provider asked for a second factor itself: ours is not asked "
        "for then; empty: ours always is",
    )

    @model_validator(mode="after")
    def _whole(self) -> "SingleSignOn":
        if not self.issuer:
            return self
        if not self.client_id:
            msg = "sso.issuer needs sso.client_id: the name of this server at the provider"
            raise ValueError(msg)
        at = urlsplit(self.issuer)
        # What comes from the provider says who somebody is: it may not be changed on the way.
        if at.scheme != "https" and at.hostname not in {"localhost", "127.0.0.1", "::1"}:
            msg = "sso.issuer must begin with https://"
            raise ValueError(msg)
        return self


class Throttle(_Group):
    """How many wrong guesses are answered before waiting is asked for."""

    guesses: int = Field(
        10, ge=1, description="Wrong passwords, codes or receipt codes per window and account or receipt"
    )
    window_minutes: int = Field(15, ge=1, description="Length of the window")
    address_guesses: int = Field(
        100, ge=1, description="Wrong sign-ins per window and network address; a whole court may share one"
    )


class Imports(_Group):
    """Limits of ledger import: a file past them gets a sentence, never the server's memory."""

    max_file_mb: int = Field(200, ge=1, description="Largest spreadsheet taken, in MiB")
    max_unpacked_mb: int = Field(2048, ge=1, description="Largest spreadsheet once unpacked, in MiB")
    max_rows: int = Field(300_000, ge=1, description="Most rows in one file")
    reader_memory_mb: int = Field(
        2048, ge=128, description="Memory the reading child process may use, in MiB"
    )
    batch_rows: int = Field(500, ge=1, le=5000, description="Rows that go in with one commit")


class Vault(_Group):
    """Sealing of what petitioners entrust."""

    suite: Literal["aes-256-gcm", "sm4-gcm"] = Field(
        "aes-256-gcm", description="Cipher of what is sealed from now on; what is there stays readable"
    )
    master_key_file: Path | None = Field(
        None,
        description="File of the master keys; empty: the systemd credential minyi-master, else keys/master.key",
    )


class Log(_Group):
    """Signed heads of the log, kept where whoever has this machine cannot reach them."""

    copies: Path | None = Field(
        None, description="Folder of another machine (mounted) for seals and heads; empty: none but here"
    )
    ship_command: list[str] = Field(
        default_factory=list,
        description="Program that takes seals and heads elsewhere; it gets the file as its last argument",
    )


class Documents(_Group):
    """Limits of files that belong to petitions, and of the process that makes them anew."""

    max_file_mb: int = Field(20, ge=1, le=200, description="Largest file taken, in MiB")
    max_petition_mb: int = Field(50, ge=1, description="All files of one petition together, in MiB")
    max_petition_files: int = Field(100, ge=1, description="Most files of one petition")
    max_pages: int = Field(200, ge=1, description="Most pages of one file")
    max_megapixels: int = Field(100, ge=1, description="Largest picture, in millions of pixels")
    memory_mb: int = Field(512, ge=128, description="Memory of the process that opens a file, in MiB")
    seconds: int = Field(20, ge=1, description="Time that process has, in seconds")
    dpi: int = Field(150, ge=72, le=300, description="Fineness at which pages of a PDF are drawn")


class Settings(BaseSettings):
    """Everything that can be set. `minyi settings` prints it with source, default and meaning."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )
    toml_file: ClassVar[Path | None] = None

    data: Path = Field(Path("var/minyi"), description="Folder of database, attachments, keys, anchors")
    environment: Literal["development", "demo", "production"] = Field(
        "production",
        description="`demo` and `development` show the style guide; `production` refuses placeholder secrets",
    )
    language: Literal["zh-CN", "en"] = Field(
        "zh-CN", description="Language of the command line and of pages by default"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged"
    )
    db: Database = Database()
    mqtt: Mqtt = Mqtt()
    http: Http = Http()
    session: Session = Session()
    sign_in: SignInRules = SignInRules()
    sso: SingleSignOn = SingleSignOn()
    throttle: Throttle = Throttle()
    imports: Imports = Imports()
    documents: Documents = Documents()
    vault: Vault = Vault()
    log: Log = Log()

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
        file = config_file()
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file))

    @model_validator(mode="after")
    def _fit_together(self) -> "Settings":
        if self.http.workers > 1 and self.database_url.startswith("sqlite"):
            msg = "http.workers above 1 needs PostgreSQL: set db.url"
            raise ValueError(msg)
        if self.environment == "production" and self.mqtt.password.get_secret_value() in {
            "changeme",
            "secret",
            "password",
        }:
            msg = "mqtt.password is a placeholder: set a real one"
            raise ValueError(msg)
        return self

    @property
    def database_url(self) -> str:
        """The address in use: the set one, or the embedded file."""
        return self.db.url or f"sqlite:///{(self.data / 'minyi.sqlite3').resolve()}"

    @property
    def must_have_factor(self) -> frozenset[str]:
        """The roles that must have a second factor here."""
        wish = self.sign_in.require_second_factor
        forced = wish == "always" or (wish == "production" and self.environment == "production")
        return frozenset(self.sign_in.second_factor_roles) if forced else frozenset()


def config_file() -> Path | None:
    """Return the TOML file in force: `MINYI_CONFIG`, else /etc/minyi/minyi.toml if it is there."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named)
    return DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None


def credentials_folder() -> Path | None:
    """Return the folder in which systemd hands credentials over, None outside of a unit."""
    named = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(named) if named else None


class SettingRow(BaseModel):
    """One line of `minyi settings`. Secrets come masked."""

    name: str
    variable: str
    value: str
    default: str
    source: Literal["default", "file", "variable", "option"]
    meaning: str


def describe(settings: Settings) -> list[SettingRow]:
    """Return every setting with value, default, where its value comes from, and its meaning."""
    file = config_file()
    table = tomllib.loads(file.read_text("utf-8")) if file else {}
    return list(_rows(settings, table, "", PREFIX))


def unknown_variables() -> list[str]:
    """Return variables that look like settings and are none: a slip that would otherwise be passed over in silence."""
    known = {row.variable for row in _rows(Settings.model_construct(), {}, "", PREFIX)}
    ours = (name for name in os.environ if name.startswith(PREFIX) and not name.startswith(NOT_OURS))
    groups = {name.partition("__")[0] for name in known if "__" in name}
    # Below a known group an unknown name is refused by the group itself.
    return sorted(name for name in ours if name not in known and name.partition("__")[0] not in groups)


def _rows(model: BaseModel, table: Mapping[str, Any], prefix: str, variable: str) -> Iterator[SettingRow]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            below = f"{variable}{name.upper()}__"
            yield from _rows(value, table.get(name, {}), f"{prefix}{name}.", below)
            continue
        yield SettingRow(
            name=prefix + name,
            variable=variable + name.upper(),
            value=_shown(value),
            default=_shown(field.default),
            source=_source(variable + name.upper(), in_file=name in table, is_default=value == field.default),
            meaning=field.description or "",
        )


def _source(
    variable: str, *, in_file: bool, is_default: bool
) -> Literal["default", "file", "variable", "option"]:
    if variable in os.environ:
        return "variable"
    if in_file:
        return "file"
    return "default" if is_default else "option"


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "******" if value.get_secret_value() else ""
    return str(value)
