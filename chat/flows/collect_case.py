from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.flows.change_cases import add_case
from chat.flows.save_test_table import add_test_table
from chat.library_access import visible_items, writable_items
from chat.models import Message, TableOfCases

if TYPE_CHECKING:
    from accounts.models import Membership, User
    from chat.models import TableCase

# The variables that a collected case has.
PROMPT, ANSWER = "prompt", "answer"
_NAME = "Collected cases"


def can_be_collected(message: Message) -> bool:
    return message.role in (Message.Role.USER, Message.Role.ASSISTANT) and bool(message.text.strip())


@transaction.atomic
def collect_case(message: Message, membership: Membership, *, actor: User) -> TableCase:
    """Add a prompt of a conversation and its answer as a case; return it.

    It goes to the table with the variables for it that was changed last, of those that the member may change,
    or else to a new one.

    :raises CasesRefused: that table is full.
    """
    workspace = membership.workspace
    workspace.lock()
    table = _table(membership) or add_test_table(
        workspace, _free_name(membership), [PROMPT, ANSWER], actor=actor
    )
    prompt, answer = _pair(message)
    values = {PROMPT: prompt.text if prompt else "", ANSWER: answer.text if answer else ""}
    return add_case(table, values, actor=actor)


def _table(membership: Membership) -> TableOfCases | None:
    tables = writable_items(TableOfCases, membership).order_by("-updated_at")
    return next((table for table in tables if {PROMPT, ANSWER} <= set(table.columns)), None)


def _free_name(membership: Membership) -> str:
    taken = set(visible_items(TableOfCases, membership).values_list("name", flat=True))
    number = 1
    while (name := _NAME if number == 1 else f"{_NAME} {number}") in taken:
        number += 1
    return name


def _pair(message: Message) -> tuple[Message | None, Message | None]:
    """Return a prompt and its answer: the newest one, if the message is the prompt."""
    if message.role == Message.Role.USER:
        answers = Message.objects.filter(parent=message, role=Message.Role.ASSISTANT).exclude(text="")
        return message, answers.order_by("-pk").first()
    prompt = message.parent
    while prompt is not None and prompt.role != Message.Role.USER:
        prompt = prompt.parent
    return prompt, message
