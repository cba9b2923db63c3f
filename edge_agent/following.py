"""Settings put in force in a running box, and the look at whether it is well under them."""

import logging
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import structlog

from edge_agent import commands
from edge_agent.box import Rules
from edge_agent.desk import Desk
from edge_agent.devices import Devices
from edge_agent.errors import CannotKeep
from edge_agent.logring import LogRing
from edge_agent.policy import Window
from edge_agent.settings import Settings
from edge_agent.speech import Speech
from edge_agent.trial import Well

#: What must open under new settings: the visitors' page and the display.
_PAGES = ("/", "/display")


def rules_of(settings: Settings) -> Rules:
    """Return what the acts of the hall need of the settings."""
    hall = settings.hall
    window = Window(
        settings.court_prefix, timedelta(minutes=hall.early_minutes), timedelta(seconds=hall.late_seconds)
    )
    return Rules(
        window=window,
        counters=hall.counters,
        kinds=hall.kinds,
        in_a_row=hall.appointments_in_a_row,
        tickets_per_minute=hall.tickets_per_minute,
        place=hall.place,
        declared_in_a_row=hall.declared_in_a_row,
        visit_minutes=hall.visit_minutes,
    )


def follow(desk: Desk, devices: Devices | None = None) -> Callable[[Settings], None]:
    """Return a function that puts settings in force at once, without a restart: visitors notice nothing."""

    def put_in_force(settings: Settings) -> None:
        if settings.drivers.voice != desk.settings.drivers.voice:
            desk.speech = Speech.found(settings.drivers.voice)
        if settings.log_level != desk.settings.log_level:
            start_logging(settings, desk.ring)
        desk.settings = settings
        desk.box.follow(rules_of(settings))
        if devices is not None:
            devices.follow()
        desk.board.changed()

    return put_in_force


def look(desk: Desk) -> Callable[[], Well]:
    """Return a function that looks once: can the disk be written, do the pages open, is the line up?"""

    def well() -> Well:
        try:
            with desk.box.store.transaction() as connection:
                connection.execute(
                    "insert into meta values ('probe', '1') on conflict do update set value = excluded.value"
                )
        except CannotKeep:
            return Well.STORE
        if not all(commands.answer_of(desk.settings, page) == HTTPStatus.OK for page in _PAGES):
            return Well.PAGES
        return Well.YES if desk.link is None or desk.link.state.up else Well.LINE

    return well


def start_logging(settings: Settings, ring: LogRing) -> None:
    """Log from the level of the settings on, one JSON object a line; `ring` keeps the last of them in memory."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            ring,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(),
    )
