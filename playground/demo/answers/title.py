from __future__ import annotations

import re

from playground.demo import subject
from playground.demo.answers.answer import ScriptedAnswer
from playground.demo.requests import ChatRequest
from playground.demo.subject import SubjectKind

_ASKED = re.compile(
    r"\A\s*(?:please\s+)?(?:write|give|suggest|make)\b[^\n]{0,60}\btitle\b[^\n]*\n+\s*(?:prompt|user):\s*"
    r"(.+?)\s*(?:\n\s*(?:answer|assistant):|\Z)",
    re.IGNORECASE | re.DOTALL,
)


def answer(request: ChatRequest) -> ScriptedAnswer | None:
    """Write the title of a conversation; None if the prompt asks for something else.

    >>> asked = {"role": "user", "content": "Write a title.\\nPrompt: Explain how tides work."}
    >>> "".join(answer(ChatRequest("", (asked,))).content)
    'Tides work'
    """
    asked = _ASKED.match(request.prompt)
    if asked is None:
        return None
    about = subject.read(asked[1])
    return ScriptedAnswer.of("A greeting" if about.kind is SubjectKind.GREETING else about.title)
