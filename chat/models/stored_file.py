from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import Workspace
from chat.models.conversation import Message
from chat.models.queued_prompt import QueuedPrompt
from chat.models.run import Run
from chat.models.snapshot import Snapshot

# The end of the name of uploaded bytes that differ from the stored ones.
ORIGINAL = "-original"


class StoredFile(models.Model):
    """A picture, document or recording of a message: uploaded for it, or made by a model.

    The bytes are in a folder of their own, see ``chat.files``. A picture or recording that the provider
    fetches itself has an ``address`` instead, and no bytes.
    """

    class Kind(models.TextChoices):
        IMAGE = "image"
        FILE = "file"
        AUDIO = "audio"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The name of the bytes, which the files of two wordings of a prompt share. No page ever shows it.
    content = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="files")
    # None for a file that a model made.
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # None until the file is sent, also while its prompt is queued, and for a file of a run without a message.
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, blank=True, related_name="files"
    )
    # The queued prompt that it will be sent with.
    queued = models.ForeignKey(
        QueuedPrompt, on_delete=models.SET_NULL, null=True, blank=True, related_name="files"
    )
    # The run that made it, if that has no message.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, null=True, blank=True, related_name="files")
    # The snapshot that shows it, a copy with the same bytes as that of the message.
    snapshot = models.ForeignKey(
        Snapshot, on_delete=models.CASCADE, null=True, blank=True, related_name="files"
    )
    # The position among the files of its message or run.
    place = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    media_type = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=120)
    byte_size = models.PositiveBigIntegerField(default=0)
    address = models.TextField(blank=True)
    # The size of a picture and the length of a recording, if known.
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    # The encoding that a text came in, as Python names it; the stored bytes are UTF-8. It is empty for plain
    # ASCII. If the uploaded bytes are not the stored ones, they are kept beside them for downloads.
    encoding = models.CharField(max_length=20, blank=True, default="", db_default="")
    has_original = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering: ClassVar = ["place", "pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"], condition=Q(message__isnull=True), name="unsent_files_by_age"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def path(self) -> str:
        """The path of the bytes: a generated name, two folders deep so that no folder grows long."""
        name = self.content.hex
        return f"{name[:2]}/{name[2:4]}/{name}"

    @property
    def original_path(self) -> str:
        """The path of the bytes as they were uploaded."""
        return f"{self.path}{ORIGINAL}" if self.has_original else self.path
