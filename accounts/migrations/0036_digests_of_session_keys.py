from __future__ import annotations

import hashlib
from typing import Any

from django.db import migrations


def store_digests(apps: Any, schema_editor: Any) -> None:
    """Replace the keys of sessions by their digests; everybody stays signed in."""
    sessions = apps.get_model("accounts", "BrowserSession").objects
    for key in list(sessions.values_list("pk", flat=True)):
        # Keys have 32 characters, digests 40.
        if len(key) == 32:
            sessions.filter(pk=key).update(session_key=hashlib.sha256(key.encode()).hexdigest()[:40])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0035_temporary_chats")]

    operations = [migrations.RunPython(store_digests, migrations.RunPython.noop, elidable=True)]
