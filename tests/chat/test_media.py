from __future__ import annotations

import io
import random
import struct
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chat.media import Media, MediaRefused, examine
from chat.media.images import LONGEST_EDGE
from chat.media.names import LONGEST, clean_name
from playground.upstream.dialects.shared.transcript import MediaKind
from tests.media_files import HTML, MP3, MP3_FRAME, PDF, SVG, picture, png_header, wav


def opened(media: Media) -> Image.Image:
    return Image.open(io.BytesIO(media.content))


@pytest.mark.parametrize(
    ("kind", "media_type", "name"),
    [
        ("PNG", "image/png", "cat.png"),
        ("JPEG", "image/jpeg", "cat.jpg"),
        ("WEBP", "image/webp", "cat.webp"),
        # The first picture alone is kept, as PNG, which every model with vision accepts.
        ("GIF", "image/png", "cat.png"),
    ],
)
def test_pictures_are_written_anew(kind, media_type, name):
    found = examine(picture(kind), "cat.bmp")
    assert (found.kind, found.media_type, found.name) == (MediaKind.IMAGE, media_type, name)
    assert (found.width, found.height) == opened(found).size == (6, 4)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGBA", "I;16")),
        *(("JPEG", mode) for mode in ("L", "CMYK")),
        ("WEBP", "RGBA"),
        ("GIF", "P"),
    ],
)
def test_every_way_to_hold_colours_is_read(kind, mode):
    found = opened(examine(picture(kind, mode=mode), "x"))
    assert found.mode in {"L", "RGB", "RGBA"}
    assert found.size == (6, 4)


def test_sixteen_bits_keep_their_shades():
    picture_16 = Image.new("I;16", (2, 1))
    picture_16.putdata([0x4000, 0xC000])
    target = io.BytesIO()
    picture_16.save(target, "PNG")
    assert opened(examine(target.getvalue(), "x")).tobytes() == b"\x40\xc0"


def test_what_is_see_through_stays_so():
    found = opened(examine(picture("PNG", mode="RGBA", colour=(1, 2, 3, 4)), "x"))
    assert found.getpixel((0, 0)) == (1, 2, 3, 4)


def test_a_large_picture_is_scaled_down():
    found = examine(picture("JPEG", size=(4096, 1024)), "x")
    assert (found.width, found.height) == (LONGEST_EDGE, LONGEST_EDGE // 4)


def test_it_is_turned_upright_and_forgets_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "SECRET PLACE"
    exif.get_ifd(0x8825)[1] = "N"
    found = examine(picture("JPEG", exif=exif, comment=b"SECRET WORDS"), "x")

    assert (found.width, found.height) == (4, 6)
    assert b"SECRET" not in found.content
    assert not opened(found).getexif()


def test_what_hides_behind_a_picture_stays_behind():
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        assert b"<script>" not in examine(picture(kind) + HTML, "x").content


def test_only_the_first_picture_of_an_animation_is_read():
    target = io.BytesIO()
    frames = [Image.new("P", (400, 400), shade) for shade in range(200)]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    assert opened(examine(target.getvalue(), "x.gif")).size == (400, 400)


@pytest.mark.parametrize(("content", "seconds"), [(wav(1.5), 1.5), (wav(0.01), 0.01)])
def test_wav_is_measured_and_kept_as_it_is(content, seconds):
    found = examine(content, "voice.bin")
    assert (found.kind, found.media_type, found.name) == (MediaKind.AUDIO, "audio/wav", "voice.wav")
    assert (found.seconds, found.content) == (seconds, content)


def test_a_wav_that_was_written_while_it_was_recorded_is_measured_by_what_is_there():
    content = bytearray(wav(2))
    content[40:44] = b"\xff\xff\xff\xff"
    assert examine(bytes(content), "x").seconds == 2


@pytest.mark.parametrize("before", [b"", b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10), bytes(0)])
def test_mp3_is_measured(before):
    found = examine(before + MP3, "song")
    assert (found.media_type, found.name) == ("audio/mpeg", "song.mp3")
    assert found.seconds == pytest.approx(39 * 1152 / 44_100, abs=0.01)


def test_an_mp3_of_changing_rates_says_how_long_it_is():
    first = MP3_FRAME[:36] + b"Xing" + struct.pack(">II", 1, 441) + MP3_FRAME[48:]
    assert examine(first + MP3, "x").seconds == pytest.approx(441 * 1152 / 44_100, abs=0.01)


@pytest.mark.parametrize(
    "content",
    [
        b"Just words",
        "Größe, 漢字, שלום".encode(),
        b"\xef\xbb\xbfWith a mark",
        "Wide".encode("utf-16"),
        b"a\tb\r\n",
    ],
)
def test_text_is_kept_in_utf_8(content):
    found = examine(content, "notes.md")
    assert (found.kind, found.media_type, found.name) == (MediaKind.FILE, "text/plain", "notes.md")
    assert not found.content.decode().startswith("\ufeff")


def test_source_code_is_text_whatever_it_would_do_in_a_browser():
    assert examine(HTML, "page.html").media_type == "text/plain"


def test_pdfs_are_kept_as_they_are():
    assert examine(PDF, "paper") == Media(MediaKind.FILE, "application/pdf", "paper.pdf", PDF)


def progressive_bomb() -> bytes:
    return picture("JPEG") + b"\xff\xda" * 101


def gif_header(edge: int) -> bytes:
    size = struct.pack("<HH", edge, edge)
    return b"GIF89a" + size + bytes(3) + b"," + bytes(4) + size + b"\x00\x02\x01\x00\x00;"


HOSTILE = {
    "zero bytes": (b"", "x.png", "empty"),
    "pixel flood": (png_header(60_000, 60_000), "x.png", "pixels"),
    "more pixels than a number holds": (png_header(2**31 - 1, 2**31 - 1), "x.png", "pixels"),
    "no pixels": (png_header(0, 0), "x.png", "damaged"),
    "a header and nothing": (png_header(500, 500), "x.png", "damaged"),
    "half a JPEG": (picture("JPEG", size=(300, 300))[:400], "x.jpg", "damaged"),
    "half a PNG": (picture("PNG", size=(300, 300))[:60], "x.png", "damaged"),
    "half a WebP": (picture("WEBP", size=(300, 300))[:40], "x.webp", "damaged"),
    "half a GIF": (picture("GIF", size=(300, 300))[:20], "x.gif", "damaged"),
    "a GIF as large as one can say": (gif_header(65_535), "x.gif", "pixels"),
    "a JPEG of endless scans": (progressive_bomb(), "x.jpg", "damaged"),
    "only the first bytes of a JPEG": (b"\xff\xd8\xff", "x.jpg", "damaged"),
    "SVG named PNG": (SVG, "x.png", "picture cannot"),
    "SVG": (SVG, "x.svg", "SVG"),
    "HTML named PDF": (HTML, "x.pdf", "PDF cannot"),
    "HTML before a PDF": (HTML + PDF, "x.pdf", "PDF cannot"),
    "HTML named WAV": (HTML, "x.wav", "recording cannot"),
    "a zip": (b"PK\x03\x04\x14\x00\x08\x00\x08\x00\x99", "x.zip", "isn't supported"),
    "a program": (b"\x7fELF\x02\x01\x01\x00", "x.txt", "isn't supported"),
    "text with a NUL": (b"words\x00words", "x.txt", "isn't supported"),
    "half a character": ("ä".encode()[:1], "x.txt", "isn't supported"),
    "half a wide character": (b"\xff\xfea", "x.txt", "isn't supported"),
    "too long a text": (b"x" * 1_000_001, "x.txt", "1 MB"),
    "a WAV without sound": (wav(0), "x.wav", "damaged"),
    "a WAV without an end": (wav(1)[:30], "x.wav", "damaged"),
    "a WAV of no rate": (wav(1)[:28] + bytes(4) + wav(1)[32:], "x.wav", "16-bit PCM"),
    "a WAV of a circle of chunks": (b"RIFF\x00\x00\x00\x00WAVE" + bytes(8) * 5000, "x.wav", "damaged"),
    "tags and no song": (b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", "x.mp3", "damaged"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_hostile_is_refused_in_a_sentence(case):
    content, name, words = HOSTILE[case]
    with pytest.raises(MediaRefused) as refused:
        examine(content, name)
    assert words in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_pixel_flood_is_refused_before_it_takes_memory():
    content = png_header(60_000, 60_000)
    tracemalloc.start()
    with pytest.raises(MediaRefused):
        examine(content, "x.png")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_damaged_picture_is_read_or_refused_and_nothing_else(kind):
    dice = random.Random(kind)
    whole = picture(kind, size=(60, 40))
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(dice.randrange(1, 8)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        with suppress(MediaRefused):
            examine(bytes(broken), "x")


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"RIFF____WAVE", b"ID3\x03", b"\xff\xfb\x90", b"%PDF-"])
)
def test_any_bytes_are_read_or_refused(content, start):
    with suppress(MediaRefused):
        examine(start + content, "x")


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\cat.png", "cat.png"),
        ("a\r\nSet-Cookie: x.png", "a Set-Cookie: x.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("zero\u200bwidth.png", "zerowidth.png"),
        ("half \ud800.png", "half .png"),
        ("", "file"),
        ("..", "file"),
        ("  many   spaces .txt ", "many spaces .txt"),
        ("<img src=x>.png", "<img src=x>.png"),
    ],
)
def test_names_are_cleaned(name, cleaned):
    assert clean_name(name) == cleaned


@given(st.text())
def test_a_clean_name_is_short_and_one_line(name):
    found = clean_name(name)
    assert 0 < len(found) <= LONGEST
    assert "/" not in found and "\\" not in found and found.isprintable()
    assert clean_name(found) == found


def test_a_huge_name_keeps_its_extension():
    assert clean_name("x" * 5000 + ".png") == "x" * (LONGEST - 4) + ".png"
