"""Programs in messages."""

from playwright.sync_api import expect

from tests.client.conftest import OpenPage
from tests.client.test_talking import send
from tests.support.live import Cast

PROGRAM = """```python
def total(rows):  # of all
    return "sum", 1.5
```"""
# A program, and what of it has a colour.
KINDS = [
    ("js", "const a = `x ${b}`; // c", "keyword const, string `x ${b}`, comment // c"),
    ("TS", "let a: number = f(0x1f)", "keyword let, keyword number, name f, number 0x1f"),
    ("sql", "SELECT 1 -- all", "keyword SELECT, number 1, comment -- all"),
    ("json", '{"a": "b", "c": null}', 'name "a", string "b", name "c", keyword null'),
    ("bash", "echo $HOME a#b # no", "keyword echo, name $HOME, comment # no"),
    ("yaml", "key: yes # why", "name key, keyword yes, comment # why"),
    ("css", ".a { color: 1px } /* b */", "name color, number 1, comment /* b */"),
    ("html", "<b>x</b><!-- y -->", "name <b, name >, name </b, name >, comment <!-- y -->"),
    ("diff", "+new\n-old\n same", "string +new, name -old"),
    ("js", "/* a\nb */ c /* d\ne", "comment /* a\nb */, comment /* d\ne"),
    ("python", '"""a\nb""" # c', 'string """a\nb""", comment # c'),
    ("kotlin", '"""a\nb', 'string """a\nb'),
    ("html", "<!-- a\nb --><b", "comment <!-- a\nb -->, name <b"),
    ("c++", "#include <a>\nint f() {}", "keyword #include, keyword int, name f"),
]
PIECES = """async ([module, program, language]) => {
  const { tokenize } = await import(module);
  return tokenize(program, language)?.map(({ kind, text }) => [kind, text]) ?? null;
}"""


def test_a_program_gets_its_colours_and_moves_nothing(open_page: OpenPage, cast: Cast) -> None:
    send(cast, PROGRAM, "```\nplain\n```")
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    block = alice.rows.first.locator("code-block")
    expect(block.locator(".code-keyword")).to_have_text(["def", "return"])
    expect(block.locator(".code-comment")).to_have_text("# of all")
    expect(block.locator(".code-string")).to_have_text('"sum"')
    expect(block.locator("code")).to_have_text(PROGRAM[10:-4], use_inner_text=True)
    heights = alice.run(
        """() => {
          const pre = document.querySelector('code-block pre');
          const colored = pre.offsetHeight;
          pre.firstElementChild.textContent = pre.textContent;
          return [colored, pre.offsetHeight];
        }"""
    )
    assert heights[0] == heights[1]
    expect(alice.last_row.locator("code-block span")).to_have_count(0)


def test_a_program_is_copied(open_page: OpenPage, cast: Cast) -> None:
    send(cast, PROGRAM)
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    alice.rows.first.locator("code-block").hover()
    alice.page.get_by_role("button", name="Copy").click()
    expect(alice.page.get_by_role("button", name="Copied")).to_be_visible()
    assert alice.run("() => navigator.clipboard.readText()") == PROGRAM[10:-4]


def test_languages_are_told_apart(open_page: OpenPage, cast: Cast) -> None:
    alice = open_page(cast.alice)
    module = alice.module("chats/highlight.js")
    for language, program, colored in KINDS:
        found = alice.run(PIECES, [module, program, language])
        assert "".join(text for _, text in found) == program
        seen = [f"{kind} {text}" for kind, text in found if kind != "plain"]
        assert ", ".join(seen) == colored
    assert alice.run(PIECES, [module, "x", "klingon"]) is None


def test_the_worst_programs_come_out_whole(open_page: OpenPage, cast: Cast) -> None:
    alice = open_page(cast.alice)
    whole = """async (module) => {
      const { tokenize } = await import(module);
      const signs = ['a', 'a-', '"', '`', '/*', '<!--', '1_', '{'];
      const changed = (language) => signs.filter((sign) => {
        const program = sign.repeat(99_000 / sign.length);
        return tokenize(program, language).map(({ text }) => text).join('') !== program;
      });
      return ['js', 'css', 'yaml', 'json', 'html', 'rust'].flatMap(changed);
    }"""
    assert alice.run(whole, alice.module("chats/highlight.js")) == []
