from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

from django.utils.timezone import now

from chat import files
from chat.models import StoredFile
from chat.models.stored_file import ORIGINAL
from playground.whole_files import DRAFT

UNSENT_FOR = timedelta(days=1)
# Rows of one statement, so that no request waits long for a sweep.
BATCH = 200


def sweep_files() -> int:
    """Delete uploads that were not sent within a day; return how many."""
    deleted = 0
    while True:
        unsent = StoredFile.objects.filter(message=None, queued=None, run=None, snapshot=None)
        old = unsent.filter(created_at__lt=now() - UNSENT_FOR).values("pk")[:BATCH]
        # The deletion repeats the condition: a file that was sent meanwhile stays.
        _, counts = unsent.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
        deleted += (found := counts.get(StoredFile._meta.label, 0))
        if found < BATCH:
            return deleted


def sweep_orphans(shard: str = "") -> int:
    """Delete files that no row names, left by processes that died in between; return how many.

    Each call reads one of the 256 folders, another one every hour, so that there is never much to read.
    """
    storage = files.storage()
    shard = shard or f"{int(time.time() / 3600) % 256:02x}"
    deleted = 0
    for folder in storage.listdir(shard)[0] if storage.exists(shard) else ():
        listed = storage.listdir(f"{shard}/{folder}")[1]
        names = {name: UUID(name[:32]) for name in listed if _is_ours(name)}
        known = set(StoredFile.objects.filter(content__in=names.values()).values_list("content", flat=True))
        drafts = [name for name in listed if name.endswith(DRAFT)]
        for name in (*drafts, *(name for name, content in names.items() if content not in known)):
            path = f"{shard}/{folder}/{name}"
            # The row of a recent file may not be committed yet.
            if storage.get_modified_time(path) < now() - UNSENT_FOR:
                storage.delete(path)
                deleted += 1
    return deleted


def _is_ours(name: str) -> bool:
    name = name.removesuffix(ORIGINAL)
    return len(name) == 32 and all(letter in "0123456789abcdef" for letter in name)
