"""Starts the devices that the settings name, connects them to the acts, stops them in reverse."""

import contextlib
from typing import Any

from edge_agent import assist, slips
from edge_agent.desk import Desk
from edge_agent.drivers.dummy import FileButton
from edge_agent.loading import DRIVERS, PAPER, load
from edge_agent.ports import (
    Button,
    CodeReader,
    DriverOptions,
    Lamp,
    LampState,
    Printer,
    Scanner,
)
from edge_agent.printing import Job, Printing
from edge_agent.records import Receipt, Spare, Ticket
from edge_agent.watching import CameraWatch, Repeats
from shared.wire import CallOrigin

_CAMERA_ALARM = "alarm.device_lost"


class Devices:
    """Everything on the box's cables."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._stack = contextlib.ExitStack()
        self._watch: CameraWatch | None = None
        self._lamp: Lamp | None = None
        self._lamp_state: LampState | None = None
        self._repeats = Repeats(seconds=desk.settings.kiosk.same_code_seconds)

    def start(self) -> None:
        """Start each device that is set."""
        drivers = self._desk.settings.drivers
        if drivers.lamp != "none":
            self._lamp = self._make("lamp", drivers.lamp, drivers.lamp_device)
        if drivers.printer != "none":
            self._start_printer(self._make("printer", drivers.printer, drivers.printer_device))
        if drivers.button != "none":
            self._start_button(self._make("button", drivers.button, drivers.button_device))
        if drivers.scanner != "none":
            self._start_scanner(self._make("scanner", drivers.scanner, drivers.scanner_device))
        if drivers.camera != "none":
            self._start_camera(drivers.camera, drivers.camera_device)
        if drivers.document_camera != "none":
            self._start_paper(drivers.document_camera, drivers.document_camera_device)

    def follow(self) -> None:
        """Take over what the settings say now of how devices are used."""
        self._repeats.seconds = self._desk.settings.kiosk.same_code_seconds

    def stop(self) -> None:
        """Stop them, the last started first."""
        self._stack.close()

    @property
    def stuck(self) -> bool:
        """Whether a device holds its thread for good."""
        return self._watch is not None and self._watch.stuck

    def show(self) -> None:
        """Bring the lamp to what the calls say."""
        with self._desk.box.lock:
            state = assist.lamp(self._desk.box.hall)
            if self._lamp is not None and state is not self._lamp_state:
                self._lamp.show(state)
                self._lamp_state = state

    def _make(self, port: str, name: str, device: str = "") -> Any:
        return load(DRIVERS[port, name])(DriverOptions(self._desk.settings.data, device))

    def _start_printer(self, printer: Printer) -> None:
        printing, desk = Printing(printer), self._desk

        def ticket(one: Ticket) -> None:
            printing.ask(
                Job(one.label, lambda: slips.ticket(desk, one), lambda outcome: desk.slip_done(one, outcome))
            )

        def receipt(one: Receipt) -> None:
            printing.ask(
                Job(
                    one.label,
                    lambda: slips.receipt(desk, one),
                    lambda outcome: desk.receipt_done(one, outcome),
                )
            )

        def spare(one: Spare) -> None:
            printing.ask(
                Job(one.label, lambda: slips.spare(desk, one), lambda outcome: desk.spare_done(one, outcome))
            )

        desk.box.on_ticket, desk.box.on_receipt, desk.box.on_spare = ticket, receipt, spare
        printing.start()
        self._stack.callback(printing.stop)

    def _start_button(self, button: Button) -> None:
        button.start(lambda: _ignore(self._desk.press(CallOrigin.DEVICE_BUTTON)))
        self._stack.callback(button.stop)
        if isinstance(button, FileButton):
            self._desk.press_dummy = button.press

    def _start_scanner(self, scanner: Scanner) -> None:
        scanner.start(self._on_code)
        self._stack.callback(scanner.stop)

    def _start_camera(self, name: str, device: str) -> None:
        reader: CodeReader = self._make("reader", "qr")
        box, clock = self._desk.box, self._desk.clock
        watch = CameraWatch(
            lambda: self._make("camera", name, device),
            reader,
            on_code=self._on_code,
            on_lost=lambda reason: box.raise_alarm(_CAMERA_ALARM, now=clock.now(), detail=reason),
            on_found=lambda: box.clear_alarm(_CAMERA_ALARM),
        )
        watch.start()
        if name != "dummy":  # a folder of pictures is silent until one is put there
            self._watch = watch
        self._stack.callback(watch.stop)

    def _start_paper(self, name: str, device: str) -> None:
        """Make the document camera ready; it is opened when a counter looks."""
        paper = load(PAPER)(self._desk.box, lambda: self._make("document_camera", name, device))
        self._desk.paper = paper
        self._stack.callback(paper.stop)

    def _on_code(self, text: str) -> None:
        if self._repeats.fresh(text):
            self._desk.code_read(text)


def _ignore(_: object) -> None:
    """Drop an answer that a device has no use for."""
