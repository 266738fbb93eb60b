"""Pictures and sound of an answer, moved from its data to the store of files."""

from __future__ import annotations

import base64
import binascii
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chat import files
from chat.media import Media
from chat.media.answers import UNREADABLE, examine_drawn, examine_spoken

if TYPE_CHECKING:
    from accounts.models import Workspace
    from chat.models import Run, StoredFile
    from playground.upstream.answer import Answer


logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Kept:
    """The data that is stored of an answer, and its files: bytes that are written, rows that are not.

    ``data`` is that of the answer, with::

        "images": [{"file": code, "media_type", "width", "height"} or {"url"}]
        "audio": {"file": code, "media_type", "seconds"}

    ``media_type`` is that of unknown bytes if no picture or sound can be read from them.
    """

    data: dict[str, Any]
    files: list[StoredFile] = field(default_factory=list)

    def save(self, run: Run) -> None:
        """Save the rows of the files, in the transaction that ends the run."""
        for place, file in enumerate(self.files):
            file.message_id, file.place = run.answer_id, place
            file.run = run if run.answer_id is None else None
            file.save()

    def remove(self) -> None:
        """Delete the written bytes, of a run that was ended elsewhere."""
        for file in self.files:
            files.remove(file)


def keep_media(run: Run, answer: Answer) -> Kept:
    """Decode and write the files of an answer. Call it before the transaction that ends the run.

    The transaction must not wait for the disk.
    """
    kept = Kept(answer.data)
    try:
        _keep(run, answer, kept)
    except OSError:
        # A full disk must not lose the text as well.
        logger.exception("Pictures or sound of run %s cannot be stored.", run.code)
        kept.remove()
        data = {name: value for name, value in answer.data.items() if name not in {"images", "audio"}}
        return Kept({**data, "is_media_lost": True})
    except BaseException:
        kept.remove()
        raise
    return kept


def _keep(run: Run, answer: Answer, kept: Kept) -> None:
    workspace = run.workspace
    if answer.images:
        kept.data["images"] = [
            _drawn(kept, workspace, number, image) for number, image in enumerate(answer.images, 1)
        ]
    if sound := answer.audio:
        asked = run.parameters.get("audio")
        stated = str(asked.get("format", "")) if isinstance(asked, dict) else ""
        kept.data["audio"] = _stored(kept, workspace, examine_spoken(sound, "answer", stated))


def _drawn(kept: Kept, workspace: Workspace, number: int, image: dict[str, str]) -> dict[str, Any]:
    if "data" not in image:
        return dict(image)
    try:
        content = base64.b64decode(image["data"] + "=" * (-len(image["data"]) % 4))
    except (binascii.Error, ValueError):
        content = image["data"].encode()
    return _stored(kept, workspace, examine_drawn(content, f"picture-{number}"))


def _stored(kept: Kept, workspace: Workspace, media: Media) -> dict[str, Any]:
    file = files.put(media, workspace)
    kept.files.append(file)
    known = {"width": media.width, "height": media.height, "seconds": media.seconds}
    return {
        "file": str(file.code),
        "media_type": media.media_type,
        **{name: value for name, value in known.items() if value},
        **({"is_unreadable": True} if media.media_type == UNREADABLE else {}),
    }
