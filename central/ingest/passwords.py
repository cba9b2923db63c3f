"""Mosquitto's password file, written from the boxes the centre knows: nobody has to keep a second list."""

from sqlmodel import Session

from central.halls import queries, secrets
from central.settings import Mqtt


def password_file(s: Session, *, mqtt: Mqtt) -> str:
    """Return the lines of the file: the centre under its set password, if there is one, and every box not revoked."""
    rows = {row.box.id: row.box.secret_hash for row in queries.boxes(s) if row.box.revoked_at is None}
    password = mqtt.password.get_secret_value()
    if password:
        rows = {mqtt.username: secrets.hash_of(password), **rows}
    return "".join(f"{name}:{kept}\n" for name, kept in rows.items())
