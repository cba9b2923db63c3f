"""`python -m tests.security.outside sqlmap|testssl [--engine E]`: other people's tools against a server of our own, started for them.

Ends with 0 if they found nothing of medium weight or more. Their Debian packages are installed by `scripts/attack.sh`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx2

from central import db
from central.accounts import sessions
from central.accounts.callers import Caller
from central.accounts.models import Stage
from central.actor import Role
from central.settings import Session as Limits
from shared.clock import SystemClock
from tests.bench.bench_engine import database
from tests.factories import accounts, petitions
from tests.support.databases import migrate
from tests.support.ports import HOST
from tests.support.tls import NAME, Nginx, pair, serving
from tests.support.vaults import vault_in

SQLMAP = "--batch --level=3 --risk=1 --flush-session --ignore-redirects --ignore-code=* --threads=4 --disable-coloring --skip=csrf"
FOUND = "identified the following injection point"
#: Findings of testssl that are about the certificate made for the run, not about how TLS is spoken; and notes that weigh nothing.
OF_THE_CERTIFICATE = ("cert", "DNS_CAA", "OCSP", "intermediate")
HEAVY = frozenset({"MEDIUM", "HIGH", "CRITICAL", "FATAL"})


def say(line: str) -> None:
    """Print at once: a run takes long."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class Form:
    """An address and what is sent to it; `fields` empty: by GET, in the address."""

    path: str
    fields: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody signed in, and a petition of theirs."""

    cookie: str
    csrf: str
    petition: str
    number: str


def filled(url: str, data: Path) -> Person:
    """Make a court, its people and some petitions; sign the registrar in."""
    engine = db.make_engine(url, vault=vault_in(data))
    with db.unit_of_work(engine) as s:
        house = accounts.house(s)
        made = [petitions.registered(s, house) for _ in range(5)]
        every = accounts.staff(
            s, house.court, Role.REGISTRAR, Role.AUDITOR, Role.COURT_ADMIN, username="every.role"
        )
        cookie, row = sessions.begin(
            s,
            staff=every,
            stage=Stage.FULL,
            method="password",
            caller=Caller("::1"),
            limits=Limits(),
            now=SystemClock().now(),
        )
        found = Person(cookie, row.csrf, str(made[0].id), made[0].number)
    engine.dispose()
    return found


def forms(who: Person) -> Iterator[Form]:
    """Give the forms and lists whose words reach the database."""
    csrf = {"csrf": who.csrf}
    place = {"at": "2026-11-23T01:00:00+00:00", "after": who.petition}
    listed = {
        "court": "辽0102",
        "state": "registered",
        "channel": "letter",
        "only_open": "1",
        "overdue": "0",
        **place,
    }
    looks = {
        "person": "every.role",
        "number": who.number,
        "court": "辽0102",
        "since": "2026-11-01",
        "until": "2026-12-01",
    }
    act = f"/petitions/{who.petition}/acts/log_attempt"
    password = {"password": "a long enough password", "again": "a long enough password"}
    yield Form("/login", urlencode({"username": "every.role", "password": "wrong", "to": "/today"}))
    yield Form("/track", urlencode({"number": who.number, "code": "1234567890123456"}))
    yield Form("/reset", urlencode({"username": "every.role", "code": "ABCDEFGHJK", **password}))
    yield Form("/petitions?" + urlencode(listed))
    yield Form("/find?" + urlencode({"q": who.number}))
    yield Form("/access?" + urlencode(looks))
    yield Form(f"/petitions/{who.petition}/looks?" + urlencode({"at": place["at"], "after": "3"}))
    yield Form("/petitions/contact", urlencode({"contact": "13900000000", **csrf}))
    yield Form("/register", urlencode({**petitions.FORM, **csrf}, doseq=True))
    yield Form(act, urlencode({"version": "1", "note": "记录", **csrf}))
    yield Form(
        "/staff",
        urlencode({"court": "辽0102", "username": "new.person", "name": "新人", "roles": "handler", **csrf}),
    )
    # The star: sqlmap is to try the path itself.
    yield Form(f"/petitions/{who.petition}*")


def sqlmap(url: str, engine: str, folder: Path) -> int:
    """Let sqlmap try every parameter of the forms; return how many it found open."""
    who = filled(url, folder / "data")
    lifted = {"THROTTLE__GUESSES": "100000000", "THROTTLE__ADDRESS_GUESSES": "100000000"}
    child, port = serving(folder, url, **lifted)
    found = 0
    try:
        for form in forms(who):
            status = asked(port, form, who)
            words = [
                "sqlmap",
                "-u",
                f"http://{HOST}:{port}{form.path}",
                *SQLMAP.split(),
                f"--output-dir={folder}/sqlmap",
            ]
            words += [
                f"--dbms={engine.replace('postgres', 'postgresql')}",
                f"--cookie=minyi_session={who.cookie}",
            ]
            said = ran([*words, *([f"--data={form.fields}"] if form.fields else [])])
            open_ = FOUND in said
            found += open_
            say(f"{form.path.partition('?')[0]} (as it should be: {status}): {'OPEN' if open_ else 'closed'}")
            if open_ or "to be injectable" not in said:
                say(said[-3000:])
    finally:
        child.kill()
    return found


def asked(port: int, form: Form, who: Person) -> int:
    """Return the status of the answer to a form as it should be, so that one sees what was tried."""
    cookies = {"cookie": f"minyi_session={who.cookie}", "content-type": "application/x-www-form-urlencoded"}
    url = f"http://{HOST}:{port}{form.path.rstrip('*')}"
    method = "POST" if form.fields else "GET"
    return httpx2.request(method, url, content=form.fields, headers=cookies).status_code


def testssl(url: str, folder: Path) -> int:
    """Let testssl.sh look at the server alone and at nginx in front; return how many findings weigh something."""
    files, found = pair(folder), 0
    public = {"HTTP__PUBLIC_URL": f"https://{NAME}"}
    own = {"HTTP__TLS_CERTIFICATE": str(files.certificate), "HTTP__TLS_KEY": str(files.key)}
    with ExitStack() as parts:
        alone, port = serving(folder / "alone", url, **public, **own)
        parts.callback(alone.kill)
        behind, inner = serving(folder / "behind", url, **public, HTTP__SECURE="true")
        parts.callback(behind.kill)
        nginx = parts.enter_context(Nginx(folder / "nginx", files, inner))
        for name, at in (("the server alone", port), ("nginx in front", nginx.https)):
            out = folder / f"{at}.json"
            ran(["testssl", "--quiet", "--color=0", "--warnings=off", f"--add-ca={files.certificate}",
                 f"--jsonfile={out}", f"--ip={HOST}", f"https://{NAME}:{at}/login"])  # fmt: skip
            rows = json.loads(out.read_text())
            heavy = [
                row
                for row in rows
                if row["severity"] in HEAVY and not row["id"].startswith(OF_THE_CERTIFICATE)
            ]
            say(
                f"{name}: {len(rows)} checks, {len(heavy)} findings of medium weight or more",
            )
            for row in heavy:
                say(f"  {row['severity']} {row['id']}: {row['finding'][:200]}")
            found += len(heavy)
    return found


def ran(words: Sequence[str]) -> str:
    """Run a tool to its end and return what it said."""
    made = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return made.stdout + made.stderr


def main() -> int:
    """Run one tool; return 1 if it found something."""
    parser = argparse.ArgumentParser(prog="scripts/attack.sh", description=__doc__)
    parser.add_argument("tool", choices=["sqlmap", "testssl"])
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="minyi-attack-") as name, database(given.engine) as url:
        migrate(url)
        found = sqlmap(url, given.engine, Path(name)) if given.tool == "sqlmap" else testssl(url, Path(name))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
