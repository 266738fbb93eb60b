"""The browser of the benches and tests: CHROMIUM names it, or it is the first found on the search path."""

from __future__ import annotations

import os
import shutil

WHOLE_NAMES = ("chromium", "chromium-browser")
# The headless shell draws no window and needs about half the processor time for the same pages.
NAMES = ("chromium-headless-shell", *WHOLE_NAMES)


def found(names: tuple[str, ...]) -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


CHROMIUM = found(NAMES)
# The headless shell has no notifications and no back-forward cache.
WHOLE_CHROMIUM = found(WHOLE_NAMES)
