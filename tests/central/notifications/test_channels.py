"""The ways out against real servers on this machine: what they say yes to, what they refuse, lines that break."""

import hashlib
import hmac
import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from pydantic import SecretStr, ValidationError

from central.notifications.channels import (
    ConsoleSms,
    Failed,
    Message,
    Refused,
    SignedWebhook,
    SmsGateway,
    SmtpMail,
    senders,
)
from central.notifications.rules import Channel
from central.settings import Mail, Notices, Settings, Sms, Webhook, Worklists
from tests.support.ports import HOST, free_port
from tests.support.tls import pair

MESSAGE = Message(
    key=UUID(int=7),
    at=datetime(2026, 11, 30, 1, tzinfo=UTC),
    to="handler@court.example",
    username="handler.ln0102",
    subject="【民意】信访办理提醒：超期 1 件",
    text="信访件 辽0102-2026-000001 已超期，请立即办理。",
    brief='【民意】"超期" 1 件\\请登录系统查看。',
    link="https://minyi.example/inbox",
    lines=({"kind": "overdue", "number": "辽0102-2026-000001"},),
)


class Post:
    """What a mail server does with its guests; keeps what it took."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.rcpt = self.data = "250 OK"
        self.cut = False

    async def handle_RCPT(  # noqa: N802 the name the library calls
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802 the name the library calls
        self, server: SMTP, session: Any, envelope: Any
    ) -> str:
        if self.cut:
            server.transport.abort()  # type: ignore[union-attr]
            return "250 too late"
        if self.data.startswith("250"):
            self.mails.append(envelope)
        return self.data


@pytest.fixture
def post() -> Iterator[tuple[Post, Mail]]:
    handler = Post()
    controller = Controller(handler, hostname=HOST, port=free_port())
    controller.start()
    yield (
        handler,
        Mail(host=HOST, port=controller.port, security="none", sender="minyi@court.example", seconds=3),
    )
    controller.stop()


def test_mail_arrives_with_a_lasting_id_and_chinese_words(post: tuple[Post, Mail]) -> None:
    server, settings = post
    assert SmtpMail(settings).send(MESSAGE) == "250"
    SmtpMail(settings).send(MESSAGE)
    first, second = (message_from_bytes(each.content, policy=policy.default) for each in server.mails)
    assert first["Message-ID"] == second["Message-ID"] == f"<{MESSAGE.key}@court.example>"
    assert (first["Subject"], first["To"]) == (MESSAGE.subject, MESSAGE.to)
    assert first["Auto-Submitted"] == "auto-generated"
    assert first.get_content().splitlines()[::2] == [MESSAGE.text, MESSAGE.link]
    assert server.mails[0].rcpt_tos == [MESSAGE.to]


@pytest.mark.parametrize(
    ("rcpt", "data", "error", "code"),
    [
        ("550 no such person", "250 OK", Refused, "550"),
        ("450 try later", "250 OK", Failed, "450"),
        ("250 OK", "554 no", Refused, "554"),
        ("250 OK", "452 full", Failed, "452"),
    ],
)
def test_a_no_for_good_and_a_no_for_now(
    post: tuple[Post, Mail], rcpt: str, data: str, error: type[Failed | Refused], code: str
) -> None:
    server, settings = post
    server.rcpt, server.data = rcpt, data
    with pytest.raises(error) as caught:
        SmtpMail(settings).send(MESSAGE)
    assert caught.value.code == code
    assert server.mails == []


def test_a_line_that_breaks_in_the_middle_is_tried_again(post: tuple[Post, Mail]) -> None:
    server, settings = post
    server.cut = True
    with pytest.raises(Failed):
        SmtpMail(settings).send(MESSAGE)
    server.cut = False
    SmtpMail(settings).send(MESSAGE)
    assert len(server.mails) == 1


def test_no_server_and_a_silent_server_are_tried_again() -> None:
    gone = Mail(host=HOST, port=free_port(), security="none", sender="minyi@court.example", seconds=1)
    with pytest.raises(Failed, match="ConnectionRefused"):
        SmtpMail(gone).send(MESSAGE)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_over_tls_with_a_password(tmp_path: Any, security: str) -> None:
    made, handler, seen = pair(tmp_path), Post(), []

    def known(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"right")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    options: dict[str, Any] = {"authenticator": known, "auth_required": True, "hostname": HOST}
    if security == "tls":
        controller = Controller(
            handler, port=free_port(), ssl_context=context, auth_require_tls=False, **options
        )
    else:
        controller = Controller(
            handler, port=free_port(), tls_context=context, require_starttls=True, **options
        )
    controller.start()
    try:
        usual: dict[str, Any] = {
            "host": HOST,
            "port": controller.port,
            "security": security,
            "sender": "minyi@court.example",
            "username": "minyi",
            "seconds": 5,
        }
        good = Mail(**usual, password=SecretStr("right"), ca_file=made.certificate)
        SmtpMail(good).send(MESSAGE)
        assert len(handler.mails) == 1
        with pytest.raises(Failed, match=r"535|Disconnect"):
            SmtpMail(good.model_copy(update={"password": SecretStr("wrong")})).send(MESSAGE)
        with pytest.raises(Failed, match="SSLCert"):
            SmtpMail(good.model_copy(update={"ca_file": None})).send(MESSAGE)
        assert len(seen) == 2, "no password over a line that is not trusted"
    finally:
        controller.stop()


class Web(ThreadingHTTPServer):
    """Keeps requests; answers with the next of `answers`, 200 when there is none."""

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        status = self.server.answers.pop(0) if self.server.answers else 200
        if status == 0:
            self.connection.close()
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_is_signed_and_can_be_told_from_a_repeat(web: Web) -> None:
    SignedWebhook(Webhook(url=web.url, secret=SecretStr("key"))).send(MESSAGE)
    [(headers, body)] = web.got
    signed = headers["x-minyi-timestamp"].encode() + b"." + body
    assert headers["x-minyi-signature"] == hmac.new(b"key", signed, hashlib.sha256).hexdigest()
    assert headers["idempotency-key"] == str(MESSAGE.key) == json.loads(body)["id"]
    assert json.loads(body)["to"] == "handler.ln0102"
    assert MESSAGE.to not in body.decode(), "no address leaves where none is needed"


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, Refused), (404, Refused), (429, Failed), (503, Failed), (302, Failed), (0, Failed)],
)
def test_what_a_web_server_says_no_to(web: Web, status: int, error: type[Failed | Refused]) -> None:
    web.answers = [status]
    with pytest.raises(error):
        SignedWebhook(Webhook(url=web.url, secret=SecretStr("key"))).send(MESSAGE)
    assert len(web.got) == 1


def test_short_messages_in_json_with_any_sign_in_them(web: Web) -> None:
    SmsGateway(Sms(url=web.url, token=SecretStr("t0ken"))).send(MESSAGE)
    [(headers, body)] = web.got
    assert headers["authorization"] == "Bearer t0ken"
    assert json.loads(body) == {"to": MESSAGE.to, "text": MESSAGE.brief, "id": str(MESSAGE.key)}


def test_short_messages_in_the_shape_of_another_gateway(web: Web) -> None:
    settings = Sms(
        url=web.url,
        token=SecretStr("a&b"),
        headers={"X-Key": "{token}"},
        body="mobile={phone}&content={text}&key={token}",
        kind="application/x-www-form-urlencoded",
    )
    SmsGateway(settings).send(MESSAGE)
    [(headers, body)] = web.got
    assert headers["x-key"] == "a&b"
    assert parse_qs(body.decode()) == {"mobile": [MESSAGE.to], "content": [MESSAGE.brief], "key": ["a&b"]}


def test_without_a_gateway_the_log_takes_the_message_and_not_the_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ConsoleSms().send(MESSAGE)
    said = capsys.readouterr().out
    assert "超期" in said
    assert MESSAGE.to not in said


def test_only_what_is_set_up_is_offered() -> None:
    assert set(senders(Settings())) == {Channel.SMS}
    mail = Mail(host="localhost", sender="a@b.example")
    hook = Webhook(url="https://court.example/hook", secret=SecretStr("x"))
    assert set(senders(Settings(mail=mail, webhook=hook))) == {Channel.SMS, Channel.MAIL, Channel.WEBHOOK}


@pytest.mark.parametrize(
    ("group", "values"),
    [
        (Mail, {"host": "mail.example"}),
        (Mail, {"host": "mail.example", "sender": "a@b.example", "security": "none"}),
        (Webhook, {"url": "http://court.example/", "secret": "x"}),
        (Webhook, {"url": "https://court.example/"}),
        (Sms, {"url": "ftp://court.example/"}),
        (Sms, {"body": '{"to": "{phone}"}'}),
        (Worklists, {"amber_percent": 90, "red_percent": 80}),
        (Notices, {"opens": "18:00"}),
    ],
)
def test_settings_that_would_leak_or_fail_are_refused(group: Any, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        group(**values)
