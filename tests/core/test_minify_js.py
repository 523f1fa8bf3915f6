"""`minify` keeps the program and removes comments and spacing."""

import pytest

from apps.core.minify_js import minify, served_script

KEPT = (
    "const text='no // comment';",
    'const text="/* nor this */";',
    r"const text='it\'s // one';",
    r"const address=/https?:\/\/[^/]+/gi;",
    "const one=/[/*]/.test(a);",
    "const half=(a+b)/2/c;",
    "const rest=list[0]/2;",
    "const words=`// ${a/1} /* ${b?`in ${c}`:'//'} */`;",
    r"const words=`\` // ${a}`;",
    "class A{#a=/'/;}",
    "const id='#first',css=`#second ${id}`;",
    "const sum=a+ +b- -c;",
    "const mixed=a+ -b;",
    "const holes=[[,],[a,,],[,a]];",
)


@pytest.mark.parametrize("line", KEPT)
def test_strings_templates_and_regular_expressions_are_kept(line):
    assert minify(f"/** What it is. */\n{line}\n// And why.\n") == line


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("return /** @type {A} */ (a);", "return(a);"),
        ("a = 1; // one\nb = 2;", "a=1;b=2;"),
        ("return /* one\n two */ a;", "return\na;"),
        ("let a = b\nlet c", "let a=b\nlet c"),
        ("  if (a) {\n    b();\n  }\n  c()", "if(a){b();}\nc()"),
        ("const a = `\n    kept\n`;", "const a=`\n    kept\n`;"),
        ("a = html`<p>\n    ${b}\n  </p>`;", "a=html`<p>\n${b}\n</p>`;"),
        ("a\n  .b()\n  ? c\n  : d", "a.b()?c:d"),
        ("a =\n  b ||\n  c", "a=b||c"),
        (r"return /a\/\/b/.test(c); // yes", r"return/a\/\/b/.test(c);"),
        ("const f = () => /`+/y; // `", "const f=()=>/`+/y;"),
        ("async function* a() { yield /b/; }", "async function*a(){yield/b/;}"),
        ("a = b / c; d = e / f;", "a=b/c;d=e/f;"),
        ("a({\n  b: [\n    c,\n  ],\n},);", "a({b:[c]});"),
        (
            "class A { #one = 1; #two() { return `#one ${this.#one}`; } has = (b) => #two in b; }",
            "class A{#a=1;#b(){return`#one ${this.#a}`;}has=(b)=>#b in b;}",
        ),
        (
            "const MAX = 1;\nexport const TOP = 2;\na = `MAX ${MAX}` + 'MAX' + TOP;",
            "const $a=1;export const TOP=2;a=`MAX ${$a}`+'MAX'+TOP;",
        ),
        ("const KEY = 1;\na = { KEY };", "const KEY=1;a={KEY};"),
        ("const KEY = 1;\na.KEY = { KEY: 2 };", "const KEY=1;a.KEY={KEY:2};"),
        ("const KEY = 1;\n$b(KEY);", "const KEY=1;$b(KEY);"),
    ],
)
def test_comments_and_spacing_are_removed(given, sent):
    assert minify(given) == sent


def test_vendored_files_keep_their_licence_comment():
    assert served_script("vendor/lit-html/lit-html.js", "/** @license */ a") == "/** @license */ a"
    assert served_script("vendor/other/other.js", "/* how */ a") == "a"
    assert served_script("shell/app.js", "/* ours */ a") == "a"
