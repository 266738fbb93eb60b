"""Resources that the workers of one test run must not share.

A run has one worker for each core. Databases and temporary folders are their own anyway; this module
gives each its own Redis database and ports that no other program takes in between.
"""

from __future__ import annotations

import os
import secrets
import socket
from urllib.parse import urlsplit

# Connections to other machines get their ports from 32768 on, so a port below it stays free until it is used.
# https://docs.kernel.org/networking/ip-sysctl.html (ip_local_port_range)
_PORTS = range(15_000, 32_768)
# Redis comes with 16 databases.
_REDIS_DATABASES = 16


def worker_number() -> int:
    """Return the number of this worker, 0 for a run without workers."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def redis_of_worker(url: str) -> str:
    """Return the address of this worker's own database: the named one, or one of those after it."""
    return urlsplit(url)._replace(path=f"/{_first_database(url) + worker_number()}").geturl()


def workers_for_redis(url: str) -> int:
    """Return how many workers can have a database of their own."""
    return _REDIS_DATABASES - _first_database(url)


def free_port() -> int:
    """Return a port that nothing listens on and that the system hands to nobody else."""
    while True:
        # Tests run with the same random numbers in every worker; the system's are not.
        port = _PORTS.start + secrets.randbelow(len(_PORTS))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _first_database(url: str) -> int:
    return int(urlsplit(url).path.strip("/") or 0)
