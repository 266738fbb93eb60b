from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum

from accounts.models import Membership
from chat.media import MediaRefused
from chat.models import StoredFile

MEGABYTE = 1024 * 1024
# Many more than anybody reviews before sending; a script that forgets to send its uploads stops here.
MAX_UNSENT = 100


@transaction.atomic
def store_upload(membership: Membership, file: StoredFile) -> None:
    """Save the row of an upload, within the quota of unsent uploads.

    :raises MediaRefused: the member has left the workspace, or has too much unsent.
    """
    # The lock makes the uploads of a member come in turn, so that each is counted with those before it.
    if not Membership.objects.select_for_update().filter(pk=membership.pk).exists():
        raise MediaRefused("You are no longer in this workspace.")
    refuse_too_much(membership, file.byte_size)
    file.save()


def refuse_too_much(membership: Membership, size: int) -> None:
    """
    :raises MediaRefused: with another upload of ``size`` bytes the member would have too much unsent.
    """
    unsent = StoredFile.objects.filter(
        workspace=membership.workspace, uploader=membership.user, message=None
    ).aggregate(files=Count("pk"), size=Sum("byte_size", default=0))
    if unsent["files"] >= MAX_UNSENT or unsent["size"] + size > settings.MAX_UNSENT_MB * MEGABYTE:
        raise MediaRefused("You have too many unsent files. Send or remove some of them first.")
