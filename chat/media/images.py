"""The check of pictures: they are decoded in bounded size, turned upright, and written again.

Only the visible pixels survive: no location, and no second format hidden behind the first. The first
picture of an animation is kept. Colour profiles are not applied: they are programs of their own, and
hostile ones exist.
"""

from __future__ import annotations

import io
import logging
from threading import BoundedSemaphore

from PIL import Image, ImageOps

from chat.media.media import Media, MediaRefused
from chat.media.names import with_extension
from playground.upstream.dialects.shared.transcript import MediaKind

logger = logging.getLogger(__name__)

# Models scale pictures down to between 768 and 2048 pixels before they read them.
LONGEST_EDGE = 2048
# The largest picture takes up to 400 MB while it is decoded. JPEG can be decoded at a fraction of its size.
MAX_PIXELS = {"JPEG": 50_000_000, "PNG": 25_000_000, "WEBP": 25_000_000, "GIF": 25_000_000}
# The number of pictures that are decoded at the same time; more wait.
_decoding = BoundedSemaphore(2)
# Each scan of a progressive picture covers all of its pixels; cameras write ten.
_MAX_SCANS = 100
# Pixels are counted before decoding; Pillow's own limit would only log a warning.
Image.MAX_IMAGE_PIXELS = None

_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF87a": "GIF", b"GIF89a": "GIF"}
# The output for each input format: format, media type, extensions and options.
_WRITTEN = {
    "PNG": ("PNG", "image/png", (".png",), {}),
    "GIF": ("PNG", "image/png", (".png",), {}),
    "JPEG": ("JPEG", "image/jpeg", (".jpg", ".jpeg"), {"quality": 90}),
    "WEBP": ("WEBP", "image/webp", (".webp",), {"quality": 90}),
}


def image_format(content: bytes) -> str:
    """Return the format that the first bytes announce, or nothing."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    return next((name for start, name in _SIGNATURES.items() if content.startswith(start)), "")


def examine_image(content: bytes, name: str) -> Media:
    """
    :raises MediaRefused: it is damaged, or too large to be decoded.
    """
    announced = image_format(content)
    if announced == "JPEG" and content.count(b"\xff\xda") > _MAX_SCANS:
        raise MediaRefused("This picture is damaged.")
    written, media_type, extensions, how = _WRITTEN[announced]
    with _decoding:
        try:
            picture = _decoded(content, announced)
            target = io.BytesIO()
            picture.save(target, written, **how)
        except MediaRefused:
            raise
        except Exception as error:
            # A damaged file can raise any error in a decoder. A traceback would only fill the log.
            logger.info("A picture could not be decoded: %r", error)
            raise MediaRefused("This picture is damaged.") from error
    width, height = picture.size
    return Media(
        MediaKind.IMAGE, media_type, with_extension(name, *extensions), target.getvalue(), width, height
    )


def _decoded(content: bytes, announced: str) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=[announced]) as picture:
        width, height = picture.size
        if width * height > MAX_PIXELS[announced]:
            millions = MAX_PIXELS[announced] // 1_000_000
            raise MediaRefused(
                f"This picture has {width:,} × {height:,} pixels. The limit is {millions} million."
            )
        picture.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
        picture.load()
        orientation = picture.getexif()
        upright = _plain(picture)
        upright.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS, reducing_gap=3.0)
        if orientation:
            upright.info["exif"] = orientation.tobytes()
            upright = ImageOps.exif_transpose(upright)
        # A new picture of the same pixels has none of the metadata.
        return Image.frombytes(upright.mode, upright.size, upright.tobytes())


def _plain(picture: Image.Image) -> Image.Image:
    """Convert the picture to one of the three modes that every format can be written in."""
    if picture.mode.startswith("I"):
        # A plain conversion of sixteen bits would turn all but the darkest shades white.
        return picture.point(lambda value: value * (1 / 256)).convert("L")
    wanted = "RGBA" if picture.has_transparency_data else "L" if picture.mode == "L" else "RGB"
    # Converting copies, and these are large.
    return picture if picture.mode == wanted else picture.convert(wanted)
