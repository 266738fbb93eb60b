from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from playground.models import Provider
from tests.playground.socket_peers import certificate, either, link  # noqa: F401 - fixtures
from tests.scripted_catalogue import aimlapi, catalogue  # noqa: F401
from tests.scripted_server import server  # noqa: F401


@pytest.fixture
def vendor(demo_upstream, settings) -> Provider:
    """The provider of a real service, with the address of the built-in demo."""
    settings.ALLOWED_PRIVATE_UPSTREAMS = [urlsplit(demo_upstream.base_url).netloc]
    provider, _ = Provider.objects.update_or_create(
        code="aimlapi",
        defaults={"name": "AI/ML API", "kind": Provider.Type.AIMLAPI, "base_url": demo_upstream.base_url},
    )
    return provider
