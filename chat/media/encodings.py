"""The encoding of a text file: found in its bytes, or chosen by the user."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from chat.media.media import MediaRefused

# Names of Python's codecs, with the names for people. Those that come first are the likelier ones.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "utf-32-le": "UTF-32 LE",
    "utf-32-be": "UTF-32 BE",
    "iso2022-jp": "Japanese (ISO-2022-JP)",
    "cp1252": "Western (Windows-1252)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8-r": "Cyrillic (KOI8-R)",
    "cp866": "Cyrillic (DOS 866)",
    "gb18030": "Chinese (GBK, GB18030)",
    "big5hkscs": "Chinese (Big5)",
    "cp932": "Japanese (Shift-JIS)",
    "euc-jp": "Japanese (EUC-JP)",
    "cp949": "Korean (EUC-KR)",
    "cp1250": "Central European (Windows-1250)",
    "iso8859-2": "Central European (ISO-8859-2)",
    "cp852": "Central European (DOS 852)",
    "cp1253": "Greek (Windows-1253)",
    "iso8859-7": "Greek (ISO-8859-7)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "cp1257": "Baltic (Windows-1257)",
    "cp1258": "Vietnamese (Windows-1258)",
    "cp874": "Thai (Windows-874)",
    "koi8-u": "Cyrillic (KOI8-U)",
    "iso8859-5": "Cyrillic (ISO-8859-5)",
    "mac-cyrillic": "Cyrillic (Mac)",
    "iso8859-15": "Western (ISO-8859-15)",
    "cp437": "Western (DOS 437)",
    "cp850": "Western (DOS 850)",
    "mac-roman": "Western (Mac)",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before those of UTF-16, one of which begins it.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
# Bytes of the file that are examined. All of them are decoded afterwards.
_SAMPLE = 32_768
# Two guesses whose disorder differs by less are equally good.
_CLOSE = 0.05
# Tabs, line ends, page breaks and escapes are text; all other control characters are not.
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_NOT_TEXT_BYTES = re.compile(NOT_TEXT.pattern.encode())
_KANA = re.compile("[\u3040-\u30ff]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_HALF_KANA = re.compile("[\uff61-\uff9f]")
_HANGUL = re.compile("[\uac00-\ud7a3]")


def decoded(content: bytes, encoding: str) -> str:
    """Decode the whole content, without a byte order mark.

    :raises MediaRefused: the bytes are no text in that encoding, or the encoding is unknown.
    """
    label = ENCODINGS.get(encoding)
    if label is None:
        raise MediaRefused("Choose one of the listed encodings.")
    try:
        text = content.decode(encoding)
    except UnicodeError as error:
        raise MediaRefused(f"This file isn't text in {label}. Choose another encoding.") from error
    if NOT_TEXT.search(text):
        raise MediaRefused(f"This file isn't text in {label}. Choose another encoding.")
    return text.removeprefix("\ufeff")


def encoding_of(content: bytes) -> str:
    """Return the likeliest encoding of a text; empty if it is no text, or in an unknown encoding.

    Only a sample is examined closely, so that the time is bounded. A short text may be guessed wrongly.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return encoding if _fits(content, encoding) else ""
    if b"\x00" not in content and _fits(content, "utf-8") and b"\x1b" not in content:
        return "utf-8"
    candidates = _unmarked(content) if b"\x00" in content else _guessed(content)
    return next((encoding for encoding in candidates if _fits(content, encoding)), "")


def _fits(content: bytes, encoding: str) -> bool:
    try:
        decoded(content, encoding)
    except MediaRefused:
        return False
    return True


def _unmarked(content: bytes) -> list[str]:
    """Return the wide encodings that the places of zero bytes suggest."""
    sample = content[:_SAMPLE]
    if len(content) % 4 == 0 and sample.count(0) * 2 > len(sample):
        return ["utf-32-le", "utf-32-be"]
    if len(content) % 2:
        return []
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    # Programs and archives have zeros in both places.
    if min(even, odd) * 10 > max(even, odd):
        return []
    return ["utf-16-le" if odd > even else "utf-16-be"]


def _guessed(content: bytes) -> list[str]:
    """Return the encodings that the bytes may have, the likeliest first."""
    # A single byte says nothing.
    if _NOT_TEXT_BYTES.search(content) or len(content) < 2:
        return []
    if b"\x1b" in content and content.isascii():
        return ["iso2022-jp", "utf-8"]
    sample = content[:_SAMPLE]
    names = {codecs.lookup(name).name: name for name in ENCODINGS if name not in _WIDE}
    found = from_bytes(sample, cp_isolation=list(names), threshold=0.3)
    # Encodings that read the same text share a match.
    spelled = (
        (match.chaos, codecs.lookup(name).name) for match in found for name in match.could_be_from_charset
    )
    matches = [(chaos, names[name]) for chaos, name in spelled if name in names]
    if not matches:
        return []
    best = min(chaos for chaos, _ in matches)
    order = {name: place for place, name in enumerate(ENCODINGS)}
    ranked = sorted(
        matches,
        key=lambda match: (
            match[0] > best + _CLOSE,
            round(_oddness(sample.decode(match[1], "ignore"), match[1]), 1),
            order[match[1]],
        ),
    )
    return [name for _, name in ranked]


def _oddness(text: str, encoding: str) -> float:
    """Return the share of East Asian characters that a text of that encoding rarely has."""
    han, kana, hangul = (len(kind.findall(text)) for kind in (_HAN, _KANA, _HANGUL))
    total = han + kana + hangul + len(_HALF_KANA.findall(text))
    if not total:
        return 0.0
    if encoding == "cp949":
        return 1 - _share(text, "euc-kr", 0xB0, 0xC8, total)
    if encoding == "gb18030":
        return 1 - _share(text, "gb2312", 0xB0, 0xD7, total)
    if encoding == "big5hkscs":
        return 1 - _share(text, "big5", 0xA4, 0xC6, total)
    # Japanese without kana is rare, and half-width kana are.
    return 0.0 if kana and kana * 10 > total else 0.5


def _share(text: str, encoding: str, first: int, last: int, total: int) -> float:
    """Return the share of characters whose lead byte is in the range of the common ones."""
    found = text.encode(encoding, "ignore")
    common = 0
    place = 0
    while place < len(found):
        is_pair = found[place] >= 0x80
        common += is_pair and first <= found[place] <= last
        place += 2 if is_pair else 1
    return min(1.0, common / total)
