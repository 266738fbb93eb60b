"""The chat endpoints among the paths of an OpenAPI document.

Requests go to the provider's base URL with the kind of endpoint behind it, so the path of the document that
is there has priority. Hosts are not compared: published documents name development machines, or none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

from playground.catalogue.documents import Walker
from playground.upstream.dialects.registry import endpoint_kinds

# LiteLLM lists 13 paths that end like a chat endpoint. A schema is read for each one that is used.
MOST_PATHS = 1000
MOST_USED = 30
MOST_SERVERS = 20
_TEMPLATE = re.compile(r"\{[^{}]*\}")
# A segment that stands for the model, such as {model}, {deployment-id}, {engine} or {model_id:path}.
_MODEL = re.compile(
    r"\{\+?(?:model|deployment|engine)(?:[-_]?(?:id|name|path))?(?::\w+)?\*?\}", re.IGNORECASE
)
# Segments before an endpoint that many servers have at their root, and words before a model's place.
_USUAL = re.compile(r"v\d+\w*|api|openai")
_BEFORE_MODEL = frozenset({"models", "model", "deployments", "deployment", "engines", "engine"})


class _Rank(IntEnum):
    """The relation of a path to the base URL; lower ranks have priority."""

    SAME = 0
    # The path is the base URL's where its templated segments are filled in.
    FILLED_IN = 1
    USUAL = 2
    FOR_A_MODEL = 3
    FOREIGN = 4


@dataclass(frozen=True, slots=True)
class ChatPath:
    """A path of the document that is an endpoint of this kind, with its POST operation."""

    path: str
    kind: str
    operation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChatPaths:
    """The endpoints of a document, and by kind the first path that only looks like one."""

    found: tuple[ChatPath, ...]
    elsewhere: dict[str, str]


def chat_paths(document: dict[str, Any], base_url: str = "") -> ChatPaths:
    """Find the endpoints that lie below the base URL, or else where servers usually have them.

    :param base_url: the provider's; without one, every usual place counts.
    """
    base = _segments(urlsplit(base_url).path) if base_url else None
    ranked = list(_ranked(document, base))
    best: dict[str, _Rank] = {}
    for rank, chat_path, _ in ranked:
        best[chat_path.kind] = min(rank, best.get(chat_path.kind, rank))
    nearest = min(best.values(), default=_Rank.FOREIGN)
    # A document that knows the base URL says which endpoints are there: requests to others would fail.
    last = _Rank.FILLED_IN if nearest <= _Rank.FILLED_IN else _Rank.FOR_A_MODEL
    if nearest is _Rank.FOREIGN and len({prefix for _, _, prefix in ranked}) == 1:
        # The server is behind a proxy that changes its paths.
        last = _Rank.FOREIGN
    found = tuple(each for rank, each, _ in ranked if rank == best[each.kind] and rank <= last)
    kinds = {each.kind for each in found}
    elsewhere: dict[str, str] = {}
    for _, each, _ in ranked:
        if each.kind not in kinds:
            elsewhere.setdefault(each.kind, each.path)
    return ChatPaths(found[:MOST_USED], elsewhere)


def _ranked(document: dict[str, Any], base: list[str] | None) -> Iterator[tuple[_Rank, ChatPath, str]]:
    """Yield the paths that end like an endpoint, each with its rank and all before the endpoint's name."""
    walker = Walker(document)
    count = 0
    for written, item in document["paths"].items():
        path = re.split(r"[?#]", str(written), maxsplit=1)[0]
        kind = _kind_of(path)
        if kind is None:
            continue
        operations = walker.followed(item)
        operation = operations.get("post")
        if not isinstance(operation, dict):
            continue
        operation = walker.followed(operation)
        prefix = path.rstrip("/").removesuffix(f"/{kind}")
        servers = _server_paths(operation, operations, document)
        places = [_segments(server + prefix) for server in servers]
        rank = _rank(places, _segments(prefix), base)
        if rank is not None:
            yield rank, ChatPath(str(written), kind, operation), prefix
        count += 1
        if count == MOST_PATHS:
            return


def _kind_of(path: str) -> str | None:
    trimmed = path.rstrip("/")
    return next((kind for kind in endpoint_kinds() if trimmed.endswith(f"/{kind}")), None)


def _server_paths(*owners: dict[str, Any]) -> list[str]:
    """Return the paths of the first owner's servers, with the default values of their variables."""
    servers: list[Any] = next(
        (each["servers"] for each in owners if isinstance(each.get("servers"), list)), []
    )
    found = []
    for server in servers[:MOST_SERVERS]:
        url = server.get("url") if isinstance(server, dict) else None
        if not isinstance(url, str):
            continue
        variables = server.get("variables")
        for name, variable in variables.items() if isinstance(variables, dict) else ():
            if isinstance(variable, dict) and isinstance(variable.get("default"), str):
                url = url.replace(f"{{{name}}}", variable["default"])
        try:
            # Braces in the host are no address for the parser, which checks brackets only.
            found.append(urlsplit(url).path)
        except ValueError:
            continue
    return found or [""]


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _rank(places: list[list[str]], prefix: list[str], base: list[str] | None) -> _Rank | None:
    """Rank a path by its places at all servers; None if it is an endpoint of no model."""
    if base is not None and base in places:
        return _Rank.SAME
    if base is not None and any(_is_filled_in(place, base) for place in places):
        return _Rank.FILLED_IN
    places = [*places, prefix]
    literal = [place for place in places if not any(map(_TEMPLATE.search, place))]
    if any(place == base or all(map(_USUAL.fullmatch, place)) for place in literal):
        return _Rank.USUAL
    if any(map(_is_for_a_model, places)):
        return _Rank.FOR_A_MODEL
    return _Rank.FOREIGN if literal else None


def _is_filled_in(place: list[str], base: list[str]) -> bool:
    """Tell whether the base URL is the place with values for its templates.

    A model's id may contain slashes, so the model's place stands for one segment or more.
    """
    at = next((number for number, segment in enumerate(place) if _MODEL.fullmatch(segment)), None)
    if at is not None and len(base) > len(place):
        behind = len(place) - at - 1
        base = [*base[:at], "", *base[len(base) - behind :]]
    return len(base) == len(place) and all(
        segment == value or _TEMPLATE.fullmatch(segment) for segment, value in zip(place, base, strict=True)
    )


def _is_for_a_model(place: list[str]) -> bool:
    return any(map(_MODEL.fullmatch, place)) and all(
        _MODEL.fullmatch(segment) or _USUAL.fullmatch(segment) or segment in _BEFORE_MODEL
        for segment in place
    )
