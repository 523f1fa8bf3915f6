"""All of it without a mouse."""

from playwright.sync_api import expect

from tests.client.conftest import Sit
from tests.client.test_talking import send
from tests.support.live import Cast


def test_the_timeline_is_one_tab_stop_with_arrow_keys(sit: Sit, cast: Cast) -> None:
    send(cast, "One https://a.test/1", "Two https://a.test/2", "Three")
    alice = sit(cast.alice, f"/c/{cast.chat}")
    expect(alice.rows).to_have_count(3)
    stops = alice.page.locator(".tl li[tabindex='0']")
    expect(stops).to_have_count(1)
    alice.last_row.focus()
    alice.page.keyboard.press("ArrowUp")
    expect(alice.rows.nth(1)).to_be_focused()
    alice.page.keyboard.press("Tab")
    expect(alice.rows.nth(1).locator("a")).to_be_focused()
    alice.rows.nth(1).focus()
    alice.page.keyboard.press("Home")
    expect(alice.rows.first).to_be_focused()
    alice.page.keyboard.press("Escape")
    expect(alice.box).to_be_focused()


def test_regions_are_cycled_and_the_search_is_one_stroke_away(sit: Sit, cast: Cast) -> None:
    send(cast, "Hello")
    alice = sit(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.box.focus()
    find = alice.page.get_by_label("Find people and chats")
    keyboard = alice.page.keyboard
    keyboard.press("Control+F6")
    expect(find).to_be_focused()
    keyboard.press("Control+F6")
    expect(alice.line_of("Bob")).to_be_focused()
    keyboard.press("Control+F6")
    expect(alice.last_row).to_be_focused()
    keyboard.press("Control+F6")
    expect(alice.box).to_be_focused()
    keyboard.press("Control+k")
    expect(find).to_be_focused()


def test_a_chat_is_opened_by_its_name(sit: Sit, cast: Cast) -> None:
    alice = sit(cast.alice)
    expect(alice.line_of("Bob")).to_be_visible()
    alice.page.keyboard.press("Control+k")
    alice.page.keyboard.type("bob")
    alice.page.keyboard.press("Enter")
    alice.settle()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("Bob")
