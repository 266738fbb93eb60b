from __future__ import annotations

from django.db import models


class AuditArea(models.TextChoices):
    """The part of the product that an event belongs to, by which the page filters."""

    SIGN_INS = "sign_ins", "Sign-ins and passwords"
    PEOPLE = "people", "People and roles"
    GROUPS = "groups", "Groups"
    KEYS = "keys", "Keys"
    LIMITS = "limits", "Limits and costs"
    MODELS = "models", "Providers and models"
    CONTENT = "content", "Conversations and library"
    SHARING = "sharing", "Sharing"
    EXPORTS = "exports", "Exports"
    SETTINGS = "settings", "Settings"
