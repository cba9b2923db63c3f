"""What people have at hand in tests: an authenticator app, a passkey."""

import html
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pyotp
from soft_webauthn import SoftWebauthnDevice

from shared.clock import FixedClock
from tests.central.accounts.conftest import Browser
from tests.factories.accounts import PASSWORD

APP = "/account/factors/app"
PASSKEY = "/account/factors/passkey"
ORIGIN = "http://localhost:8080"


class App:
    """An authenticator app on the clock of the test."""

    def __init__(self, secret: str, clock: FixedClock) -> None:
        self._totp, self._clock = pyotp.TOTP(secret), clock

    def code(self, steps: int = 0) -> str:
        """Return the code of now, or of so many steps later."""
        return self._totp.at(int(self._clock.now().timestamp()) + 30 * steps)


def with_app(one: Browser, clock: FixedClock) -> tuple[App, list[str]]:
    """Enrol an app; return it and the recovery codes that were shown."""
    page = one.get(APP).text
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found
    app = App(found[1].replace(" ", ""), clock)
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token
    answer = one.client.post(APP, data={"csrf": token[1], "code": app.code(), "label": "手机"})
    return app, re.findall(r"<code>(\d-[A-Z0-9-]+)</code>", answer.text)


class Key:
    """A security key that speaks JSON as a browser does."""

    def __init__(self) -> None:
        self._device = SoftWebauthnDevice()

    def create(self, options: dict[str, Any], origin: str = ORIGIN) -> str:
        options["challenge"] = _bytes(options["challenge"])
        options["user"]["id"] = _bytes(options["user"]["id"])
        options["pubKeyCredParams"] = [
            {"alg": each["alg"], "type": each["type"]} for each in options["pubKeyCredParams"]
        ]
        return _json(self._device.create({"publicKey": options}, origin))

    def get(self, options: dict[str, Any], origin: str = ORIGIN) -> str:
        options["challenge"] = _bytes(options["challenge"])
        return _json(self._device.get({"publicKey": options}, origin))


def options_on(page: str) -> dict[str, Any]:
    """Return the options that a page holds for the browser."""
    found = re.search(r'data-passkey-(?:create|get)="([^"]+)"', page)
    assert found
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


def token_on(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def with_passkey(one: Browser, label: str = "钥匙") -> Key:
    """Enrol a passkey."""
    key, page = Key(), one.get(PASSKEY).text
    fields = {"csrf": token_on(page), "credential": key.create(options_on(page)), "label": label}
    answer = one.client.post(PASSKEY, data=fields)
    assert answer.status_code in {200, 303}, answer.text
    return key


def halfway(one: Browser, login: str) -> str:
    """Give the right password; return the page that asks for the second factor."""
    answer = one.sign_in(login, PASSWORD)
    assert answer.headers["location"].startswith("/login/second")
    return one.get("/login/second").text


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _json(credential: dict[str, Any]) -> str:
    def shown(value: Any) -> Any:
        if isinstance(value, bytes):
            return urlsafe_b64encode(value).decode().rstrip("=")
        return {name: shown(each) for name, each in value.items()} if isinstance(value, dict) else value

    return json.dumps({**shown(credential), "id": shown(credential["rawId"]), "clientExtensionResults": {}})
