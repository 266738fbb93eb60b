"""Markdown for the tests of the renderer: texts of models, and hostile ones."""

from __future__ import annotations

from html.parser import HTMLParser

ANSWER = r"""# A token bucket

A bucket holds up to **capacity** tokens and refills at a fixed *rate*. See
[the docs](https://docs.python.org/3/library/asyncio.html), `asyncio.sleep`, ~~threads~~ or
https://example.org/a_(b), and mind that $5 or $6 is money while $E = mc^2$ and \(a^2\) are not.

```python
class Bucket:
    '''Holds tokens.

    Not a list.
    '''

    def take(self, n: int = 1) -> None: ...
```

| | Token bucket | Sliding window |
|:--|--:|:-:|
| Burst | up to `capacity` | none<br>at all |
| Memory | two numbers | one \| per request |

1. First
2. Second, with a nested list:
   - one **bold *and italic***
   - two

     ```js
     let x = "<b>";

     - not a list
     ```
   - three
3. Third

   with a paragraph

- [x] done
- [ ] not done

> Quoted **text**
continued lazily
> - and a list

Setext
======

    indented code

    after a blank line

$$
\int_0^\infty e^{-x^2}\,dx
- \frac{\sqrt{\pi}}{2}
$$

\[ \sum_{i=1}^n i \]

***

~~~
unlanguaged ``` fence
~~~
The end, مرحبا and 你好.
"""

NASTY = [
    ANSWER,
    "```python\nnever closed\n\n# not a heading\n- not a list",
    "- a\n- b\n\n\n- c\n\ntext",
    "- a\n\n  b\n\n      code\n- c",
    "-\n\n  not in the item",
    "1. a\n1. b\n\n7) c\n7) d",
    "* * *\n* a\n***\n+ b",
    "a\n===\nb\n---\nc\n\n---\n",
    "para\n- list\npara again\n\n    code",
    "> quote\n> ```\n> code\n\nafter",
    "> a\n\n> b\nlazy\n```\nx\n```",
    "| a |\n| - |\n| b |\ntext in a row\n\n| no | table |\n",
    "text\n| a | b |\n|---|---|\n| 1 | 2 |\n# heading",
    "$$\nunclosed\n\n# heading",
    "$$x$$ inline\n\n\\[\na\n\\]\n\n$$ a $$",
    "\\[ not closed\n- list?\n\nx",
    "   ```\n   indented\n  fence\n   ```\nafter",
    "````\n```\n````\n~~~ info\n~~~~\nx",
    "a\r\nb\rc\r\n\r\nd",
    "\ttab code\n\n- \ttab item\n\n\tcontinued",
    "**bold\nacross** lines *and\n\nparagraphs*",
    "line one  \nline two\\\nline three",
    "![image](https://evil.example/x.png) [![nested](a.png)](https://example.org)",
    "<div onclick=x>\n\n**md**\n\n</div> <br> <BR/> <b>",
    "nul \x00 and \ufdd0 and \ufeff and \u2028 and \u202e bidi \u2066",
    "#\n\n##not\n# yes #\n###### deep\n####### too deep",
    "- [ ] a\n- [x] b\n  - [X] c\n- [y] d",
    "1234567890. not a list\n\n123456789. list",
    "- a\n> quote\n- b\n# h\n- c\n```\nx\n```\n- d",
    "*\n\n   ```\n- a",
    "*\n| a | b |\n   ```\n- a",
    "> q\n  b\n===\n  b\n===",
    "> q\n  b\n2. y\n   ```\n- a",
    "> - ql\n-\n   ```\n- a",
    "> - ql\n| a | b |\n|---|---|",
    "&amp; &lt;script&gt; &#x3c;img&#x3e; &nbsp;&copy;",
    "\n".join(f"{'  ' * depth}- level {depth} with **words**" for depth in range(12)) + "\n\nafter",
    "\n".join(f"{'   ' * depth}1. level {depth}" for depth in range(12)) + "\n\nafter",
    "> " * 12 + "deep\n" + "> " * 3 + "less\n\nafter",
    "| a | b | c |\n|---|---|\n| not a table |\n\n"
    "| a | b |\n|:-:|--:|\n| one |\n| 1 | 2 | 3 |\n|  \\| | `\\|` |\n||\n",
    "<table><tr><td>**x**</td></tr></table>\n<script>alert(1)</script>\n<!-- c --><details open>\n<p>y\n",
    "$$a$$ and $b$ and \\(c\\) and \\[d\\] and $5 and \\$6\n\n"
    "\\begin{align}\na &= b \\\\\n\\end{align}\n\n$$\n\\frac{1}{2}\n$$",
    "$$\n\\text{<b>x</b>}\n$$\n\n\\(\\undefined{\\)\n\n$ not $ math $",
    "שלום **עולם** abc\n\n- \u200fימין\n- \u202bleft\u202c and \u2067iso\u2069\n\n"
    "> \u061cمرحبا\n\n| א | b |\n|---|---|\n| ג | d |",
    "A claim[^1] and another[^note].\n\n[^1]: The first.\n[^note]: The second\n    goes on.\n\nEnd.",
    "👩‍👩‍👧‍👦 and 🏳️‍🌈 and 👍🏽 and e\u0301 and 🇩🇪🇫🇷\n\n- 👨‍💻\n- **👩‍🚀**\n\n```\n👩‍👩‍👧‍👦\n```",
    "\ud83d\udc68 and \ud83d alone, \udc68 alone",
    "&am&amp &#1 &#x41; &#x1F600; &#0; &notanentity; `&amp;` **&lt;**\n\n```\n&amp;\n```",
    "\r\n\r\n# a\r\n\r\n- b\r\n\t- c\r\n\r\n```\r\nd\r\n```\r\r\ne\r\n",
    "-\ta\n\n\tb\n\n1.\tc\n\t- d\n\n\t\tcode\n\n>\tq\n\n|\ta\t|\n|\t-\t|\n|\tb\t|",
    "*a **b* c** ***d*** __e_f__ ~~g ~h~~ i~ `j `` k` **l*\n*m** n",
    "a\\\nb\n\n\\*not\\* \\`code\\` \\# h\n\n\\",
    "1) a\n2) b\n3. c\n* d\n+ e\n- f\n\n   g\n- [ ]\n- [x]\n-",
    "[INFO]: started\n[WARN]: slow\n\n- [a]: b\n- c\n\n> [d]: e\n\n[f]: https://e.org\n\n[^g]: h\ni",
    "| e | m |\n|---|---|\n| `a|b` | or |\n| $|x|$ | y |\n| a | b | c | d |\n| `a | b\n\nend",
    "这是**“重点”**内容。**注意：**后面~~删除。~~后，变量$x$是整数，若$a>0$。\n见https://e.org/a。然后（https://e.org/b）\n"
    "- **한국어(Korean)**는\n- 「*本*」を https://e.org です",
    "Roses are red,\nViolets are blue<br>\nand **bold\nlines**  \nend\\\nlast\n- item\n  more\n> q\n> r",
    "$$\\begin{aligned} a &= b \\\\[6pt] &= c \\tag{1} \\end{aligned}$$\n\n$\\nosuch{x} & y$ and $5 and 6$ "
    "and \\[1\\] and \\(x\\) the $n$th\n\n\\[\n\\ce{2H2 + O2 -> 2H2O}\n\\]\n\n\\[see below\\]",
    "```python title=\"a.py\" {1,3}\nx\n```\n\n![a [b](c) $d$](e.png 'f') [g](h 'i') [j](https://e.org 'k')",
]

# Texts for blocks that are far longer than any real one.
LONG = {
    "code": "```python\n" + "".join(f"line_{n} = {n}  # <{n}>\n" for n in range(10_000)) + "```\n\nafter\n",
    "table": "| n | square |\n|--:|---|\n"
    + "".join(f"| {n} | {n * n} |\n" for n in range(5_000))
    + "\nafter\n",
    "list": "".join(f"{n}. item **{n}**\n" for n in range(1, 3_001)) + "\nafter\n",
}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def text_of(html: str) -> str:
    """Return the text of some HTML, with a single blank between blocks."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    return " ".join("".join(parser.parts).split())
