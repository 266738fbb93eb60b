"""Refusals of this app, as classes that carry what a page says about them.

::

    ChatError
    ├── PromptRefused            a prompt is not sent, and nothing is stored; ``text`` says why
    │   ├── AnswerPending        the branch ends in an answer that is still being written
    │   ├── QueueFull            as many prompts as may wait in a conversation are queued
    │   ├── NotSendable          a queued prompt cannot be sent by now; ``text`` names the reason
    │   ├── PriceMissing         the workspace refuses models without a price
    │   ├── SystemPromptRefused  the model's schema refuses the system prompt
    │   ├── AttachmentGone       an attached file is missing, already sent, or another user's
    │   └── IdempotencyConflict  the key of the click belongs to another prompt
    ├── ColumnRefused            a column of a comparison refuses a prompt, so that no column is sent it
    ├── ColumnsRefused           a comparison keeps its columns; ``text`` says why
    │   ├── ColumnsFull          it has as many as it may
    │   ├── ColumnsFew           it has no more than it needs
    │   └── NothingToChoose      a column has no answer yet that could be chosen
    ├── ChangeRefused            a branch stays as it is; ``text`` says why
    │   ├── ExampleMisplaced     examples would stand between calls and their results
    │   └── OnlyMessage          without the message the conversation would be empty
    ├── ConversationGone         the conversation was deleted in the meantime
    ├── WorkspaceGone            the deleted workspace cannot be restored any more, or was restored already
    ├── ShareRefused             a conversation cannot be shared so with this person; its message says why
    ├── SnapshotRefused          no public link can be made; its message says why
    ├── ChoiceRefused            the conversation cannot go on from this choice
    │   ├── ChoiceGone           the answer has no such choice
    │   └── ChoiceTooLate        messages that were written with another choice in view follow already
    ├── NameTaken                the workspace has another entry of the library or test table of that name
    ├── EntryRefused             a model's schema refuses an entry of the library; its message says why
    ├── EntryChanged             an entry of the library was changed by somebody else since it was opened
    ├── PromptChanged            a stored prompt was changed or deleted by somebody else since it was opened
    ├── ItemGone                 a deleted prompt, test table or experiment was removed for good meanwhile
    ├── CellRefused              a cell of an experiment cannot be sent; its message says why
    ├── ExperimentHalted         no cell of an experiment can be sent now; its message says why
    ├── ExperimentRefused        an experiment cannot start so; its message says why
    ├── ImportRefused            a file or a conversation in it cannot be imported; its message says why
    └── MediaRefused             a file is not accepted; its message says why. Lives with ``chat.media``

A flow that opens a run also passes on ``LimitReached`` of ``accounts.exceptions``, ``BodyInvalid`` of
``playground.parameters`` and ``TranscriptRefused`` of ``playground.upstream.dialects``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from uuid import UUID


class ChatError(Exception):
    pass


class PromptRefused(ChatError):
    text: str

    def __str__(self) -> str:
        return self.text


class AnswerPending(PromptRefused):
    text = "An answer is still being written. Wait for it, or stop it first."


class AlreadyQueued(PromptRefused):
    text = "The same click has queued this prompt already."


class QueueFull(PromptRefused):
    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.text = f"{most} prompts are queued already. Remove one, or wait until the next one is sent."


class NotSendable(PromptRefused):
    """The author, the model or the key of a queued prompt has changed since it was queued."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class PriceMissing(PromptRefused):
    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.text = (
            f"{model} has no price, and this workspace refuses models without one. Choose another model, or "
            "ask an admin to set its price under Models."
        )


class SystemPromptRefused(PromptRefused):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.text = f"This model refuses the system prompt: {reason} Change it above the first message."


class TemporaryRefused(PromptRefused):
    text = "This workspace no longer allows temporary chats. Switch “Temporary chat” off to send this."


class AttachmentGone(PromptRefused):
    text = "An attached file is no longer available. Attach it again."


class IdempotencyConflict(PromptRefused):
    text = "This was already sent. Reload the page to see it."


class ColumnRefused(ChatError):
    """A column of a comparison refuses a prompt for a ``reason``, the exception of a flow."""

    def __init__(self, column: UUID, reason: Exception) -> None:
        super().__init__(column, reason)
        self.column = column
        self.reason = reason


class ColumnsRefused(ChatError):
    text: ClassVar[str]

    def __str__(self) -> str:
        return self.text


class ColumnsFull(ColumnsRefused):
    text = "A comparison has eight columns at most. Remove one first."


class ColumnsFew(ColumnsRefused):
    text = "A comparison has two columns at least. Add another one first."


class NamesHidden(ColumnsRefused):
    text = "The names of the models are hidden. Choose the best answer first, or show the names."


class NothingToChoose(ColumnsRefused):
    text = "This column has no finished answer that could be chosen."


class ChangeRefused(ChatError):
    text: ClassVar[str]

    def __str__(self) -> str:
        return self.text


class ExampleMisplaced(ChangeRefused):
    text = "Nothing fits between the calls of an answer and their results. Choose another place."


class OnlyMessage(ChangeRefused):
    text = "This is the only message. Delete the conversation instead."


class ConversationGone(ChatError):
    pass


class WorkspaceGone(ChatError):
    """A deleted workspace cannot be restored any more, or was restored already."""


class ShareRefused(ChatError):
    pass


class SnapshotRefused(ChatError):
    pass


class ChoiceRefused(ChatError):
    pass


class ChoiceGone(ChoiceRefused):
    pass


class ChoiceTooLate(ChoiceRefused):
    pass


class NameTaken(ChatError):
    """The library of the workspace has another entry of that name, or the workspace another test table."""


class EntryRefused(ChatError):
    pass


class EntryChanged(ChatError):
    """An entry of the library was changed or deleted by somebody else since its page was opened."""


class PromptChanged(ChatError):
    """A stored prompt was changed, or deleted, by somebody else since its page was opened."""


class ItemGone(ChatError):
    """A deleted object was removed for good meanwhile."""


class CellRefused(ChatError):
    pass


class ExperimentHalted(ChatError):
    pass


class ExperimentRefused(ChatError):
    pass


class ImportRefused(ChatError):
    pass
