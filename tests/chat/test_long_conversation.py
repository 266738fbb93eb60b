"""A long conversation opens with as many queries as a short one."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils.timezone import now

from accounts.ledger.periods import span_at
from accounts.models import Limit, LimitWindow, Period, Unit
from chat.models import Conversation, Message, Run
from chat.pages.messages import PIECE


def converse(conversation: Conversation, turns: int) -> None:
    """Add so many prompts with their answers to the branch that is shown."""
    head = conversation.head
    last = Run.objects.get(answer=head)
    for number in range(turns):
        head = Message.objects.create(
            conversation=conversation,
            parent=head,
            role=Message.Role.USER,
            text=f"{number}?",
            author=last.user,
        )
        head = Message.objects.create(
            conversation=conversation, parent=head, role=Message.Role.ASSISTANT, text=f"It is **{number}**."
        )
        Run.objects.create(
            workspace_id=conversation.workspace_id,
            conversation=conversation,
            answer=head,
            user=last.user,
            endpoint=last.endpoint,
            provider_code=last.provider_code,
            model_id=last.model_id,
            endpoint_kind=last.endpoint_kind,
            parameters={"temperature": number / 100},
            status=Run.Status.FINISHED,
            idempotency_key=uuid.uuid4(),
            started_at=now() - timedelta(seconds=2),
            finished_at=now(),
            lease_expires_at=now(),
        )
    conversation.head = head
    conversation.save(update_fields=["head"])


@pytest.mark.parametrize("turns", [1, 40, 80])
def test_a_page_takes_as_many_queries_however_long_it_is(
    conversation, alice, client_for, turns, django_assert_max_num_queries
):
    converse(conversation, turns)
    limit = Limit.objects.create(
        workspace=conversation.workspace, unit=Unit.CREDITS, period=Period.EVER, amount=1_000_000
    )
    LimitWindow.objects.create(limit=limit, starts_at=span_at(limit.period, now()).starts_at)
    client = client_for(alice)
    client.get(f"/c/{conversation.code}/")

    with django_assert_max_num_queries(13):
        page = client.get(f"/c/{conversation.code}/")

    assert page.content.decode().count("<article") == min(2 * turns + 2, PIECE)
