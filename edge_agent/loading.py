"""Finds a function by its name, so that a process loads only what its settings ask for."""

from importlib import import_module
from typing import Any

#: Commands of `minyi-edge`.
COMMANDS = {
    "run": "edge_agent.main:run",
    "enroll": "edge_agent.enrolling:enroll",
    "decode": "edge_agent.reading.command:decode",
    "settings": "edge_agent.commands:settings",
    "status": "edge_agent.commands:status",
    "selftest": "edge_agent.selftest.command:selftest",
    "update": "edge_agent.updating.command:update",
}

#: The document camera's side of the counters, loaded only where there is one.
PAPER = "edge_agent.paper.desk:make"

#: (port, name in the settings) -> factory taking `ports.DriverOptions`.
DRIVERS = {
    ("camera", "dummy"): "edge_agent.drivers.camera_folder:make",
    ("camera", "opencv"): "edge_agent.drivers.camera:make",
    ("scanner", "evdev"): "edge_agent.drivers.scanner:make",
    ("button", "dummy"): "edge_agent.drivers.dummy:make_button",
    ("button", "evdev"): "edge_agent.drivers.button:make",
    ("printer", "dummy"): "edge_agent.drivers.dummy:make_printer",
    ("printer", "escpos"): "edge_agent.drivers.printer:make",
    ("button", "gpio"): "edge_agent.drivers.gpio:make_button",
    ("lamp", "gpio"): "edge_agent.drivers.gpio:make_lamp",
    ("lamp", "dummy"): "edge_agent.drivers.dummy:make_lamp",
    ("document_camera", "dummy"): "edge_agent.drivers.paper_folder:make",
    ("document_camera", "opencv"): "edge_agent.drivers.camera:make_paper",
    ("reader", "qr"): "edge_agent.reading.reader:make",
}


def load(target: str) -> Any:
    """Return the object that `target` ("package.module:name") names; raise ImportError or AttributeError."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
