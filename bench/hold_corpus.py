"""Requests of every kind and what a scripted provider makes of them, all made from a seed. Pure.

Each model has a tokeniser of its own kind, which counts words and runs of characters, not their bytes as the
product does: so the product's estimate can be wrong about it, as about a real one.
"""

from __future__ import annotations

import json
import math
import random
import re
from dataclasses import dataclass
from typing import Any

_ENGLISH = (
    "the a of to and in that it is for on with as was at by an be this from or which one would there "
    "their we what about out up into time has look two more write go see number no way could people "
    "my than first water long little very after words called just where most know answer question "
    "table request server between database because different important following example development "
    "application information particular"
)
_GERMAN = (
    "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an "
    "werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum kann "
    "Verwaltung Arbeitsgruppe Veröffentlichung Größe überprüfen Datenbankabfrage Zugriffsberechtigung "
    "Geschwindigkeit möglich während Einstellungen Benutzeroberfläche Zusammenfassung Rückmeldung "
    "außerdem schließlich Kündigungsfrist"
)
_CHINESE = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说"
    "产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使"
    "点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反"
)
_KANA = (
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんがで"
    "だはもとに"
)
_ARABIC = (
    "في من على أن إلى هذا التي كان عن مع هو بين بعد لم أو كل قد يمكن السؤال الجواب قاعدة البيانات "
    "المستخدم الطلب النموذج المعلومات التطوير الخادم"
)
_NAMES = (
    *("value", "items", "total", "index", "user", "request", "count", "result", "data", "config", "limit"),
    *("token", "model", "price", "state"),
)

WORD = re.compile(r"[A-Za-zÀ-ɏ]+|[0-9]+|[؀-ۿ]+|[぀-ヿ]+|[一-鿿]|[ \t]+|\n+|[^\w\s]+|.", re.DOTALL)
LANGUAGES = ("english", "german", "chinese", "japanese", "arabic", "code", "json")


@dataclass(frozen=True, slots=True)
class Tokeniser:
    """How many letters a token has inside of words, and what characters of other scripts count."""

    letters: float
    short_word: int
    han: float
    kana: float
    arabic: float
    punctuation: float
    per_message: int
    # Tokens that the provider adds to every request, and to one with tools.
    around: int
    around_tools: int

    def count(self, text: str) -> int:
        return math.ceil(sum(map(self._piece, WORD.findall(text))))

    def _piece(self, piece: str) -> float:
        first = piece[0]
        if first.isspace():
            return 0.0 if piece == " " else 1.0
        if first.isdigit() and first.isascii():
            return math.ceil(len(piece) / 3)
        if "؀" <= first <= "ۿ":
            return max(1.0, len(piece) / self.arabic)
        if "぀" <= first <= "ヿ":
            return max(1.0, len(piece) * self.kana)
        if "一" <= first <= "鿿":
            return self.han
        if first.isalpha():
            extra = sum(not letter.isascii() for letter in piece) * 0.4
            return (1 if len(piece) <= self.short_word else len(piece) / self.letters) + extra
        return math.ceil(len(piece) / self.punctuation)


@dataclass(frozen=True, slots=True)
class ScriptedModel:
    """A model of the corpus. Its answers are distributed log-normally around ``usual`` tokens."""

    name: str
    tokeniser: Tokeniser
    usual: int
    spread: float
    output_max: int | None = None
    # The number of answers in a hundred that have reasoning, and whether that is sent.
    reasons: int = 0
    shows_reasoning: bool = True
    honours_length: bool = True
    # Characters in an event.
    in_pieces_of: int = 4


MODELS = (
    ScriptedModel("broad", Tokeniser(5.2, 7, 0.68, 0.62, 2.9, 2.2, 3, 3, 12), 320, 0.8, 16_384),
    ScriptedModel(
        "narrow", Tokeniser(3.9, 5, 1.15, 0.95, 1.7, 1.5, 4, 8, 60), 210, 0.9, 4_096, in_pieces_of=12
    ),
    ScriptedModel(
        "careful", Tokeniser(4.2, 6, 0.95, 0.8, 2.2, 1.8, 5, 10, 340), 480, 0.7, 8_192, in_pieces_of=40
    ),
    ScriptedModel("thinker", Tokeniser(4.8, 6, 0.6, 0.7, 2.6, 2.0, 4, 4, 40), 900, 0.9, None, reasons=90),
    ScriptedModel(
        "silent",
        Tokeniser(5.0, 7, 0.7, 0.65, 2.8, 2.1, 3, 7, 20),
        850,
        0.9,
        32_768,
        reasons=80,
        shows_reasoning=False,
    ),
    ScriptedModel(
        "stubborn", Tokeniser(4.4, 6, 0.8, 0.75, 2.4, 1.9, 4, 5, 30), 380, 0.9, None, honours_length=False
    ),
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request and the answer that the model gives if nothing shortens it.

    ``turns`` are the texts of a conversation that begins and ends with its user. ``pictures`` are sizes.
    """

    model: ScriptedModel
    language: str
    system: str
    turns: tuple[str, ...]
    pictures: tuple[tuple[int, int], ...]
    tools: tuple[dict[str, Any], ...]
    max_tokens: int | None
    is_streamed: bool
    reasoning: str
    answer: str
    # The part of the provider's count that no rule explains.
    noise: float = 1.0

    @property
    def input_tokens(self) -> int:
        """The tokens that the provider counts for what it is sent."""
        tokeniser = self.model.tokeniser
        texts = [text for text in (self.system, *self.turns) if text]
        counted = sum(tokeniser.count(text) + tokeniser.per_message for text in texts) + tokeniser.around
        if self.tools:
            counted += tokeniser.around_tools
            counted += round(0.85 * sum(tokeniser.count(json.dumps(tool)) for tool in self.tools))
        return round(counted * self.noise) + sum(
            math.ceil(width * height / 800) for width, height in self.pictures
        )

    @property
    def written(self) -> str:
        return self.reasoning + self.answer


def corpus(size: int, seed: int = 7) -> list[Request]:
    """Make requests of every kind: each language and length, with tools, pictures, reasoning, many turns."""
    dice = random.Random(seed)
    return [_request(dice, LANGUAGES[number % len(LANGUAGES)]) for number in range(size)]


def _request(dice: random.Random, language: str) -> Request:
    model = dice.choice(MODELS)
    turns = 1 + 2 * int(dice.choice((0, 0, 0, 1, 2, 4, 12)))
    # From one word to 30,000 characters, as often short as long.
    length = round(math.exp(dice.uniform(math.log(4), math.log(30_000))))
    texts = [text_of(dice, language, max(4, length // turns)) for _ in range(turns)]
    tokens = max(1, round(dice.lognormvariate(math.log(model.usual), model.spread)))
    if model.output_max:
        tokens = min(tokens, model.output_max)
    thought = round(tokens * dice.uniform(0.3, 0.8)) if dice.randrange(100) < model.reasons else 0
    of_answer = "english" if dice.randrange(12) == 0 else language
    return Request(
        model=model,
        language=language,
        system=text_of(dice, "english", dice.randrange(40, 900)) if dice.randrange(3) == 0 else "",
        turns=tuple(texts),
        pictures=tuple(
            (dice.randrange(64, 1200), dice.randrange(64, 1200))
            for _ in range(dice.choice((0, 0, 0, 0, 0, 0, 0, 0, 1, 2)))
        ),
        tools=tuple(_tool(dice) for _ in range(dice.choice((0, 0, 0, 0, 0, 1, 3, 8)))),
        max_tokens=dice.choice((None, None, None, None, 256, 1_024, 4_096)),
        is_streamed=dice.randrange(10) > 0,
        reasoning=text_with(dice, "english", model.tokeniser, thought),
        answer=text_with(dice, of_answer, model.tokeniser, tokens - thought),
        noise=dice.uniform(0.96, 1.04),
    )


def text_with(dice: random.Random, language: str, tokeniser: Tokeniser, tokens: int) -> str:
    """Make a text of about so many tokens, one at least."""
    if tokens <= 0:
        return ""
    sample = text_of(dice, language, 400)
    return text_of(dice, language, max(1, round(tokens * len(sample) / tokeniser.count(sample))))


def text_of(dice: random.Random, language: str, length: int) -> str:
    """Make a text of about so many characters."""
    made = {"code": _code, "json": _json}.get(language)
    if made is not None:
        return made(dice, length)[:length]
    pieces: list[str] = []
    size = 0
    while size < length:
        pieces.append(_sentence(dice, language))
        size += len(pieces[-1])
    return "".join(pieces)[:length]


def _sentence(dice: random.Random, language: str) -> str:
    if language in ("chinese", "japanese"):
        characters = _CHINESE if language == "chinese" else _KANA * 2 + _CHINESE
        return "".join(dice.choices(characters, k=dice.randrange(6, 30))) + dice.choice("。。，！")
    words = {"english": _ENGLISH, "german": _GERMAN, "arabic": _ARABIC}[language].split()
    sentence = " ".join(dice.choices(words, k=dice.randrange(4, 18)))
    return (
        f"{sentence[0].upper()}{sentence[1:]}{dice.choice('...,?!')}{dice.choice((' ', ' ', ' ', chr(10)))}"
    )


def _code(dice: random.Random, length: int) -> str:
    lines: list[str] = []
    size = 0
    while size < length:
        name, other, third = dice.choices(_NAMES, k=3)
        lines.append(
            dice.choice(
                (
                    f"def {name}_{other}({third}: int, *, {other}: str) -> None:\n",
                    f"    if {name} is not None and {other}[{dice.randrange(99)}] >= {third}:\n",
                    f"        return {{key: {name} for key in {other}.values()}}\n",
                    f"    {name} = self._{other}({third}={dice.randrange(4096)})  # {other}\n",
                    f"for (let {name[0]} = 0; {name[0]} < {other}.length; {name[0]}++) {third} += 1;\n",
                )
            )
        )
        size += len(lines[-1])
    return "".join(lines)


def _json(dice: random.Random, length: int) -> str:
    rows: list[dict[str, Any]] = []
    size = 0
    while size < length:
        row = {
            name: dice.choice((dice.randrange(10**6), dice.random(), name, None, [1, 2]))
            for name in dice.sample(_NAMES, 4)
        }
        rows.append(row)
        size += len(json.dumps(row)) + 2
    return json.dumps(rows)


def _tool(dice: random.Random) -> dict[str, Any]:
    names = dice.sample(_NAMES, dice.randrange(1, 5))
    properties = {
        name: {"type": dice.choice(("string", "integer")), "description": text_of(dice, "english", 60)}
        for name in names
    }
    function = {
        "name": "_".join(names[:2]),
        "description": text_of(dice, "english", 120),
        "parameters": {"type": "object", "properties": properties, "required": names[:1]},
    }
    return {"type": "function", "function": function}
