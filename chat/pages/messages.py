"""A branch of a conversation as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import BigIntegerField, Exists, OuterRef
from django.db.models.functions import Length

from accounts.permissions import Action, allows
from accounts.prepared import prepared
from chat.models import Message, Run, StoredFile
from chat.pages.answers import AnswerParts, answer_parts
from chat.pages.attaching import Attached, attached
from chat.pages.blind import without_names
from chat.pages.continuing import continuing_for
from chat.pages.endings import ending_of, longer_for, missing_pieces
from chat.pages.failures import Failure, failure_of
from chat.pages.origins import author_name_of, example_place_of, origin_of, prefilled, source_model_of
from chat.pages.receipt import Change, Receipt, final_receipt, parameter_changes, waiting_receipt
from chat.pages.too_long import ways_out
from chat.transcript import Tree
from playground.labels import endpoint_label, model_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from chat.access import Grant
    from chat.pages.too_long import WaysOut
    from playground.parameters.known.longer_limit import LongerLimit


@dataclass(frozen=True, slots=True)
class RunView:
    code: UUID
    status: str
    is_live: bool
    model_id: str
    # The names of the model and of the endpoint in this workspace.
    model_name: str
    endpoint_kind: str
    endpoint: str
    changes: list[Change]
    # The tokens that the provider counted for the branch up to this answer; None if it counted none.
    context_tokens: int | None
    receipt: Receipt
    failure: Failure | None
    # An ending that needs more than the receipt's word, and the longer limit of a retry.
    note: str
    # A note about pieces of the answer that could not be read.
    missing: str
    longer: LongerLimit | None
    # How a cut answer can be continued: see chat.pages.continuing.
    continuing: str
    # Buttons for a prompt that does not fit the model's context.
    ways: WaysOut | None
    can_inspect: bool = True


@dataclass(frozen=True, slots=True)
class MessageView:
    code: UUID
    role: str
    text: str
    at: datetime
    author_name: str
    is_mine: bool
    sibling_position: int
    sibling_count: int
    # None if there is none, or if the reader may not switch to it.
    previous_code: UUID | None
    next_code: UUID | None
    can_edit: bool
    can_delete: bool
    # Whether the reader may copy the messages down to this one into a chat of their own.
    can_fork: bool
    # Where an example may stand beside it: "above", "below" or nowhere.
    example_place: str
    can_regenerate: bool
    # Whether the menu "More" has something for the reader.
    has_menu: bool
    run: RunView | None = None
    # Parts of an answer that has ended.
    parts: AnswerParts | None = None
    # Whether it is the last of the branch, and the reader may continue from it.
    can_go_on: bool = False
    # The version of the system prompt that an answer was given; 0 for none.
    system_number: int = 0
    # Whether that is not the current one.
    has_other_system: bool = False
    # Where an answer without a run comes from: "Imported", and the model that its source names, if any.
    origin: str = ""
    source_model: str = ""
    # The original of a copied or edited message, if it is in this conversation.
    original: UUID | None = None
    # Whether it is an example's prompt. An answer has its origin.
    is_example: bool = False
    # The number of characters, without white space, with which a person has started the answer.
    prefilled: int = 0
    # The tool of a tool's result, and whether the call failed.
    tool_name: str = ""
    is_error: bool = False
    files: list[Attached] = field(default_factory=list)


# The characters of text that a frame with several messages may hold. HTML is longer, mostly twice as long.
FRAME_TEXT = 256 * 1024
# A page opens with so many messages and fetches as many more at a time, up to a bound. Beyond it the
# reader has to ask for more: ten thousand messages are slow in any browser.
PIECE = 100
MOST_UNASKED = 1_000


@dataclass(frozen=True, slots=True)
class Earlier:
    """The messages above those that a page has."""

    # The code of the first message that the page has.
    before: UUID
    count: int
    comes_unasked: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A stretch of a branch, first message first, and what is above it."""

    turns: list[MessageView]
    earlier: Earlier | None = None


def opening(grant: Grant) -> Thread:
    """Return the end of the branch that the page shows, in two queries at any length.

    Attached files, the names of models, and an answer that a limit cut take one more query each. Where
    prompts were too long, there are three more.
    """
    return _end(grant, PIECE)


def whole_thread(grant: Grant) -> Thread:
    """Return the branch as a replacement of the whole thread, as far as one frame should hold it."""
    tree = Tree(grant.conversation)
    path = tree.path(grant.conversation.head_id)
    most = _fitting(path[-MOST_UNASKED:])
    return stretch(grant, tree, path, most, comes_unasked=most < MOST_UNASKED)


def shorter(thread: Thread) -> Thread:
    """Return the second half of a stretch, for one whose HTML is longer than its text suggests."""
    half = len(thread.turns) // 2
    above = thread.earlier.count if thread.earlier else 0
    return Thread(thread.turns[half:], Earlier(thread.turns[half].code, above + half, comes_unasked=True))


def _fitting(pks: list[int]) -> int:
    """Count the last messages whose text together may become one frame; the last one always may."""
    sizes = Message.objects.filter(pk__in=pks).annotate(size=Length("text") + Length("reasoning"))
    known = dict(sizes.values_list("pk", "size"))
    total = 0
    for number, pk in enumerate(reversed(pks)):
        total += known.get(pk, 0)
        if total > FRAME_TEXT and number:
            return number
    return len(pks)


def turns_before(grant: Grant, message: Message) -> Thread:
    """Return the stretch above ``message``, on the branch that leads to it."""
    tree = Tree(grant.conversation)
    shown = tree.path(grant.conversation.head_id)
    # If the page shows a branch that is no longer current, it loads more only when the user asks.
    had = len(shown) - shown.index(message.pk) if message.pk in shown else MOST_UNASKED
    unasked = had + PIECE < MOST_UNASKED
    return stretch(grant, tree, tree.path(message.parent_id), PIECE, comes_unasked=unasked)


def _end(grant: Grant, most: int) -> Thread:
    tree = Tree(grant.conversation)
    path = tree.path(grant.conversation.head_id)
    return stretch(grant, tree, path, most, comes_unasked=most < MOST_UNASKED)


def stretch(grant: Grant, tree: Tree, path: list[int], most: int, *, comes_unasked: bool) -> Thread:
    """Return the last messages of a path, at most so many."""
    count = max(len(path) - most, 0)
    earlier = Earlier(tree.code(path[count]), count, comes_unasked) if count else None
    return Thread(views(grant, tree, path[count:]), earlier)


def turns_after(grant: Grant, known: UUID, tree: Tree | None = None) -> list[MessageView] | None:
    """Return the messages after ``known``; None if it is not on the branch, or if they are too many."""
    tree = tree or Tree(grant.conversation)
    path = tree.path(grant.conversation.head_id)
    position = next((place for place, pk in enumerate(path) if tree.code(pk) == known), None)
    if position is None:
        return None
    following = path[position + 1 :]
    # A prompt and its answer are what mostly follows, and need no look at their sizes.
    is_short = len(following) <= 2 or _fitting(following) == len(following)
    return views(grant, tree, following) if is_short else None


def message_view(grant: Grant, message: Message, tree: Tree | None = None) -> MessageView:
    return views(grant, tree or Tree(grant.conversation), [message.pk])[0]


def views(grant: Grant, tree: Tree, pks: list[int]) -> list[MessageView]:
    # in_bulk() would send SQLite one query for every thousand.
    messages = {message.pk: message for message in _with_runs(pks=pks)}
    siblings = {pk: tree.siblings(pk) for pk in pks}
    runs = {pk: run for pk, message in messages.items() if (run := _run_of(message))}
    longer = longer_for([(run, messages[pk]) for pk, run in runs.items()]) if grant.can_write else {}
    continuing = continuing_for([(run, messages[pk]) for pk, run in runs.items()]) if grant.can_write else {}
    ways = ways_out(runs.values(), grant.membership) if grant.can_write else {}
    # The query adds the attribute.
    with_files = [pk for pk, message in messages.items() if message.has_files]  # type: ignore[attr-defined]
    files = _files(with_files)
    written = {(message.provider_code, message.model_id) for message in messages.values() if message.model_id}
    named = written | {(run.provider_code, run.model_id) for run in runs.values()}
    names = model_names(grant.conversation.workspace, named)
    shown = [
        replace(
            _view(grant, messages[pk], siblings[pk], tree, run, names),
            run=replace(
                _run_view(run, messages[pk], longer.get(run.pk), ways.get(run.pk)),
                continuing=continuing.get(run.pk, ""),
                model_name=names[run.provider_code, run.model_id],
            )
            if run
            else None,
            files=files.get(pk, []),
        )
        for pk in pks
        if pk in messages
        for run in [runs.get(pk)]
    ]
    return [without_names(view) for view in shown] if grant.conversation.is_blind else shown


@prepared(pks=BigIntegerField())
def _with_runs(pks: Any) -> QuerySet[Message]:
    return (
        Message.objects.filter(pk__in=pks)
        .select_related("author", "run", "system_prompt")
        .defer("run__body", "system_prompt__text")
        .annotate(has_files=Exists(StoredFile.objects.filter(message=OuterRef("pk"))))
    )


def _run_of(message: Message) -> Run | None:
    """Return the run of a message, which was loaded with it."""
    return getattr(message, "run", None)


def _files(pks: list[int]) -> dict[int | None, list[Attached]]:
    found: dict[int | None, list[Attached]] = {}
    if not pks:
        return found
    for file in StoredFile.objects.filter(message__in=pks):
        found.setdefault(file.message_id, []).append(attached(file))
    return found


def _view(
    grant: Grant,
    message: Message,
    siblings: list[int],
    tree: Tree,
    run: Run | None,
    names: Mapping[tuple[str, str], str],
) -> MessageView:
    position = siblings.index(message.pk)
    before, after = (siblings[:position], siblings[position + 1 :]) if grant.can_write else ([], [])
    is_answer = message.role == Message.Role.ASSISTANT
    is_live = run is not None and run.is_live
    can_change = grant.can_write and not is_live
    can_fork = not is_live and allows(grant.membership.role, Action.SEND)
    can_fork = can_fork and not grant.conversation.is_temporary
    original = message.copied_from_id
    return MessageView(
        code=message.code,
        role=message.role,
        text=message.text,
        at=message.created_at,
        author_name=author_name_of(message),
        is_mine=message.author_id == grant.membership.user_id,
        sibling_position=position + 1,
        sibling_count=len(siblings),
        previous_code=tree.code(before[-1]) if before else None,
        next_code=tree.code(after[0]) if after else None,
        can_edit=can_change and message.role != Message.Role.SYSTEM,
        can_delete=can_change,
        can_fork=can_fork,
        example_place=example_place_of(message) if can_change else "",
        can_regenerate=grant.can_write and is_answer and not is_live and message.parent_id is not None,
        has_menu=can_change or can_fork or run is not None,
        parts=answer_parts(message, run) if is_answer and not is_live else None,
        can_go_on=grant.can_write and not is_live and message.pk == grant.conversation.head_id,
        system_number=message.system_prompt.number if message.system_prompt else 0,
        has_other_system=run is not None and message.system_prompt_id != grant.conversation.system_prompt_id,
        origin=origin_of(message) if is_answer and run is None else "",
        source_model=source_model_of(message, names) if is_answer else "",
        original=tree.code(original) if original is not None and original in tree else None,
        is_example=message.is_example and not is_answer,
        prefilled=prefilled(message, run) if is_answer else 0,
        tool_name=message.data.get("name", "") if message.role == Message.Role.TOOL else "",
        is_error=bool(message.data.get("is_error")),
    )


def _run_view(run: Run, answer: Message, longer: LongerLimit | None, ways: WaysOut | None) -> RunView:
    return RunView(
        code=run.code,
        status=run.status,
        is_live=run.is_live,
        model_id=run.model_id,
        model_name=run.model_id,
        endpoint_kind=run.endpoint_kind,
        endpoint=endpoint_label(run.endpoint_kind),
        changes=parameter_changes(run),
        context_tokens=_context_tokens(run),
        receipt=waiting_receipt(run) if run.is_live else final_receipt(run, answer),
        failure=failure_of(run),
        note="" if run.is_live else ending_of(run, answer).note,
        missing=_missing(run, answer),
        longer=longer,
        continuing="",
        ways=ways,
    )


def _context_tokens(run: Run) -> int | None:
    if run.is_live or run.are_tokens_estimated or run.input_tokens is None:
        return None
    # Later requests do not repeat the reasoning.
    return run.input_tokens + max(0, (run.output_tokens or 0) - (run.reasoning_tokens or 0))


def _missing(run: Run, answer: Message) -> str:
    # If nothing at all could be read, the failure says so.
    return missing_pieces(run.unreadable_pieces) if answer.text or answer.data or not run.error else ""
