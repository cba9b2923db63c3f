"""R7: the line between box and broker is slow, throttled, reset, half-open, and flaps. Nothing lost, nothing twice, the hall notices nothing.

A TCP proxy of our own stands between them (inside a network namespace of its own where the machine allows it: `scripts/drill.sh R7`).
`--rounds` phases of some six seconds each, in an order the seed chooses.
"""

import asyncio
import contextlib
import random
import threading
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field

import tomli_w

from tests.drills.asked import Asked, Found
from tests.drills.hall import check, crowd, hall, settle
from tests.support.hall_site import HallSite
from tests.support.ports import HOST, free_port

RATE = 10.0
PHASE_SECONDS = 6.0
CHECK_IN_SECONDS = 0.3
#: What the wire does: delay of each piece (s), share of pieces that reset the connection, bytes a second, silence, cut every (s).
BEHAVIOURS = {
    "slow": {"delay": 0.3},
    "resets": {"resets": 0.05},
    "throttled": {"rate": 1000.0},
    "half_open": {"silent": 1.0},
    "flapping": {"flap": 5.0},
    "good": {},
}


@dataclass
class Proxy:
    """Forwards connections to `target` and mistreats them as `manner` says at the moment."""

    target: int
    chance: random.Random
    port: int = field(default_factory=free_port)
    manner: dict[str, float] = field(default_factory=dict)
    resets: int = 0
    connections: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None

    async def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, HOST, self.port)
        ready.set()
        flapped = time.monotonic()
        async with server:
            while True:
                await asyncio.sleep(0.1)
                flap = self.manner.get("flap")
                if flap and time.monotonic() - flapped >= flap:
                    flapped = time.monotonic()
                    self._cut()

    def _cut(self) -> None:
        for writer in list(self._open):
            self.resets += 1
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self.target)
        except OSError:
            writer.close()
            return
        both = {writer, far_writer}
        self._open |= both
        try:
            await asyncio.gather(self._pipe(reader, far_writer), self._pipe(far_reader, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open -= both
            for one in both:
                one.transport.abort()

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(2048):
            manner = self.manner
            while self.manner.get("silent"):  # noqa: ASYNC110  a drill looks, nothing tells it
                await asyncio.sleep(0.05)
            if self.chance.random() < manner.get("resets", 0):
                self.resets += 1
                raise ConnectionResetError
            await asyncio.sleep(manner.get("delay", 0))
            if rate := manner.get("rate"):
                await asyncio.sleep(len(piece) / rate)
            writer.write(piece)
            await writer.drain()
        raise ConnectionResetError

    @contextlib.contextmanager
    def running(self) -> Iterator["Proxy"]:
        """Serve in a thread as long as the block lasts."""
        ready = threading.Event()

        def work() -> None:
            with contextlib.suppress(asyncio.CancelledError, RuntimeError):
                asyncio.run(self._serve(ready))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        ready.wait(10)
        try:
            yield self
        finally:
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._stop)
            thread.join(10)

    def _stop(self) -> None:
        for task in asyncio.all_tasks():
            task.cancel()


def through(site: HallSite, proxy: Proxy) -> None:
    """Let the box reach its broker through the proxy."""
    file = site.box.folder / "edge.toml"
    config = tomllib.loads(file.read_text())
    config["mqtt"] |= {"url": f"mqtts://{HOST}:{proxy.port}", "keepalive_seconds": 5}
    site.box.child.stop()
    file.write_text(tomli_w.dumps(config))
    site.box.start()


def run(asked: Asked) -> Found:
    """R7."""
    found, chance = Found(), asked.chance
    names = [*BEHAVIOURS]
    with hall(asked) as place:
        proxy = Proxy(place.site.centre.context.settings.mqtt.embedded_tls_port, random.Random(asked.seed))
        with proxy.running():
            through(place.site, proxy)
            with crowd(place.site, rate=RATE, chance=chance) as people:
                for number in range(asked.rounds):
                    proxy.manner = BEHAVIOURS[chance.choice(names) if number >= len(names) else names[number]]
                    time.sleep(PHASE_SECONDS * chance.uniform(0.7, 1.3))
                proxy.manner = {}
                settle(people)
                check(place.site, people, found, quiet=180)
    p95 = found.figures["check_in_p95_ms"] / 1000
    found.in_time(p95 <= CHECK_IN_SECONDS, f"check-in p95 is {p95:.3f} s")
    found.figures |= {"connections": proxy.connections, "resets": proxy.resets}
    return found
