"""Where a model comes from: its developer, and the provider that serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.text import Truncator

if TYPE_CHECKING:
    from playground.models import UpstreamModel

_NAME = 30


def origin(model: UpstreamModel, *, lacks_key: bool) -> list[str]:
    """Name the provider and the developer, and the key that is missing. The provider must be loaded.

    A server of the workspace comes first, because several servers can have the same models.
    """
    provider, developer = model.provider, model.developer
    other = [developer] if developer not in {"", provider.name} else []
    if provider.workspace_id or not other:
        return [provider.name, *(["needs a key"] if lacks_key else []), *other]
    if lacks_key:
        return [developer, f"needs {with_article(Truncator(provider.name).chars(_NAME))} key"]
    return [f"{developer} through {provider.name}"]


def with_article(name: str) -> str:
    """Put "a" or "an" before a name.

    >>> with_article("AI/ML API"), with_article("Needy")
    ('an AI/ML API', 'a Needy')
    """
    return f"{'an' if name[:1].lower() in set('aeiou') else 'a'} {name}"
