"""Data of a large team in a fresh installation: an owner, members, conversations, limits, invitations, usage.

Run in a process of its own, inside of the installation; prints the owner's session and the addresses of all
pages as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import uuid
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User, Workspace

_NAMES = ("Ana", "Björn", "Chiara", "Dmitri", "Élodie", "Farid", "Grace", "Hiroshi", "Ines", "José")
_TITLES = (
    "Summary of the support tickets of last week",
    "Regular expression for phone numbers",
    "Draft of the release notes",
    "Why does this query scan the whole table?",
    "Translate the onboarding mail into Portuguese",
)
MODEL = "bench/large"
# The team's own server, and how many models it has.
PROVIDER = "own"
_MODELS = 60
_GROUPS = 20
# Tools, and as many output schemas.
_LIBRARY = 40


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--base-url", required=True)
    arguments.add_argument("--members", type=int, default=200)
    arguments.add_argument("--conversations", type=int, default=300)
    arguments.add_argument("--limits", type=int, default=50)
    arguments.add_argument("--invitations", type=int, default=20)
    arguments.add_argument("--entries", type=int, default=10_000, help="in the ledger")
    arguments.add_argument("--messages", type=int, default=300, help="in the owner's longest conversation")
    given = arguments.parse_args()

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    import django

    django.setup()
    print(json.dumps(populate(given)))


def populate(given: argparse.Namespace) -> dict[str, object]:
    from django.db import transaction

    from accounts.models import Membership, Role, User, Workspace
    from bench.addresses import every_address
    from bench.populate import add_messages, add_models, add_person
    from bench.team_objects import add_objects

    with transaction.atomic():
        workspace = Workspace.objects.create(slug="team", name="A large team")
        add_models(given.base_url, [MODEL])
        owner = add_person(workspace, 0)
        person = User.objects.get(email="reader0@example.org")
        Membership.objects.filter(user=person).update(role=Role.OWNER)
        members = _add_members(workspace, given.members)
        _add_conversations(workspace, person, given.conversations)
        add_messages(owner["conversation"], given.messages)
        _add_limits(workspace, members, given.limits)
        _add_invitations(workspace, person, given.invitations)
        _add_groups(workspace, person)
        _add_library(workspace, person)
        _add_provider(workspace, person, given.base_url)
        # The keys of those who were added together follow each other.
        add_entries(workspace, person.pk, given.members + 1, given.entries)
        objects = _objects(workspace, owner["conversation"])
        objects |= add_objects(workspace, person, members, owner["conversation"])
    _analyse()
    return {**owner, "slug": workspace.slug, "addresses": every_address(objects)}


def _objects(workspace: Workspace, conversation: str) -> dict[str, str]:
    """Return one object of each kind that an address may name."""
    from accounts.models import BrowserSession, Group, Invitation, Membership
    from chat.models import Message, Run, Tool
    from playground.models import UpstreamModel

    found = {
        "slug": workspace.slug,
        "whose": "workspace",
        "word": "tool",
        "provider": PROVIDER,
        "conversation": conversation,
        "exchange": "1",
        # The owner has neither.
        "passkey": "1",
        "identity_provider": "company",
    }
    answer = Message.objects.filter(conversation__code=conversation, role="assistant").latest("pk")
    rows = {
        "session_code": BrowserSession.objects.latest("created_at").code,
        "membership": Membership.objects.filter(workspace=workspace).latest("pk").pk,
        "invitation": Invitation.objects.filter(workspace=workspace).latest("pk").code,
        "group": Group.objects.filter(workspace=workspace).earliest("pk").code,
        "tool": Tool.objects.filter(workspace=workspace).latest("pk").code,
        "model": UpstreamModel.objects.filter(provider__code=PROVIDER).latest("pk").pk,
        "message": answer.code,
        "run": Run.objects.get(answer=answer).code,
    }
    return found | {name: str(value) for name, value in rows.items()}


def _analyse() -> None:
    """Let PostgreSQL count the new rows, as its own housekeeping does within minutes."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _add_members(workspace: Workspace, count: int) -> list[User]:
    from accounts.models import Membership, Role, User

    people = User.objects.bulk_create(
        User(email=f"member{number}@example.org", name=f"{_NAMES[number % len(_NAMES)]} {number}")
        for number in range(count)
    )
    roles = (Role.MEMBER, Role.MEMBER, Role.VIEWER, Role.MEMBER, Role.ADMIN)
    Membership.objects.bulk_create(
        Membership(workspace=workspace, user=person, role=roles[number % len(roles)])
        for number, person in enumerate(people)
    )
    return people


def _add_conversations(workspace: Workspace, owner: User, count: int) -> None:
    from django.utils.timezone import now

    from chat.models import Conversation

    for number in range(count):
        moment = now() - timedelta(hours=7 * number)
        Conversation.objects.create(
            workspace=workspace,
            owner=owner,
            title=f"{_TITLES[number % len(_TITLES)]} {number}",
            created_at=moment,
            updated_at=moment,
        )


def _add_limits(workspace: Workspace, members: list[User], count: int) -> None:
    from accounts.models import Limit, Period, Unit

    kinds = [(unit, period) for period in Period.values for unit in Unit.values]
    everybody = [Limit(workspace=workspace, unit=unit, period=period, amount=10**9) for unit, period in kinds]
    each = [
        Limit(workspace=workspace, member=member, unit="credits", period="month", amount=5_000_000)
        for member in members
    ]
    Limit.objects.bulk_create([*everybody, *each][:count])


def _add_invitations(workspace: Workspace, owner: User, count: int) -> None:
    from django.utils.timezone import now

    from accounts.models import Invitation

    Invitation.objects.bulk_create(
        Invitation(
            workspace=workspace,
            note=f"New colleague {number}",
            token_hash=uuid.uuid4().hex,
            expires_at=now() + timedelta(days=7),
            created_by=owner,
        )
        for number in range(count)
    )


def _add_groups(workspace: Workspace, owner: User) -> None:
    """Add a group of everybody, and some with a tenth of the members each."""
    from accounts.models import Group, Membership

    members = list(Membership.objects.filter(workspace=workspace))
    for number in range(_GROUPS):
        group = Group.objects.create(workspace=workspace, name=f"Project team {number}", created_by=owner)
        group.members.set(members[number % 10 :: 10] if number else members)


def _add_library(workspace: Workspace, owner: User) -> None:
    from chat.models import OutputSchema, Tool

    schema = json.dumps({"type": "object", "properties": {"place": {"type": "string"}}})
    shared = {"workspace": workspace, "schema": schema, "created_by": owner}
    names = [f"look_up_{number}" for number in range(_LIBRARY)]
    Tool.objects.bulk_create(Tool(name=name, description=_TITLES[0], **shared) for name in names)
    OutputSchema.objects.bulk_create(OutputSchema(name=name, **shared) for name in names)


def _add_provider(workspace: Workspace, owner: User, base_url: str) -> None:
    """Add a server of the team's own, with models and a key."""
    from accounts.flows.save_key import save_key
    from playground.models import Endpoint, Provider, UpstreamModel

    provider = Provider.objects.create(
        code=PROVIDER, name="Our own server", base_url=base_url, workspace=workspace
    )
    models = UpstreamModel.objects.bulk_create(
        UpstreamModel(provider=provider, model_id=f"own/model-{number}", name=f"Own model {number}")
        for number in range(_MODELS)
    )
    schema = {
        "type": "object",
        "properties": {"model": {}, "messages": {}},
        "required": ["model", "messages"],
    }
    Endpoint.objects.bulk_create(
        Endpoint(model=model, request_schema=schema, schema_digest=f"own-{model.pk}") for model in models
    )
    save_key(workspace, provider.code, "sk-not-a-real-one", member=None, actor=owner)


# Costs of runs that nobody can open any more, spread evenly over the last 60 days. A few people use most.
_ENTRIES = """
    WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < %(count)s - 1)
    INSERT INTO accounts_ledgerentry (
        run_code, workspace_id, user_id, provider_code, model_id, credits, usd, tokens, input_tokens,
        output_tokens, requests, source, purpose, held_at, created_at
    )
    SELECT
        {code}, %(workspace)s, %(first)s + n * n %% %(people)s, 'bench',
        CASE WHEN n / 7 %% 3 > 0 THEN '{model}' ELSE 'bench/small-' || (n / 7 %% 7) END,
        n %% 977 + 1, CASE WHEN n %% 5 > 0 THEN (n %% 977 + 1) * 0.0000005 END, 1220, 900, 320, 1,
        CASE WHEN n %% 11 > 0 THEN 'reported' ELSE 'estimated' END, '', {moment}, {moment}
    FROM (SELECT CAST(n AS {number}) AS n FROM numbers) AS wide
"""
_IN_DIALECT = {
    "sqlite": {
        "code": "lower(hex(randomblob(16)))",
        "number": "integer",
        "moment": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', (-n * 5184000.0 / %(count)s) || ' seconds')",
    },
    "postgresql": {
        "code": "gen_random_uuid()",
        "number": "bigint",
        "moment": "now() - n * interval '60 days' / %(count)s",
    },
}


def add_entries(workspace: Workspace, first: int, people: int, count: int) -> None:
    """Add ledger entries of the users with keys from ``first`` on, in one statement: a million in seconds."""
    from django.db import connection

    statement = _ENTRIES.format(model=MODEL, **_IN_DIALECT[connection.vendor])
    values = {"count": max(count, 1), "workspace": workspace.pk, "first": first, "people": people}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    # The migration sums the entries of earlier versions by day.
    migration = import_module("accounts.migrations.0010_counts_of_tokens")
    migration.count_tokens(None, SimpleNamespace(connection=connection))


if __name__ == "__main__":
    main()
