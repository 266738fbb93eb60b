"""How style sheets, scripts and images reach the browser."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage
from django.http import FileResponse, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

from playground.joining import joined_script, joined_sheet, modules_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.core.files.storage import Storage
    from django.http import HttpRequest
    from whitenoise.responders import StaticFile


# Templates name these, and nothing but these names their parts.
PAGE_SCRIPTS = "js/pages/"
PAGE_SHEETS = ("css/shared.css", "css/playground.css")


class FontFinder(BaseFinder):
    """The font of formulas, served from the package that ships it. Nothing else of that package is served."""

    name = "STIXTwoMath-Regular.ttf"
    prefix = "fonts"

    def __init__(self) -> None:
        # The package itself is not imported: it reads the font at once.
        spec = find_spec("ziamath")
        folders = list(spec.submodule_search_locations or ()) if spec else []
        self._folder = Path(folders[0], "fonts") if folders else None

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        is_font = self._folder is not None and path == f"{self.prefix}/{self.name}"
        found = [str(self._folder / self.name)] if self._folder and is_font else []
        return found if find_all else "".join(found[:1])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        if self._folder is not None:
            storage = FileSystemStorage(location=self._folder)
            # Django's finders set the same attribute; collectstatic and WhiteNoise read it.
            storage.prefix = self.prefix  # type: ignore[attr-defined]
            yield self.name, storage


class HashedNames(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Names with a hash of the content once ``collectstatic`` has run, plain names before that.

    With a hash, browsers keep a file for ever; without one, they ask again after a minute. The storage
    this builds on answers 500 for a file that is not in its list, which would break a fresh checkout.
    """

    manifest_strict = False

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        yield from super().post_process(paths if dry_run else joined(paths), dry_run=dry_run, **options)

    def stored_name(self, name: str) -> str:
        clean = self.clean_name(name)
        stored: str = self.hashed_files.get(self.hash_key(clean), clean)
        return stored


def joined(paths: dict[str, tuple[Storage, str]]) -> dict[str, tuple[Storage, str]]:
    """Put the joined file of a page in place of the one that imports, and leave out the parts."""

    def read(name: str) -> str:
        storage, path = paths[name]
        with storage.open(path) as file:
            return bytes(file.read()).decode()

    texts = {name: joined_script(name, read) for name in paths if name.startswith(PAGE_SCRIPTS)}
    texts |= {name: joined_sheet(name, read) for name in PAGE_SHEETS}
    parts = {part for name in texts if name.startswith(PAGE_SCRIPTS) for part in modules_of(name, read)}
    memory = InMemoryStorage()
    for name, text in texts.items():
        memory.save(name, ContentFile(text.encode()))
    others = {name: found for name, found in paths.items() if name not in parts}
    return others | {name: (memory, name) for name in texts}


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, answering with whole bodies.

    WhiteNoise streams from the open file. Under ASGI Django has to read such a stream to its end before it
    sends anything, and warns about it each time. Our files are small; the largest is the font of formulas.
    """

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse | FileResponse:
        streaming = WhiteNoiseMiddleware.serve(static_file, request)
        response = HttpResponse(b"".join(streaming), status=streaming.status_code, headers=streaming.headers)
        if "content-type" not in streaming.headers:
            del response["content-type"]
        streaming.close()
        return response
