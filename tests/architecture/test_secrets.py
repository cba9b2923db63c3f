"""No secret stands in the tree: no private key, no token, no password in an address or a setting."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

#: Made by tools or by running, and not part of the tree.
NOT_OURS = {".git", ".venv", ".uv", "__pycache__", "node_modules", "var", "data", "dist", "build", "htmlcov"}
#: Files of digests and packed data, which look like secrets and are none.
DIGESTS = {"uv.lock", "breached.bin"}
#: Signs of a secret wherever they stand.
SIGNS = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "cloud key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bLTAI[0-9A-Za-z]{12,20}\b",
    "token of a forge": r"\bgh[pousr]_[0-9A-Za-z]{36}\b|\bgithub_pat_\w{60,}|\bglpat-[\w-]{20}\b",
    "token of a registry": r"\bpypi-AgEI[\w-]{50,}|\bnpm_[0-9A-Za-z]{36}\b",
    "token of a chat": r"\bxox[abprs]-[0-9A-Za-z-]{10,}",
    "signed token": r"\beyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{20,}",
}
#: Signs of a secret in what is shipped or read; in tests, pretended passwords are part of the story.
SHIPPED = {
    "password in an address": r"\b[a-z][a-z0-9+]*://[^\s/:@\"'{}<>$]+:(?!password@|secret@|\.\.\.)[^\s/:@\"'{}<>$]{6,}@[\w.-]",
    "password in a setting": r"(?i)\b\w*(?:password|passwd|secret|api_?key|token)\b[\"']?\s*[:=]\s*[\"'](?=[^\"'\s]*\d)[\w+/=.!@#$%^&*-]{10,}[\"']",
}


def found(text: str, *, shipped: bool) -> list[str]:
    """Return the names of the signs in a text."""
    signs = SIGNS | (SHIPPED if shipped else {})
    return [name for name, sign in signs.items() if re.search(sign, text)]


def texts() -> Iterator[tuple[str, str]]:
    """Yield every text of the tree with its path."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [each for each in folders if each not in NOT_OURS and not each.endswith("_cache")]
        for name in names:
            path = Path(folder, name)
            if name in DIGESTS or path.is_symlink():
                continue
            content = path.read_bytes()
            if b"\0" not in content[:4096]:
                yield str(path.relative_to(ROOT)), content.decode("utf-8", "replace")


def test_there_is_no_secret_in_the_tree() -> None:
    bad = [
        (path, sign) for path, text in texts() for sign in found(text, shipped=not path.startswith("tests/"))
    ]
    assert bad == []


def test_no_file_of_keys_or_settings_with_secrets_is_in_the_tree() -> None:
    kinds = {".pem", ".key", ".p12", ".pfx", ".jks", ".kdbx", ".env"}
    assert [path for path, _ in texts() if Path(path).suffix in kinds or Path(path).name == ".env"] == []


@pytest.mark.parametrize(
    ("sign", "text"),
    [
        ("private key", "-----BEGIN " + "EC PRIVATE KEY-----"),
        ("private key", "-----BEGIN " + "PRIVATE KEY-----"),
        ("cloud key", "id = AKIA" + "QWERTYUIOPASDFGH"),
        ("token of a forge", "ghp_" + "a1B2" * 9),
        ("token of a registry", "pypi-AgEI" + "cHlwaS5v" * 8),
        ("token of a chat", "xoxb-" + "123456789012-abc"),
        ("signed token", "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxMjM0NTY3" + "." + "x" * 30),
        ("password in an address", "postgresql://minyi:" + "Tr0ub4dor@db.court/minyi"),
        ("password in a setting", 'smtp_password = "' + 'Tr0ub4dor&3x"'),
        ("password in a setting", '"api_key": "' + '0f9d3c1b5a7e"'),
    ],
)
def test_a_planted_secret_is_found(sign: str, text: str) -> None:
    assert found(text, shipped=True) == [sign]


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://minyi@db.court/minyi",
        "postgresql://minyi:password@127.0.0.1/minyi",
        'FORM = {"password": "accounts.password"}',
        "-----BEGIN CERTIFICATE-----",
        "token: str = Field(min_length=20)",
    ],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert found(text, shipped=True) == []
