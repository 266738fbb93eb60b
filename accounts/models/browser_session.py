from __future__ import annotations

import hashlib
import uuid
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.timezone import now

from accounts.browsers import browser_of

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase


class BrowserSession(AbstractBaseSession):
    """A session, with the person who is signed in and the browser that they use.

    Whoever has the key of a session is signed in, so the row has only the digest of the key: a dump of the
    database signs nobody in. Addresses name a session by its code.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # None before the sign-in. Without a constraint, since a session may be saved while its person is deleted.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        db_constraint=False,
        related_name="browser_sessions",
    )
    created_at = models.DateTimeField(default=now, editable=False)
    # These are as of the last visit that accounts.sessions noted.
    seen_at = models.DateTimeField(default=now)
    address = models.CharField(max_length=100, blank=True)
    agent = models.CharField(max_length=300, blank=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        indexes: ClassVar = [models.Index(fields=["user", "-seen_at"], name="sessions_of_people")]

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        found: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
        return found

    def save(self, *args: Any, force_update: bool = False, **options: Any) -> None:
        """Write a session; the visit of one that exists stays as it is noted."""
        if force_update:
            options["update_fields"] = ("session_data", "expire_date", "user")
        super().save(*args, **options)

    @staticmethod
    def digest_of(session_key: str | None) -> str:
        """Return what the row of a session has as its key; nothing for no key."""
        # The key is long and random, so a plain digest cannot be guessed. The column has 40 characters.
        return hashlib.sha256(session_key.encode()).hexdigest()[:40] if session_key else ""

    @property
    def browser(self) -> str:
        return browser_of(self.agent)
