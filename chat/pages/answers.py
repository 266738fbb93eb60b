"""Parts of an answer beside its text, as a page shows them: while it is live, and when it is stored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from chat.pages.checked import check_of
from chat.pages.endings import ending_of_choice, missing_pieces
from chat.pages.receipt import duration
from chat.pages.rendered import EMPTY, html_of
from chat.pages.tool_calls import CallView, call_views
from chat.transcript import calls_in

if TYPE_CHECKING:
    from chat.models import Message, Run
    from chat.structured.verdict import Verdict
    from playground.upstream.answer import Answer
    from playground.upstream.answer_choice import AnswerChoice

# A live page shows only so many of the last characters of a growing text, so that its cost stays constant.
LAST_CHARACTERS = 600
# Most characters shown of a hosted tool's output or of a quote; the raw answer has all of them.
LONGEST_OUTPUT = 4_000
# Kinds of reasoning whose words the provider withheld. Other kinds are signatures of words that are stored.
_WITHHELD = {"redacted_thinking", "reasoning.encrypted"}
_TOOL_NAMES = {
    "web_search": "Searched the web",
    "web_search_preview": "Searched the web",
    "web_fetch": "Read a page",
    "x_search": "Searched X",
    "file_search": "Searched files",
    "code_interpreter": "Ran code",
    "code_execution": "Ran code",
    "bash_code_execution": "Ran a command",
    "text_editor_code_execution": "Edited a file",
    "local_shell": "Ran a command",
    "shell": "Ran a command",
    "computer": "Used a computer",
    "image_generation": "Drew a picture",
    "mcp": "Called {name}",
    "mcp_approval_request": "Asks for approval to call {name}",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a source. ``url`` is empty if it is not on the web."""

    url: str
    host: str
    title: str


@dataclass(frozen=True, slots=True)
class HostedToolView:
    label: str
    status: str
    input: str
    output: str
    is_cut: bool
    results: list[Link]


@dataclass(frozen=True, slots=True)
class Source:
    """A cited page. ``numbers`` are its places in the provider's list, which marks in the text refer to."""

    numbers: str
    link: Link
    quotes: list[str]


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """A choice of an answer, where several were asked for at once; ``number`` counts from 1."""

    number: int
    text: str = ""
    html: SafeString = EMPTY
    reasoning_html: SafeString = EMPTY
    reasoning_label: str = ""
    # True if the provider withheld or encrypted part of the reasoning.
    is_withheld: bool = False
    refusal: str = ""
    tool_calls: list[CallView] = field(default_factory=list)
    # The ending of this choice. It is empty for the first choice, whose ending is that of the run.
    note: str = ""
    is_chosen: bool = False
    # The check of the text, if JSON was asked for.
    check: Verdict | None = None


@dataclass(frozen=True, slots=True)
class MediaView:
    """A picture or a recording in the store, or a picture at the provider's address, which is only linked."""

    file: str = ""
    # The address of the stored bytes.
    url: str = ""
    link: Link | None = None
    width: int | None = None
    height: int | None = None
    # The bytes are not a readable picture or recording, so they can only be downloaded.
    is_unreadable: bool = False


@dataclass(frozen=True, slots=True)
class AnswerParts:
    hosted_tools: list[HostedToolView] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    choices: list[ChoiceView] = field(default_factory=list)
    images: list[MediaView] = field(default_factory=list)
    audio: MediaView | None = None
    # The transcript of spoken audio: as HTML for a stored answer, only its end for a live one.
    transcript_html: SafeString = EMPTY
    transcript: str = ""
    image_count: int = 0
    # A note about pieces that could not be read so far.
    missing: str = ""
    # The disk could not store them.
    is_media_lost: bool = False
    has_logprobs: bool = False

    @property
    def chosen(self) -> ChoiceView:
        return next((choice for choice in self.choices if choice.is_chosen), self.choices[0])


def answer_parts(message: Message, run: Run | None) -> AnswerParts:
    """Return all parts of a stored answer."""
    data = message.data
    others = data.get("choices", {})
    chosen = str(data.get("chosen", "0"))
    first = {**data, "text": message.text, "reasoning": message.reasoning}
    found = {"0": first, **others}
    return AnswerParts(
        hosted_tools=[_hosted_tool(call) for call in data.get("hosted_tools", ())],
        sources=sources_of(data.get("citations", ())),
        choices=[
            replace(
                _choice(int(index) + 1, choice, run if index == "0" else None, is_chosen=index == chosen),
                check=check_of(choice.get("text", ""), run),
            )
            for index, choice in sorted(found.items(), key=lambda pair: int(pair[0]))
        ],
        images=[_media(image) for image in data.get("images", ())],
        audio=_media(data["audio"]) if isinstance(data.get("audio"), dict) else None,
        transcript_html=html_of(data.get("transcript", "")),
        is_media_lost=bool(data.get("is_media_lost")),
        has_logprobs=bool(found.get(chosen, first).get("logprobs")),
    )


def live_parts(answer: Answer) -> AnswerParts:
    """Return the parts of a live answer beside the first choice's text and reasoning, shortened."""
    return AnswerParts(
        hosted_tools=[_hosted_tool(call) for call in answer.hosted_tools.values()],
        sources=sources_of(answer.citations),
        choices=[
            _live_choice(0, answer.first),
            *(_live_choice(*pair) for pair in sorted(answer.others.items())),
        ],
        transcript=_last_said(answer.transcript_parts),
        image_count=len(answer.images),
        missing=missing_pieces(answer.unreadable_pieces),
    )


def _media(found: dict[str, Any]) -> MediaView:
    if "file" not in found:
        return MediaView(link=link_to(found.get("url", "")))
    return MediaView(
        file=found["file"],
        url=reverse("chat:file", args=[found["file"]]),
        width=found.get("width"),
        height=found.get("height"),
        is_unreadable=bool(found.get("is_unreadable")),
    )


def _last_said(pieces: list[str]) -> str:
    """Return the end of a transcript. No piece is empty, so that many of the last pieces suffice."""
    return "".join(pieces[-LAST_CHARACTERS:])[-LAST_CHARACTERS:]


def _choice(number: int, found: dict[str, Any], run: Run | None, *, is_chosen: bool) -> ChoiceView:
    return ChoiceView(
        number=number,
        text=found.get("text", ""),
        html=html_of(found.get("text", "")),
        reasoning_html=html_of(found.get("reasoning", "")),
        reasoning_label=_reasoning_label(run) if found.get("reasoning") else "",
        is_withheld=is_withheld(found.get("opaque_reasoning", ()), found.get("reasoning", "")),
        refusal=found.get("refusal", ""),
        tool_calls=call_views(calls_in(found)),
        note="" if number == 1 else ending_of_choice(found),
        is_chosen=is_chosen,
    )


def _live_choice(index: int, choice: AnswerChoice) -> ChoiceView:
    calls = [
        CallView(place, call.name, call.pieces.last(LAST_CHARACTERS))
        for place, (_, call) in enumerate(sorted(choice.tool_calls.items()), 1)
    ]
    return ChoiceView(
        number=index + 1,
        text=(choice.text_parts or choice.reasoning_parts).last(LAST_CHARACTERS) if index else "",
        refusal=choice.refusal_parts.last(LAST_CHARACTERS),
        tool_calls=calls,
    )


def is_withheld(opaque: Any, reasoning: str) -> bool:
    """
    >>> is_withheld([{"type": "redacted_thinking", "data": "x"}], "Hm.")
    True
    >>> is_withheld([{"type": "thinking", "signature": "x"}], "Hm.")
    False
    """
    if any(item.get("type") in _WITHHELD for item in opaque):
        return True
    # OpenAI seals the reasoning and shows a summary at most.
    return not reasoning and any("encrypted_content" in item for item in opaque)


def _reasoning_label(run: Run | None) -> str:
    took = duration(run.reasoning_ms) if run else ""
    label = f"Thought for {took}" if took else "Reasoning"
    if run and run.reasoning_tokens:
        count = run.reasoning_tokens
        label += f" · {count:,} {ngettext('token', 'tokens', count)}"
    return label


def _hosted_tool(call: dict[str, Any]) -> HostedToolView:
    kind, name = call.get("type", ""), call.get("name", "")
    label = _TOOL_NAMES.get(kind, "Used {name}").format(name=name or kind.replace("_", " ") or "a tool")
    output = call.get("output", "")
    return HostedToolView(
        label=label,
        status=call.get("status", ""),
        input=call.get("input", "")[:LONGEST_OUTPUT],
        output=output[:LONGEST_OUTPUT],
        is_cut=len(output) > LONGEST_OUTPUT,
        results=[
            link_to(result.get("url", ""), result.get("title", "")) for result in call.get("results", ())
        ],
    )


def link_to(url: str, title: str = "") -> Link:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return Link("", "", title or url)
    is_web = parts.scheme in {"http", "https"} and bool(host)
    return Link(url if is_web else "", host, title or host or url)


def sources_of(citations: Any) -> list[Source]:
    """List each cited page once, with the numbers of all its citations."""
    found: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for number, citation in enumerate(citations, 1):
        url = citation.get("url", "")
        # urldefrag() would raise for text that is not an address, and a provider may send anything.
        page = url.partition("#")[0].rstrip("/")
        found.setdefault(page or citation.get("title", ""), []).append((number, citation))
    return [_source(group) for group in found.values()]


def _source(group: list[tuple[int, dict[str, str]]]) -> Source:
    first = group[0][1]
    title = next((citation["title"] for _, citation in group if citation.get("title")), "")
    quotes = dict.fromkeys(citation["quote"] for _, citation in group if citation.get("quote"))
    return Source(
        numbers=", ".join(str(number) for number, _ in group),
        link=link_to(first.get("url", ""), title),
        quotes=list(quotes),
    )
