"""The centre on the line: messages of all boxes come up, are kept, acknowledged; news goes down."""

from central.context import Context
from central.halls.line_keys import KEY_ID
from central.ingest.door import Door, door_of
from central.ingest.downlink import Downlink
from central.ingest.line import Line
from central.ingest.uplink import Uplink
from central.ingest.voices import Voice
from central.ingest.warden import Warden
from central.keys import signing_key


class Ingest:
    """The parts, running until `stop`."""

    def __init__(self, context: Context, door: Door) -> None:
        self._voice = Voice(context, signing_key(context.settings.data / "keys", KEY_ID))
        self._uplink = Uplink(context, publish=self._publish, on_hello=self._hello)
        self._downlink = Downlink(context, publish=self._publish)
        self._warden = Warden(context, door, publish=self._publish)
        self._line = Line(door, on_message=self._heard, on_up=self._downlink.line_came_up)

    @property
    def up(self) -> bool:
        """Whether the broker has the centre's subscriptions at this moment."""
        return self._line.up

    def start(self) -> None:
        """Start the threads; connecting goes on for ever, whether a broker is there or not."""
        self._uplink.start()
        self._downlink.start()
        self._line.start()
        self._warden.start()

    def stop(self) -> None:
        """Finish what is at hand, acknowledge it, and leave the broker in good order."""
        self._warden.stop()
        self._downlink.stop()
        self._uplink.stop()
        self._line.stop()

    def _publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self._line.publish(topic, self._voice.said(topic, payload), retain=retain)

    def _heard(self, topic: str, payload: bytes, kept: bool) -> None:  # noqa: FBT001 as the line calls it
        self._warden.hear(topic)
        self._uplink.put(topic, payload, kept)

    def _hello(self, box: str) -> None:
        self._voice.forget()
        self._downlink.hello(box)


def start(context: Context, door: Door | None = None) -> Ingest:
    """Start reading what the boxes send at `door`, else at the broker of the settings; raise `BadAddress`."""
    ingest = Ingest(context, door or door_of(context.settings.mqtt))
    ingest.start()
    return ingest
