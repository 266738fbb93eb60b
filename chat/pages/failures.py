"""Failures of answers, in plain words first and then in the provider's own."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chat.flows.extend_hold import LIMIT
from chat.pages.too_long import context_of
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.errors.failures import HEADLINES
from playground.upstream.errors.refusals import Why, leaves_no_choice

if TYPE_CHECKING:
    from chat.live.run import LiveRun
    from chat.models import Run
    from playground.upstream.errors.context_limits import ContextExceeded


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A button that sends the prompt again without these parameters."""

    names: tuple[str, ...]

    @property
    def value(self) -> str:
        """The value that the button posts."""
        return " ".join(self.names)

    @property
    def label(self) -> str:
        return f"Send again without {_and(self.names)}"


@dataclass(frozen=True, slots=True)
class Failure:
    """Texts that are ready to show; an empty one is not known."""

    kind: str
    title: str
    message: str
    # The sentences of the provider in which it refused a parameter.
    quotes: tuple[str, ...]
    hint: str
    suggestions: tuple[Suggestion, ...]
    # Whether a refused parameter is in the box for extra ones.
    is_extra: bool
    detail: str
    # Whether ``detail`` are the provider's words, and not those of this server's network.
    is_quoted: bool
    status: int | None
    request_id: str


_TITLES = {
    FailureKind.UNAUTHORISED: "{provider} did not accept the API key",
    FailureKind.FORBIDDEN: "{provider} refused this request",
    FailureKind.NOT_FOUND: "{provider} does not know this model",
    FailureKind.RATE_LIMITED: "{provider} received too many requests",
    FailureKind.OVERLOADED: "{provider} is busy",
    FailureKind.BAD_REQUEST: "{provider} did not accept the request",
    FailureKind.SERVER: "{provider} had an error",
    FailureKind.REDIRECTED: "{provider} redirected the request",
    FailureKind.CUT: "The connection was cut",
    FailureKind.MALFORMED: "{provider} sent an answer that cannot be read",
    FailureKind.TOO_LARGE: "{provider} sent an answer that is too large",
    FailureKind.IN_STREAM: "{provider} reported an error while answering",
    FailureKind.INTERNAL: "Something went wrong on our side",
    FailureKind.NOT_SUPPORTED: "This endpoint isn't supported yet",
    FailureKind.REFUSED_ADDRESS: "This server may not connect to {provider}",
    FailureKind.TIMEOUT_TOTAL: "The answer took too long",
    FailureKind.TIMEOUT_IDLE: "{provider} stopped responding",
    FailureKind.TIMEOUT_FIRST_TOKEN: "{provider} did not answer in time",
    **dict.fromkeys(
        (
            FailureKind.CONNECT,
            FailureKind.BAD_ADDRESS,
            FailureKind.DNS,
            FailureKind.TLS,
            FailureKind.TIMEOUT_CONNECT,
        ),
        "{provider} could not be reached",
    ),
}
_REFUSED = {
    Why.PARAMETER: ("{provider} refused {names}", ""),
    Why.VALUE: (
        "{provider} refused the value of {names}",
        "You can also set another value, then choose “Answer again”.",
    ),
    Why.CONFLICT: ("{provider} does not accept {names} together", ""),
}
# Kinds whose titles say the same as the first sentence of the message.
_SAID_BY_TITLE = frozenset(_TITLES) & HEADLINES.keys() - {FailureKind.FORBIDDEN, FailureKind.REDIRECTED}
# Titles for a run that waits before it sends the same request again.
_WAITING = {
    FailureKind.RATE_LIMITED: "{provider} received too many requests",
    FailureKind.OVERLOADED: "{provider} is busy",
    FailureKind.CONNECT: "{provider} cannot be reached",
}


# Sentences of ours that earlier versions stored as the provider's.
_OURS = ("It was empty.", "It answered with a web page.")


def failure_of(run: Run) -> Failure | None:
    error = run.error
    if not error or error.get("kind") == LIMIT:
        return None
    # Old runs do not name the provider of an error.
    provider = error.get("provider") or "The provider"
    refused = error.get("refused", [])
    found = context_of(run)
    if found:
        # A refused parameter is at most the length of the answer, which has a button of its own.
        title, said = _too_long(found)
        return Failure(
            kind=str(error.get("kind", "")),
            title=title,
            message=said or _message(error),
            quotes=(),
            hint="",
            suggestions=(),
            is_extra=False,
            detail=_detail(error),
            is_quoted=_is_quoted(error),
            status=error.get("status"),
            request_id=error.get("request_id", ""),
        )
    if refused:
        title, hint, suggestions = _refusal(provider, refused)
    else:
        kind = error.get("kind", "")
        title = _TITLES.get(kind, "{provider} failed").format(provider=provider)
        hint, suggestions = "", ()
    return Failure(
        kind=str(error.get("kind", "")),
        title=title,
        message="" if refused else _message(error),
        quotes=tuple(dict.fromkeys(found["words"] for found in refused if found["words"])),
        hint=hint,
        suggestions=suggestions,
        is_extra=any(found.get("place") == "extra" for found in refused),
        detail=_detail(error),
        is_quoted=_is_quoted(error),
        status=error.get("status"),
        request_id=error.get("request_id", ""),
    )


def _too_long(found: ContextExceeded) -> tuple[str, str]:
    """Return a title and, as far as the figures are known, a sentence with them."""
    if found.limit is None or found.prompt is None:
        limit = f"The model's context holds {found.limit:,} tokens." if found.limit else ""
        return "This is too long for this model", limit
    if found.is_for_the_answer:
        said = (
            f"The prompt has {found.prompt:,} tokens. The model's context of {found.limit:,} leaves "
            f"{found.limit - found.prompt:,} for the answer."
        )
        return "Prompt and answer together are too long for this model", said
    said = f"It has {found.prompt:,} tokens, and the model's context holds {found.limit:,}."
    return "The prompt is too long for this model", said


def _refusal(provider: str, refused: list[dict[str, str]]) -> tuple[str, str, tuple[Suggestion, ...]]:
    names = tuple(found["name"] for found in refused)
    why = Why(refused[0]["why"])
    title, hint = _REFUSED[why]
    if any(leaves_no_choice(found["words"]) for found in refused):
        hint = ""
    # A user cannot leave out what an admin set for the whole provider.
    provided = tuple(found["name"] for found in refused if found.get("place") == "provider")
    own = tuple(name for name in names if name not in provided)
    if provided:
        hint = (
            f"{_and(provided)} {'is' if len(provided) == 1 else 'are'} set for all models of {provider}, "
            "on its page in the settings. Ask an admin to change it."
        )
    # Where parameters exclude each other, one of them may stay.
    suggestions = tuple(Suggestion((name,)) for name in own) if why is Why.CONFLICT else (Suggestion(own),)
    suggestions = suggestions if own else ()
    return title.format(provider=provider, names=_and(names)), hint, suggestions


def _detail(error: dict[str, Any]) -> str:
    detail: str = error.get("detail", "")
    return "" if detail in _OURS else detail


def _is_quoted(error: dict[str, Any]) -> bool:
    """Return whether the provider answered: every message about its answer begins with a headline."""
    kind = error.get("kind")
    return kind in HEADLINES and error.get("message", "").startswith(HEADLINES[FailureKind(kind)])


def _message(error: dict[str, Any]) -> str:
    message: str = error.get("message", "")
    if (kind := error.get("kind")) in _SAID_BY_TITLE:
        message = message.removeprefix(HEADLINES[FailureKind(kind)]).strip()
    tries = error.get("tries", 1)
    if tries == 1:
        return message
    end = "" if not message or message.endswith((".", "!", "?", "…")) else "."
    return f"{message}{end} We tried {tries} times.".strip()


def _and(names: tuple[str, ...]) -> str:
    """
    >>> _and(("a",)), _and(("a", "b", "c"))
    ('a', 'a, b and c')
    """
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


@dataclass(frozen=True, slots=True)
class RetryNotice:
    """The notice of a live answer that will be requested again; ``seconds`` is 0 during the request."""

    why: str
    seconds: int
    number: int
    most: int


def retry_notice(live: LiveRun) -> RetryNotice | None:
    again = live.retrying
    if again is None:
        return None
    seconds = math.ceil(live.retries_at - time.monotonic()) if again.seconds else 0
    why = _WAITING.get(again.kind, "{provider} failed").format(provider=again.provider or "The provider")
    return RetryNotice(why, max(0, seconds), again.number, again.most)
