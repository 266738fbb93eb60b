"""A conversation that opens at a message which a search has found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from chat.pages.messages import PIECE, Earlier, MessageView, Thread, stretch, views
from chat.pages.search import words_of
from chat.transcript import Tree

if TYPE_CHECKING:
    from chat.access import Grant
    from chat.models import Message

# A page that opens at a message this far above the end has all messages down to the end.
MOST_BELOW = 300
# Messages above a hit that the page has at first, and messages below it, if it does not reach the end.
_ABOVE, _BELOW = 20, 80


@dataclass(frozen=True, slots=True)
class Opening:
    """The message at which a page opens, with the words to mark in it."""

    message: UUID
    words: str
    # The page shows a part of the conversation for reading: another version than everyone's, or messages far
    # above the end. It gets no frames, and has no composer.
    is_apart: bool
    is_other_version: bool


def opening_at(grant: Grant, message: Message, query: str) -> tuple[Thread, Opening]:
    """Return the thread that has the message, on the branch that everyone sees if the message is on it.

    The branch that everyone sees stays the same.
    """
    tree = Tree(grant.conversation)
    branch = tree.path(grant.conversation.head_id)
    is_other = message.pk not in branch
    if is_other:
        branch = tree.path(tree.newest_leaf(message.pk))
    place = branch.index(message.pk)
    below = len(branch) - place
    is_apart = is_other or below > MOST_BELOW
    opening = Opening(message.code, words_of(query), is_apart, is_other)
    if not is_apart:
        most = max(PIECE, below + _ABOVE)
        return stretch(grant, tree, branch, most, comes_unasked=True), opening
    start = max(place - _ABOVE, 0)
    shown = views(grant, tree, branch[start : place + _BELOW])
    earlier = Earlier(tree.code(branch[start]), start, comes_unasked=False) if start else None
    return for_reading(Thread(shown, earlier)), opening


def for_reading(thread: Thread) -> Thread:
    """Return a thread without actions, for a page that is apart and could not follow what they start."""
    return replace(thread, turns=[_for_reading(view) for view in thread.turns])


def _for_reading(view: MessageView) -> MessageView:
    """Return the message without its actions."""
    run = replace(view.run, longer=None, continuing="", ways=None) if view.run else None
    return replace(
        view,
        run=run,
        previous_code=None,
        next_code=None,
        can_edit=False,
        can_delete=False,
        can_fork=False,
        example_place="",
        can_regenerate=False,
        can_go_on=False,
        has_menu=False,
    )
