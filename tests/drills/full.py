"""R4: the disk of the box is full, read-only, or out of inodes. `--rounds` times each, on a small file system of its own.

The box must go on running, tell visitors where to go, show a call for help within 200 ms, and work again within 5 s of the space
coming back, with everything that was ever shown in its journal. Needs the right to mount (root); elsewhere only "full" is tried, by
a limit on the length of files.
"""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from edge_agent.opening import open_store
from edge_agent.outbox import Outbox
from shared import wire
from tests.drills.asked import Asked, Found
from tests.support.edgebox import BOX_ID, HallBox
from tests.support.processes import Processes, processes, wait_until

LOCAL, RESUME = 0.2, 5.0


@contextlib.contextmanager
def small_disk(at: Path, options: str) -> Iterator[None]:
    """Mount a small file system at `at`."""
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "minyi-drill", str(at)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def _fill(folder: Path) -> Callable[[], None]:
    ballast = folder / "ballast"
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return ballast.unlink


def _out_of_inodes(folder: Path) -> Callable[[], None]:
    many = folder / "many"
    many.mkdir()
    # What exists can still be written: only with the room gone as well does a journal feel it.
    undo = _fill(folder)
    with contextlib.suppress(OSError):
        for number in range(10**6):
            (many / str(number)).touch()

    def give_back() -> None:
        undo()
        for one in many.iterdir():
            one.unlink()
        many.rmdir()

    return give_back


def _read_only(started: Processes, room: Path, found: Found) -> None:
    """A disk that comes up read-only, as after errors: the box does not start, says why, and goes on when it is mended.

    While a file is open for writing the kernel makes no file system read-only: a running box meets errors as on a full disk.
    """
    with small_disk(room / "read_only", "size=8m"):
        box = HallBox(started, room, name="box-read-only", data=room / "read_only" / "data").start()
        before = box.take()
        box.kill()
        _remount(room / "read_only", "ro")
        child = started.start("box-on-a-read-only-disk", [*HallBox.COMMAND, box.config])
        found.expect(child.wait() == 2, "on a read-only disk the box did not end with 2")
        said = "read-only" in child.output or "Read-only" in child.output
        found.expect(said, f"on a read-only disk the box said: {child.output[-300:]}")
        _remount(room / "read_only", "rw")
        box.start()
        after = box.take()
        found.expect(int(after["number"][1:]) == int(before["number"][1:]) + 1, "the numbers did not go on")
        box.process.stop()


def _remount(at: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(at)], check=True)


def _one(box: HallBox, harm: Callable[[Path], Callable[[], None]], told: set[str], found: Found) -> float:
    box.sign_in()
    told.add(str(box.take()["id"]))
    give_back = harm(box.data.parent)
    refused = 0
    try:
        for _ in range(200):
            answer = box.post("/tickets", {"kind": "query"})
            found.expect(
                answer.status < 500 or answer.status == 503, f"a tap was answered with {answer.status}"
            )
            if answer.status == 200:
                told.add(str(answer.data["ticket"]["id"]))
                continue
            refused += 1
            said = str(answer.data)
            found.expect("error" in said or "message" in said, f"no sentence for the visitor: {said}")
            break
        began = time.monotonic()
        call = box.post("/help")
        local = time.monotonic() - began
        found.expect(call.status == 200, f"a call for help was answered with {call.status}")
        found.in_time(local <= LOCAL, f"a call for help took {local:.2f} s in the hall")
        box.process.wait_for(lambda: box.get("/healthz").status in {200, 503}, what="the box goes on")
    finally:
        give_back()
    began = time.monotonic()
    wait_until(
        lambda: box.post("/tickets", {"kind": "query"}).status == 200, timeout=60, what="it works again"
    )
    resumed = time.monotonic() - began
    ident = call.data["call"]
    wait_until(
        lambda: box.post(f"/counter/1/help/{ident}/close", {"note": "-"}).status == 200,
        timeout=30,
        what="the call is closed",
    )
    found.figures["refusals"] = found.figures.get("refusals", 0) + refused
    return resumed


def run(asked: Asked) -> Found:
    """R4."""
    found = Found()
    harms: dict[str, tuple[str, Callable[[Path], Callable[[], None]]]] = {
        "full": ("size=3m", _fill),
        "inodes": ("size=3m,nr_inodes=64", _out_of_inodes),
    }
    if os.geteuid() != 0:
        found.figures["skipped"] = "mounting needs root"
        return found
    with tempfile.TemporaryDirectory(prefix="minyi-drill-") as name, processes(Path(name)) as started:
        for harm, (options, act) in harms.items():
            _kind(started, Path(name), harm, options, act, asked, found)
        _read_only(started, Path(name), found)
    return found


def _kind(
    started: Processes,
    room: Path,
    harm: str,
    options: str,
    act: Callable[[Path], Callable[[], None]],
    asked: Asked,
    found: Found,
) -> None:
    told: set[str] = set()
    with small_disk(room / harm, options):
        box = HallBox(started, room, name=f"box-{harm}", data=room / harm / "data").start()
        resumed = [_one(box, act, told, found) for _ in range(asked.rounds)]
        found.expect(box.process.running, f"{harm}: the box ended")
        box.process.stop()
        store = open_store(box.data, box=BOX_ID, now=datetime.now(UTC))
        try:
            rows = [wire.Envelope.model_validate_json(r.payload) for r in Outbox(store).oldest(10**6)]
        finally:
            store.close()
    kept = {str(row.body.ticket_id) for row in rows if isinstance(row.body, wire.TicketTaken)}
    found.expect(told <= kept, f"{harm}: {len(told - kept)} numbers that were shown are not in the journal")
    raised = [row for row in rows if isinstance(row.body, wire.AssistanceRaised)]
    found.expect(len(raised) == asked.rounds, f"{harm}: {len(raised)} of {asked.rounds} calls for help kept")
    found.figures[f"{harm}_resumed_max_s"] = round(max(resumed), 2)
    found.in_time(max(resumed) <= RESUME, f"{harm}: works again after {max(resumed):.1f} s")
