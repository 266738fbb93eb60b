"""Pasted text, read back: everything that is written opens the same setup, and so does what people paste."""

# Pasted lines are as long as they come.
# ruff: noqa: E501
from __future__ import annotations

import json

import pytest

from playground.code.reading import MOST_BYTES, read_paste
from playground.code.reading.attachments import attachment_in
from playground.code.reading.paste import PasteRefused
from playground.code.request import FileUse
from playground.code.writing import WRITERS
from playground.upstream.dialects.responses.parts import variants as responses_variants
from playground.upstream.dialects.shared.transcript import Attachment, MediaKind
from playground.upstream.dialects.shared.writing.parts import block_variants, openai_variants
from tests.playground.code_corpus import KINDS, VERSION, corpus, same

BASE = "https://api.example.com/v1"
BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": "It's 5 o'clock."}], "temperature": 0.5}


@pytest.mark.parametrize("write", WRITERS)
def test_written_code_opens_the_same_setup(write):
    for number, case in enumerate(corpus()):
        paste = read_paste(write(case.at(BASE)).text)
        assert same(paste.body, case.body), number
        assert (paste.base_url, paste.kind, paste.files) == (BASE, case.kind, case.uses), number
        assert paste.is_streamed == (case.body.get("stream") is True)
        assert not paste.has_key
        assert case.kind != "messages" or set(paste.header_names) >= VERSION.keys()


CURL = """curl https://api.example.com/v1/chat/completions -H 'Authorization: Bearer $KEY' """
PASTES = {
    "JSON": '{"model": "gpt-4o", "messages": [{"role": "user", "content": "It\'s 5 o\'clock."}], "temperature": 0.5}',
    "a prompt of a shell": """$ curl -sS -X POST --url https://api.example.com/v1/chat/completions \\
        --header "Content-Type: application/json" --data-raw '{"model":"gpt-4o","messages":[{"role":"user",
        "content":"It'"'"'s 5 o'\\''clock."}],"temperature":0.5}' | jq .""",
    "ANSI quotes": CURL
    + """--data-raw $'{"model":"gpt-4o","messages":[{"role":"user","content":"It\\'s 5 o\\u0027clock."}],"temperature":.5}'""".replace(
        ":.5", ":0.5"
    ),
    "double quotes": CURL
    + r"""-d "{\"model\": \"gpt-4o\", \"messages\": [{\"role\": \"user\", \"content\": \"It's 5 o'clock.\"}],
      \"temperature\": 0.5}" """,
    "--json with =": CURL
    + """--json='{"model":"gpt-4o","messages":[{"role":"user","content":"It'\\''s 5 o'\\''clock."}],"temperature":5e-1}'""",
    "a document": CURL
    + """-d @- <<'EOF'\n{"model":"gpt-4o","messages":[{"role":"user","content":"It's 5 o'clock."}],"temperature":0.5}\nEOF\n""",
    "a piped document": """cat <<EOF | curl -N https://api.example.com/v1/chat/completions -d@-
{"model":"gpt-4o","messages":[{"role":"user","content":"It's 5 o'clock."}],"temperature":0.5}
EOF""",
    "a variable of the shell": """BODY='{"model":"gpt-4o","messages":[{"role":"user","content":"It'\\''s 5 o'\\''clock."}],"temperature":0.5}'
curl -s "https://api.example.com/v1/chat/completions" -d "$BODY" """,
    "Windows": """curl ^"https://api.example.com/v1/chat/completions^" ^
  -H ^"content-type: application/json^" ^
  --data-raw ^"^{^\\^"model^\\^":^\\^"gpt-4o^\\^",^\\^"messages^\\^":^[^{^\\^"role^\\^":^\\^"user^\\^",^\\^"content^\\^":^\\^"It's 5 o'clock.^\\^"^}^],^\\^"temperature^\\^":0.5^}^" """,
    "openai": """
from openai import OpenAI
client = OpenAI(base_url="https://api.example.com/v1", api_key=os.getenv("KEY"))
MODEL = "gpt-4o"
messages = [{"role": "user", "content": "It's 5 " "o'clock."}]
def main():
    answer = client.chat.completions.create(model=MODEL, messages=messages, temperature=0.5)
""",
    "openai with more": """
>>> client = AsyncOpenAI(base_url="https://api.example.com/v1")
>>> options = dict(temperature=0.5)
>>> await client.chat.completions.create(model="gpt" + "-4o", messages=[*[], {"role": "user", "content": f"It's 5 o'clock."}], **options)
""",
    "requests": """
import requests, json
url = "https://api.example.com/v1/chat/completions"
payload = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "It's 5 o'clock."}], "temperature": 0.5})
response = requests.request("POST", url, headers={"Authorization": f"Bearer {KEY}"}, data=payload)
""",
    "fetch": """
const body = { model: 'gpt-4o', messages: [{ role: "user", content: `It's 5 o'clock.` }], temperature: .5 };
fetch('https://api.example.com/v1/chat/completions', {
  method: 'POST',
  headers: { Authorization: 'Bearer ' + process.env.KEY, ...others },
  body: JSON.stringify(body),
  signal: AbortSignal.timeout(5_000),
}).then((response) => response.json());
""",
    "openai for JavaScript": """
import OpenAI from 'openai'
const client = new OpenAI({ baseURL: "https://api.example.com/v1", apiKey: key, dangerouslyAllowBrowser: true })
const temperature = 0.5 // not too hot
const messages = [{ role: "user", content: "It's 5 " + 'o\\'clock.' }]
const answer = await client.chat.completions.create({ model: "gpt-4o", messages, temperature, seed: undefined })
""",
}


@pytest.mark.parametrize("name", PASTES)
def test_it_reads_what_people_paste(name):
    paste = read_paste(PASTES[name])
    assert paste.body == BODY
    assert paste.kind == "chat/completions"
    assert paste.base_url == ("" if name == "JSON" else BASE)
    assert not paste.has_key


@pytest.mark.parametrize(
    ("text", "base_url", "kind", "more"),
    [
        (
            'import anthropic\nwith anthropic.Anthropic().messages.stream(model="c", max_tokens=5, messages=[]) as s: ...',
            "https://api.anthropic.com/v1",
            "messages",
            {"max_tokens": 5, "stream": True},
        ),
        (
            'Anthropic(base_url="https://x.example").messages.create(model="c", messages=[], extra_body={"top_k": 1})',
            "https://x.example/v1",
            "messages",
            {"top_k": 1},
        ),
        (
            'OpenAI().responses.create(model="c", input=[], instructions="Be brief.")',
            "https://api.openai.com/v1",
            "responses",
            {"input": [], "instructions": "Be brief."},
        ),
        (
            'const c = new Anthropic();\nawait c.messages.create({model: "c", messages: []}, {headers: {"x-y": "z"}})',
            "https://api.anthropic.com/v1",
            "messages",
            {},
        ),
        (
            'await axios.post("http://[::1]:8000/v1/messages?beta=1", {model: "c", messages: []})',
            "http://[::1]:8000/v1",
            "messages",
            {},
        ),
        (
            'litellm.completion(model="c", messages=[], api_base="http://127.0.0.1:4000")',
            "http://127.0.0.1:4000",
            "chat/completions",
            {},
        ),
    ],
)
def test_it_finds_address_and_endpoint(text, base_url, kind, more):
    paste = read_paste(text)
    assert (paste.base_url, paste.kind) == (base_url, kind)
    assert paste.body == {"model": "c", **({} if kind == "responses" else {"messages": []}), **more}


def test_a_file_that_a_program_reads_has_its_place():
    paste = read_paste(
        'from openai import OpenAI\nimage = base64.b64encode(open("a b.png", "rb").read()).decode("utf-8")\n'
        'OpenAI().responses.create(model="m", input=[{"image_url": f"data:image/png;base64,{image}"}])'
    )
    assert paste.files == (FileUse(("input", 0, "image_url"), "a b.png", "image/png"),)
    assert paste.body["input"] == [{"image_url": "playground-file:a b.png"}]


SECRET = "sk-secret-0123456789"


@pytest.mark.parametrize(
    "text",
    [
        f"curl https://a.example/v1/messages -H 'x-api-key: {SECRET}' -d '{{\"model\": \"m\"}}'",
        f'curl -u me:{SECRET} https://a.example/v1/messages -d \'{{"model": "m"}}\'',
        f"curl 'https://me:{SECRET}@a.example/v1/messages?key={SECRET}' -d '{{\"model\": \"m\"}}'",
        f'OpenAI(api_key="{SECRET}", base_url="https://a.example/v1").post("/messages", body={{"model": "m"}})',
        f'litellm.completion(model="m", api_key="{SECRET}")',
        f'requests.post("https://a.example/v1/messages", json={{"model": "m", "api_key": "{SECRET}"}})',
        f'fetch("https://a.example/v1/messages", {{headers: {{Authorization: "Bearer {SECRET}"}}, body: \'{{"model": "m"}}\'}})',
    ],
)
def test_a_key_is_found_and_not_kept(text):
    paste = read_paste(text)
    assert paste.has_key
    assert SECRET not in repr(paste) + repr(paste.body)
    assert paste.body == {"model": "m"}


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("", "Paste a curl command", 0, 0),
        ('{"a": 1,\n // no\n "b": 2}', "Comments and commas", 2, 2),
        ("{'a': 1}", "double quotes only", 1, 2),
        ('{"a": NaN}', "NaN is no value", 0, 0),
        ('{"a": 1e999}', "too large", 0, 0),
        ('{"a": ' + "9" * 5_000 + "}", "too many digits", 0, 0),
        ("[1]", "JSON object", 1, 1),
        ('{"a": ' + "[" * 100_000, "nested too deeply", 0, 0),
        ("curl https://a.example/v1/responses -d '{\"a\": 1", "quote has no end", 1, 40),
        ("curl https://a.example/v1/responses \\\n -d @body.json", "in a file", 2, 1),
        ("curl https://a.example/v1/responses -d @- <<X\n{}", "end of this document", 1, 43),
        ("curl https://a.example/v1/responses", "sends no body", 0, 0),
        ("curl -F a=b https://a.example/v1/responses", "a form", 1, 1),
        ("curl -d '{}'", "no address", 0, 0),
        ("curl https://a.example/v1/embeddings -d '{}'", "another endpoint", 0, 0),
        ("curl file:///v1/responses -d '{}'", "not complete", 0, 0),
        ("curl 'http://[/v1/responses' -d '{}'", "not valid", 0, 0),
        ("curl https://a.example/v1/responses \\\n-d '{\n\"a\" 1}'", "not valid JSON", 3, 5),
        ("client.chat.completions.create(\n  model=pick())", "computes this value", 2, 9),
        ("client.chat.completions.create(model=a)\na = a", "computes this value", 2, 5),
        ("client.chat.completions.create(model=__import__('os').getcwd())", "computes this value", 1, 38),
        ("print('Hello'", "not valid Python", 1, 6),
        ("Hello there, model!", "not valid Python", 1, 7),
        ("print('Hello')", "no call that the playground knows", 0, 0),
        ("a = " + "(" * 5_000, "not valid Python|nested too deeply", -1, -1),
        ("a = " + "-" * 100_000 + "1", "nested too deeply", 0, 0),
        ("a = [" + "1," * 200_000 + "]", "too many values", 0, 0),
        ("const a = 1;", "no call that the playground knows", 0, 0),
        ("await c.responses.create({\n  model: pick(),\n})", "computes this value", 2, 10),
        ("await c.responses.create({ model: `a${b}` })", "computes this value", 1, 35),
        ("await c.responses.create({ model: a })\nconst a = b, b = a", "computes this value", -1, -1),
        ("await c.responses.create({ model: 'a' input: 1 })", "comma or }", 1, 39),
        ("await c.responses.create({ input: " + "[" * 5_000, "nested too deeply", -1, -1),
        ("a" * (MOST_BYTES + 1), "larger than 2 MB", 0, 0),
    ],
)  # fmt: skip
def test_it_says_where_a_paste_is_wrong(text, message, line, column):
    with pytest.raises(PasteRefused, match=message) as caught:
        read_paste(text)
    if line >= 0:
        assert (caught.value.line, caught.value.column) == (line, column)
    assert len(str(caught.value)) < 250


FILES = [
    Attachment(MediaKind.IMAGE, "data:image/png;base64,AAAA"),
    Attachment(MediaKind.IMAGE, "https://example.org/a.png"),
    Attachment(MediaKind.FILE, "data:application/pdf;base64,AAAA", "a.pdf"),
    Attachment(MediaKind.FILE, "https://example.org/a.pdf"),
    Attachment(MediaKind.AUDIO, "data:audio/wav;base64,AAAA"),
    Attachment(MediaKind.AUDIO, "https://example.org/a.mp3"),
    Attachment(MediaKind.VIDEO, "https://example.org/a.mp4"),
]


@pytest.mark.parametrize("file", FILES)
def test_every_part_that_the_dialects_write_is_read_back(file):
    written = [*openai_variants(file), *block_variants(file), *responses_variants(file)]
    for part in written:
        read = attachment_in(part)
        assert read is not None, part
        assert (read.kind, read.url.partition(",")[2]) == (file.kind, file.url.partition(",")[2])
        # Where only the part's type tells what the base64 is, the address may lack its type.
        assert read.url == file.url or read.url.startswith("data:"), part
        assert read.name in ("", file.name)


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_without_an_address_tells_its_endpoint(kind):
    body = next(case.body for case in corpus() if case.kind == kind)
    paste = read_paste(json.dumps(body))
    assert (paste.kind, paste.form) == (kind, "a JSON body")
