"""The run cannot leave the machine."""

import socket

import pytest

from tests.support.network import NetworkUsed, is_local
from tests.support.ports import HOST, accepts, free_port


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.1.1", "::1", "localhost", b"localhost", None])
def test_this_machine_is_local(host: object) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "court.example", "2001:db8::1"])
def test_other_machines_are_not_local(host: str) -> None:
    assert not is_local(host)


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as probe, pytest.raises(NetworkUsed):
        probe.connect(("192.0.2.1", 80))


def test_a_name_of_another_machine_is_not_looked_up() -> None:
    with pytest.raises(NetworkUsed):
        socket.getaddrinfo("court.example", 80)


def test_the_loopback_address_can_be_reached() -> None:
    with socket.create_server((HOST, 0)) as server:
        assert accepts(server.getsockname()[1])


def test_a_free_port_has_no_listener() -> None:
    assert not accepts(free_port())
