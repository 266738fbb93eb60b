"""Data of a large team in a fresh installation: an owner, members, conversations, limits, invitations, usage.

Run in a process of its own, inside of the installation; prints the owner's session and the addresses as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import uuid
from datetime import timedelta
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


def populate(given: argparse.Namespace) -> dict[str, str]:
    from django.db import transaction

    from accounts.models import Membership, Role, User, Workspace
    from bench.populate import add_messages, add_models, add_person

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
        _add_entries(workspace, [person, *members], given.entries)
    return {**owner, "slug": workspace.slug}


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
    everybody = [
        Limit(workspace=workspace, unit=unit, period=period, amount=10**9) for unit, period in kinds[:3]
    ]
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


def _add_entries(workspace: Workspace, people: list[User], count: int) -> None:
    """Add costs of runs that nobody can open any more, spread evenly over the last 60 days."""
    from django.utils.timezone import now

    from accounts.models import LedgerEntry

    end = now()
    LedgerEntry.objects.bulk_create(
        (
            LedgerEntry(
                run_code=uuid.uuid4(),
                workspace=workspace,
                # A few people use most.
                user=people[(number * number) % len(people)],
                provider_code="bench",
                model_id=MODEL if number % 3 else f"bench/small-{number % 7}",
                credits=number % 977 + 1,
                usd=(number % 977 + 1) / 2_000_000,
                tokens=1220,
                input_tokens=900,
                output_tokens=320,
                source=LedgerEntry.Source.REPORTED,
                held_at=end - timedelta(seconds=number * 60 * 86_400 / max(count, 1)),
            )
            for number in range(count)
        ),
        batch_size=5_000,
    )


if __name__ == "__main__":
    main()
