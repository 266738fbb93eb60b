from __future__ import annotations

from typing import TYPE_CHECKING

from chat.flows.copy_messages import copy_messages
from chat.flows.edit_message import new_wording
from chat.flows.open_run import open_run
from chat.flows.rebuild_branch import open_branch
from chat.flows.run_idempotently import Submission, run_idempotently

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User
    from chat.flows.build_request import Choice
    from chat.models import Message, Run


def edit_result(result: Message, user: User, text: str, choice: Choice, key: UUID) -> Run:
    """Add another wording of a tool's result and open the run that continues from there.

    The results of further calls of the same answer are copied. The old branch stays.
    Errors as in :func:`chat.flows.send_prompt.send_prompt`.
    """
    submission = Submission.of(key, result.code, text, *choice.content)

    def edit() -> Run:
        branch = open_branch(result)
        worded = new_wording(branch.message, user, text)
        last = [worded, *copy_messages(branch.results, branch.conversation, worded)][-1]
        return open_run(branch.conversation, user, last, choice, submission)

    return run_idempotently(user, submission, edit)
