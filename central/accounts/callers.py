"""Where a sign-in comes from, and its browser in plain words: pure."""

from dataclasses import dataclass

#: First match wins: browsers built on others name those too.
_BROWSERS = (
    ("MicroMessenger/", "微信"), ("QQBrowser/", "QQ"), ("360SE", "360"), ("QHBrowser", "360"), ("Edg/", "Edge"),
    ("EdgA/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("OpenHarmony", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"),
    ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Kylin", "Kylin"), ("UOS", "UOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Caller:
    """Who knocks: network address, what the browser says of itself, and its device id if it signed in before."""

    address: str = ""
    browser: str = ""
    device: str = ""


#: For the command line and whoever comes from nowhere.
NOBODY = Caller()


def browser_words(agent: str) -> tuple[str, str]:
    """Return browser and system by name, each "" if not known: `("Edge", "Windows")`."""
    return _first(_BROWSERS, agent), _first(_SYSTEMS, agent)


def _first(known: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for mark, name in known if mark in agent), "")
