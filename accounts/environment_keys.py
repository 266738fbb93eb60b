"""Provider keys that the server has in a variable of its environment or in a file, and never stores."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from accounts.exceptions import VaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ENTRY = re.compile(r"([a-z0-9_-]{1,80})=(env|file):(.+)")
# A longer file is not a key.
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class KeySource:
    """The variable, or the path of the file, that has the key of a provider."""

    kind: str
    name: str
    # The value of the variable, which cannot change while the server runs.
    value: str = field(default="", repr=False)

    @property
    def words(self) -> str:
        return f"the variable {self.name}" if self.kind == "env" else f"the file {self.name}"

    @sensitive_variables()
    def read(self) -> str:
        """Return the key as it is now: a file may have changed.

        :raises VaultError: there is none; the text does not have the key.
        """
        found = self.value
        if self.kind == "file":
            try:
                with Path(self.name).open(encoding="utf-8") as file:
                    found = file.read(_LONGEST).strip()
            except (OSError, UnicodeDecodeError) as error:
                raise VaultError(f"{self.name} cannot be read: {type(error).__name__}.") from None
        if not found:
            raise VaultError(f"{self.name} is empty.")
        return found


def read_sources(name: str, entries: Iterable[str], variable: Callable[[str], str]) -> dict[str, KeySource]:
    """Read entries such as ``aimlapi=file:/run/secrets/aimlapi`` by the codes of their providers.

    :param variable: returns a variable of the environment by its name.
    :raises ImproperlyConfigured: an entry has another shape, or names a provider again.
    """
    found: dict[str, KeySource] = {}
    for number, entry in enumerate(entries, start=1):
        match = _ENTRY.fullmatch(entry)
        # The message does not quote the entry: somebody may have written the key itself.
        if match is None:
            raise ImproperlyConfigured(
                f"Entry {number} of {name} must be PROVIDER=env:VARIABLE or PROVIDER=file:PATH."
            )
        if match[1] in found:
            raise ImproperlyConfigured(f"{name} names {match[1]} twice.")
        found[match[1]] = KeySource(match[2], match[3], variable(match[3]) if match[2] == "env" else "")
    return found
