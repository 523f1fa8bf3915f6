"""Code blocks in messages. The tokenizer is tested in `js/highlight.test.js`."""

from playwright.sync_api import expect

from tests.client.test_talking import send

PROGRAM = """```python
def total(rows):  # of all
    return "sum", 1.5
```"""


def test_highlighting_does_not_change_the_height_of_a_code_block(open_page, cast):
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


def test_a_code_block_is_copied(open_page, cast):
    send(cast, PROGRAM)
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    alice.rows.first.locator("code-block").hover()
    alice.page.get_by_role("button", name="Copy").click()
    expect(alice.page.get_by_role("button", name="Copied")).to_be_visible()
    assert alice.run("() => navigator.clipboard.readText()") == PROGRAM[10:-4]
