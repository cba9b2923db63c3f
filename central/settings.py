"""All settings of the centre: one frozen class, read once from a TOML file and `MINYI_*` variables.

Names of variables nest by `__`: `MINYI_DB__URL`. Nothing else in the package reads the environment.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from central.groups import (
    Copies,
    Database,
    Deadlines,
    Documents,
    Exports,
    Group,
    Http,
    Imports,
    Keeping,
    Log,
    Mail,
    Mqtt,
    Notices,
    Session,
    SignInRules,
    SingleSignOn,
    Sms,
    Throttle,
    Vault,
    Webhook,
    Worklists,
)

__all__ = [
    "Copies",
    "Database",
    "Deadlines",
    "Documents",
    "Exports",
    "Http",
    "Imports",
    "Keeping",
    "Letters",
    "Log",
    "Mail",
    "Mqtt",
    "Notices",
    "Push",
    "Session",
    "SettingRow",
    "Settings",
    "SignInRules",
    "SingleSignOn",
    "Sms",
    "Submitting",
    "Throttle",
    "Vault",
    "Webhook",
    "Worklists",
    "config_file",
    "credentials_folder",
    "describe",
    "unknown_variables",
]

CONFIG_VARIABLE = "MINYI_CONFIG"
DEFAULT_CONFIG = Path("/etc/minyi/minyi.toml")
PREFIX = "MINYI_"
#: Variables of the hall box and of the tests begin like ours.
NOT_OURS = ("MINYI_EDGE_", "MINYI_TEST_", "MINYI_SHOTS", CONFIG_VARIABLE)


class Submitting(Group):
    """Petitions handed in on the public pages: how many, and how much, so that a flood leaves room for others."""

    per_address_hour: int = Field(
        60,
        ge=1,
        description="Petitions taken within an hour from one network address; many people may share one",
    )
    per_court_hour: int = Field(600, ge=1, description="Petitions one court is sent within an hour")
    uploads_per_address_mb: int = Field(
        300, ge=1, description="Files of petitions not sent yet, from one address, in MiB"
    )
    uploads_mb: int = Field(5000, ge=1, description="Files of petitions not sent yet, together, in MiB")
    uploads_at_once: int = Field(
        4,
        ge=1,
        le=100,
        description="Whole files that one web process takes at a time from pages without script",
    )


class Neglect(Group):
    """The warning that a deadline is likely to be missed."""

    margin_auc: float = Field(
        0.03,
        ge=0,
        le=0.5,
        description="It warns only while its area under the curve is above that of the share of time used by this, in every quarter",
    )
    margin_brier: float = Field(
        0.05, ge=0, le=0.9, description="and its Brier error lower by this share of it"
    )
    least: float = Field(0.4, ge=0.05, le=0.95, description="The chance from which staff are warned")
    days: int = Field(7, ge=1, le=92, description="Days after which it learns anew")


class Sorting(Group):
    """Proposals of categories, courts, rule sets and templates."""

    least: float = Field(
        0.55, ge=0.05, le=0.99, description="The chance from which something is proposed; below it is silent"
    )
    days: int = Field(7, ge=1, le=92, description="Days after which it learns anew from what was chosen")


class Push(Group):
    """Calls for help as notifications on devices of staff (Web Push). Off: a court without the internet has no push service."""

    enabled: bool = Field(
        default=False, description="Staff may have calls for help of their hall told on their devices"
    )
    hosts: tuple[str, ...] = Field(
        (),
        description="Push services that may be spoken to: host, host:port, or .domain for every host below it; none other is",
    )
    contact: str = Field(
        "",
        description="mailto: or https:// address under which a push service reaches whoever runs this server",
    )
    tries: int = Field(4, ge=1, le=10, description="A notification that failed so often is given up")
    seconds: int = Field(10, ge=1, le=60, description="Time a push service has to answer")
    proxy: str = Field("", description="http:// address of a proxy on the way there; empty: none")
    ca_file: Path | None = Field(None, description="Certificates trusted for it; empty: the system's")

    @model_validator(mode="after")
    def _whole(self) -> "Push":
        if self.enabled and not self.hosts:
            msg = "push.enabled needs push.hosts: the push services that may be spoken to"
            raise ValueError(msg)
        if self.enabled and not self.contact.startswith(("mailto:", "https://")):
            msg = "push.enabled needs push.contact: a mailto: or https:// address for the push services"
            raise ValueError(msg)
        return self


class Letters(Group):
    """The signature of letters."""

    p12: Path | None = Field(
        None, description="PKCS#12 file of the court's own certificate for letters; empty: a self-made one"
    )
    p12_password: SecretStr = Field(SecretStr(""), description="Password of that file")


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
    deadlines: Deadlines = Deadlines()
    neglect: Neglect = Neglect()
    sorting: Sorting = Sorting()
    documents: Documents = Documents()
    submitting: Submitting = Submitting()
    exports: Exports = Exports()
    keeping: Keeping = Keeping()
    notices: Notices = Notices()
    mail: Mail = Mail()
    webhook: Webhook = Webhook()
    sms: Sms = Sms()
    push: Push = Push()
    vault: Vault = Vault()
    worklists: Worklists = Worklists()
    log: Log = Log()
    letters: Letters = Letters()
    copies: Copies = Copies()

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
