"""Rendered text runs nothing, loads nothing, and cannot imitate parts of the page."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.markdown import IncrementalRenderer, render
from chat.markdown.sanitise import MATH_ATTRIBUTES, MATH_TAGS, sanitise

BLOCKS = {
    "p",
    "br",
    "hr",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "ul",
    "ol",
    "li",
    "pre",
    "figure",
    "figcaption",
    "div",
}
INLINES = {"strong", "em", "s", "sup", "a", "code", "span", "button"}
HTML_TAGS = BLOCKS | INLINES | {"table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {
    "class",
    "dir",
    "title",
    "data-host",
    "href",
    "rel",
    "target",
    "start",
    "role",
    "aria-label",
    "tabindex",
    "type",
}
OURS = {"data-copy-code": ("button", "")}

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action=/logout method=post><input type=submit></form>",
    "<button formaction=/logout>x</button>",
    "<textarea id=prompt></textarea>",
    "<a href=javascript:alert(1)>x</a>",
    "<a id=composer name=composer>x</a>",
    "<div id=composer hx-swap-oob=true>x</div>",
    "<div hx-get=/w/acme/ hx-trigger=load>x</div>",
    "<div data-hx-get=/w/acme/ data-hx-trigger=load>x</div>",
    "<div hx-on:click=alert(1)>x</div>",
    "<b style='position:fixed;inset:0'>x</b>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example>",
    "<object data=x></object><embed src=x>",
    "<video src=//evil.example autoplay></video><audio src=x>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "<math><mi xlink:href='javascript:x'>y</mi></math>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "<details open ontoggle=alert(1)>",
    "</p></div></article><script>alert(1)</script>",
    "</span></figcaption><script>alert(1)</script>",
    "<br onclick=alert(1)>",
    "<br/ onclick=alert(1)>",
    "\u202e<script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3c;script&#x3e;alert(1)",
    "javascript:alert(1)",
    'https://example.org/" onclick="x',
    "\\text{<script>alert(1)</script>}",
]

PLACES = [
    "{}",
    "**{}**",
    "`{}`",
    "# {}",
    "> {}",
    "- {}",
    "- [ ] {}",
    "1. a\n\n   {}",
    "```\n{}\n```",
    "```html\n{}\n```",
    "```{}\nx\n```",
    "    {}",
    "[{}](https://example.org)",
    "[x]({})",
    "[x](<{}>)",
    "[x](https://example.org/{})",
    "[x](https://example.org '{}')",
    '[x](https://example.org "{}")',
    "![{}](https://example.org/x.png)",
    "![x]({})",
    "<{}>",
    "<https://example.org/{}>",
    "[x][y]\n\n[y]: {}",
    "[y]: https://example.org ({})\n\n[y]",
    "| {} | b |\n|---|---|\n| {} | c |",
    "${}$",
    "$${}$$",
    "\\[\n{}\n\\]",
    "a {}\n===",
    "{}  \nb",
    "~~{}~~ *{}*",
]


class _Probe(HTMLParser):
    """Collect every tag and attribute that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.offences: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HTML_TAGS | MATH_TAGS:
            self.offences.append(tag)
        for name, value in attrs:
            if tag in MATH_TAGS and name in MATH_ATTRIBUTES:
                continue
            if name in OURS and (tag, value or "") == OURS[name]:
                continue
            if name not in ATTRIBUTES:
                self.offences.append(f"{tag}[{name}]")
            if name == "href" and not (value or "").lower().startswith(("http://", "https://", "mailto:")):
                self.offences.append(f"{tag}[href={value}]")
            if name == "dir" and value not in {"auto", "ltr"}:
                self.offences.append(f"{tag}[dir={value}]")

    def handle_comment(self, data: str) -> None:
        self.offences.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.offences.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.offences.append("instruction")


def offences(html: str) -> list[str]:
    probe = _Probe()
    probe.feed(html)
    probe.close()
    return probe.offences


def streamed(text: str, step: int) -> list[str]:
    """Return every state of the open end, and the blocks at the end."""
    renderer = IncrementalRenderer()
    seen = []
    for start in range(0, len(text), step):
        renderer.feed(text[start : start + step])
        seen.append(renderer.open_end().html)
    renderer.finish()
    return [*seen, *renderer.blocks]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_survives_anywhere(payload: str) -> None:
    for place in PLACES:
        text = place.replace("{}", payload)
        assert not offences(render(text)), place


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_survives_at_any_point_of_a_stream(payload: str) -> None:
    for place in PLACES:
        text = place.replace("{}", payload)
        for html in streamed(f"Intro [a](https://e.org).\n\n{text}\n\nThen {text}", 7):
            assert not offences(html), place


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_second_wall_holds_alone(payload: str) -> None:
    """Without the parser's escaping, the sanitiser still drops it."""
    assert not offences(sanitise(f"<p>{payload}</p>"))
    assert not offences(sanitise(f"<math>{payload}</math>"))
    assert not offences(sanitise(f'<p id="x" name="y" style="z" data-copy-code hx-get="/">{payload}'))


def test_the_probe_sees_what_it_should() -> None:
    assert offences("<p onclick=x><img src=y><a href='javascript:x'>") == [
        "p[onclick]",
        "img",
        "img[src]",
        "a[href=javascript:x]",
    ]
    assert offences("<p data-copy-code><button data-copy-code>") == ["p[data-copy-code]"]


def test_a_model_cannot_forge_our_classes() -> None:
    html = sanitise('<p class="continued composer">a</p><span class="hl-keyword visually-hidden">b</span>')

    assert "composer" not in html
    assert "visually-hidden" not in html


SNIPPETS = st.sampled_from(
    [*PAYLOADS, "[", "](", ")", "<", ">", "`", "```", "\n", "\n\n", "$", "$$", "|", "---", "- ", "> "]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(SNIPPETS, max_size=12).map("".join), st.integers(1, 30))
def test_no_mixture_survives(text: str, step: int) -> None:
    assert not offences(render(text))
    for html in streamed(text, step):
        assert not offences(html)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "[a](" * 5_000,
        "![" * 10_000,
        "*a _b " * 5_000,
        "**a *b" * 5_000,
        "*" * 20_000,
        "`" * 20_000,
        "`a``b```" * 3_000,
        "~~a" * 8_000,
        "$a " * 8_000,
        "$$a" * 8_000,
        "\\(" * 10_000,
        "\\[\n" * 3_000,
        "<" * 20_000,
        "<br" * 8_000,
        "&" * 20_000,
        "https://" * 3_000,
        "https://a.example/" + "(" * 10_000,
        "https://a.example/" + ")" * 10_000,
        "> " * 3_000 + "deep",
        "- " * 3_000 + "deep",
        "1. " * 1_000 + "deep",
        "> - " * 500 + "deep",
        "\n".join("  " * depth + "- deep" for depth in range(200)),
        "|" * 10_000 + "\n" + "|-" * 10_000,
        "| a " * 200 + "|\n" + "|---" * 200 + "|\n" + "| b\n" * 2_000,
        "[a]: https://e.org\n" * 5_000,
        "[a]: " * 5_000,
        "".join(f"[a{number}]: https://e.org/{number}\n" for number in range(10_000)),
        "[^1]" * 10_000,
        "**中" * 10_000,
        "{$" * 10_000,
        "https://中" * 4_000,
        "|a|b|\n|-|-|\n" + ("|" + "`a``b```c|" * 90 + "\n") * 50,
        "$$" + "\\text{$a$" * 400 + "$$",
        "$$" + "\\ce{" * 900 + "$$",
        "a\n" * 10_000,
        "# " * 10_000,
        "```\n" * 5_000,
        "\u202e\u2066" * 5_000,
        "\x00" * 10_000,
        "\ufdd0" * 10_000,
        "\ud800\udfff" * 1_000,
        "-" * 10_000 + " x",
        "- " * 10_000 + "\n---",
        "\t" * 10_000 + "x",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_neither_breaks_nor_gets_out(text: str) -> None:
    assert not offences(render(text))
    renderer = IncrementalRenderer()
    for start in range(0, len(text), 500):
        renderer.feed(text[start : start + 500])
        renderer.open_end().html.encode()
    renderer.finish()
    assert not offences("".join(renderer.blocks))


def test_attributes_have_the_same_order_in_every_process() -> None:
    """Pages of two processes, or from before and after a restart, are compared byte by byte."""
    assert '<pre dir="ltr" tabindex="0"><code>' in render("```\na\n```")
    assert '<pre dir="ltr" tabindex="0"><code>' in render("    a")
