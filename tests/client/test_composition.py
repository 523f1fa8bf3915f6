"""Enter during a composition of an input method accepts the word and does nothing else."""

from playwright.sync_api import CDPSession, Page, expect

from tests.client.conftest import OpenPage
from tests.client.screen import Screen
from tests.client.test_talking import send
from tests.support.live import Cast

# Safari ends the composition before it sends the key event, with `isComposing` false.
SAFARI = """
Object.defineProperty(Navigator.prototype, 'vendor', { get: () => 'Apple Computer, Inc.' });
"""


def compose(page: Page, text: str) -> CDPSession:
    """Start a composition in the focused field."""
    method = page.context.new_cdp_session(page)
    method.send(
        "Input.imeSetComposition",
        {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
    )
    return method


def press_enter(method: CDPSession, *, code: int = 229) -> None:
    """Press Enter. 229 is the `keyCode` of a key that an input method handles."""
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": code}
    method.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    method.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def accept(method: CDPSession, text: str) -> None:
    """End the composition with this word."""
    method.send("Input.insertText", {"text": text})


def chat_with_a_message(open_page: OpenPage, cast: Cast) -> Screen:
    send(cast, "Hello")
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    expect(alice.rows).to_have_count(1)
    return alice


def test_enter_in_a_composition_does_not_send(open_page, cast):
    alice = chat_with_a_message(open_page, cast)
    alice.box.focus()
    method = compose(alice.page, "にほん")
    press_enter(method, code=13)  # `isComposing` is true
    accept(method, "日本")
    press_enter(method)  # as Safari reports it: after the end, with 229
    expect(alice.box).to_have_value("日本")
    expect(alice.rows).to_have_count(1)
    alice.box.press("Enter")
    expect(alice.last_row).to_contain_text("日本")


def test_enter_just_after_a_composition_does_not_send_in_safari(open_page, cast):
    send(cast, "Hello")
    alice = open_page(cast.alice)
    alice.page.context.add_init_script(SAFARI)
    alice.go(f"/c/{cast.chat}")
    expect(alice.rows).to_have_count(1)
    alice.box.focus()
    # Dispatch both events in one task, so that no time passes between them.
    alice.box.evaluate(
        """(box) => {
          box.value = '日本';
          box.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
          box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
        }"""
    )
    expect(alice.box).to_have_value("日本")
    expect(alice.rows).to_have_count(1)


def test_enter_in_a_composition_opens_no_search_result(open_page, cast):
    alice = open_page(cast.alice)
    expect(alice.chat_row("Bob")).to_be_visible()
    alice.page.keyboard.press("Control+k")
    alice.page.keyboard.type("bob")
    dialog = alice.page.get_by_role("dialog")
    expect(dialog.locator(".hit").first).to_be_visible()
    dialog.evaluate("(box) => box.addEventListener('click', () => (box.dataset.clicked = ''))")
    press_enter(alice.page.context.new_cdp_session(alice.page))
    assert dialog.evaluate("({ dataset }) => 'clicked' in dataset") is False
    alice.page.keyboard.press("Enter")
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("Bob")


def test_enter_in_a_composition_picks_no_emoji(open_page, cast):
    alice = chat_with_a_message(open_page, cast)
    alice.page.get_by_role("button", name="Emoji", exact=True).click()
    find = alice.page.get_by_role("searchbox", name="Find an emoji")
    find.fill("lamp")
    expect(alice.page.locator(".picker-one").first).to_be_visible()
    press_enter(alice.page.context.new_cdp_session(alice.page))
    expect(find).to_be_visible()
    expect(alice.box).to_have_value("")
    find.press("Enter")
    expect(alice.box).not_to_have_value("")
