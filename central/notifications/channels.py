"""The ways out of the house, each behind one method. What leaves holds numbers, days and a link: no name, no subject, no words.

`send` returns what the other side answered, raises `Failed` for what may pass and `Refused` for what will not.
"""

import hashlib
import hmac
import json
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote_plus
from uuid import UUID

import httpx2
import structlog

from central.groups import Mail, Sms, Webhook
from central.notifications.rules import Channel
from central.settings import Settings

LOG = structlog.get_logger()
#: Answers of a web server after which trying again makes sense.
_AGAIN = frozenset({408, 425, 429})


class NotSent(Exception):
    """A message did not go out; `code` says why in at most 20 signs, without addresses."""

    def __init__(self, code: object) -> None:
        super().__init__(str(code)[:20])
        self.code = str(code)[:20]


class Failed(NotSent):
    """It may pass: it is tried again."""


class Refused(NotSent):
    """It will not pass: this message is parked."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person. `key` stays the same when it is tried again; `brief` is its one line for short messages."""

    key: UUID
    at: datetime
    to: str
    username: str
    subject: str
    text: str
    brief: str
    link: str
    lines: tuple[Mapping[str, Any], ...] = ()


class Sender(Protocol):
    """One way out."""

    def send(self, message: Message) -> str:
        """Send it; return the other side's answer; raise `Failed` or `Refused`."""
        ...


class SmtpMail:
    """Mail by SMTP. The Message-ID is the key: a server or reader that sees it twice can tell."""

    def __init__(self, settings: Mail) -> None:
        self._set = settings

    def send(self, message: Message) -> str:
        """Hand the mail to the server and wait for its word."""
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise Failed(getattr(error, "smtp_code", type(error).__name__)) from error
        try:
            self._sign_in(server)
            server.send_message(self._mail(message))
        except smtplib.SMTPRecipientsRefused as error:
            _judge(next(iter(error.recipients.values()))[0], error)
        except smtplib.SMTPDataError as error:
            _judge(error.smtp_code, error)
        except (OSError, smtplib.SMTPException) as error:
            raise Failed(getattr(error, "smtp_code", type(error).__name__)) from error
        finally:
            # Its word was given: how the line ends changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        return "250"

    def _connect(self) -> smtplib.SMTP:
        given = self._set
        if given.security == "tls":
            return smtplib.SMTP_SSL(given.host, given.port, timeout=given.seconds, context=self._trust())
        return smtplib.SMTP(given.host, given.port, timeout=given.seconds)

    def _sign_in(self, server: smtplib.SMTP) -> None:
        if self._set.security == "starttls":
            server.starttls(context=self._trust())
        if self._set.username:
            server.login(self._set.username, self._set.password.get_secret_value())

    def _trust(self) -> ssl.SSLContext:
        return _trust(self._set.ca_file)

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._set.sender, message.to, message.subject
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.key}@{self._set.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{message.text}\n\n{message.link}\n")
        return mail


def _judge(code: int, error: Exception) -> None:
    raise (Refused if code >= 500 else Failed)(code) from error


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca_file) if ca_file else None)


class SignedWebhook:
    """JSON by HTTP POST, signed: `X-Minyi-Signature` is the HMAC-SHA-256, in hex, over `X-Minyi-Timestamp`, a full stop, the body."""

    def __init__(self, settings: Webhook) -> None:
        self._set = settings

    def send(self, message: Message) -> str:
        """Post it; any 2xx is a yes."""
        body = json.dumps(
            {
                "id": str(message.key),
                "to": message.username,
                "subject": message.subject,
                "link": message.link,
                "lines": list(message.lines),
            },
            ensure_ascii=False,
        ).encode()
        stamp = str(int(message.at.timestamp()))
        signed = hmac.new(
            self._set.secret.get_secret_value().encode(), stamp.encode() + b"." + body, hashlib.sha256
        )
        headers = {
            "Content-Type": "application/json",
            "X-Minyi-Timestamp": stamp,
            "X-Minyi-Signature": signed.hexdigest(),
        }
        return _post(self._set, body, headers, message.key)


class SmsGateway:
    """Short messages by whatever gateway the settings describe."""

    def __init__(self, settings: Sms) -> None:
        self._set = settings

    def send(self, message: Message) -> str:
        """Fill the settings' body and headers in and post them."""
        is_json = "json" in self._set.kind
        values = {"phone": message.to, "text": message.brief, "key": str(message.key)}
        values["token"] = self._set.token.get_secret_value()
        inside = {name: json.dumps(v)[1:-1] if is_json else quote_plus(v) for name, v in values.items()}
        headers = {name: text.format(**values) for name, text in self._set.headers.items()}
        body = self._set.body.format(**inside).encode()
        return _post(self._set, body, {"Content-Type": self._set.kind, **headers}, message.key)


class ConsoleSms:
    """Writes short messages to the log, without the number. In a made-up province it stands for every way out."""

    def __init__(self, channel: Channel = Channel.SMS) -> None:
        self._channel = channel

    def send(self, message: Message) -> str:
        """Log it."""
        LOG.info(str(self._channel), key=str(message.key), to=message.username, text=message.brief)
        return "console"


def _post(settings: Webhook | Sms, body: bytes, headers: Mapping[str, str], key: UUID) -> str:
    try:
        with httpx2.Client(timeout=settings.seconds, verify=_trust(settings.ca_file)) as client:
            answer = client.post(settings.url, content=body, headers={**headers, "Idempotency-Key": str(key)})
    except (httpx2.HTTPError, OSError) as error:
        raise Failed(type(error).__name__) from error
    if answer.is_success:
        return str(answer.status_code)
    if 400 <= answer.status_code < 500 and answer.status_code not in _AGAIN:
        raise Refused(answer.status_code)
    raise Failed(answer.status_code)


def senders(settings: Settings) -> dict[Channel, Sender]:
    """Return the ways out that are set up here, beside the inbox."""
    found: dict[Channel, Sender] = {
        Channel.SMS: SmsGateway(settings.sms) if settings.sms.url else ConsoleSms()
    }
    if settings.mail.host:
        found[Channel.MAIL] = SmtpMail(settings.mail)
    if settings.webhook.url:
        found[Channel.WEBHOOK] = SignedWebhook(settings.webhook)
    return found


def only_said(found: Mapping[Channel, Sender]) -> dict[Channel, Sender]:
    """Return the same ways with nothing leaving the house: each message goes to the log."""
    return {channel: ConsoleSms(channel) for channel in found}
