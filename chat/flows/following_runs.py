from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from chat.flows.open_title_run import open_title_run
from chat.flows.send_next_queued import send_next_queued

if TYPE_CHECKING:
    from uuid import UUID

    from chat.models import Run

logger = logging.getLogger(__name__)


def following_runs(ended_pk: int, conversation_code: UUID | None) -> list[Run]:
    """Open what follows an answer that has ended; return the runs to start.

    They are the next queued prompts of the conversation, if one is given, and the run that makes a title. An
    error in one of them is logged, and the other one opens all the same.
    """
    found: list[Run] = []
    try:
        if conversation_code is not None:
            found += send_next_queued(conversation_code)
    except Exception:
        logger.warning("The next prompt could not be sent.", exc_info=True)
    if run := open_title_run(ended_pk):
        found.append(run)
    return found
