"""The purpose of a listed model, as far as its entry tells: chat, or something that no chat can use.

Lists state it in their own ways. An id alone is the last resort, and only the ids of well-known models count:
a model that is wrongly left out is worse than one that refuses to chat.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from playground.upstream.dialects import registry

CHAT = "chat"
# Words that state a purpose, in the order in which they are tried: "audio_transcription" is no speech.
_WORDS = {
    "embedding": ("embedding", "embeddings", "embed", "embedcontent", "feature", "similarity"),
    "rerank": ("rerank", "reranker", "reranking", "ranking", "score"),
    "moderation": ("moderation", "moderations", "classify", "classification"),
    "transcription": ("transcription", "transcriptions", "transcribe", "asr", "stt", "recognition"),
    "image": ("image", "images", "diffusion"),
    "video": ("video", "videos"),
    "speech": ("speech", "tts", "audio", "music", "realtime"),
    "documents": ("ocr",),
}
# Words of models that chat; "multimodal" and "vision" ones read more than text.
_CHAT_WORDS = frozenset(
    {
        *("chat", "completion", "completions", "text", "llm", "vlm", "language", "code", "conversational"),
        *("generation", "generatecontent", "multimodal", "any", "responses", "messages"),
    }
)
_SURE = ("embed", "rerank", "moderation", "transcription", "ocr")
_START, _END = r"(?:^|[-_/.:\s])", r"(?:$|[-_/.:@\s])"
_IDS = {
    "embedding": (
        r"embed|(?:text)?embeddings?|nomic-embed\w*|bge-(?:m3|small|base|large|en|zh)|all-minilm|all-mpnet"
        r"|gte-(?:small|base|large|multilingual)|e5-(?:small|base|large|mistral)|voyage-\d"
        r"|paraphrase-multilingual|text-(?:similarity|search)"
    ),
    "rerank": r"rerank(?:er)?(?:-v?\d)?",
    "moderation": r"(?:omni|text)-moderation",
    "transcription": (
        r"(?:distil-)?whisper(?=$|[-:](?:\d|tiny|base|small|medium|large|turbo))"
        r"|gpt-[\w.-]*transcribe|parakeet-(?:tdt|ctc|rnnt)"
    ),
    "image": (
        r"dall-?e|gpt-image|imagen|stable-diffusion|sdxl|sd3|flux|qwen-image|seedream|hidream|kolors"
        r"|midjourney|z-image"
    ),
    "video": r"sora|veo|cogvideox|hunyuanvideo|wan2",
    "speech": r"tts|text-to-speech|kokoro|gpt-(?:[\w.]+-)*realtime",
}
_KNOWN = {purpose: re.compile(rf"{_START}(?:{ids}){_END}") for purpose, ids in _IDS.items()}
_SPEAKS = re.compile(rf"{_START}(?:chat|instruct|it|roleplay|rp|coder){_END}")


def purpose_of(entry: dict[str, Any]) -> str | None:
    """Return the purpose that the entry states, None if it states none.

    >>> purpose_of({"architecture": {"output_modalities": ["image"]}}), purpose_of({"mode": "rerank"})
    ('image', 'rerank')
    """
    outputs = list(_outputs(entry))
    if outputs:
        return CHAT if "text" in outputs else _of_words(outputs) or None
    info = entry["model_info"] if isinstance(entry.get("model_info"), dict) else {}
    abilities = entry["capabilities"] if isinstance(entry.get("capabilities"), dict) else {}
    for stated in (
        entry.get("type"), entry.get("mode"), info.get("mode"), entry.get("task"), entry.get("model_type"),
        entry.get("pipeline_tag"), abilities.get("type"),
    ):  # fmt: skip
        if isinstance(stated, str) and (found := _of_text(stated)):
            return found
    if entry.get("supports_chat") is False:
        return "other"
    for name in ("capabilities", "endpoints", "supported_endpoints", "supportedGenerationMethods"):
        words = [word for text in _stated(entry.get(name)) for word in _split(text)]
        if not _CHAT_WORDS.isdisjoint(words):
            return CHAT
        # Capabilities such as "image" and "audio" are inputs, so only these words are purposes.
        found = _of_words(word for word in words if word.startswith(_SURE))
        if found:
            return found
    return None


def purpose_by_id(model_id: str) -> str | None:
    """Guess the purpose from the id of a well-known model, None if it tells nothing.

    >>> [purpose_by_id(text) for text in ("text-embedding-3-small", "tts-1", "embedding-chat", "gpt-4o")]
    ['embedding', 'speech', None, None]
    """
    text = model_id.lower()
    if _SPEAKS.search(text):
        return None
    return next((purpose for purpose, ids in _KNOWN.items() if ids.search(text)), None)


def _outputs(entry: dict[str, Any]) -> Iterator[str]:
    architecture = entry["architecture"] if isinstance(entry.get("architecture"), dict) else {}
    modalities = entry["modalities"] if isinstance(entry.get("modalities"), dict) else {}
    for found in (
        architecture.get("output_modalities"), entry.get("output_modalities"), modalities.get("output"),
    ):  # fmt: skip
        if isinstance(found, list):
            yield from (word.lower() for word in found if isinstance(word, str))
    modality = architecture.get("modality")
    if isinstance(modality, str) and "->" in modality:
        yield from modality.lower().rpartition("->")[2].split("+")


def _of_text(text: str) -> str | None:
    """Read a word such as "embeddings", a task such as "image-text-to-text", or a path."""
    words = _split(text)
    if "to" in words:
        made = words[len(words) - words[::-1].index("to") :]
        heard = {"speech", "audio"}.intersection(words) and "text" not in words[: words.index("to")]
        if "text" in made or "any" in made:
            return "transcription" if heard and "text" in made else CHAT
        return _of_words(made)
    found = _of_words(words)
    if found:
        return found
    is_chat = any(each.is_listed_as(set(words)) for each in registry.dialects())
    return CHAT if is_chat or not _CHAT_WORDS.isdisjoint(words) else None


def _of_words(words: Iterable[str]) -> str | None:
    known = set(words)
    return next((purpose for purpose, stated in _WORDS.items() if not known.isdisjoint(stated)), None)


def _split(text: str) -> list[str]:
    return [word for word in re.split(r"[^a-z0-9]+", text[:200].lower()) if word]


def _stated(value: object) -> list[str]:
    """Return the texts of a list, or the names in an object whose value is true."""
    if isinstance(value, dict):
        return [name for name, is_stated in value.items() if is_stated is True]
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
