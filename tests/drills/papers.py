"""S13: forged, foreign, old, expired, cut and replayed papers; every one is refused and the last good one stays in force.

`--rounds` bad papers of every kind, in an order the seed chooses, good ones of rising serial between them; then the box is reset to its
factory state and enrolled again, and everything it ever got is played to it once more. Then the same for settings, with power cuts while they are on trial.
"""

import base64
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent import documents
from edge_agent.box import Box, Rules
from edge_agent.documents import Answer
from edge_agent.opening import open_store
from edge_agent.policy import Window
from shared import wire
from tests.drills import settings_trial
from tests.drills.asked import Asked, Found
from tests.edge_agent import papers

_NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
_RULES = Rules(Window("ln0102", timedelta(0), timedelta(0)), 1, (), 1, 1, "x")


class _Desk:
    """The centre's signing side, with an old and a next key; boxes trust both."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.keys = [Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()]
        self.stranger = Ed25519PrivateKey.generate()
        self.serial = 1000
        self.issued: list[bytes] = []

    def good(self) -> tuple[wire.Roster, bytes]:
        self.serial += self.chance.randint(1, 5)
        paper = papers.roster(papers.entry(uuid4(), at=_NOW), at=_NOW, serial=self.serial)
        signed = papers.signed(paper, self.chance.choice(self.keys))
        self.issued.append(signed)
        return paper, signed

    def paper(self, *, serial: int = 0, key: Ed25519PrivateKey | None = None, **more: object) -> bytes:
        content = papers.roster(at=_NOW, serial=serial or self.serial + 10, **more)
        return papers.signed(content, key or self.keys[0])

    def cut(self) -> bytes:
        whole = self.paper()
        return whole[: self.chance.randrange(len(whole))]

    def one_bit(self) -> bytes:
        whole = bytearray(self.paper())
        bit = self.chance.randrange(len(whole) * 8)
        whole[bit // 8] ^= 1 << bit % 8
        return bytes(whole)

    def swapped(self) -> bytes:
        one = wire.SignedDocument.model_validate_json(self.paper())
        other = wire.SignedDocument.model_validate_json(self.paper(serial=self.serial + 20))
        return one.model_copy(update={"signature": other.signature}).model_dump_json().encode()

    def unsigned(self) -> bytes:
        body = wire.SignedDocument.model_validate_json(self.paper()).body
        empty = base64.b64encode(bytes(64)).decode()
        return (
            wire.SignedDocument(body=body, signature=empty, key_id="appointments").model_dump_json().encode()
        )


BAD: dict[str, Callable[[_Desk], bytes]] = {
    "wrong_key": lambda desk: desk.paper(key=desk.stranger),
    "other_box": lambda desk: desk.paper(box="ln0103-1"),
    "old": lambda desk: desk.paper(serial=desk.chance.randint(1, desk.serial - 1)),
    "replayed": lambda desk: desk.chance.choice(desk.issued[:-1]),
    "expired": lambda desk: desk.paper(not_after=_NOW - timedelta(seconds=desk.chance.randint(1, 10**6))),
    "no_zone": lambda desk: desk.paper(not_after=datetime(2030, 1, 1)),  # noqa: DTZ001  that is what is wrong with it
    "cut": _Desk.cut,
    "one_bit": _Desk.one_bit,
    "signature_of_another": _Desk.swapped,
    "unsigned": _Desk.unsigned,
    "noise": lambda desk: desk.chance.randbytes(desk.chance.randint(1, 3000)),
}


def run(asked: Asked) -> Found:
    """S13."""
    found, chance, refusals = Found(), asked.chance, Counter[str]()
    desk = _Desk(chance)
    with tempfile.TemporaryDirectory(prefix="minyi-drill-") as name:
        store = open_store(Path(name) / "box", box=papers.BOX_ID, now=_NOW)
        box = Box(store, _RULES)
        trusted = [key.public_key() for key in desk.keys]

        def play(payload: bytes) -> Answer:
            return documents.take(box, payload, name="roster", keys=trusted, now=_NOW)

        for _ in range(2):
            held, signed = desk.good()
            found.expect(play(signed) is Answer.TAKEN, "a good paper was refused")
        for kind in chance.sample([*BAD] * asked.rounds, k=len(BAD) * asked.rounds):
            answer = play(BAD[kind](desk))
            known = answer is Answer.KNOWN and kind == "replayed"
            found.expect(answer not in documents.GOOD or known, f"{kind}: {answer}")
            found.expect(
                box.hall.rosters[held.day] == held, f"{kind}: the last good paper is no longer in force"
            )
            refusals[answer.value] += 1
            if chance.random() < 0.05:
                held, signed = desk.good()
                found.expect(play(signed) is Answer.TAKEN, "a good paper was refused")
        store.close()
        # Back to the factory: an empty folder, a new enrolment, which tells how far papers had come.
        store = open_store(Path(name) / "again", box=papers.BOX_ID, now=_NOW)
        documents.raise_floor(store, desk.serial)
        box = Box(store, _RULES)
        found.expect(
            not any(play(each) in documents.GOOD for each in desk.issued),
            "an old paper was taken after a reset",
        )
        held, signed = desk.good()
        found.expect(play(signed) is Answer.TAKEN, "a good paper was refused after a reset")
        store.close()
    found.figures |= {"bad_papers": sum(refusals.values()), "replayed_after_reset": len(desk.issued) - 1}
    found.figures["answers"] = dict(refusals)
    settings = settings_trial.run(asked)
    found.figures |= settings.figures
    found.wrong += settings.wrong
    return found
