from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import Workspace
from chat.models.composer_setting import ComposerSetting
from chat.models.folded import FoldedField, words_of_message, words_of_title
from chat.models.share import Access

if TYPE_CHECKING:
    from playground.models import Endpoint
    from playground.parameters.schema.sending import Sending


class KeptConversations(models.Manager["Conversation"]):
    """Conversations that were not deleted: for everybody, the others are gone."""

    def get_queryset(self) -> models.QuerySet[Conversation]:
        return super().get_queryset().filter(deleted_at=None)


class Pause(models.TextChoices):
    """How the last answer ended before queued prompts that now wait for a person."""

    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    CUT = "cut"
    CALLS = "calls"
    # The answer ended normally, but the next prompt was refused: see QueuedPrompt.refusal.
    REFUSED = "refused"


class Conversation(ComposerSetting):
    """A tree of messages, with the setting of its composer.

    ``head`` is the leaf of the branch that the page shows. A conversation with a time of deletion is purged
    a little later, and only its owner can still bring it back.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="conversations")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations"
    )
    # The access of all members of the workspace. Members with an access of their own have a Share.
    workspace_access = models.CharField(max_length=10, choices=Access.choices, default=Access.NONE)
    title = models.CharField(max_length=120)
    folded_title = FoldedField(of=words_of_title)
    # True once a person has chosen the title, which no model replaces from then on.
    is_title_chosen = models.BooleanField(default=False, db_default=False)
    head = models.ForeignKey("Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # The version that the next answer is given; None if there is no system prompt now.
    system_prompt = models.ForeignKey(
        "SystemPrompt", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The number of versions, current or not, so that a page knows of them without a query.
    system_prompt_count = models.PositiveIntegerField(default=0, db_default=0)
    # The number of changes of the queued prompts; a page without the current one lacks their list.
    queue_version = models.PositiveIntegerField(default=0, db_default=0)
    # The reason why the queued prompts wait for a person; empty while they are sent by themselves.
    queue_pause = models.CharField(
        max_length=12, choices=Pause.choices, blank=True, default="", db_default=""
    )
    # The entry of the comparison that it is a column of, and its place there, counted from 0. A column has
    # the owner, the title, the access and the time of deletion of its entry.
    column_of = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="columns"
    )
    column_place = models.PositiveSmallIntegerField(default=0, db_default=0)
    # True for the entry of a comparison, which holds no messages: see chat.models.comparison.
    is_comparison = models.BooleanField(default=False, db_default=False)
    # True while a comparison hides the names of its models, for its entry and for its columns.
    is_blind = models.BooleanField(default=False, db_default=False)
    # True for one that is in no list, is shared with nobody and is deleted some hours after its last answer.
    is_temporary = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(default=now)
    # The moment of an import or a restoration, if its retention counts from there and not from a change.
    kept_since = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    noun = "conversation"
    objects = KeptConversations()
    with_deleted = models.Manager["Conversation"]()

    class Meta:
        ordering: ClassVar = ["-updated_at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-updated_at"], name="conversations_by_time"),
            models.Index(fields=["workspace", "owner", "-updated_at"], name="conversations_of_owner"),
            models.Index(
                fields=["workspace", "workspace_access", "-updated_at"], name="conversations_shared"
            ),
            models.Index(
                fields=["workspace", "updated_at"],
                condition=Q(is_temporary=True),
                name="temporary_conversations",
            ),
            # The few that are to be purged, looked up all the time.
            models.Index(
                fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="deleted_conversations"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def system_text(self) -> str:
        """The current system prompt, or an empty text."""
        return self.system_prompt.text if self.system_prompt else ""

    @property
    def with_columns(self) -> models.QuerySet[Conversation]:
        """This conversation and, if it is a comparison, its columns, unless it was deleted meanwhile."""
        return Conversation.objects.filter(Q(pk=self.pk) | Q(column_of=self.pk))


class Draft(ComposerSetting):
    """The setting of a member's next new chat: the last choice made outside a conversation.

    Until the member chooses or changes something, the chat is not begun: it has the model of the last one,
    and defaults take precedence over that (see chat.pages.chat_defaults).

    Each member has one in a workspace, whatever the number of tabs. Every tab sends what it shows, a
    reload shows the last change of any tab, and a new chat that is sent from any tab empties the draft.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="drafts")
    # The parameters of the member's last chat, which the next new one offers: see chat.flows.offer_settings.
    last_chat = models.JSONField(default=dict, blank=True)
    system_text = models.TextField(blank=True, default="", db_default="")
    # The member has chosen a model or changed anything since the last new chat was sent.
    is_begun = models.BooleanField(default=False, db_default=False)
    # The member has written or removed the system prompt since then.
    is_system_set = models.BooleanField(default=False, db_default=False)

    # The owner of the default that fills the system prompt in: "member" or "workspace".
    system_of = ""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "workspace"], name="one_draft_each"),
        ]

    def __str__(self) -> str:
        return f"draft of {self.user} in {self.workspace}"

    def take(
        self,
        endpoint: Endpoint,
        parameters: dict[str, Any],
        set_aside: dict[str, Any] | None = None,
        sending: Sending | None = None,
    ) -> dict[str, Any]:
        self.is_begun = True
        return {**super().take(endpoint, parameters, set_aside, sending), "is_begun": True}

    def store(self, chosen: dict[str, Any]) -> None:
        # A parameter that was changed just before sending arrives at the same moment as the prompt.
        Draft.objects.update_or_create(user=self.user, workspace=self.workspace, defaults=chosen)


class Messages(models.Manager["Message"]):
    def get_queryset(self) -> models.QuerySet[Message]:
        # Only a search needs the folded text, which would double what a page reads.
        return super().get_queryset().defer("folded")


class Message(models.Model):
    """A node of the tree. Its text is stored as the model wrote it; HTML is made when it is shown.

    No change of a branch changes a stored message: it adds siblings, and copies of what follows them.
    """

    class Role(models.TextChoices):
        SYSTEM = "system"
        USER = "user"
        ASSISTANT = "assistant"
        TOOL = "tool"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    text = models.TextField(blank=True)
    reasoning = models.TextField(blank=True)
    # All other parts of an answer: {"tool_calls": [...], "citations": [...], "refusal": "…"}.
    data = models.JSONField(default=dict, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # The version of the system prompt that an answer was given; None if it was given none.
    system_prompt = models.ForeignKey(
        "SystemPrompt", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The message as it was first written, which has the run of an answer. It is set for a copy on another
    # branch and for an answer that a person has edited.
    copied_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The model that wrote the original of a copied answer: the original may be deleted with its conversation.
    provider_code = models.CharField(max_length=80, blank=True, default="", db_default="")
    model_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    # A person has changed the words of a model, or written the message as an example.
    is_edited = models.BooleanField(default=False, db_default=False)
    is_example = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=now, editable=False)
    # The words of the message as a search compares them.
    folded = FoldedField(of=words_of_message)

    objects = Messages()

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.role}: {self.text[:40]}"
