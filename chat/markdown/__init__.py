"""The rendering of a model's Markdown to safe HTML, whole or while it arrives. It does not use Django.

``parser`` (markdown-it with our rules for links, code and formulas) makes HTML in which every
character of the model is escaped. ``sanitise`` then drops everything that is not on a strict list,
and adds our own controls (copy buttons, scrolling tables). ``render`` does that for a stored message.
``IncrementalRenderer`` does it block by block while an answer streams: ``lines`` decides where a block
ends, and ``open_*`` hold the open block, which is still being written.
``plain_text`` makes text without marks, for the clipboard.
"""

from __future__ import annotations

from chat.markdown.code import CODE_CSS_CLASSES
from chat.markdown.incremental import IncrementalRenderer
from chat.markdown.open_end import OpenEnd
from chat.markdown.plain_text import plain_text
from chat.markdown.whole import render

__all__ = ["CODE_CSS_CLASSES", "IncrementalRenderer", "OpenEnd", "plain_text", "render"]
