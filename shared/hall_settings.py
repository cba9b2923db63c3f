"""Settings of a box from the centre: what may be set, the signed paper that carries it, and what the box says became of it.

Only what changes how a hall is run stands here. Keys, addresses, ports and devices do not: a paper must not be able to cut a box off.
"""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, ValidationError, model_validator

from shared import wire
from shared.canonical import canonical, sha256_hex
from shared.wire import Message, Short, VisitKind, Word

NAME: Literal["settings"] = "settings"
#: Below this many days before its end a paper is signed anew.
GOOD_DAYS, RENEW_DAYS = 30, 15

#: Serials come from the clock, in seconds; what a box says of one is held within what a column and the next serial bear.
Serial = Annotated[int, Field(ge=0, lt=2**53)]
Edition = Annotated[int, Field(ge=0, lt=2**31 - 1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class HallSettings(Message):
    """What the centre sets. None: as the box's own configuration says. Limits are those of the box."""

    kinds: Annotated[tuple[VisitKind, ...], Field(min_length=1, max_length=len(VisitKind))] | None = None
    appointments_in_a_row: Annotated[int, Field(ge=1, le=20)] | None = None
    declared_in_a_row: Annotated[int, Field(ge=1, le=20)] | None = None
    visit_minutes: Annotated[int, Field(ge=1, le=240)] | None = None
    early_minutes: Annotated[int, Field(ge=0, le=480)] | None = None
    late_seconds: Annotated[int, Field(ge=0, le=60)] | None = None
    widen_seconds: Annotated[int, Field(ge=10, le=3600)] | None = None
    announce_times: Annotated[int, Field(ge=1, le=5)] | None = None
    language: Literal["zh-CN", "en"] | None = None
    voice: Literal["none", "espeak"] | None = None
    idle_seconds: Annotated[int, Field(ge=10, le=600)] | None = None
    warning_seconds: Annotated[int, Field(ge=5, le=600)] | None = None
    hold_milliseconds: Annotated[int, Field(ge=0, le=5000)] | None = None
    same_code_seconds: Annotated[int, Field(ge=1, le=300)] | None = None
    keep_days: Annotated[int, Field(ge=0, le=365)] | None = None
    log_level: Literal["debug", "info", "warning", "error"] | None = None

    @model_validator(mode="after")
    def _warned_before_it_ends(self) -> "HallSettings":
        warning, idle = self.warning_seconds, self.idle_seconds
        if warning is not None and idle is not None and warning >= idle:
            msg = "warning_seconds must be below idle_seconds"
            raise ValueError(msg)
        return self

    @property
    def said(self) -> dict[str, Any]:
        """What is set, as JSON values; the rest is left out."""
        return self.model_dump(mode="json", exclude_none=True)

    @property
    def digest(self) -> str:
        """SHA-256 of what is set: two boxes with one digest are set alike."""
        return sha256_hex(canonical(self.said))


class DocumentHead(Message):
    """What every paper says of itself, whatever else it carries."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Short
    box: Short
    serial: Annotated[int, Field(ge=1)]
    not_after: AwareDatetime
    edition: Annotated[int, Field(ge=0)] = 0


class SettingsPaper(Message):
    """Settings of one box, sent down as a signed document named `settings`.

    `base` None: `put` is the whole. Otherwise `put` and `drop` are the changes against what has the digest `base`. Either
    way the outcome has the digest `result`. `edition` is the number that people know it by.
    """

    name: Literal["settings"] = NAME
    box: Short
    serial: Annotated[int, Field(ge=1)]
    not_after: AwareDatetime
    edition: Annotated[int, Field(ge=1)]
    base: Digest | None = None
    put: HallSettings
    drop: Annotated[tuple[Short, ...], Field(max_length=40)] = ()
    result: Digest


class SettingsState(Word):
    """What a box says of the settings it got. `edition` 0: it follows its own configuration.

    `digest` is that of the settings in force and proven; `trying` the serial under trial; `refused` the last one that it did not
    keep, with the reason; `above` the highest serial it ever took. `wants_all`: the changes did not fit what it has.
    """

    version: Literal[1] = wire.VERSION
    box: Short
    serial: Serial = 0
    edition: Edition = 0
    digest: Digest
    trying: Serial = 0
    refused: Serial = 0
    refused_edition: Edition = 0
    reason: Annotated[str, Field(max_length=40)] = ""
    above: Serial = 0
    wants_all: bool = False
    at: AwareDatetime


class WrongBase(ValueError):
    """The changes were made for other settings than these."""


def changes(base: HallSettings, wanted: HallSettings) -> tuple[HallSettings, tuple[str, ...]]:
    """Return what has to be put and what dropped to come from `base` to `wanted`."""
    old, new = base.said, wanted.said
    put = {name: value for name, value in new.items() if old.get(name) != value}
    return HallSettings.model_construct(**{name: getattr(wanted, name) for name in put}), tuple(
        sorted(old.keys() - new.keys())
    )


def merged(base: HallSettings, paper: SettingsPaper) -> HallSettings:
    """Return the settings that a paper makes of `base`; raise `WrongBase`, or `ValidationError` for what cannot be."""
    if paper.base is not None and paper.base != base.digest:
        raise WrongBase
    before = {} if paper.base is None else base.said
    kept = {name: value for name, value in before.items() if name not in paper.drop}
    found = HallSettings.model_validate_json(canonical({**kept, **paper.put.said}))
    if found.digest != paper.result:
        raise WrongBase
    return found


def head_of(body: str) -> DocumentHead | None:
    """Return the head of a paper's body, or None for what is none."""
    try:
        return DocumentHead.model_validate_json(body)
    except ValidationError:
        return None
