"""A model's words to safe HTML, whole or as they arrive. Knows no Django.

The way of a text: ``parser`` (markdown-it with our rules for links, code and formulas) makes
HTML in which every character of the model is escaped, ``sanitise`` then drops whatever is not on
a strict list, and last adds the few controls that are ours (copy buttons, scrolling tables).
``render`` does that for a stored message; ``IncrementalRenderer`` does it block by block while
an answer streams: ``lines`` tells where a block ends, ``open_*`` hold the block being written.
"""

from __future__ import annotations

from chat.markdown.code import CODE_CSS_CLASSES
from chat.markdown.incremental import IncrementalRenderer
from chat.markdown.tail import Tail
from chat.markdown.whole import render

__all__ = ["CODE_CSS_CLASSES", "IncrementalRenderer", "Tail", "render"]
