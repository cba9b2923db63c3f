"""Floods of requests against a real server, while somebody at work goes on asking for pages."""

import asyncio
import contextlib
import random
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from central.vault.vault import Vault
from tests.support.ports import HOST
from tests.support.tls import NAME

#: Requests under way at a time.
AT_ONCE = 64
#: Between two pages that somebody at work asks for.
THINKING = 0.05


@dataclass
class Figures:
    """What a flood came to: answers by status (0: the line was cut), seconds each page took for somebody at work, MiB at most."""

    answers: Counter[int] = field(default_factory=Counter)
    pages: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0
    mib: int = 0

    @property
    def p95(self) -> float:
        """Seconds below which 95 of 100 pages came."""
        return sorted(self.pages)[int(len(self.pages) * 0.95)]

    def __str__(self) -> str:
        answers = ", ".join(f"{count} x {status or 'cut'}" for status, count in sorted(self.answers.items()))
        return (
            f"{self.answers.total()} in {self.seconds:.0f} s ({answers}); {len(self.pages)} pages at work, "
            f"p95 {self.p95 * 1000:.0f} ms, slowest {max(self.pages) * 1000:.0f} ms; {self.mib} MiB"
        )


@dataclass
class Target:
    """A running server behind a proxy that is played here: its port, its process, the session of somebody at work, and its keys."""

    port: int
    pid: int
    cookie: str
    vault: Vault

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    def headers(self, address: str = "198.51.100.1") -> dict[str, str]:
        """Return what the proxy says of a caller at an address."""
        return {"host": NAME, "x-forwarded-for": address, "x-forwarded-proto": "https"}

    def mib(self) -> int:
        """Return the most memory the process has held."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
        raise AssertionError("no VmHWM")

    def under(self, flood: Callable[[httpx2.AsyncClient, Figures], Awaitable[None]]) -> Figures:
        """Let a flood run, with somebody at work beside it."""
        return asyncio.run(self._under(flood))

    async def _under(self, flood: Callable[[httpx2.AsyncClient, Figures], Awaitable[None]]) -> Figures:
        found, begun = Figures(), time.perf_counter()
        limits = httpx2.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        async with (
            httpx2.AsyncClient(base_url=self.url, timeout=120, limits=limits) as client,
            self._at_work(found),
        ):
            await flood(client, found)
        found.seconds, found.mib = time.perf_counter() - begun, self.mib()
        return found

    @contextlib.asynccontextmanager
    async def _at_work(self, found: Figures) -> AsyncIterator[None]:
        headers = {**self.headers("198.51.100.7"), "cookie": self.cookie}
        over = asyncio.Event()

        async def work() -> None:
            async with httpx2.AsyncClient(base_url=self.url, timeout=120, headers=headers) as client:
                while not over.is_set() or len(found.pages) < 20:
                    begun = time.perf_counter()
                    answer = await client.get(("/today", "/petitions")[len(found.pages) % 2])
                    found.pages.append(time.perf_counter() - begun)
                    found.statuses[answer.status_code] += 1
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(over.wait(), THINKING)

        working = asyncio.create_task(work())
        try:
            yield
        finally:
            over.set()
            await working


Request = Callable[[httpx2.AsyncClient], Awaitable[httpx2.Response]]


async def pour(
    client: httpx2.AsyncClient, found: Figures, requests: Iterator[Request], at_once: int = AT_ONCE
) -> None:
    """Send requests, so many at a time."""

    async def one() -> None:
        for request in requests:
            try:
                status = (await request(client)).status_code
            except httpx2.TransportError:
                status = 0
            found.answers[status] += 1

    await asyncio.gather(*(one() for _ in range(at_once)))


def addresses(count: int, draw: random.Random) -> Iterator[str]:
    """Give addresses of callers, `count` different ones."""
    while True:
        n = draw.randrange(count)
        yield f"10.{n // 65536}.{n // 256 % 256}.{n % 256}"


async def held(found: Figures, port: int, sent: bytes, *, lines: int, drip: bytes) -> None:
    """Open lines, send something on each and then a drop now and then, until the server cuts them."""

    async def one() -> None:
        try:
            reader, writer = await asyncio.open_connection(HOST, port)
        except (OSError, ssl.SSLError):
            found.answers[0] += 1
            return
        head = b""
        try:
            writer.write(sent)
            while not head:
                with contextlib.suppress(TimeoutError):
                    head = await asyncio.wait_for(reader.read(64), 0.2)
                    break
                writer.write(drip)
                await writer.drain()
        except OSError:
            head = b""
        writer.close()
        found.answers[int(head.split()[1]) if head.startswith(b"HTTP/") else 0] += 1

    await asyncio.gather(*(one() for _ in range(lines)))
