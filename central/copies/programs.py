"""PostgreSQL's own programs: where they are, and what they need to know of a server."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from central.copies.errors import SourceProblem

_DEBIAN = Path("/usr/lib/postgresql")


def find(name: str, major: int | None = None) -> str:
    """Return a program: Debian's for a version if there is one, else that of the PATH, else the newest; raise `SourceProblem`."""
    of_major = _DEBIAN / str(major) / "bin" / name
    if major and of_major.exists():
        return str(of_major)
    if found := shutil.which(name):
        return found
    there = sorted(
        _DEBIAN.glob(f"*/bin/{name}"), key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))]
    )
    if not there:
        raise SourceProblem("copies.no_program", name=name)
    return str(there[-1])


def address(url: URL) -> tuple[str, Mapping[str, str]]:
    """Return the connection string of a server without its password, and the environment that holds it."""
    query = {name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()}
    known = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    given = {name: value for name, value in known.items() if value} | query
    secret = {"PGPASSWORD": url.password} if url.password else {}
    return make_conninfo("", **given), {**os.environ, **secret, "LC_ALL": "C"}
