"""The request bodies that the official clients of OpenAI and Anthropic have types for.

    assert errors_of("messages", body) == []

Every field must be one that the types have, and of its type: a server may be as strict as they are.
"""

from __future__ import annotations

import collections.abc
import types
import typing
from functools import cache
from typing import Annotated, Any, Union

import typing_extensions
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from openai.types.responses.response_create_params import ResponseCreateParamsStreaming
from pydantic import ConfigDict, TypeAdapter, ValidationError

_BODIES: dict[str, Any] = {
    "chat/completions": CompletionCreateParamsStreaming,
    "responses": ResponseCreateParamsStreaming,
    "messages": MessageCreateParamsStreaming,
}
_LISTS = (collections.abc.Iterable, collections.abc.Sequence, list)
_WRAPPERS = (typing_extensions.Required, typing_extensions.NotRequired, typing_extensions.ReadOnly)
_STRICT = ConfigDict(extra="forbid", strict=True)


def errors_of(kind: str, body: dict[str, Any]) -> list[str]:
    """Return the place and the reason of each error in the body of a streamed request."""
    try:
        _validator(kind).validate_python(body)
    except ValidationError as error:
        return [
            f"{'.'.join(str(step) for step in each['loc'] if '[' not in str(step))}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False, include_context=False)
        ]
    return []


def without_extensions(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the body without the parameters that only some providers have."""
    official = typing_extensions.get_type_hints(_BODIES[kind])
    return {name: value for name, value in body.items() if name in official}


@cache
def _validator(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_Jsonable().read(_BODIES[kind]))


class _Jsonable:
    """The types of the clients, with lists for all that can be iterated and without open files.

    pydantic checks the members of an ``Iterable`` only when they are taken out of it, and so would take
    the first alternative that has one.
    """

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def read(self, found: Any) -> Any:
        """Return the type for JSON, None for one that no JSON has."""
        if typing_extensions.is_typeddict(found):
            return self._typed_dict(found)
        if isinstance(found, typing_extensions.TypeAliasType):
            return self.read(found.__value__)
        origin, parts = typing.get_origin(found), typing.get_args(found)
        if origin in (Union, types.UnionType):
            kept = [read for part in parts if (read := self.read(part)) is not None]
            return Union[tuple(kept)] if kept else None  # noqa: UP007 (known at run time only)
        if origin in (dict, collections.abc.Mapping):
            return dict[str, Any]
        if origin is Annotated or origin in _WRAPPERS or _is_list(origin):
            inner = self.read(parts[0])
            if inner is None or origin is Annotated:
                return inner
            return origin[inner] if origin in _WRAPPERS else list[inner]  # type: ignore[valid-type]
        if found in (Any, object):
            return Any
        is_json = origin is typing.Literal or found in (str, int, float, bool, type(None), dict)
        return found if is_json else None

    def _typed_dict(self, found: Any) -> Any:
        if found in self._known:
            return self._known[found]
        # A type that contains itself accepts anything at the second level.
        self._known[found] = dict[str, Any]
        hints = typing_extensions.get_type_hints(found, include_extras=True)
        fields = {name: read for name, hint in hints.items() if (read := self.read(hint)) is not None}
        # Annotations that are texts hide from ``__required_keys__`` that they say "Required" themselves.
        for name in found.__required_keys__ & fields.keys():
            if typing.get_origin(fields[name]) not in _WRAPPERS:
                fields[name] = typing_extensions.Required[fields[name]]
        made = typing_extensions.TypedDict(found.__name__, fields, total=False)  # type: ignore[misc]
        setattr(made, "__pydantic_config__", _STRICT)  # noqa: B010 (no type checker knows the field)
        self._known[found] = made
        return made


def _is_list(origin: Any) -> bool:
    # The clients' name for a sequence that is no text.
    return origin in _LISTS or getattr(origin, "__name__", "") == "SequenceNotStr"
