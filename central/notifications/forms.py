"""What a person fills in about being told."""

import re
from datetime import time
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from central.errors import Invalid
from central.fields import OptionalPhone, clean_line
from central.notifications.rules import Channel

_MAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[A-Za-z0-9.-]{1,190}", re.ASCII)


def _mail(value: object) -> str | None:
    text = clean_line(str(value or ""))
    if not text:
        return None
    if not _MAIL.fullmatch(text):
        raise Invalid("notifications.bad_mail", field="mail")
    return text


def _hour(value: object, info: ValidationInfo) -> str:
    text = str(value or "").strip()
    if not text:
        return ""
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise Invalid("notifications.bad_hour", field=info.field_name or "") from None
    return f"{at:%H:%M}"


class Prefer(BaseModel):
    """By which channel, in one message a morning or singly, and within which of the house's hours."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    channel: Channel = Channel.INBOX
    digest: bool = False
    opens: Annotated[str, BeforeValidator(_hour)] = ""
    closes: Annotated[str, BeforeValidator(_hour)] = ""
    mail: Annotated[str | None, BeforeValidator(_mail), Field(max_length=200)] = None
    phone: OptionalPhone = None

    @model_validator(mode="after")
    def _fit(self) -> "Prefer":
        if self.opens and self.closes and self.opens >= self.closes:
            raise Invalid("notifications.hours_crossed", field="closes")
        if self.channel is Channel.MAIL and not self.mail:
            raise Invalid("notifications.mail_needed", field="mail")
        if self.channel is Channel.SMS and not self.phone:
            raise Invalid("notifications.phone_needed", field="phone")
        return self
