"""Spoken words by espeak-ng, which needs no network: calls on the display, prompts on the kiosk. Never a name: only numbers.

Only sentences of the catalogue are spoken; nothing that somebody typed comes here.
"""

import shutil
import subprocess  # nosec B404
import threading
from collections import OrderedDict

import structlog

from shared.i18n import Lang

log = structlog.get_logger()
#: espeak-ng's voices, and words a minute: slower than its usual 175, for old ears and a loud hall.
_VOICES = {Lang.ZH: "cmn", Lang.EN: "en"}
_SPEED = "140"
_PATIENCE = 5.0
#: Sentences kept ready: a call is spoken several times, prompts all day. About 150 KB each.
_KEPT = 24


class Speech:
    """`program` is the path of espeak-ng; None: the box is silent and browsers use their own voice if they have one."""

    def __init__(self, program: str | None) -> None:
        self._program = program
        self._kept: OrderedDict[tuple[Lang, str], bytes] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def found(cls, driver: str) -> "Speech":
        """Return the voice of the settings (`espeak` or `none`), silent where the program is not installed."""
        return cls(shutil.which("espeak-ng") if driver == "espeak" else None)

    @property
    def ready(self) -> bool:
        """Whether there is a voice."""
        return self._program is not None

    def say(self, text: str, lang: Lang) -> bytes | None:
        """Return `text` spoken, a WAV file in memory; None when there is no voice. One sentence at a time."""
        if self._program is None:
            return None
        with self._lock:
            if (lang, text) not in self._kept:
                spoken = self._spoken(text, lang)
                if spoken is None:
                    return None
                self._kept[lang, text] = spoken
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end((lang, text))
            return self._kept[lang, text]

    def _spoken(self, text: str, lang: Lang) -> bytes | None:
        command = [self._program or "", "-v", _VOICES[lang], "-s", _SPEED, "--stdin", "--stdout"]
        try:
            done = subprocess.run(  # noqa: S603 # nosec B603 - a fixed program, the text comes by its input
                command, input=text.encode(), capture_output=True, timeout=_PATIENCE, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("voice_failed", reason=str(error))
            return None
        return done.stdout


def spelled(label: str) -> str:
    """Return a number to be spoken sign by sign: `A 0 1 2`."""
    return " ".join(label)
