"""What the counters do with the document camera: look, press, keep or drop what a press made, and see what is kept."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from edge_agent.box import Box
from edge_agent.errors import Illegal, NotThere
from edge_agent.paper import batches, jpeg, pressing, vault
from edge_agent.paper.camera import PaperCamera, Preview
from edge_agent.paper.pressing import Sheet
from edge_agent.ports import Camera
from edge_agent.records import Batch, KeptPage


class Legible:
    """Pages as they can be read, in memory alone: on the disk only the centre can open them. The oldest go when room is short."""

    def __init__(self, *, most_bytes: int = 32 * 2**20) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._pages: OrderedDict[UUID, bytes] = OrderedDict()

    def put(self, page_id: UUID, picture: bytes) -> None:
        """Remember a page."""
        with self._lock:
            self._pages[page_id] = picture
            while sum(map(len, self._pages.values())) > self._most:
                self._pages.popitem(last=False)

    def get(self, page_id: UUID) -> bytes | None:
        """Return a page, None when it went or the box has started since."""
        with self._lock:
            return self._pages.get(page_id)

    def keep_only(self, pages: Iterable[KeptPage]) -> None:
        """Forget all but these."""
        known = {page.id for page in pages}
        with self._lock:
            for gone in self._pages.keys() - known:
                del self._pages[gone]


@dataclass(frozen=True, slots=True)
class Pending:
    """A page that a press made and that waits for a second look: its picture, in memory alone, and why it waits."""

    sheet: Sheet
    picture: bytes


class PaperDesk:
    """The document camera of one box, for all its counters."""

    def __init__(self, box: Box, make_camera: Callable[[], Camera]) -> None:
        self._box = box
        self.camera = PaperCamera(make_camera)
        self._pressing = threading.Lock()
        self._pending: dict[int, Pending] = {}
        self._legible = Legible()

    def preview(self) -> Preview:
        """Return what lies under the camera now."""
        return self.camera.preview()

    def pending(self, counter: int) -> Pending | None:
        """Return the page of this counter that waits for a second look."""
        return self._pending.get(counter)

    def press(self, *, counter: int, by: str, now: datetime) -> Batch | None:
        """Keep the page under the camera; None when a warning wants a second look first. A cover sheet ties and is no page.

        Raise `NotThere` without a picture, `Illegal` without a page in it.
        """
        self._pending.pop(counter, None)
        frame = self.camera.frame()
        if frame is None:
            raise NotThere("paper.no_picture")
        with self._pressing:  # one press at a time: each takes memory and a second of a core
            code = pressing.code_in(frame)
            if code:
                return batches.lay_cover(self._box, counter=counter, code=code, by=by, now=now)
            sheet = pressing.pressed(frame)
            if sheet is None:
                raise Illegal("paper.no_page")
            pending = Pending(sheet, jpeg.packed(sheet.picture, jpeg.PAGE))
        if sheet.warnings or sheet.blank:
            self._pending[counter] = pending
            return None
        return self._keep(pending, counter=counter, by=by, now=now)

    def keep(self, *, counter: int, by: str, now: datetime) -> Batch:
        """Keep the page that waited, as it is; raise `NotThere`."""
        pending = self._pending.pop(counter, None)
        if pending is None:
            raise NotThere("paper.no_such_page")
        return self._keep(pending, counter=counter, by=by, now=now)

    def drop(self, counter: int) -> None:
        """Forget the page that waited."""
        self._pending.pop(counter, None)

    def thumb(self, counter: int, page_id: UUID) -> bytes:
        """Return the small picture of a page of the counter's open batch; raise `NotThere`."""
        batch = batches.open_at(self._box, counter)
        known = batch is not None and any(page.id == page_id for page in batch.pages)
        found = vault.thumb(self._box.store, page_id) if known else None
        if found is None:
            raise NotThere("paper.no_such_page")
        return found

    def large(self, counter: int, page_id: UUID) -> tuple[bytes, bool]:
        """Return a page of the counter's open batch to be read, turned as it will be sent; the small picture (False) after a restart.

        Raise `NotThere`.
        """
        batch = batches.open_at(self._box, counter)
        page = next((one for one in batch.pages if one.id == page_id), None) if batch else None
        if page is None:
            raise NotThere("paper.no_such_page")
        found = self._legible.get(page.id)
        picture = self.thumb(counter, page.id) if found is None else found
        return jpeg.turned(picture, page.turn), found is not None

    def tidy(self) -> None:
        """Forget pages that can be read as soon as no open batch has them."""
        open_ones = batches.in_state(self._box, "open")
        self._legible.keep_only(page for batch in open_ones for page in batch.pages)

    def stop(self) -> None:
        """Close the camera."""
        self.camera.stop()

    def _keep(self, pending: Pending, *, counter: int, by: str, now: datetime) -> Batch:
        thumb = jpeg.packed(pressing.fitted(pending.sheet.picture, pressing.THUMB), jpeg.PREVIEW)
        batch = batches.keep(
            self._box,
            counter=counter,
            picture=pending.picture,
            thumb=thumb,
            warnings=pending.sheet.warnings,
            by=by,
            now=now,
        )
        digest = hashlib.sha256(pending.picture).hexdigest()
        page = next((one for one in batch.pages if one.digest == digest), None)
        if page is not None:
            shown = pressing.fitted(pending.sheet.picture, pressing.LARGE)
            self._legible.put(page.id, jpeg.packed(shown, jpeg.PREVIEW))
        return batch


def make(box: Box, make_camera: Callable[[], Camera]) -> PaperDesk:
    """Build it over a box and the driver of the settings."""
    return PaperDesk(box, make_camera)
