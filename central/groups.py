"""What can be set, in groups: frozen classes with defaults and meanings. `central.settings` reads them."""

from datetime import time
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Group(BaseModel):
    """Base of the groups."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Database(Group):
    """Where the tables live."""

    url: str = Field("", description="SQLAlchemy address; empty: minyi.sqlite3 in the data folder")
    pool_size: int = Field(8, ge=1, le=100, description="Connections a process keeps open")


class Worklists(Group):
    """When a due date is shown as pressing, and reminded of."""

    amber_percent: int = Field(
        50, ge=1, le=100, description="Share of the time used from which a due date is amber"
    )
    red_percent: int = Field(80, ge=1, le=100, description="Share of the time used from which it is red")

    @model_validator(mode="after")
    def _in_order(self) -> "Worklists":
        if self.red_percent < self.amber_percent:
            msg = "worklists.red_percent must not be below worklists.amber_percent"
            raise ValueError(msg)
        return self


class Mqtt(Group):
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


class Http(Group):
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
    head_seconds: int = Field(
        10, ge=1, description="Seconds in which the head of a request must come, before the line is cut"
    )
    lines_per_address: int = Field(
        300, ge=1, description="Lines one address may hold into one web process; proxies are not counted"
    )
    proxies: list[str] = Field(
        default_factory=lambda: ["127.0.0.1"],
        description="Addresses of the proxies whose word about caller and TLS counts, where `secure` is set",
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


class Session(Group):
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


class SignInRules(Group):
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


class SingleSignOn(Group):
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


class Throttle(Group):
    """How many wrong guesses are answered before waiting is asked for."""

    guesses: int = Field(
        10,
        ge=1,
        description="Wrong passwords or codes per window and account; wrong receipt codes per window, receipt and address",
    )
    window_minutes: int = Field(15, ge=1, description="Length of the window")
    address_guesses: int = Field(100, ge=1, description="Wrong sign-ins per window and network address")


class Imports(Group):
    """Limits of ledger import: a file past them gets a sentence, never the server's memory."""

    max_file_mb: int = Field(200, ge=1, description="Largest spreadsheet taken, in MiB")
    max_unpacked_mb: int = Field(2048, ge=1, description="Largest spreadsheet once unpacked, in MiB")
    max_rows: int = Field(300_000, ge=1, description="Most rows in one file")
    reader_memory_mb: int = Field(
        2048, ge=128, description="Memory the reading child process may use, in MiB"
    )
    batch_rows: int = Field(500, ge=1, le=5000, description="Rows that go in with one commit")
    beside_rows: int = Field(
        10_000,
        ge=1,
        description="From so many rows on a second process tells and seals while the first writes",
    )


class Vault(Group):
    """Sealing of what petitioners entrust."""

    suite: Literal["aes-256-gcm", "sm4-gcm"] = Field(
        "aes-256-gcm", description="Cipher of what is sealed from now on; what is there stays readable"
    )
    master_key_file: Path | None = Field(
        None,
        description="File of the master keys; empty: the systemd credential minyi-master, else keys/master.key",
    )


class Log(Group):
    """Signed heads of the log, kept where whoever has this machine cannot reach them."""

    copies: Path | None = Field(
        None, description="Folder of another machine (mounted) for seals and heads; empty: none but here"
    )
    ship_command: list[str] = Field(
        default_factory=list,
        description="Program that takes seals and heads elsewhere; it gets the file as its last argument",
    )


class Copies(Group):
    """Continuous copies (`minyi backup FOLDER --follow`)."""

    seconds: float = Field(
        5, gt=0, le=30, description="What was committed is copied after so many seconds at the latest"
    )
    base_hours: int = Field(24, ge=1, le=24 * 7, description="After so long a copy of the whole is made anew")
    keep_days: int = Field(7, ge=1, le=366, description="How far back every moment can be restored")


class Keeping(Group):
    """How long petitions are kept."""

    schedule: Path | None = Field(
        None, description="TOML file with the schedule of keeping; empty: the shipped one (docs/keeping.md)"
    )
    grace_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days between the announcement that a petition will be erased and its erasure",
    )


class Deadlines(Group):
    """The legal periods."""

    rules_dir: Path | None = Field(
        None, description="Folder of further rule sets (*.toml) beside the shipped one (docs/deadlines.md)"
    )


class Exports(Group):
    """Limits of what leaves the system as a file."""

    free_rows: int = Field(
        200, ge=0, description="Petitions one may export alone; above, and with names, a second person agrees"
    )
    max_rows: int = Field(20_000, ge=1, description="Most petitions in one file")
    per_day: int = Field(20, ge=1, description="Exports one person may ask for within a day")
    keep_hours: int = Field(24, ge=1, description="After so long a file is gone, its key destroyed")
    downloads: int = Field(3, ge=1, description="How often one file may be fetched")
    answer_hours: int = Field(72, ge=1, description="An export nobody agreed to within so long is gone")


class Documents(Group):
    """Limits of files that belong to petitions, and of the process that makes them anew."""

    max_file_mb: int = Field(20, ge=1, le=200, description="Largest file taken, in MiB")
    max_petition_mb: int = Field(50, ge=1, description="All files of one petition together, in MiB")
    max_petition_files: int = Field(100, ge=1, description="Most files of one petition")
    max_pages: int = Field(200, ge=1, description="Most pages of one file")
    max_megapixels: int = Field(100, ge=1, description="Largest picture, in millions of pixels")
    memory_mb: int = Field(512, ge=128, description="Memory of the process that opens a file, in MiB")
    seconds: int = Field(20, ge=1, description="Time that process has, in seconds")
    dpi: int = Field(150, ge=72, le=300, description="Fineness at which pages of a PDF are drawn")


class Notices(Group):
    """When members of staff are told what is due, and how often a message is tried."""

    opens: time = Field(time(8, 30), description="Nobody is told earlier in the day, nor on rest days")
    closes: time = Field(time(17, 30), description="Nobody is told later in the day")
    tries: int = Field(8, ge=1, le=20, description="A message that failed so often is parked")
    settle_minutes: int = Field(
        10,
        ge=0,
        le=1440,
        description="After the machine's clock jumped, nothing is noted or sent for so long",
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Notices":
        if self.opens >= self.closes:
            msg = "notices.opens must be earlier than notices.closes"
            raise ValueError(msg)
        return self


class Mail(Group):
    """The server that takes mail for members of staff."""

    host: str = Field("", description="Name of the SMTP server; empty: no mail is sent or offered")
    port: int = Field(587, ge=1, le=65535, description="Its port")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the line is protected; `none` only for a server on this machine"
    )
    username: str = Field("", description="Name at the server; empty: no sign-in")
    password: SecretStr = Field(SecretStr(""), description="Password at the server")
    sender: str = Field("", description="Address the mail comes from")
    ca_file: Path | None = Field(None, description="Certificates trusted for it; empty: the system's")
    seconds: int = Field(20, ge=1, le=120, description="Time the server has for each answer")

    @model_validator(mode="after")
    def _whole(self) -> "Mail":
        if self.host and "@" not in self.sender:
            msg = "mail.host needs mail.sender: the address the mail comes from"
            raise ValueError(msg)
        if self.host and self.security == "none" and self.host not in {"localhost", "127.0.0.1", "::1"}:
            msg = "mail.security none is for a server on this machine alone: set starttls or tls"
            raise ValueError(msg)
        return self


class Webhook(Group):
    """A system of the court's own that is told by HTTP."""

    url: str = Field("", description="https:// address; empty: not offered")
    secret: SecretStr = Field(SecretStr(""), description="Key of the HMAC-SHA-256 signature of each message")
    ca_file: Path | None = Field(None, description="Certificates trusted for it; empty: the system's")
    seconds: int = Field(20, ge=1, le=120, description="Time it has to answer")

    @model_validator(mode="after")
    def _whole(self) -> "Webhook":
        _address(self.url, "webhook.url")
        if self.url and not self.secret.get_secret_value():
            msg = "webhook.url needs webhook.secret: messages are signed"
            raise ValueError(msg)
        return self


class Sms(Group):
    """A gateway for short messages, spoken to by HTTP. `{phone}`, `{text}`, `{key}` and `{token}` are filled in."""

    url: str = Field("", description="https:// address; empty: messages go to the log, without the number")
    token: SecretStr = Field(SecretStr(""), description="What `{token}` stands for")
    headers: dict[str, str] = Field(
        default_factory=lambda: {"Authorization": "Bearer {token}"}, description="Headers of the request"
    )
    body: str = Field(
        '{{"to": "{phone}", "text": "{text}", "id": "{key}"}}',
        description="Body of the request; braces of its own are doubled",
    )
    kind: str = Field("application/json", description="Content type of the body: JSON, or a form")
    ca_file: Path | None = Field(None, description="Certificates trusted for it; empty: the system's")
    seconds: int = Field(20, ge=1, le=120, description="Time it has to answer")

    @model_validator(mode="after")
    def _whole(self) -> "Sms":
        _address(self.url, "sms.url")
        try:
            self.body.format(phone="", text="", key="", token="")
        except (KeyError, ValueError, IndexError) as error:
            msg = "sms.body: only {phone}, {text}, {key}, {token} are filled in; other braces are doubled"
            raise ValueError(msg) from error
        return self


def _address(url: str, name: str) -> None:
    at = urlsplit(url)
    if url and at.scheme != "https" and at.hostname not in {"localhost", "127.0.0.1", "::1"}:
        msg = f"{name} must begin with https://"
        raise ValueError(msg)
