from __future__ import annotations

import pytest

from playground.catalogue.bundled_models import bundled_models
from playground.catalogue.generic import generic_schema
from playground.parameters.schema.request_schema import digest_of, read_request_schema
from playground.upstream.dialects import accepts, takes
from playground.upstream.dialects.shared.transcript import MediaKind
from playground.upstream.dialects.shared.writing.accepts import read_accepts
from playground.upstream.dialects.taking import MEDIA_TYPES, Takes
from tests.playground.dialect_schemas import (
    ANTHROPIC,
    CHAT,
    STRING,
    TEXT_PART,
    Schema,
    an_object,
    array,
    chat,
    choice,
    constant,
    message,
)

IMAGES = ("image/png", "image/jpeg", "image/webp", "image/gif")


def taken(schema: Schema, kind: str = "chat/completions") -> Takes:
    return takes(kind, read_accepts(schema))


def of_bundled(model_id: str, kind: str) -> Takes:
    schema = next(model.schemas[kind] for model in bundled_models() if model.model_id == model_id)
    request_schema = read_request_schema(schema, digest=digest_of(schema))
    return takes(kind, accepts(request_schema.digest, request_schema.translated))


def test_a_prompt_of_text_alone_takes_only_texts():
    assert taken(chat(message("user", STRING))) == Takes(("text/plain",))


def test_images_are_taken_with_and_without_their_bytes():
    assert taken(CHAT) == Takes((*IMAGES, "text/plain"), (MediaKind.IMAGE,))
    assert taken(CHAT).kinds == {MediaKind.IMAGE, MediaKind.FILE}


def test_an_address_is_no_use_where_only_bytes_are_taken():
    data_url = {"type": "string", "pattern": "^data:"}
    part = an_object(type=constant("image_url"), image_url=an_object(url=data_url))
    assert taken(chat(message("user", array(choice(TEXT_PART, part))))) == Takes((*IMAGES, "text/plain"))


def test_only_the_types_that_a_schema_lists_are_taken():
    found = taken(ANTHROPIC, "messages")
    assert found.media_types == ("image/png", "text/plain")
    assert found.fetched == (MediaKind.IMAGE,)


def test_a_model_that_takes_no_text_still_takes_its_attachments():
    part = an_object(
        type=constant("input_audio"), input_audio=an_object(data=STRING, format={"enum": ["wav"]})
    )
    found = taken(chat(message("user", array(part))))
    assert found == Takes(("audio/wav",))
    assert found.kinds == {MediaKind.AUDIO}


FORMATS = {"enum": ["wav", "mp3"]}
A_URL = {"anyOf": [{"type": "string", "format": "uri"}, STRING]}


@pytest.mark.parametrize(
    ("part", "is_fetched"),
    [
        ({"input_audio": an_object(data=STRING, format=FORMATS)}, False),
        ({"input_audio": an_object(data=A_URL, format=FORMATS)}, True),
        # Without a place for the format, the data has to say what it is.
        ({"input_audio": an_object(data=STRING)}, True),
        ({"input_audio": {"type": "object"}}, False),
        ({"audio_url": an_object(url=STRING)}, True),
    ],
    ids=["base64", "base64 or a URL", "no format", "any object", "audio_url"],
)
def test_a_recording_is_fetched_only_where_the_schema_has_an_address(part, is_fetched):
    [name] = part
    schema = chat(message("user", array(an_object(type=constant(name), **part))))
    assert (MediaKind.AUDIO in taken(schema).fetched) is is_fetched


def test_a_server_that_says_nothing_about_messages_may_take_anything():
    request_schema = read_request_schema(generic_schema(), digest="generic")
    assert takes("chat/completions", read_accepts(request_schema.translated)) == Takes(
        tuple(MEDIA_TYPES), (MediaKind.IMAGE,)
    )


def test_the_bundled_models():
    assert of_bundled("gpt-4o-mini-audio-preview", "chat/completions").kinds == {
        MediaKind.FILE,
        MediaKind.AUDIO,
    }
    assert "image/png" in of_bundled("openai/gpt-5-1-chat-latest", "responses").media_types
    assert not of_bundled("gpt-4o-mini-audio-preview", "chat/completions").fetched
    assert of_bundled("qwen3-omni-30b-a3b-captioner", "chat/completions").fetched == (MediaKind.AUDIO,)
    assert of_bundled("alibaba/qwen3-max-instruct", "chat/completions") == Takes(("text/plain",))


def test_a_list_without_any_message_is_read():
    # JSON Schema writes an array of fixed positions that ends there in this way.
    [shape] = read_accepts(an_object(messages={"type": "array", "items": False})).shapes
    assert shape.roles == {}
