"""Fills a fresh installation for a measurement: people, sessions, conversations, limits, one model.

Run in a process of its own, inside of the installation; prints JSON, one entry a person.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import Workspace


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, required=True)
    arguments.add_argument("--base-url", required=True)
    arguments.add_argument("--model", action="append", required=True)
    given = arguments.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    import django

    django.setup()
    print(json.dumps(populate(given.people, given.base_url, given.model)))


def populate(people: int, base_url: str, model_ids: list[str]) -> dict[str, object]:
    from django.db import transaction

    from accounts.models import Limit, Period, Unit, Workspace

    with transaction.atomic():
        workspace = Workspace.objects.create(slug="bench", name="Bench")
        endpoints = add_models(base_url, model_ids)
        for unit in Unit.values:
            Limit.objects.create(workspace=workspace, unit=unit, period=Period.MONTH, amount=10**12)
        readers = [add_person(workspace, number) for number in range(people)]
    return {"endpoints": endpoints, "readers": readers}


def add_models(base_url: str, model_ids: list[str]) -> dict[str, int]:
    """The endpoints' primary keys by model id."""
    from playground.models import Endpoint, Provider, UpstreamModel

    provider = Provider.objects.create(code="bench", name="Bench", base_url=base_url, needs_key=False)
    found = {}
    for model_id in model_ids:
        model = UpstreamModel.objects.create(
            provider=provider, model_id=model_id, name=model_id, input_price=200_000, output_price=800_000
        )
        schema = {
            "type": "object",
            "properties": {
                "model": {"type": "string", "enum": [model_id]},
                "messages": {"type": "array", "items": {"type": "object"}},
                "stream": {"type": "boolean"},
            },
            "required": ["model", "messages"],
        }
        endpoint = Endpoint.objects.create(
            model=model, request_schema=schema, schema_digest=f"bench-{model_id}"[:64]
        )
        found[model_id] = endpoint.pk
    return found


def add_person(workspace: Workspace, number: int) -> dict[str, str]:
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from accounts.models import Limit, Membership, Period, Role, Unit, User
    from accounts.sessions import SessionStore
    from chat.models import Conversation

    user = User.objects.create_user(f"reader{number}@example.org", None, name=f"Reader {number}")
    Membership.objects.create(workspace=workspace, user=user, role=Role.MEMBER)
    Limit.objects.create(
        workspace=workspace, member=user, unit=Unit.CREDITS, period=Period.DAY, amount=10**12
    )
    conversation = Conversation.objects.create(workspace=workspace, owner=user, title=f"Bench {number}")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return {"session": str(session.session_key), "conversation": str(conversation.code)}


if __name__ == "__main__":
    main()
