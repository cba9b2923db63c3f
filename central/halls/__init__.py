"""Halls: boxes, appointments, tickets, calls for help, as the centre knows them."""
