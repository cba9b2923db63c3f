"""The follower: every few seconds it has the present generation ship; meanwhile a new one is made ready each day."""

import contextlib
import fcntl
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

from central.backup.errors import PlaceRefused
from central.copies import chain
from central.copies.errors import Lost
from central.copies.files import drop_stored
from central.copies.generation import FOLDER, Generation, Site
from central.copies.source import Source
from shared.ids import new_id

#: Gives the source for a generation; its name is eight hexadecimal digits.
Sources = Callable[[str], Source]


@dataclass(frozen=True, slots=True)
class Rules:
    """After how long a new base is made, and how far back copies reach."""

    base: timedelta
    keep: timedelta


class Follower:
    """Copies one installation into one folder."""

    def __init__(self, site: Site, sources: Sources, rules: Rules) -> None:
        self._site, self._sources, self._rules = site, sources, rules
        self._present: Generation | None = None
        self._next: Generation | None = None
        self._thread: Thread | None = None
        self._error: Exception | None = None

    def start(self) -> bool:
        """Go on with the newest generation if that is certain to be whole; say so. Raise `BackupRefused` for another's copies."""
        found = chain.generations(self._site.folder)
        if not found:
            return False
        generation = self._made(found[-1].name)
        try:
            resumed = generation.resume()
        except BaseException:
            generation.close(for_good=False)
            raise
        if resumed:
            self._present = generation
        else:
            generation.close(for_good=True)
        self._clear_up()
        return resumed

    def ship(self) -> Path | None:
        """Seal what was committed up to now; return the newest piece, None if there was nothing new or a first base is under way."""
        if self._thread is not None and not self._thread.is_alive():
            self._change_over()
        elif self._thread is None and self._is_due():
            self._begin_beside()
        if self._present is None:
            return None
        try:
            return self._present.ship()
        except Lost:
            # Nothing shipped is lost; only the way on from it is.
            self._present.close(for_good=True)
            self._present = None
            self._site.engine.dispose()
            return self.ship()

    @property
    def is_ready(self) -> bool:
        """Whether there is a generation that makes a whole state."""
        return self._present is not None

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the base that is being made; say whether one was."""
        if self._thread is None:
            return False
        self._thread.join(seconds)
        return True

    def close(self) -> None:
        """Let go of everything; a base that is being made is given up."""
        if self._thread is not None:
            self._thread.join()
        if self._next is not None:
            self._next.close(for_good=True)
        if self._present is not None:
            self._present.close(for_good=False)
        self._site.engine.dispose()

    def _is_due(self) -> bool:
        return self._present is None or self._site.clock.now() - self._present.began >= self._rules.base

    def _made(self, name: str) -> Generation:
        return Generation(self._site, self._sources(name[-8:]), name)

    def _begun(self) -> Generation:
        generation = self._made(f"{self._site.clock.now():%Y%m%dT%H%M%SZ}-{new_id().hex[-8:]}")
        try:
            generation.begin()
        except BaseException:
            generation.close(for_good=True)
            raise
        return generation

    def _begin_beside(self) -> None:
        """Make a base in a thread: the present generation, if there is one, goes on meanwhile."""

        def make() -> None:
            try:
                self._next = self._begun()
            except Exception as error:  # noqa: BLE001 told by the thread that ships
                self._error = error

        self._thread = Thread(target=make, daemon=True)
        self._thread.start()

    def _change_over(self) -> None:
        self._thread, error, self._error = None, self._error, None
        if error is not None:
            raise error
        if self._next is not None:
            made, self._next = self._next, None
            self._take(made)

    def _take(self, made: Generation) -> None:
        """Go on with a generation: once it has what was committed meanwhile, the one before is done."""
        before, self._present = self._present, made
        try:
            made.ship()
        except BaseException:
            made.close(for_good=True)
            self._present = before
            raise
        if before is not None:
            before.close(for_good=True)
        self._clear_up()

    def _clear_up(self) -> None:
        """Delete generations from which nobody may want to restore any more, and what never became one."""
        found = chain.generations(self._site.folder)
        for path in self._site.folder.glob("*Z-*"):
            if path not in found and (self._thread is None) and path.is_dir():
                shutil.rmtree(path)
        if self._present is None or not found:
            return
        self._present.keep_only()
        oldest = self._site.clock.now() - self._rules.keep
        starts = [_start(each) for each in found]
        # One is needed as long as the next began too late for the oldest moment that is kept.
        old = [path for path, following in zip(found, starts[1:], strict=False) if following <= oldest]
        for path in old:
            # The base first: without it the folder is no generation any more.
            chain.path_of(path, 0).unlink()
            shutil.rmtree(path)
        drop_stored(self._site.folder / chain.STORE, starts[len(old)])


def _start(generation: Path) -> datetime:
    return datetime.strptime(generation.name[:16], "%Y%m%dT%H%M%S%z")


@contextlib.contextmanager
def alone(folder: Path, data: Path) -> Iterator[None]:
    """Hold a folder of copies, and the installation, against another follower; raise `PlaceRefused` if there is one."""
    own = data / FOLDER
    own.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.ExitStack() as stack:
        for place in (folder, own):
            try:
                file = stack.enter_context((place / chain.LOCK).open("wb"))
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise PlaceRefused("copies.followed", path=place) from None
            except OSError as error:
                raise PlaceRefused("copies.not_written", path=place, reason=error.strerror) from None
        yield
