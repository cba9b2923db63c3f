"""The demonstration: a made-up province, the server, and one simulated hall box, started by one command."""

from central.demo.compose import http, run

__all__ = ["http", "run"]
