from __future__ import annotations

from typing import TYPE_CHECKING

from playground.models import RefusedParameter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playground.models import Endpoint
    from playground.upstream.errors.refusals import Refusal


def remember_refusals(workspace_id: int, endpoint: Endpoint, refusals: Iterable[Refusal]) -> None:
    """Store which parameters an endpoint always refuses to a workspace, for the forms of its schema.

    A parameter refused for its value, or only beside another one, is not stored: the next request may
    use it. A changed schema deletes all that is stored for it. No user does this, so there is no actor.
    """
    length = RefusedParameter._meta.get_field("message").max_length
    rows = [
        RefusedParameter(
            workspace_id=workspace_id,
            endpoint=endpoint,
            name=refusal.name[:100],
            message=refusal.words[:length],
        )
        for refusal in refusals
        if refusal.is_lasting
    ]
    if rows:
        RefusedParameter.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["workspace", "endpoint", "name"],
            update_fields=["message"],
        )
