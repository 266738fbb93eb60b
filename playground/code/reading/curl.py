from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground.code.reading.json_body import read_json
from playground.code.reading.paste import Call, PasteRefused
from playground.code.reading.shell_words import Command, ShellReader

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATA = {"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"}
_REFUSED = {
    "-F": "a form",
    "--form": "a form",
    "--data-urlencode": "a form",
    "-T": "a file",
    "--upload-file": "a file",
}
# Other options that a value follows.
_OTHERS = (
    "-X --request -H --header --url -o --output -m --max-time --connect-timeout -A --user-agent -e --referer"
    " -x --proxy --retry --retry-delay --retry-max-time -w --write-out -b --cookie -c --cookie-jar --cert"
    " -E --key --cacert --capath --resolve -K --config -u --user --oauth2-bearer -D --dump-header -y -Y -z"
    " --limit-rate --interface --proxy-user -U --trace --trace-ascii --stderr"
)
_WITH_VALUE = frozenset(_OTHERS.split())
_SHORT_WITH_VALUE = frozenset(name[1] for name in (*_DATA, *_REFUSED, *_WITH_VALUE) if len(name) == 2)


@dataclass(slots=True)
class _Options:
    urls: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    # The data, with the line of the text on which each begins.
    data: list[tuple[str, int]] = field(default_factory=list)


def is_curl(text: str) -> bool:
    """Return whether a command of the text seems to be curl."""
    return re.search(r"(?:^|[\n;|&])[ \t$>]*(?:\w+=\S*[ \t]+)*curl(?:\.exe)?[ \t\\^]", text) is not None


def read_curl(text: str) -> Call:
    """Read the first curl command of ``text``.

    :raises PasteRefused: it sends no JSON, or its quotes do not match.
    """
    text = _without_prompts(text)
    commands = ShellReader(_from_windows(text)).commands()
    command = next((each for each in commands if "curl" in map(_program, each.words)), None)
    if command is None:
        raise PasteRefused("There is no curl command in your paste.")
    options = _options(command)
    if not options.urls:
        raise PasteRefused("The curl command has no address.")
    if not options.data:
        raise PasteRefused("The curl command sends no body. Paste one with -d or --json.")
    body, line = options.data[0]
    if len(options.data) > 1:
        body = "&".join(data for data, _ in options.data)
    names = tuple(header.split(":", 1)[0].strip().lower() for header in options.headers)
    return Call(read_json(body, line), url=options.urls[0], header_names=names)


def _program(word: str) -> str:
    return re.split(r"[/\\]", word)[-1].removesuffix(".exe")


def _options(command: Command) -> _Options:
    found = _Options()
    for name, value, line in _pairs(command):
        if name in _REFUSED:
            raise PasteRefused(f"The curl command sends {_REFUSED[name]}, and no JSON body.", line, 1)
        if name in ("", "--url"):
            found.urls.append(value)
        elif name in ("-H", "--header"):
            found.headers.append(value)
        elif name in _DATA:
            found.data.append(_data(value, line, command, is_raw=name == "--data-raw"))
    return found


def _pairs(command: Command) -> Iterator[tuple[str, str, int]]:
    """Yield options with their values; an address has no name."""
    start = next(place for place, word in enumerate(command.words) if _program(word) == "curl")
    words = iter(zip(command.words[start + 1 :], command.lines[start + 1 :], strict=True))
    for word, line in words:
        if word.startswith("--"):
            name, has_value, value = word.partition("=")
            if name in _DATA or name in _REFUSED or name in _WITH_VALUE:
                yield name, value if has_value else next(words, ("", line))[0], line
        elif word.startswith("-") and len(word) > 1:
            place = next((p for p, letter in enumerate(word[1:], 1) if letter in _SHORT_WITH_VALUE), 0)
            if place:
                value, at = (word[place + 1 :], line) if word[place + 1 :] else next(words, ("", line))
                yield f"-{word[place]}", value, at
        else:
            yield "", word, line


def _data(value: str, line: int, command: Command, *, is_raw: bool) -> tuple[str, int]:
    if is_raw or not value.startswith("@"):
        return value, line
    if value == "@-" and command.document is not None:
        return command.document, command.document_line
    raise PasteRefused(
        "The body is in a file, which is not part of your paste. Paste the body instead.", line, 1
    )


def _without_prompts(text: str) -> str:
    """Remove the prompts of a shell before its commands."""
    return (
        re.sub(r"^[ \t]*[$>] (?=\S)", "", text, flags=re.MULTILINE) if re.match(r"\s*[$>] ", text) else text
    )


def _is_from_windows(text: str) -> bool:
    """Return whether the first quote or escape is one that sh does not have."""
    first = re.search(r"['\"\\^]", text)
    if first is None or first[0] in "'\\":
        return False
    # Double quotes are the same in both.
    return first[0] == "^" or (re.search(r"\^[ \t]*\n", text) is not None and "\\\n" not in text)


def _from_windows(text: str) -> str:
    """Translate a command of Windows, where a caret escapes and continues lines, into one of sh."""
    if not _is_from_windows(text):
        return text
    text = re.sub(r"\^[ \t]*\r?\n[ \t]*", " ", text)
    text = re.sub(r"\^(.)", r"\1", text, flags=re.DOTALL)
    # Only double quotes quote there, and a dollar, an apostrophe and a grave accent are plain characters.
    parts = re.split(r'("(?:[^"\\]|\\.)*")', text, flags=re.DOTALL)
    return "".join(
        re.sub(r"[$`]", r"\\\g<0>", part) if place % 2 else part.replace("'", "\\'")
        for place, part in enumerate(parts)
    )
