"""How style sheets, scripts and images reach the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

if TYPE_CHECKING:
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
    sends anything, and warns about it each time. Our files are small.
    """

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse | FileResponse:
        streaming = WhiteNoiseMiddleware.serve(static_file, request)
        response = HttpResponse(b"".join(streaming), status=streaming.status_code, headers=streaming.headers)
        if "content-type" not in streaming.headers:
            del response["content-type"]
        streaming.close()
        return response
