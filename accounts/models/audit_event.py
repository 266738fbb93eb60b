from __future__ import annotations

from django.db import models


class AuditAction(models.TextChoices):
    """An action, named by its area and its verb. The label follows the name of a person in a sentence."""

    EXEMPT = "limits.exempt", "exempted somebody from the limit"
    END_EXEMPTION = "limits.end_exemption", "ended an exemption from the limit"
