from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from chat.exceptions import ItemGone, NameTaken
from chat.flows.note_deletion import Step, note_deletion
from chat.models.deletable import RESTORABLE_FOR

if TYPE_CHECKING:
    from accounts.models import User
    from chat.flows.note_deletion import Restorable


def bring_back(item: Restorable, *, actor: User) -> None:
    """Bring a deleted prompt, test table or experiment back. Experiments that ran before are paused then.

    :raises NameTaken: another one has its name by now.
    :raises ItemGone: it is being purged, or was purged already.
    """
    rows: Any = type(item).with_deleted.filter(pk=item.pk)
    try:
        with transaction.atomic():
            if not rows.exclude(deleted_at__lt=now() - RESTORABLE_FOR).update(deleted_at=None):
                raise ItemGone
            note_deletion(item, Step.RESTORED, actor=actor)
    except IntegrityError as error:
        raise NameTaken(str(item)) from error
