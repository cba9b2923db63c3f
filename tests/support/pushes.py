"""A push service on this machine with one browser at it, which opens what it is sent as a browser does."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from tests.support.ports import HOST


def text(content: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class PushService:
    """What it took, opened; `answers` are the statuses it gives next, then 201."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    asked: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def host(self) -> str:
        """As `push.hosts` names it."""
        return f"{HOST}:{self.port}"

    def subscription(self, name: str = "guard") -> dict[str, str]:
        """Return what the browser gives to the page."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "endpoint": f"http://{self.host}/push/{name}",
            "p256dh": text(point),
            "auth": text(self.secret),
        }

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """Return the status for a message; one that is taken is opened, its sender's word checked."""
        self.asked += 1
        status = self.answers.pop(0) if self.answers else 201
        if status == 201:
            sender = headers["Authorization"].rpartition("k=")[2]
            token = headers["Authorization"].partition("t=")[2].partition(",")[0]
            signed, _, signature = token.rpartition(".")
            known = Vapid02.from_raw_public(sender.encode())
            assert known.verify_token(signed.encode(), signature)
            opened = http_ece.decrypt(
                body, private_key=self.key, auth_secret=self.secret, version="aes128gcm"
            )
            self.told.append(json.loads(opened))
            self.headers.append(headers)
        return status


@contextmanager
def push_service() -> Iterator[PushService]:
    """Run one until the end of the block."""
    service = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(service.take(body, dict(self.headers)))
            self.send_header("Content-Length", "0")
            self.send_header("Location", f"http://{HOST}:1/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer((HOST, 0), Handler)
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
