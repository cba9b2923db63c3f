"""A certificate, nginx as it is documented, and `minyi serve` with settings of a test's own."""

import ipaddress
import os
import re
import shutil
import socket
import ssl
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.ports import HOST, accepts, free_port
from tests.support.processes import ROOT, Child

NAME = "minyi.example"
#: A centre imports much, and the machine is shared.
START_SECONDS = 60.0
#: Five in a second.
DROPS = 150


@dataclass(frozen=True)
class Pair:
    """Files of a certificate for `NAME` and the loopback address, signed by itself, and of its key."""

    certificate: Path
    key: Path


def pair(folder: Path) -> Pair:
    """Make a certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Pair(folder / "minyi.crt", folder / "minyi.key")
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    names = [x509.DNSName(NAME), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))]
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=90))
    signed = builder.add_extension(x509.SubjectAlternativeName(names), critical=False).sign(
        key, hashes.SHA256()
    )
    made.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    made.key.write_bytes(key.private_bytes(*pem))
    return made


def trusting(files: Pair) -> ssl.SSLContext:
    """Return what a client trusts."""
    return ssl.create_default_context(cafile=str(files.certificate))


def serving(folder: Path, url: str, **settings: str) -> tuple[Child, int]:
    """Start the pages of a centre on a migrated database; `settings` are MINYI_* variables. Return process and port."""
    port = free_port()
    env = {
        "MINYI_DATA": str(folder / "data"),
        "MINYI_ENVIRONMENT": "development",
        "MINYI_DB__URL": url,
        "MINYI_HTTP__PORT": str(port),
        "MINYI_MQTT__EMBEDDED_PORT": str(free_port()),
        **{f"MINYI_{name}": value for name, value in settings.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    child = Child([Path(sys.executable).parent / "minyi", "serve"], log=folder / "centre.log", env=env)
    child.start()
    child.wait_for(lambda: accepts(port), timeout=START_SECONDS, what="the centre listens")
    return child, port


class Nginx:
    """nginx with `systemd/nginx-minyi.conf`, its ports, files and the server behind it put in."""

    def __init__(self, folder: Path, files: Pair, behind: int) -> None:
        self.folder, self.http, self.https = folder, free_port(), free_port()
        put_in = {
            r"listen 80\b": f"listen {HOST}:{self.http}",
            r"listen 443\b": f"listen {HOST}:{self.https}",
            "/etc/ssl/minyi.crt": str(files.certificate),
            "/etc/ssl/private/minyi.key": str(files.key),
            "client_header_timeout 10s": "client_header_timeout 1s",
            "client_body_timeout 20s": "client_body_timeout 1s",
            "127.0.0.1:8080": f"{HOST}:{behind}",
            "/run/nginx-minyi": f"{folder}/waiting",
        }
        site = (ROOT / "systemd" / "nginx-minyi.conf").read_text()
        for pattern, value in put_in.items():
            site, found = re.subn(pattern, value, site)
            assert found, pattern
        folder.mkdir(parents=True, exist_ok=True)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        user = "user root;\n" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{user}daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
            f"events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\n{paths}{site}}}\n"
        )
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self._child = Child([program, "-p", folder, "-c", folder / "nginx.conf"], log=folder / "out.log")

    def __enter__(self) -> Self:
        self._child.start()
        self._child.wait_for(lambda: accepts(self.https), what="nginx listens")
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()


def said(port: int, sent: bytes, *, context: ssl.SSLContext | None = None, drip: bytes = b"") -> bytes:
    """Send bytes, then `drip` again and again, and return what came until the line was cut; fail if it is not."""
    got, drops = b"", 0
    with closing(socket.create_connection((HOST, port), timeout=30)) as plain:
        line = context.wrap_socket(plain, server_hostname=NAME) if context else plain
        line.settimeout(0.2)
        try:
            line.sendall(sent)
            while drops < DROPS:
                try:
                    if not (part := line.recv(65536)):
                        return got
                    got += part
                except TimeoutError:
                    drops += 1
                    line.sendall(drip)
        except OSError:  # of TLS too
            return got
    raise AssertionError(f"after {drops} drops the line was still open")
