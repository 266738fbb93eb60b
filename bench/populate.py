"""Data of a fresh installation to measure: people, sessions, conversations, limits, one model.

Run in a process of its own, inside of the installation; prints JSON, one entry a person.
"""

from __future__ import annotations

import argparse
import json
import os
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import Workspace
    from chat.models import Conversation, Message


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, required=True)
    arguments.add_argument("--base-url", required=True)
    arguments.add_argument("--model", action="append", required=True)
    arguments.add_argument("--messages", type=int, default=0, help="in the first one's conversation")
    arguments.add_argument("--messages-each", type=int, default=0, help="in everybody's conversation")
    arguments.add_argument("--chats", type=int, default=0, help="further, empty conversations of everybody")
    arguments.add_argument("--parameters-of", default="", help="a bundled model with the same parameters")
    given = arguments.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    import django

    django.setup()
    made = populate(given.people, given.base_url, given.model, given.messages, given.parameters_of)
    for reader in made["readers"]:
        add_messages(reader["conversation"], given.messages_each)
        add_chats(reader["conversation"], given.chats)
    print(json.dumps(made))


def populate(
    people: int, base_url: str, model_ids: list[str], messages: int = 0, parameters_of: str = ""
) -> dict[str, Any]:
    from django.db import transaction

    from accounts.models import Limit, Period, Unit, Workspace

    with transaction.atomic():
        workspace = Workspace.objects.create(slug="bench", name="Bench")
        endpoints = add_models(base_url, model_ids, parameters_of)
        for unit in Unit.values:
            Limit.objects.create(workspace=workspace, unit=unit, period=Period.MONTH, amount=10**12)
        readers = [add_person(workspace, number) for number in range(people)]
        if messages:
            add_messages(readers[0]["conversation"], messages)
    return {"endpoints": endpoints, "readers": readers}


def add_models(base_url: str, model_ids: list[str], parameters_of: str = "") -> dict[str, int]:
    """Add the models; return their endpoints' primary keys by model id."""
    from playground.catalogue.bundled_models import bundled_models
    from playground.models import Endpoint, Provider, UpstreamModel

    bundled = {model.model_id: model for model in bundled_models()} if parameters_of else {}

    provider = Provider.objects.create(code="bench", name="Bench", base_url=base_url, needs_key=False)
    found = {}
    for model_id in model_ids:
        model = UpstreamModel.objects.create(
            provider=provider, model_id=model_id, name=model_id, input_price=200_000, output_price=800_000
        )
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {
                "model": {"type": "string", "enum": [model_id]},
                "messages": {"type": "array", "items": {"type": "object"}},
                "stream": {"type": "boolean"},
            },
            "required": ["model", "messages"],
        }
        if parameters_of:
            known = bundled[parameters_of].schemas["chat/completions"]
            schema = {**known, "properties": {**known["properties"], "model": {"type": "string"}}}
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


# A typical explanation by a model: some 250 words in every kind of block.
_ANSWER = """Turn {number} in short: **measure first**, then change *one* thing, and `measure` again.

## What happens

A request goes through three stages, each of which may wait for the one before it. The first reads, the second
decides, the third writes; what is slow is nearly always the place where two of them meet.

1. The reader takes what is there, and no more than fits.
2. The decision is made once for all, and kept for {number} seconds.
   - A wrong one costs a retry.
   - A missing one costs a query.
3. The writer waits until there is something worth writing.

| stage | takes | of it waiting |
|---|---:|---:|
| read | 1.{number} ms | 12 % |
| decide | 0.4 ms | 3 % |
| write | 7.9 ms | 81 % |

```python
def flush(rows: list[Row], *, limit: int = {number}) -> int:
    written = 0
    for batch in batched(rows, limit):
        written += connection.execute(INSERT, batch).rowcount
    return written
```

> Nothing that is done for each row can be as fast as what is done for all of them.

So begin with the writer. See [the manual](https://example.org/manual#{number}) for what `limit` may be, and
note that $O(n / k)$ is what you get, not $O(1)$.
"""


def add_messages(conversation_code: str, count: int) -> None:
    """Add prompts and finished answers in turn, each answer with its receipt."""
    from chat.models import Conversation, Message

    conversation = Conversation.objects.get(code=conversation_code)
    parent = None
    for number in range(count):
        if number % 2:
            parent = add_answer(conversation, parent, number)
        else:
            parent = Message.objects.create(
                conversation=conversation,
                parent=parent,
                role=Message.Role.USER,
                text=f"And what about question {number}?",
                author_id=conversation.owner_id,
            )
    conversation.head = parent
    conversation.save()


def add_chats(conversation_code: str, count: int) -> None:
    """Give the owner of that conversation so many others, for a sidebar as people have it."""
    from chat.models import Conversation

    known = Conversation.objects.get(code=conversation_code)
    Conversation.objects.bulk_create(
        Conversation(workspace_id=known.workspace_id, owner_id=known.owner_id, title=f"Question {number}")
        for number in range(count)
    )


def add_answer(conversation: Conversation, prompt: Message | None, number: int) -> Message:
    from django.utils.timezone import now

    from chat.models import Message, Run

    answer = Message.objects.create(
        conversation=conversation,
        parent=prompt,
        role=Message.Role.ASSISTANT,
        text=_ANSWER.replace("{number}", str(number)),
    )
    Run.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        answer=answer,
        user_id=conversation.owner_id,
        provider_code="bench",
        model_id="bench",
        endpoint_kind="chat/completions",
        parameters={"temperature": 0.7, "max_tokens": 1024},
        input_price=200_000,
        output_price=800_000,
        idempotency_key=uuid.uuid4(),
        request_hash=str(number),
        status=Run.Status.FINISHED,
        lease_expires_at=now(),
        started_at=now(),
        finished_at=now(),
        first_token_ms=180,
        finish_reason="stop",
        usage={"prompt_tokens": 900, "completion_tokens": 320, "total_tokens": 1220},
        input_tokens=900,
        output_tokens=320,
        credits=436,
    )
    return answer


if __name__ == "__main__":
    main()
