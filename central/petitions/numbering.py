"""Receipt numbers and secret codes: pure.

A number is court code, year, serial within court and year: `辽0102-2026-000123`. It may be said aloud and printed; alone it opens
nothing. The secret code is 16 random digits, shown once.
"""

import re
import secrets
import unicodedata

_NUMBER = re.compile(r"^([\u4e00-\u9fff])?(\d{2}|\d{4})?[-\s]*(\d{4})[-\s]+(\d{1,7})$")
_DASHES = str.maketrans("—–－‐‑−", "------")

CODE_DIGITS = 16


def number_of(court_code: str, year: int, serial: int) -> str:
    """Return the receipt number."""
    return f"{court_code}-{year}-{serial:06d}"


def parse_number(text: str, *, province: str) -> str | None:
    """Return the receipt number somebody typed, in its one form, or None.

    Full-width signs, other dashes, blanks instead of hyphens, missing zeros and a missing `province` character are forgiven.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).strip()
    found = _NUMBER.match(plain)
    if found is None:
        return None
    char, court, year, serial = found.groups()
    return number_of((char or province) + (court or ""), int(year), int(serial))


def new_code() -> str:
    """Return a fresh secret code."""
    return "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))


def shown_code(code: str) -> str:
    """Return the code in groups of four, as it is printed."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def normal_code(typed: str) -> str:
    """Return the digits of what was typed: blanks and hyphens out, full-width digits made plain."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed).translate(_DASHES))
