from __future__ import annotations

from tests.playground.socket_peers import certificate, either, link  # noqa: F401 - fixtures
from tests.scripted_catalogue import aimlapi, catalogue  # noqa: F401
from tests.scripted_server import server  # noqa: F401
