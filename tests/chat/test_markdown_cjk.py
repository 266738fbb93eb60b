"""Emphasis and addresses beside Chinese, Japanese and Korean text."""

from __future__ import annotations

import re

import pytest

from chat.markdown import render


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("这是**“重点”**内容", "这是<strong>“重点”</strong>内容"),
        ("**注意：**后面", "<strong>注意：</strong>后面"),
        ("**50%**的", "<strong>50%</strong>的"),
        ("这是**`code`**吗", "这是<strong><code>code</code></strong>吗"),
        ("~~删除。~~后", "<s>删除。</s>后"),
        ("*斜体（注）*的", "<em>斜体（注）</em>的"),
        ("**これは「強調」です。**次の文", "<strong>これは「強調」です。</strong>次の文"),
        ("彼は**『本』**を読む", "彼は<strong>『本』</strong>を読む"),
        ("**한국어(Korean)**는", "<strong>한국어(Korean)</strong>는"),
        ("이것은 **“중요”**입니다", "이것은 <strong>“중요”</strong>입니다"),
        ("**A+**级和**C#**语言", "<strong>A+</strong>级和<strong>C#</strong>语言"),
        ("***两者。***后", "<em><strong>两者。</strong></em>后"),
        ("**𠮷野家。**吗", "<strong>𠮷野家。</strong>吗"),
        ("**价格：$5**起", "<strong>价格：$5</strong>起"),
        ("a**b.**c", "a**b.**c"),
        ("2 * 3 * 4 和 a_b_c", "2 * 3 * 4 和 a_b_c"),
        ("变量_a_名", "变量_a_名"),
    ],
)
def test_emphasis_needs_no_space_there(source: str, html: str) -> None:
    assert render(source) == f'<p dir="auto">{html}</p>\n'


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("请看https://e.org/a。然后", "https://e.org/a"),
        ("（https://e.org/b）", "https://e.org/b"),
        ("访问https://e.org，再说", "https://e.org"),
        ("「https://e.org/?q=1」", "https://e.org/?q=1"),
        ("https://e.org/docs를 보세요", "https://e.org/docs"),
        ("https://e.orgです", "https://e.org"),
        ("网址：https://e.org/a_(b)、下一个", "https://e.org/a_(b)"),
        ("**https://e.org/**后面", "https://e.org/"),
        ("“https://e.org/x”", "https://e.org/x"),
        ("https://e.org/a！", "https://e.org/a"),
        ("https://例子.测试/a。", "https://例子.测试/a"),
        ("见https://zh.e.org/wiki/%E6%95%B0学", "https://zh.e.org/wiki/%E6%95%B0"),
    ],
)
def test_an_address_ends_where_it_ends(source: str, address: str) -> None:
    html = render(source)

    assert re.findall(r"<a [^>]*>([^<]*)</a>", html) == [address]
