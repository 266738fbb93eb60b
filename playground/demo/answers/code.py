"""Short programs about a topic, in languages that pages highlight."""

from __future__ import annotations

import json
import re

from playground.demo.subject import Subject
from playground.demo.voice import Voice

_PYTHON = '''\
from __future__ import annotations


def find(words: list[str], wanted: str = {wanted}) -> int | None:
    """Where it is, by halving what is left."""
    low, high = 0, len(words)
    while low < high:
        middle = (low + high) // 2
        if words[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < len(words) and words[low] == wanted else None


print(find(sorted({words})))
'''
_JAVASCRIPT = """\
const words = {words};

for await (const piece of ask({wanted})) {{
  process.stdout.write(piece); // one token at a time
}}
"""
_SQL = """\
SELECT word, count(*) AS times
FROM prompts
WHERE topic = {quoted}
GROUP BY word
ORDER BY times DESC
LIMIT {number};
"""
_RUST = """\
fn main() {{
    let words = vec!{words};
    let longest = words.iter().max_by_key(|word| word.len());
    println!("{{longest:?}}");
}}
"""
_BASH = """\
#!/usr/bin/env bash
set -euo pipefail
grep --count --ignore-case {quoted} notes/*.txt | sort -t: -k2 -rn | head -n {number}
"""
_LANGUAGES = {"python": _PYTHON, "javascript": _JAVASCRIPT, "sql": _SQL, "rust": _RUST, "bash": _BASH}


def section(about: Subject, voice: Voice) -> str:
    """Return at least two programs: Python first, then those that the prompt names."""
    named = [language for language in _LANGUAGES if language in about.keywords]
    others = [language for language in _LANGUAGES if language not in ("python", *named)]
    languages = named or ["python", *voice.several(others, 2)]
    words = json.dumps(list(about.keywords) or ["this"], ensure_ascii=False)
    wanted = about.keywords[-1] if about.keywords else "this"
    filled = {
        "words": words,
        "wanted": json.dumps(wanted, ensure_ascii=False),
        "quoted": "'" + re.sub(r"['\\]", "", about.topic) + "'",
        "number": voice.number(3, 9),
    }
    blocks = [f"```{language}\n{_LANGUAGES[language].format(**filled)}```" for language in languages]
    return "## As a program\n\n" + "\n\n".join(blocks)
