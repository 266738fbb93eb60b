from __future__ import annotations

import pytest

from playground.joining import NotJoinable, joined_script, joined_sheet, modules_of

FILES = {
    "js/page.js": 'import "./early.js";\nimport { Late, most } from "./parts/late.js";\nnew Late(most);\n',
    "js/early.js": 'import { most } from "./parts/late.js";\nconst own = most;\n',
    "js/parts/late.js": "const own = 1;\nexport const most = own;\nexport class Late {}\n",
}


def test_a_module_comes_once_and_after_those_that_it_needs():
    assert modules_of("js/page.js", FILES.__getitem__) == ["js/parts/late.js", "js/early.js", "js/page.js"]


def test_a_module_is_a_function_that_returns_what_it_exports():
    assert joined_script("js/page.js", FILES.__getitem__) == (
        "const js$parts$late = (() => {\n"
        "const own = 1;\nconst most = own;\nclass Late {}\n\n"
        "return { most, Late };\n})();\n\n"
        "const js$early = (() => {\n"
        "const { most } = js$parts$late;\nconst own = most;\n\n"
        "return {  };\n})();\n\n"
        "const js$page = (() => {\n"
        "\nconst { Late, most } = js$parts$late;\nnew Late(most);\n\n"
        "return {  };\n})();\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "export default 1;",
        "export function go() {}",
        "export let count = 0;",
        'export { a } from "./a.js";',
        'import a from "./a.js";',
        'import {\n  a,\n} from "./a.js";',
        'const late = await import("./a.js");',
        "new Worker(import.meta.url);",
    ],
)
def test_what_it_does_not_understand_is_refused(text):
    with pytest.raises(NotJoinable, match="page"):
        joined_script("js/page.js", {"js/page.js": text, "js/a.js": ""}.__getitem__)


def test_a_sheet_holds_its_parts_in_their_order():
    files = {
        "css/page.css": '/* Parts. */\n@import "two.css";\n@import "one.css";\n.page {}\n',
        "css/one.css": ".one {}\n",
        "css/two.css": ".two { background: url(../img/x.svg); }\n",
    }
    assert joined_sheet("css/page.css", files.__getitem__) == (
        "/* Parts. */\n.two { background: url(../img/x.svg); }\n.one {}\n.page {}\n"
    )
