"""Names of browsers and devices, from the header with which browsers introduce themselves.

The header is written by the visitor, so nothing of its text is shown: only names of these lists are.
"""

from __future__ import annotations

# The first that is found counts: most browsers also claim to be the ones further down.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "A Python program"),
)
_DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_of(agent: str) -> str:
    """Return the name of a browser and its device.

    >>> browser_of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox on Linux'
    >>> browser_of("<script>")
    'Unknown browser'
    """
    browser = next((name for mark, name in _BROWSERS if mark in agent), "Unknown browser")
    device = next((name for mark, name in _DEVICES if mark in agent), "")
    return f"{browser} on {device}" if device else browser
