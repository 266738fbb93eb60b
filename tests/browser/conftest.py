"""A browser, a running installation, and pages that fail on script errors and requests to other origins."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

import pytest

from bench.chromium import CHROMIUM, WHOLE_CHROMIUM
from playground.demo.server import DemoServer
from tests.browser.hands import PHONE, Hand
from tests.installation import EMAIL, PASSWORD, Installation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

# On a busy machine everything comes late; only what never comes is a failure.
PATIENCE_MS = 20_000
IS_REQUIRED = os.environ.get("REQUIRE_BROWSER") == "1"


def pytest_collection_modifyitems(items):
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM and not IS_REQUIRED:
                item.add_marker(pytest.mark.skip(reason="No Chromium found: install it or set CHROMIUM."))


@pytest.fixture
def upstream(demo_upstream: DemoServer) -> DemoServer:
    return demo_upstream


@pytest.fixture(scope="session")
def installation(tmp_path_factory, prepared) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("installation"))
    installation.copy(prepared)
    installation.start()
    yield installation
    installation.stop()


# Playwright's event loop runs as long as it exists, and async tests need theirs: it ends with this folder.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    assert CHROMIUM, "REQUIRE_BROWSER is set, but there is no Chromium."
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = launched(playwright)
    yield browser
    browser.close()


@pytest.fixture
def whole_browser(playwright: Playwright) -> Iterator[Browser]:
    """A browser with what the headless shell lacks."""
    if not WHOLE_CHROMIUM and not IS_REQUIRED:
        pytest.skip("The headless shell cannot do this: install chromium as well.")
    assert WHOLE_CHROMIUM, "REQUIRE_BROWSER is set, but there is only the headless shell."
    # Playwright turns the back-forward cache off, since pages that come back from it load nothing.
    browser = launched(playwright, WHOLE_CHROMIUM, ignore_default_args=["--disable-back-forward-cache"])
    yield browser
    browser.close()


def launched(playwright: Playwright, executable: str | None = CHROMIUM, **options: Any) -> Browser:
    return playwright.chromium.launch(
        executable_path=executable,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            # The microphone plays beeps, and its use needs no permission.
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
        ],
        **options,
    )


class Problems(list[str]):
    """The script errors and refused requests of the pages of a context. No test passes with one."""


@pytest.fixture(scope="package")
def used_context(browser: Browser, installation: Installation) -> Iterator[tuple[BrowserContext, Problems]]:
    """A context for one test after the other: its scripts and pictures are loaded and compiled once."""
    found = new_context(browser, installation)
    yield found
    found[0].close()


@pytest.fixture
def context(request: pytest.FixtureRequest, upstream: DemoServer) -> Iterator[BrowserContext]:
    if request.node.get_closest_marker("own_context"):
        context, problems = new_context(
            request.getfixturevalue("browser"), request.getfixturevalue("installation")
        )
        yield context
        context.close()
    else:
        context, problems = request.getfixturevalue("used_context")
        yield context
        _forget(context)
    found = list(problems)
    problems.clear()
    assert found == []


def new_context(browser: Browser, installation: Installation) -> tuple[BrowserContext, Problems]:
    # Without reduced motion the contrast of colours would be measured in the middle of transitions.
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, base_url=installation.origin, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    problems = Problems()
    # The event covers every page of the context, the ones that tests open included.
    context.on("page", lambda page: _watch(page, installation, problems))
    return context, problems


def _forget(context: BrowserContext) -> None:
    """Leave nothing of a test but what the browser has cached."""
    for page in context.pages:
        page.close()
    context.set_offline(False)
    context.clear_cookies()
    context.clear_permissions()


def _watch(page: Page, installation: Installation, problems: list[str]) -> None:
    """Note script errors, policy violations and requests that leave the origin."""
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))

    def on_console(message):
        if message.type == "error" and "Content Security Policy" in message.text:
            problems.append(message.text)

    def on_request(request):
        own = (installation.origin, installation.origin.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith(own):
            problems.append(f"off-origin request: {request.url}")

    page.on("console", on_console)
    page.on("request", on_request)


@pytest.fixture(scope="session")
def signed_in() -> list[Any]:
    """Cookies from the last time that Alice signed in."""
    return []


@pytest.fixture
def page(context: BrowserContext, installation: Installation, signed_in: list[Any]) -> Page:
    """A page of Alice, signed in."""
    installation.forget_drafts()
    context.add_cookies(signed_in)
    page = context.new_page()
    stored = {"origin": installation.origin, "storageTypes": "local_storage"}
    context.new_cdp_session(page).send("Storage.clearDataForOrigin", stored)
    page.goto("/")
    # She signs in for the first test, and again when a test has ended her session.
    if "/sign-in/" in page.url:
        page.get_by_label("E-mail").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/w/**")
        signed_in[:] = context.cookies()
    return page


@pytest.fixture
def phone(page: Page, browser: Browser, installation: Installation) -> Iterator[Page]:
    """Another page of Alice, on a phone with a touch screen."""
    context = browser.new_context(
        storage_state=cast("Any", page.context.storage_state()),
        base_url=installation.origin,
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    problems = Problems()
    context.on("page", lambda page: _watch(page, installation, problems))
    yield context.new_page()
    context.close()
    assert problems == []


@pytest.fixture(params=["keys", "touch"])
def hand(request: pytest.FixtureRequest, page: Page) -> Hand:
    """Alice with the keyboard alone at a wide window, then with a phone."""
    has_keys = request.param == "keys"
    return Hand(page if has_keys else request.getfixturevalue("phone"), has_keys=has_keys)
