from __future__ import annotations

import pytest

from chat.markdown import render

REL = 'target="_blank" rel="noopener noreferrer nofollow"'


def paragraph(inside: str) -> str:
    return f'<p dir="auto">{inside}</p>\n'


def test_a_link_says_where_it_goes_when_its_text_does_not() -> None:
    assert render("[docs](https://docs.example.org/a 'Click me')") == paragraph(
        '<a class="link has-host" href="https://docs.example.org/a" title="docs.example.org: Click me" '
        f'data-host="docs.example.org" {REL}>docs</a>'
    )


@pytest.mark.parametrize(
    "source",
    [
        "<https://www.example.org/a>",
        "https://www.example.org/a",
        "[example.org/b](https://www.example.org/a)",
        "[`www.example.org`](https://www.example.org/a)",
    ],
)
def test_a_link_that_shows_its_host_needs_no_second(source: str) -> None:
    assert '<a class="link" href="https://www.example.org/a" title="www.example.org"' in render(source)


@pytest.mark.parametrize(
    ("text", "url", "host"),
    [
        ("https://bank.example", "https://evil.example/", "evil.example"),
        ("https://bank.example.evil.example", "https://evil.example", "evil.example"),
        ("bank.example/evil.example", "https://evil.example", "evil.example"),
        ("evil.example.bank.example", "https://evil.example", "evil.example"),
        ("evil.example@bank.example", "https://evil.example", "evil.example"),
        ("аpple.example", "https://аpple.example", "xn--pple-43d.example"),
        ("", "https://evil.example", "evil.example"),
        ("https://evil.example.", "mailto:a@evil.example", "a@evil.example"),
    ],
)
def test_a_deceptive_link_shows_its_host(text: str, url: str, host: str) -> None:
    html = render(f"[{text}]({url})")

    assert 'class="link has-host"' in html
    assert f'title="{host}"' in html


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://example.org/x",
        "/logout/",
        "//evil.example/",
        "\\\\evil.example",
        "#composer",
        "?q=1",
        "http:evil.example",
        "https:/evil.example",
        "https://",
        "https:///x",
        "https://user@evil.example/",
        "https://bank.example%2f@evil.example",
        "https://evil.example\\@bank.example",
        "https://ex%61mple.org",
        "ftp://example.org",
        "mailto:",
        "xhttps://example.org",
    ],
)
@pytest.mark.parametrize("form", ["[click](<{}>)", "![click](<{}>)", "[click][a]\n\n[a]: <{}>"])
def test_other_targets_are_no_links(url: str, form: str) -> None:
    html = render(form.format(url))

    assert "<a" not in html
    assert "href" not in html
    assert "click" in html


def test_an_image_is_not_loaded() -> None:
    html = render("![A cat](https://evil.example/cat.png?secret=1)")

    assert html == paragraph(
        '<a class="link is-image has-host" href="https://evil.example/cat.png?secret=1" title="evil.example" '
        f"{REL}>[image: A cat]</a>"
    )


@pytest.mark.parametrize(
    "source", ["![x](data:image/png;base64,AAAA)", "![x](cat.png)", "![x](/static/a.svg)"]
)
def test_an_image_without_a_web_address_is_only_its_description(source: str) -> None:
    address = source[source.index("(") + 1 : -1]

    assert render(source) == paragraph(
        f'<span class="link-blocked" title="Not a web address: {address}">[image: x]</span>'
    )


def test_data_in_an_address_is_cut() -> None:
    assert len(render(f"![x](data:image/png;base64,{'A' * 9_000})")) < 300


def test_an_image_in_a_link_is_the_text_of_that_link() -> None:
    html = render("[![logo](https://a.example/x.png)](https://b.example)")

    assert html.count("<a ") == 1
    assert '<span title="https://a.example/x.png">[image: logo]</span></a>' in html


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("![**a** `b`](https://e.org)", "[image: a b]"),
        ("![a [b](https://x.example)](https://e.org)", "[image: a [b](https://x.example)]"),
        ("![a $b$](https://e.org)", "[image: a $b$]"),
    ],
)
def test_a_description_is_shown_whole(source: str, shown: str) -> None:
    assert f">{shown}</a>" in render(source)


def test_an_image_by_reference_is_not_loaded_either() -> None:
    html = render("![a][b]\n\n[b]: https://evil.example/?data=secret")

    assert "<img" not in html
    assert 'title="evil.example"' in html


@pytest.mark.parametrize(
    ("source", "url", "after"),
    [
        ("see https://example.org/a.", "https://example.org/a", "."),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)", ")"),
        ("**https://example.org/**", "https://example.org/", ""),
        ("https://example.org/?a=1&b=2, and", "https://example.org/?a=1&amp;b=2", ", and"),
        ("HTTPS://EXAMPLE.org!", "https://EXAMPLE.org", "!"),
        ("x https://example.org<br>", "https://example.org", "<br>"),
    ],
)
def test_an_address_in_the_text_is_a_link(source: str, url: str, after: str) -> None:
    html = render(source)

    assert f'href="{url}"'.lower() in html.lower()
    assert html.split("</a>")[1].removeprefix("</strong>").startswith(after)


@pytest.mark.parametrize(
    "source", ["`https://example.org`", "xhttps://example.org", "https://", "https://a b"]
)
def test_other_text_is_not(source: str) -> None:
    html = render(source)

    assert "example.org<" not in html or "<a" not in html


def test_a_mail_address_is_shown_whole() -> None:
    assert 'href="mailto:a@example.org?subject=x" title="a@example.org"' in render(
        "[write](mailto:a@example.org?subject=x)"
    )
