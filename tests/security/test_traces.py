"""What petitioners typed is found nowhere but in sealed columns: not in the database, its dump, the files, the log, a backup, nor in
what a crash leaves behind (S10). Against a real server, killed as by a fault in memory, on a machine that would keep core files.
`MINYI_TEST_TRACES=200` plants as many people (`scripts/attack.sh traces`); otherwise a few.
"""

import os
import re
import resource
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import make_url

from central import db
from central.actor import Role
from tests.factories.accounts import PASSWORD, staff
from tests.factories.courts import court
from tests.support.ports import HOST, accepts, free_port
from tests.support.postgres import binaries
from tests.support.processes import ROOT, Processes, wait_until
from tests.support.spellings import contents, spellings
from tests.support.vaults import vault_in

pytestmark = pytest.mark.hall
MANY = int(os.environ.get("MINYI_TEST_TRACES") or 30)
USER = "registrar.ln0102"
MINYI = ROOT / ".venv" / "bin" / "minyi"
#: Two signs that make a name no other text has.
SURNAMES, GIVEN = "欧阳司马诸葛东方", "绿萝墨竹青梧紫藤"


def planted() -> Iterator[dict[str, str]]:
    """Give what each of them types."""
    for n in range(MANY):
        pair = SURNAMES[n % 4 * 2 : n % 4 * 2 + 2] + GIVEN[n // 4 % 4 * 2 : n // 4 % 4 * 2 + 2]
        yield {
            "petitioner_name": f"{pair}{chr(0x4E00 + 37 * n)}",
            "phone": f"1399{n:03d}7{n:03d}",
            "address": f"铁西区云峰街{n}号院{chr(0x4E00 + 41 * n)}楼",
            "text": f"楼道漆黑已两年，{pair}第{n}次反映无人理会",
        }


@pytest.fixture
def core_files() -> Iterator[None]:
    """Let child processes write core files, if they would."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, before[1]))
    except ValueError:
        resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


def test_of_what_petitioners_type_nothing_lies_about(
    database_url: str, started: Processes, tmp_path: Path, core_files: None
) -> None:
    del core_files
    data, here, copies, port = tmp_path / "data", tmp_path / "here", tmp_path / "copies", free_port()
    engine = db.make_engine(database_url, vault=vault_in(data))
    with db.unit_of_work(engine) as s:
        staff(s, court(s), Role.REGISTRAR, username=USER)
    engine.dispose()
    here.mkdir()
    copies.mkdir()
    env = {
        "MINYI_DATA": str(data),
        "MINYI_ENVIRONMENT": "development",
        "MINYI_LOG_LEVEL": "debug",
        "MINYI_DB__URL": database_url,
        "MINYI_HTTP__PORT": str(port),
        "MINYI_MQTT__EMBEDDED_PORT": str(free_port()),
    }
    child = started.start("centre", [MINYI, "serve"], env=env, cwd=here)
    child.wait_for(lambda: accepts(port), timeout=60, what="the centre listens")
    everyone = list(planted())
    _typed(port, everyone)
    os.kill(child.pid, signal.SIGSEGV)
    wait_until(lambda: not child.running, what="the centre has crashed")
    subprocess.run(
        [MINYI, "backup", copies], env={**os.environ, **env}, cwd=here, check=True, capture_output=True
    )
    lying = [*contents(tmp_path), *_dumped(database_url)]
    assert any(name.endswith("centre.log") and content for name, content in lying)
    assert any(str(copies) in name for name, _ in lying)
    assert [name for name, _ in lying if re.search(r"\bcore(\.\d+)?$", name)] == []
    everything = b"\n".join(content for _, content in lying)
    found = [
        word
        for one in everyone
        for word in one.values()
        if any(form in everything for form in spellings(word))
    ]
    assert found == []


def _typed(port: int, everyone: list[dict[str, str]]) -> None:
    with httpx2.Client(base_url=f"http://{HOST}:{port}", timeout=60) as client:
        assert client.post("/login", data={"username": USER, "password": PASSWORD}).status_code == 303
        token = re.search(r'name="csrf" value="([^"]+)"', client.get("/register").text)
        assert token
        for one in everyone:
            more = {"channel": "letter", "subject": "楼道照明", "demands": "恢复照明", "csrf": token[1]}
            answer = client.post("/register", data=one | more)
            assert answer.status_code == 201, answer.text
        # One of each that is refused: what does not fit is not repeated in the log either.
        client.post("/register", data=everyone[0] | {"csrf": token[1], "channel": "nothing"})
        client.post("/login", data={"username": everyone[1]["petitioner_name"], "password": "x"})


def _dumped(database_url: str) -> Iterator[tuple[str, bytes]]:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        for path in Path(url.database or "").parent.glob(Path(url.database or "").name + "*"):
            yield str(path), path.read_bytes()
        return
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [str(binaries() / "pg_dump"), "--format=plain", address]
    yield "pg_dump", subprocess.run(command, check=True, capture_output=True).stdout
