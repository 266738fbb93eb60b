from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.inserting import insert
from chat.exceptions import AlreadyQueued, AnswerPending, TemporaryRefused
from chat.flows.attach import attach
from chat.flows.lock_conversation import lock_idle_conversation
from chat.flows.open_run import open_run
from chat.flows.queue_prompt import earlier_queued
from chat.flows.run_idempotently import Submission, run_idempotently
from chat.flows.set_system_prompt import add_version
from chat.models import Conversation, Message, QueuedPrompt, StoredFile
from chat.titles import TEMPORARY_TITLE, title_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accounts.models import User, Workspace
    from chat.flows.build_request import Choice
    from chat.models import Run


def send_prompt(
    conversation: Conversation,
    user: User,
    text: str,
    choice: Choice,
    key: UUID,
    attachments: Sequence[UUID] = (),
) -> Run:
    """Add a prompt to the end of the branch and open the run that answers it.

    The same key again returns the same run, live or ended, and stores nothing.

    Queued prompts that will continue the branch come first: as long as there are any, the answer is pending.

    :raises IdempotencyConflict, AnswerPending, AttachmentGone, BodyInvalid, TranscriptRefused,
        LimitReached, ConversationGone: nothing is stored.
    """
    submission = submission_of(conversation, text, choice, key, attachments)

    def send() -> Run:
        return _send(conversation, user, text, choice, submission, attachments)

    return run_idempotently(user, submission, send)


def submission_of(
    conversation: Conversation, text: str, choice: Choice, key: UUID, attachments: Sequence[UUID]
) -> Submission:
    """Describe the click that sends a prompt to a conversation."""
    return Submission.of(key, conversation.code, text, *choice.content, *attachments)


def start_conversation(
    workspace: Workspace,
    user: User,
    text: str,
    choice: Choice,
    key: UUID,
    attachments: Sequence[UUID] = (),
    system_text: str = "",
    *,
    is_temporary: bool = False,
) -> Run:
    """Create a conversation with its first prompt, under a system prompt if there is one.

    :raises AlreadyQueued: the same click waits in another conversation; nothing is stored.
    :raises TemporaryRefused: the workspace allows no temporary chats. Other errors as in :func:`send_prompt`.
    """
    submission = first_submission(
        workspace, text, choice, key, attachments, system_text, is_temporary=is_temporary
    )

    def start() -> Run:
        conversation = create_conversation(
            workspace, user, text, attachments, system_text, is_temporary=is_temporary
        )
        run = _send(conversation, user, text, choice, submission, attachments)
        # The hold has locked the workspace, as somebody does who queues the first prompt of a chat.
        if earlier_queued(user, submission):
            raise AlreadyQueued
        return run

    return run_idempotently(user, submission, start)


def first_submission(
    workspace: Workspace,
    text: str,
    choice: Choice,
    key: UUID,
    attachments: Sequence[UUID],
    system_text: str,
    *,
    is_temporary: bool,
) -> Submission:
    """Describe the click that sends the first prompt of a new chat."""
    under = ("under", system_text) if system_text else ()
    how = ("temporary",) if is_temporary else ()
    return Submission.of(key, workspace.slug, text, *choice.content, *attachments, *under, *how)


def create_conversation(
    workspace: Workspace,
    user: User,
    text: str,
    attachments: Sequence[UUID],
    system_text: str,
    *,
    is_temporary: bool,
) -> Conversation:
    """Create an empty conversation, under a system prompt if there is one. ``text`` is its first prompt.

    :raises TemporaryRefused: the workspace allows no temporary chats.
    """
    if is_temporary and not workspace.allows_temporary:
        raise TemporaryRefused
    # The title appears in the audit log and in the history of the browser, so it does not tell the prompt.
    title = TEMPORARY_TITLE if is_temporary else title_of(text or _name_of(attachments, user))
    conversation = Conversation.objects.create(
        workspace=workspace, owner=user, title=title, is_temporary=is_temporary
    )
    if system_text:
        add_version(conversation, user, system_text)
    return conversation


def _name_of(attachments: Sequence[UUID], user: User) -> str:
    names = StoredFile.objects.filter(code__in=attachments[:1], uploader=user).values_list("name", flat=True)
    return next(iter(names), "")


def _comes_later(conversation: Conversation) -> bool:
    """Return whether queued prompts are about to continue the branch that the page shows."""
    if not conversation.queue_version or conversation.queue_pause:
        return False
    return QueuedPrompt.objects.filter(conversation=conversation, after=conversation.head_id).exists()


def _send(
    conversation: Conversation,
    user: User,
    text: str,
    choice: Choice,
    submission: Submission,
    attachments: Sequence[UUID],
) -> Run:
    conversation = lock_idle_conversation(conversation)
    if _comes_later(conversation):
        raise AnswerPending
    prompt = insert(
        Message(
            conversation=conversation,
            parent_id=conversation.head_id,
            role=Message.Role.USER,
            text=text,
            author=user,
        )
    )
    attach(prompt, user, attachments)
    return open_run(conversation, user, prompt, choice, submission)
