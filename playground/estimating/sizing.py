"""How many tokens an answer's hold reserves, and the length that is sent with its request. Pure.

An answer that can be stopped extends its hold while it streams, so its first hold is a usual length. One that
comes whole, in the background or with hidden reasoning is known only at its end, so its hold has to cover it:
the length is sent along wherever the model could write more.
"""

from __future__ import annotations

from dataclasses import dataclass

# No model is useful below this.
LEAST_OUTPUT = 16
# The longest answer of a model whose own limit is unknown.
UNKNOWN_LONGEST = 131_072
# Where a limit leaves many times as much, an answer that cannot be stopped may be this long.
GENEROUS, GENEROUS_TIMES = 16_384, 10


@dataclass(frozen=True, slots=True)
class Wish:
    """The facts about an answer before it is written. All lengths are tokens of all its copies together."""

    first: int
    bound: int
    longest: int | None
    is_asked: bool = False
    can_stop: bool = True
    # The least length that can be sent; None if none can be.
    sendable_from: int | None = None

    @property
    def most(self) -> int:
        return UNKNOWN_LONGEST if self.longest is None else self.longest


@dataclass(frozen=True, slots=True)
class Size:
    """Tokens to hold, and the length to send, if any. If more is held than is left, the answer is refused."""

    held: int
    sent: int | None = None


def size(wish: Wish, left: int | None) -> Size:
    """Decide on an answer from the tokens that its limits leave; None if no limit counts them.

    A length that the user asked for is held as far as it is usual, or the answer is refused.
    """
    if left is None:
        return Size(wish.first if wish.can_stop else wish.bound)
    return _of_stream(wish, left) if wish.can_stop else _of_whole(wish, left)


def _of_stream(wish: Wish, left: int) -> Size:
    wanted = min(wish.first, wish.bound)
    held = max(min(wanted, left), wanted if wish.is_asked else min(wanted, LEAST_OUTPUT))
    can_send = wish.sendable_from is not None and left >= max(wish.sendable_from, held)
    return Size(held, left if can_send and left < wish.most else None)


def _of_whole(wish: Wish, left: int) -> Size:
    if wish.is_asked:
        return Size(wish.bound)
    if wish.sendable_from is None:
        # It may become longer than this, and nothing can be done about it.
        return Size(wish.bound)
    generous = min(wish.most, max(GENEROUS, 4 * wish.bound))
    wanted = generous if left >= GENEROUS_TIMES * generous else wish.bound
    held = max(min(wanted, left), min(wanted, max(LEAST_OUTPUT, wish.sendable_from)))
    return Size(held, held if held < wish.most else None)
