"""Reading of pasted text: a curl command, a JSON body, or a call in Python or JavaScript."""

from __future__ import annotations

import re

from playground.code.reading.addresses import guessed_kind, has_key, split_address
from playground.code.reading.curl import is_curl, read_curl
from playground.code.reading.file_marks import without_marks
from playground.code.reading.javascript_call import read_javascript
from playground.code.reading.json_body import check_values, read_json
from playground.code.reading.paste import Call, Paste, PasteRefused
from playground.code.reading.python_call import read_python

MOST_BYTES = 2 * 1024 * 1024

_JAVASCRIPT = re.compile(
    r"^\s*(?:const|let|var)\s|\bnew\s+\w+\s*\(|\bfetch\s*\(|\bawait\s+\w+[^\n]*\(\{|^\s*import\s[^\n]*\sfrom\s+[\"']"
    r"|\brequire\(|^\s*//|=>\s*[{(]",
    re.MULTILINE,
)
# Names of arguments with which a key comes into a body.
_KEYS = {"api_key", "apikey", "api-key"}


def read_paste(text: str) -> Paste:
    """Read a request from pasted text.

    :raises PasteRefused: the text is no request, or a part of it cannot be read.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise PasteRefused("Your paste is larger than 2 MB. Leave out files and other long parts.")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    form, call = _call_in(text)
    check_values(call.body)
    body, files = without_marks(call.body)
    names = [name for name in body if name.lower() in _KEYS]
    base_url, kind = split_address(call.url) if call.url else ("", call.kind)
    return Paste(
        form,
        base_url,
        kind or guessed_kind(body, call.header_names),
        {name: value for name, value in body.items() if name not in names},
        call.header_names,
        has_key=bool(names) or has_key(text),
        files=files,
    )


def _call_in(text: str) -> tuple[str, Call]:
    """Return the words for the form of the text, and the call in it."""
    start = text.lstrip()
    if not start:
        raise PasteRefused("Paste a curl command, a JSON body, or a call in Python or JavaScript.")
    if start[0] in "{[":
        return "a JSON body", Call(read_json(text))
    if is_curl(text):
        return "a curl command", read_curl(text)
    programs = [("a Python call", read_python), ("a JavaScript call", read_javascript)]
    if _JAVASCRIPT.search(text):
        programs.reverse()
    (form, read), (other_form, read_other) = programs
    try:
        return form, read(text)
    except PasteRefused as refusal:
        # A line may be of either language. Where both refuse, the likely one explains.
        try:
            return other_form, read_other(text)
        except PasteRefused:
            raise refusal from None
