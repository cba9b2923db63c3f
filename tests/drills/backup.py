"""The drill of the copies: petitions come in, the power goes, everything is wiped; a minute and the last state are brought back.

Server and follower are the real commands, killed with -9 at one moment that the seed chooses. What was answered before is compared with
what comes back: event by event, petition by petition, attachment by attachment.
"""

import argparse
import hashlib
import http.client
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from central import db
from central.copies.chain import shown
from tests.bench import million
from tests.bench.bench_api import Server, served
from tests.bench.bench_engine import database
from tests.central.documents import corpus
from tests.support.databases import migrate
from tests.support.ports import HOST
from tests.support.postgres import create_database, drop_database
from tests.support.processes import Child
from tests.support.vaults import vault_in

MINYI = Path(sys.executable).parent / "minyi"
BOUNDARY = "drill"


@dataclass(frozen=True)
class Asked:
    """What is asked for. `every` is the setting `copies.seconds`."""

    engine: str = "sqlite"
    seed: int = 1
    seconds: float = 20.0
    every: float = 5.0
    petitions: int = 200


@dataclass
class Known:
    """What there was when the power went: events with their hashes, documents with the digests of their files."""

    events: dict[int, str] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)
    documents: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What came back. Seconds; `rpo` is the age of the oldest answer that was lost, 0 if none was."""

    asked: Asked
    answered: int
    lost: int
    rpo: float
    rto_minute: float
    rto_latest: float
    off: float
    documents: int
    events: int
    wrong: list[str]


def run(asked: Asked) -> Result:
    """Do the drill once."""
    chance = random.Random(asked.seed)
    with database(asked.engine) as server, tempfile.TemporaryDirectory(prefix="minyi-drill-") as name:
        room = Path(name)
        room.chmod(0o711)
        data, copies = room / "data", room / "copies"
        copies.mkdir()
        data.mkdir(mode=0o700)
        url = f"sqlite:///{data / 'minyi.sqlite3'}" if asked.engine == "sqlite" else server
        migrate(url)
        filling = db.make_engine(url, vault=vault_in(data))
        million.fill(filling, count=asked.petitions)
        filling.dispose()
        answered, minute, died = _under_load(url, data, copies, asked, chance)
        known = _known(url, data)
        shutil.copy(data / "keys" / "master.key", room / "master.key")
        _wipe(url, data)
        return _brought_back(url, room, asked, answered, known, minute, died)


def _under_load(
    url: str, data: Path, copies: Path, asked: Asked, chance: random.Random
) -> tuple[list[tuple[float, str]], float, float]:
    """Register until the power goes; return (moment, number) of each answer, a moment to go back to, and when it went."""
    answered: list[tuple[float, str]] = []
    stop, documented = threading.Event(), threading.Event()
    with served(url, data) as server:
        env = _environment(url, data) | {"MINYI_COPIES__SECONDS": str(asked.every)}
        follower = Child([MINYI, "backup", copies, "--follow"], log=copies / "follower.log", env=env).start()
        follower.wait_for(lambda: "Copies are ready" in follower.output, timeout=120, what="a base")
        callers = [
            threading.Thread(target=_register, args=(server, answered, stop, documented, each))
            for each in range(2)
        ]
        for caller in callers:
            caller.start()
        documented.wait(60)  # a busy machine takes its time for the first document
        length = asked.seconds * chance.uniform(0.8, 1.2)
        minute = time.time() + length * chance.uniform(0.4, 0.7)
        time.sleep(length)
        died = time.time()
        server.process.kill()
        follower.kill()
        stop.set()
        for caller in callers:
            caller.join()
    return [each for each in answered if each[0] <= died], minute, died


def _register(
    server: Server,
    answered: list[tuple[float, str]],
    stop: threading.Event,
    documented: threading.Event,
    first: int,
) -> None:
    connection, count = http.client.HTTPConnection(HOST, server.port, timeout=30), first * 5
    body = {
        "channel": "letter",
        "subject": "判决生效后没有执行",
        "text": "请求督促执行。" * 20,
        "demands": ["恢复执行"],
        "petitioner_name": "甲某",
        "phone": "13800000000",
    }
    while not stop.is_set():
        try:
            sent = json.dumps(body).encode()
            made = _answer(connection, "/api/v1/petitions", sent, server.headers)["petition"]
            answered.append((time.time(), str(made["number"])))
            if count % 10 == 0:
                headers = server.headers | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
                _answer(connection, f"/api/v1/petitions/{made['id']}/documents", _form(), headers)
                documented.set()
        except (OSError, http.client.HTTPException):
            return  # the power went
        count += 1
        time.sleep(0.02)


def _answer(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> Any:
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 201:
        raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
    return json.loads(content)


def _form() -> bytes:
    head = 'Content-Disposition: form-data; name="file"; filename="letter.png"\r\nContent-Type: image/png'
    return f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + corpus.png() + f"\r\n--{BOUNDARY}--\r\n".encode()


def _known(url: str, data: Path) -> Known:
    engine = db.make_engine(url, vault=vault_in(data))
    try:
        return _state(engine, data)
    finally:
        engine.dispose()


def _state(engine: Engine, data: Path) -> Known:
    with engine.connect() as connection:
        events = {row[0]: row[1] for row in connection.execute(text("SELECT id, hash FROM event"))}
        numbers = {row[0] for row in connection.execute(text("SELECT number FROM petition"))}
        rows = connection.execute(text("SELECT id, petition_id FROM document")).all()
    files = {}
    for row in rows:
        document, petition = (str(each).replace("-", "") for each in row)
        for kind in ("original", "made"):
            path = data / "attachments" / petition / f"{document}.{kind}"
            files[path.name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
    return Known(events, numbers, files)


def _wipe(url: str, data: Path) -> None:
    shutil.rmtree(data)
    if not url.startswith("sqlite"):
        drop_database(url)


def _brought_back(
    url: str,
    room: Path,
    asked: Asked,
    answered: Sequence[tuple[float, str]],
    known: Known,
    minute: float,
    died: float,
) -> Result:
    wrong: list[str] = []
    until = datetime.fromtimestamp(minute, UTC)
    then, first, said = _restored(url, room, "minute", shown(until), wrong)
    exact = datetime.fromisoformat(f"{said['moment']}+08:00").timestamp()
    for at, number in answered:
        if at <= exact - 1 and number not in then.numbers:
            wrong.append(f"{number} was answered before the minute and is missing")
        if at > minute + asked.every and number in then.numbers:
            wrong.append(f"{number} was answered after the minute and is there")
    last, second, _ = _restored(url, room, "latest", "latest", wrong)
    for state in (then, last):
        wrong += [
            f"event {each} differs" for each, found in state.events.items() if known.events.get(each) != found
        ]
        wrong += [
            f"event {each} is missing"
            for each in range(1, max(state.events))
            if each not in state.events and each in known.events
        ]
        wrong += [
            f"{name} differs" for name, found in state.documents.items() if known.documents.get(name) != found
        ]
    lost = [at for at, number in answered if number not in last.numbers]
    return Result(
        asked=asked,
        answered=len(answered),
        lost=len(lost),
        rpo=round(max((died - at for at in lost), default=0.0), 2),
        rto_minute=first,
        rto_latest=second,
        off=round(minute - exact, 2),
        documents=len(last.documents),
        events=len(last.events),
        wrong=wrong,
    )


def _restored(url: str, room: Path, name: str, until: str, wrong: list[str]) -> tuple[Known, float, Any]:
    """Restore a moment into an empty place; return what is there, the seconds with `minyi verify`, and what was said."""
    data = room / name
    (data / "keys").mkdir(parents=True, mode=0o700)
    shutil.copy(room / "master.key", data / "keys" / "master.key")
    url = (
        f"sqlite:///{data / 'minyi.sqlite3'}"
        if url.startswith("sqlite")
        else create_database(url.rsplit("/", 1)[0] + "/postgres", f"drill_{name}")
    )
    begun = time.monotonic()
    said = _minyi(url, data, "restore", str(room / "copies"), "--until", until, "--json")
    checked = _minyi(url, data, "verify", "--json")
    taken = round(time.monotonic() - begun, 2)
    if checked["broken"] or said["verify"]["broken"]:
        wrong.append(f"{name}: verify finds {checked}")
    return _known(url, data), taken, said


def _minyi(url: str, data: Path, *args: str) -> Any:
    done = subprocess.run(
        [MINYI, *args], env=os.environ | _environment(url, data), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"minyi {args[0]}: {done.returncode} {done.stderr[-2000:]}{done.stdout[-500:]}")
    return json.loads(done.stdout)


def _environment(url: str, data: Path) -> dict[str, str]:
    return {
        "MINYI_DATA": str(data),
        "MINYI_DB__URL": url,
        "MINYI_ENVIRONMENT": "development",
        "MINYI_LANGUAGE": "en",
    }


def main(arguments: Sequence[str]) -> int:
    """Do the drill as asked; 1 if something did not come back as it was."""
    parser = argparse.ArgumentParser(prog="scripts/drill.sh backup", description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default=Asked.engine)
    parser.add_argument("--seed", type=int, default=Asked.seed)
    parser.add_argument("--seconds", type=float, default=Asked.seconds, help="how long petitions come in")
    parser.add_argument("--every", type=float, default=Asked.every, help="setting copies.seconds")
    parser.add_argument("--petitions", type=int, default=Asked.petitions, help="petitions there were before")
    result = run(Asked(**vars(parser.parse_args(arguments))))
    sys.stdout.write(json.dumps(asdict(result), ensure_ascii=False, indent=2) + "\n")
    return 1 if result.wrong or result.rpo > 60 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
