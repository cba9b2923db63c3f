"""R1 and R2: kill -9 of the box, or of broker, server and database, at random points while people come and press for help.

R1: `--rounds` kills of the box, half of them aimed at the milliseconds after a tap (insert, publish, acknowledgement, checkpoint).
R2: `--rounds` kills of what stands at the centre, one or several at once; each time "live" again within 10 s.
"""

import time

from tests.drills.asked import Asked, Found, share
from tests.drills.hall import Crowd, Place, check, crowd, hall, settle
from tests.support.processes import wait_until

RATE = 20.0
LIVE_SECONDS = 10.0


def box(asked: Asked) -> Found:
    """R1."""
    found, chance = Found(), asked.chance
    with hall(asked) as place, crowd(place.site, rate=RATE, chance=chance) as people:
        back = []
        for _ in range(asked.rounds):
            if chance.random() < 0.5:
                time.sleep(chance.uniform(0.0, 0.3))
                people.sent.clear()
                people.sent.wait(5)
                time.sleep(chance.uniform(0.0, 0.02))
            else:
                time.sleep(chance.uniform(0.05, 1.2))
            place.site.box.kill()
            began = time.monotonic()
            place.site.box.start()
            back.append(time.monotonic() - began)
        _more(people, 10)
        settle(people)
        check(place.site, people, found)
    found.figures |= {
        "kills": len(back),
        "start_p50_s": round(share(back, 0.5), 2),
        "start_max_s": round(max(back, default=0), 2),
    }
    return found


def centre(asked: Asked) -> Found:
    """R2."""
    found, chance = Found(), asked.chance
    with hall(asked) as place, crowd(place.site, rate=RATE, chance=chance) as people:
        parts = ["broker", "server", *(["database"] if place.server else [])]
        live = []
        for _ in range(asked.rounds):
            time.sleep(chance.uniform(0.1, 1.5))
            chosen = chance.sample(parts, k=chance.randint(1, len(parts)))
            people.centre_down.set()
            _kill(place, chosen)
            time.sleep(chance.uniform(0.0, 1.0))
            _start(place, chosen)
            people.centre_down.clear()
            began = time.monotonic()
            _live(place, people)
            live.append(time.monotonic() - began)
        settle(people)
        check(place.site, people, found)
    found.figures |= {
        "rounds": len(live),
        "live_again_p95_s": round(share(live, 0.95), 2),
        "live_again_max_s": round(max(live, default=0), 2),
    }
    late = [one for one in live if one > LIVE_SECONDS]
    found.in_time(not late, f"{len(late)} times not live within {LIVE_SECONDS:g} s")
    return found


def _kill(place: Place, chosen: list[str]) -> None:
    assert place.site.mosquitto is not None
    if "broker" in chosen:
        place.site.mosquitto.kill()
    if "server" in chosen:
        place.site.centre.kill()
    if "database" in chosen:
        place.kill_database()


def _start(place: Place, chosen: list[str]) -> None:
    assert place.site.mosquitto is not None
    if "database" in chosen:
        assert place.server is not None
        place.server.start()
    if "broker" in chosen:
        place.site.mosquitto.start()
    if "server" in chosen:
        place.site.centre.start()


def _live(place: Place, people: Crowd) -> None:
    """Return once the line is up and an event made now has its receipt."""
    before = len(people.told)
    wait_until(lambda: len(people.told) > before, timeout=60, what="somebody was given a number")
    wait_until(lambda: place.site.box.linked and place.site.box.waiting < 10, timeout=90, what="live again")


def _more(people: Crowd, n: int) -> None:
    before = len(people.told)
    wait_until(lambda: len(people.told) >= before + n, timeout=60, what=f"{n} more people came")
