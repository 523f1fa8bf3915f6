"""What keys do in the composer; every case of it is in `js/typing-edits.test.js`."""

import re

from playwright.sync_api import expect

from tests.client.conftest import OpenPage
from tests.support.live import Cast


def test_keys_of_the_composer(open_page: OpenPage, cast: Cast) -> None:
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    box, keys = alice.box, alice.page.keyboard
    box.click()
    expect(alice.page.locator(".composer-hint")).to_be_attached()  # the keys are loaded

    keys.type("- one")
    keys.press("Shift+Enter")
    keys.type("two ")
    keys.press("Control+b")
    keys.type("bold")
    expect(box).to_have_value("- one\n- two **bold**")
    expect(alice.page.locator(".composer-hint")).to_be_visible()
    keys.press("Enter")
    expect(alice.last_row.locator("li")).to_have_text(["one", "two bold"])

    keys.type("```py")
    keys.press("Enter")
    keys.type("  @bo")
    keys.press("Enter")
    expect(box).to_have_value("```py\n  @bo\n  ")
    expect(alice.page.locator("#suggestions")).to_have_count(0)
    keys.press("Control+Enter")
    expect(alice.last_row.locator("pre")).to_contain_text("@bo")

    keys.type(":tada:")
    expect(box).to_have_value("🎉")
    keys.press("Control+z")
    expect(box).to_have_value(":tada:")
    keys.press("Control+y")
    keys.press("Enter")
    expect(alice.last_row.locator(".text-emoji")).to_have_text("🎉")

    keys.type("Really :no")
    expect(alice.page.locator("#suggestions")).to_be_visible()
    keys.press("Enter")
    expect(alice.last_row.locator(".text")).to_have_text("Really :no")

    keys.type(":no")
    expect(alice.page.locator("#suggestions")).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(box).not_to_have_value(re.compile(":no|^$"))
    keys.press("Control+z")
    expect(box).to_have_value(":no")

    box.fill("https://a.test/map")
    keys.press("Control+a")
    keys.press("Control+x")
    keys.type("see the map")
    keys.press("Control+Shift+ArrowLeft")
    keys.press("Control+v")
    expect(box).to_have_value("see the [map](https://a.test/map)")
    keys.press("Control+z")
    expect(box).to_have_value("see the map")


def test_an_emoji_is_put_in_at_the_caret_and_completed_by_typing_alone(
    open_page: OpenPage, cast: Cast
) -> None:
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    box, keys = alice.box, alice.page.keyboard
    box.fill("a")
    expect(alice.page.locator(".composer-hint")).to_be_attached()  # the keys are loaded
    # Enter comes before the list of emoji: the message waits for it.
    keys.type(" :taco:")
    keys.press("Enter")
    expect(alice.last_row.locator(".text")).to_have_text("a 🌮")
    box.fill("a b")
    keys.press("ArrowLeft")
    box.evaluate("input => input.closest('chat-composer').insert('🎉')")
    expect(box).to_have_value("a 🎉b")
    keys.press("Control+z")
    expect(box).to_have_value("a b")

    keys.press("Control+a")
    keys.type("1 ")
    keys.insert_text(":tada:")
    keys.type("x")
    keys.press("Backspace")
    keys.press("Backspace")
    expect(box).to_have_value("1 :tada")
    keys.type(":")
    expect(box).to_have_value("1 🎉")


def test_members_are_suggested_once_they_are_known(open_page: OpenPage, cast: Cast) -> None:
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.box.evaluate("input => { input.closest('chat-composer').members = []; }")
    alice.box.click()
    alice.page.keyboard.type("@bo")
    alice.box.evaluate(
        """input => {
            const person = { id: 'bob', username: 'bob', name: 'Bob' };
            input.closest('chat-composer').members = [{ person }];
        }"""
    )
    expect(alice.page.locator("#suggestions")).to_contain_text("@bob")
