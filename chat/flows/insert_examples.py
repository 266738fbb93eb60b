from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chat.exceptions import ExampleMisplaced
from chat.flows.rebuild_branch import open_branch
from chat.flows.set_system_prompt import add_version
from chat.models import Conversation, Message
from chat.titles import title_of
from chat.transcript import calls_of

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from chat.models import Draft


@transaction.atomic
def insert_examples(message: Message, user: User, prompt: str, answer: str, *, above: bool) -> Message:
    """Insert an example prompt and answer above or below a message, on a new branch with copies of the rest.

    An empty text is left out. Return the first message that was inserted.

    :raises ExampleMisplaced: they would separate calls from their results.
    :raises AnswerPending, ConversationGone: nothing is stored.
    """
    branch = open_branch(message)
    beside = branch.message
    follows = None if above else next(iter(branch.below), None)
    cuts_results = beside.role == Message.Role.TOOL if above else _has_calls_or_results(beside, follows)
    if cuts_results:
        raise ExampleMisplaced
    parent = beside.parent if above else beside
    first, last = _examples(branch.conversation, user, parent, prompt, answer)
    branch.show(last, [beside, *branch.below] if above else branch.below)
    return first


@transaction.atomic
def start_with_examples(
    workspace: Workspace, user: User, prompt: str, answer: str, draft: Draft
) -> Conversation:
    """Create a conversation that begins with an example prompt and answer, set as the draft is."""
    conversation = Conversation(workspace=workspace, owner=user, title=title_of(prompt or answer))
    conversation.adopt(draft)
    conversation.save(force_insert=True)
    if draft.system_text:
        add_version(conversation, user, draft.system_text)
    _, conversation.head = _examples(conversation, user, None, prompt, answer)
    conversation.save(update_fields=["head"])
    return conversation


def _has_calls_or_results(message: Message, follows: Message | None) -> bool:
    if follows is not None and follows.role == Message.Role.TOOL:
        return True
    # Calls without results wait for them.
    return follows is None and message.role == Message.Role.ASSISTANT and bool(calls_of(message))


def _examples(
    conversation: Conversation, user: User, parent: Message | None, prompt: str, answer: str
) -> tuple[Message, Message]:
    """Store the messages and return the first and the last of them."""
    said = [(Message.Role.USER, prompt), (Message.Role.ASSISTANT, answer)]
    stored: list[Message] = []
    for role, text in said:
        if text:
            parent = Message.objects.create(
                conversation=conversation, parent=parent, role=role, text=text, author=user, is_example=True
            )
            stored.append(parent)
    if not stored:
        raise ValueError("An example needs a prompt or an answer.")
    return stored[0], stored[-1]
