from __future__ import annotations

import pytest

from chat.live.merging import merge
from playground.upstream.events import Finished, ReasoningDelta, TextDelta, decode_events

END = Finished("stop")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], []),
        ([END], [END]),
        ([END, END], [END, END]),
        ([TextDelta("a")], [TextDelta("a")]),
        ([TextDelta("a"), TextDelta("b"), TextDelta("c")], [TextDelta("abc")]),
        ([TextDelta("a"), END, END, TextDelta("b")], [TextDelta("a"), END, END, TextDelta("b")]),
        ([END, TextDelta("a"), TextDelta("b"), END], [END, TextDelta("ab"), END]),
        (
            [TextDelta("a"), ReasoningDelta("b"), ReasoningDelta("c"), TextDelta("d")],
            [TextDelta("a"), ReasoningDelta("bc"), TextDelta("d")],
        ),
        (
            [TextDelta("a", 1), TextDelta("b", 2), TextDelta("c", 2), TextDelta("d", 1)],
            [TextDelta("a", 1), TextDelta("bc", 2), TextDelta("d", 1)],
        ),
    ],
)
def test_neighbouring_pieces_of_one_text_are_joined_and_nothing_else_changes(events, expected):
    assert decode_events(merge(events)) == expected
