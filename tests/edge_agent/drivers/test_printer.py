"""A slip printer by network and by line: what came out as a picture, and what is said of it."""

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from edge_agent.drivers import slip_picture
from edge_agent.drivers.printer import EscposPrinter
from edge_agent.ports import PrintOutcome, Slip
from tests.edge_agent.drivers.virtual_printer import VirtualPrinter, on_network, on_serial_line

ADDRESS = "https://10.1.2.3:8081/ticket/01978a3c-0000-7000-8000-000000000001"
SLIP = Slip(("A012", "递交信件", "请在大厅等候叫号", "沈阳市和平区人民法院 2026-11-23 09:30"), ADDRESS)


def printed(device: str, *, soon: float = 1.0, patience: float = 6) -> PrintOutcome:
    return EscposPrinter(device, width=576, soon=soon, patience=patience).print_slip(SLIP)


def read(picture: Image.Image) -> str:
    gray = np.asarray(picture.convert("L"))
    (code,) = zxingcpp.read_barcodes(gray, formats=zxingcpp.BarcodeFormat.QRCode)
    return code.text


@pytest.mark.parametrize("way", [on_network, on_serial_line])
def test_what_comes_out_is_the_slip_dot_for_dot(way: object) -> None:
    virtual = VirtualPrinter()
    with way(virtual) as device:  # type: ignore[operator]
        assert printed(device) is PrintOutcome.PRINTED
    (slip,) = virtual.slips
    assert slip.tobytes() == slip_picture.draw(SLIP).tobytes()
    assert read(slip) == ADDRESS
    assert virtual.commands[0] == "init"
    assert virtual.commands[-1] == "cut"


def test_without_paper_nothing_is_sent() -> None:
    virtual = VirtualPrinter(paper=0)
    with on_network(virtual) as device:
        assert printed(device) is PrintOutcome.NO_PAPER
    assert virtual.commands == []


def test_paper_that_ends_under_way_is_said_and_the_rest_is_forgotten() -> None:
    virtual = VirtualPrinter(paper=100)
    with on_network(virtual) as device:
        assert printed(device, patience=0.1) is PrintOutcome.NO_PAPER
        virtual.paper = 10_000
        assert printed(device) is PrintOutcome.PRINTED
    assert "forget" in virtual.commands
    assert [read(one) for one in virtual.slips] == [ADDRESS]


def test_a_printer_off_the_line_or_not_there_is_a_failure() -> None:
    with on_network(VirtualPrinter(offline=True)) as device:
        assert printed(device) is PrintOutcome.FAILED
    assert printed("/dev/minyi/no-such-printer") is PrintOutcome.FAILED
    assert printed("nonsense") is PrintOutcome.FAILED


def test_a_printer_that_never_answers_is_believed() -> None:
    virtual = VirtualPrinter(dumb=True)
    with on_network(virtual) as device:
        assert printed(device, soon=0.05) is PrintOutcome.PRINTED


@pytest.mark.parametrize("width", [slip_picture.NARROW, slip_picture.WIDE])
def test_a_slip_fits_its_paper_and_its_code_can_be_read(width: int) -> None:
    picture = slip_picture.draw(SLIP, width=width)
    assert picture.width == width
    assert read(picture) == ADDRESS
    edges = np.asarray(picture)[:, [0, width - 1]]
    assert edges.all()
