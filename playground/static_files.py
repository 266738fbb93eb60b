"""How style sheets, scripts and images reach the browser."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from django.http import FileResponse, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.core.files.storage import Storage
    from django.http import HttpRequest
    from whitenoise.responders import StaticFile


# Imports in our own modules, one statement a line. Their names get a hash too.
MODULE_IMPORTS = (
    (
        r'(?m)^(?P<matched>import (?P<names>[^;"]+) from "(?P<url>\.[^"]+)";)$',
        'import %(names)s from "%(url)s";',
    ),
    (r'(?m)^(?P<matched>import "(?P<url>\.[^"]+)";)$', 'import "%(url)s";'),
)


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
    # Django's own switch for this, support_js_module_import_aggregation, would also rewrite the modules of
    # django-htmx, where comments contain what looks like an import.
    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", MODULE_IMPORTS))
    # Django needs one pass for each level of imports, and one that finds nothing to change.
    max_post_process_passes = 12

    def stored_name(self, name: str) -> str:
        clean = self.clean_name(name)
        stored: str = self.hashed_files.get(self.hash_key(clean), clean)
        return stored


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
