"""The requests of a cell: for its answer, and for the judgement of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from accounts import keys
from accounts.models import Membership
from accounts.permissions import Action, allows
from chat.evaluation.judging import JUDGE_TOKENS, JUDGE_TOKENS_WITH_THOUGHTS, judge_prompt
from chat.exceptions import CellRefused, ExperimentHalted, SystemPromptRefused
from chat.flows.build_request import Choice, write_request
from chat.flows.open_title_run import length_for
from chat.library_access import writable_items
from chat.models import TableOfCases
from chat.prompts.content import MessageRole, VariableKind
from chat.prompts.filling import filled
from chat.prompts.values import checked_values
from playground.access import get_endpoint_for, why_unavailable
from playground.parameters.form.body import BodyInvalid
from playground.upstream.dialects import TranscriptRefused
from playground.upstream.dialects.shared.transcript import Role, Text, ToolCall, Turn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User
    from chat.flows.build_request import BuiltRequest
    from chat.models import Cell, Variant
    from chat.prompts.content import PromptContent
    from chat.prompts.filling import FilledPrompt
    from playground.models import Endpoint
    from playground.upstream.dialects.shared.transcript import Transcript

_ROLES = {MessageRole.USER: Role.USER, MessageRole.ASSISTANT: Role.ASSISTANT, MessageRole.TOOL: Role.TOOL}


def member_for(user: User | None, table: TableOfCases) -> Membership:
    """Return the membership under which the runs of an experiment with a table are.

    :raises ExperimentHalted: the person has left, or may no longer send prompts or change the table.
    """
    found = Membership.objects.select_related("workspace", "user")
    found = found.filter(user=user, workspace=table.workspace_id)
    member = found.first() if user is not None and user.is_active else None
    if member is None:
        raise ExperimentHalted("The person who started this has left the workspace.")
    if not allows(member.role, Action.SEND):
        raise ExperimentHalted(f"{member.user.display_name} may no longer send prompts.")
    if not writable_items(TableOfCases, member).filter(pk=table.pk).exists():
        raise ExperimentHalted(f"{member.user.display_name} may no longer change this test table.")
    return member


def usable_endpoint(member: Membership, endpoint: Endpoint | None, name: str) -> Endpoint:
    """Return an endpoint as a member may use it now.

    :raises CellRefused: the model has gone, or may not be used any more.
    :raises ExperimentHalted: there is no key for it.
    """
    if endpoint is None:
        raise CellRefused(f"{name} is no longer in the catalogue.")
    try:
        found = get_endpoint_for(member, endpoint.pk)
    except Http404:
        why = why_unavailable(member, endpoint.model) or f"{name} cannot be used here any more."
        raise CellRefused(why) from None
    provider, model_id = found.model.provider, found.model.model_id
    if provider.needs_key and not keys.resolve(member.workspace, member.user, provider.code, model_id):
        raise ExperimentHalted(f"There is no API key for {provider.name}.")
    return found


def answer_request(
    endpoint: Endpoint,
    workspace_id: int,
    content: PromptContent,
    values: Mapping[str, str],
    parameters: dict[str, Any],
) -> tuple[Choice, BuiltRequest]:
    """Write the request of a prompt with the values of a case.

    :raises CellRefused: a variable has no value or a wrong one, or the model's schema refuses the request.
    """
    transcript = _transcript(filled_prompt(content, values))
    return _written(Choice(endpoint, parameters), workspace_id, transcript)


def judge_request(
    endpoint: Endpoint, cell: Cell, variant: Variant, rubric: str, answer: str
) -> tuple[Choice, BuiltRequest]:
    """Write the request to judge an answer, by a rubric that has the values of the case.

    :raises CellRefused: the schema of the judge's model refuses it.
    """
    asked = "\n\n".join(turn.text for turn in _transcript(filled_prompt(variant.read(), cell.values)))
    transcript = (Turn(Role.USER, (Text(judge_prompt(rubric, asked, answer)),)),)
    workspace_id = cell.experiment.table.workspace_id
    try:
        length = length_for(endpoint, JUDGE_TOKENS, JUDGE_TOKENS_WITH_THOUGHTS)
        return _written(Choice(endpoint, length), workspace_id, transcript)
    except CellRefused:
        # The schema may refuse the length, for example beside what is set for the whole provider.
        return _written(Choice(endpoint, {}), workspace_id, transcript)


def filled_prompt(content: PromptContent, values: Mapping[str, str]) -> FilledPrompt:
    """Put the values of a case into a prompt.

    :raises CellRefused: a variable has no value, or one that it does not take.
    """
    if any(variable.kind is VariableKind.FILE for variable in content.variables):
        raise CellRefused("A test table has no files for the variables of this prompt.")
    checked = checked_values(content.variables, values)
    if checked.problems:
        said = " ".join(f"{name}: {problem}" for name, problem in checked.problems.items())
        raise CellRefused(f"The values do not fit the prompt. {said}")
    found = filled(content, checked.texts)
    if found.missing:
        raise CellRefused(f"The case has no value for {', '.join(found.missing)}.")
    return found


def _transcript(prompt: FilledPrompt) -> Transcript:
    turns = [Turn(Role.SYSTEM, (Text(prompt.system),))] if prompt.system else []
    for each in prompt.messages:
        message = each.message
        calls = tuple(
            ToolCall(call["id"], call["name"], call["arguments"], call.get("type") or "function")
            for call in message.tool_calls
        )
        turns.append(
            Turn(
                _ROLES[message.role],
                (Text(message.text),) if message.text else (),
                tool_calls=calls,
                call_id=message.call_id,
                is_error=message.is_error,
            )
        )
    return tuple(turns)


def _written(choice: Choice, workspace_id: int, transcript: Transcript) -> tuple[Choice, BuiltRequest]:
    try:
        return choice, write_request(choice, workspace_id, transcript)
    except BodyInvalid as refusal:
        said = " ".join(f"{path}: {message}" if path else message for path, message in refusal.errors)
        raise CellRefused(f"The model does not take this request. {said}") from refusal
    except (SystemPromptRefused, TranscriptRefused) as refusal:
        raise CellRefused(str(refusal)) from refusal
