"""A request as code is written from it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FileUse:
    """A place in a body that the code fills from a file beside it.

    ``media_type`` is empty where the body has plain base64 instead of a data URL.
    """

    path: tuple[str | int, ...]
    name: str
    media_type: str = ""

    @property
    def prefix(self) -> str:
        """The part of the text before the base64.

        >>> FileUse((), "a.png", "image/png").prefix
        'data:image/png;base64,'
        """
        return f"data:{self.media_type};base64," if self.media_type else ""


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """A POST of a JSON body. ``base_url`` includes the version, and ``kind`` is the path below it.

    ``headers`` are those beside the type of the body and the key. ``key_variable`` is the name of the
    environment variable with the key, or empty if the server needs none.
    """

    base_url: str
    kind: str
    body: Json = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    key_variable: str = ""
    files: tuple[FileUse, ...] = ()

    @property
    def url(self) -> str:
        return f"{self.base_url.rstrip('/')}/{self.kind}"

    @property
    def is_streamed(self) -> bool:
        return self.body.get("stream") is True


def key_variable(provider_name: str) -> str:
    """Return the name of the environment variable for a provider's key.

    >>> key_variable("Bea's vLLM (test)"), key_variable("01.AI"), key_variable("零")
    ('BEAS_VLLM_TEST_API_KEY', 'API_KEY_01_AI', 'API_KEY')
    """
    plain = unicodedata.normalize("NFKD", provider_name.replace("'", "").replace("’", ""))
    words = re.findall(r"[A-Z0-9]+", plain.encode("ascii", "ignore").decode().upper())
    name = "_".join(words)[:40].strip("_")
    if not name:
        return "API_KEY"
    return f"API_KEY_{name}" if name[0].isdigit() else f"{name}_API_KEY"


def file_name(name: str, taken: set[str]) -> str:
    """Return a name for a file beside the code that is not ``taken`` and needs no quoting; add it to those.

    >>> taken = set(); [file_name(name, taken) for name in ("my photo.png", "my photo.png", "…")]
    ['my-photo.png', 'my-photo-2.png', 'file']
    """
    plain = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.") or "file"
    stem, dot, ending = plain.rpartition(".") if "." in plain else (plain, "", "")
    number, chosen = 1, plain
    while chosen.lower() in taken:
        number += 1
        chosen = f"{stem}-{number}{dot}{ending}"
    taken.add(chosen.lower())
    return chosen
