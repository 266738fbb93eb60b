"""Connections to the database that threads keep, and that the server may end meanwhile."""

from __future__ import annotations

import select

from django.db import connections


def close_lost() -> None:
    """Close the connections of this thread that the server has ended, so that the next query opens others.

    These connections stay open between jobs, for days. A restart of PostgreSQL or a proxy that ends idle
    ones would make the next job fail. Nothing is sent: a server that ends a connection says so, and there
    is nothing else to read on an idle one.
    """
    for connection in connections.all(initialized_only=True):
        driver = connection.connection
        is_open = connection.vendor == "postgresql" and driver is not None
        if is_open and (driver.closed or has_ended(driver.fileno())):
            connection.close()


def has_ended(descriptor: int) -> bool:
    """Return whether an idle connection has something to read: its end, or a last message before it."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
