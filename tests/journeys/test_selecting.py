"""What one does with rows: selecting several, replying by double click and by swipe, marking as
unread from one on, and what the menu says of what it did."""

from playwright.sync_api import expect

from tests.journeys.conftest import Cast, Enter, Talk
from tests.support.touch import swipe

# From the start of one row to the end of another, with the focus in no field.
SELECT = """([first, last]) => {
  document.activeElement.blur();
  getSelection().setBaseAndExtent(first, 0, last, last.childNodes.length);
}"""


def test_several_messages_are_copied_forwarded_saved_and_deleted(talk: Talk) -> None:
    alice, bob = talk.alice, talk.bob
    page = bob.page
    bob.say("One", "Two")
    alice.say("Three")
    bob.say("Four")
    bar = page.locator("selection-bar")
    bob.choose("One", "Select")
    expect(bar.locator(".selection-count")).to_have_text("1 selected")
    expect(bob.composer).to_be_hidden()
    bob.row("Three").locator(".text").click(modifiers=["Shift"])
    expect(bar.locator(".selection-count")).to_have_text("3 selected")
    expect(bar.get_by_role("button", name="Delete")).to_have_count(0)  # one is Alice's

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    bar.get_by_role("button", name="Copy").click()
    expect(page.locator(".foot .composer-status")).to_contain_text("3 messages copied.")
    assert page.evaluate("navigator.clipboard.readText()").splitlines()[0] == "You: One"
    # What the browser copies of several rows is the words of the messages alone.
    ends = [bob.row(text).element_handle() for text in ("One", "Four")]
    page.evaluate(SELECT, ends)
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()").split() == [
        "One",
        "Two",
        "Three",
        "Four",
    ]

    bob.choose("One", "Select")
    bob.row("Two").locator(".text").click()
    bar.get_by_role("button", name="Forward…").click()
    page.locator("choose-chats").get_by_role("checkbox").first.check()
    page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".foot .composer-status")).to_contain_text("Forwarded to")
    alice.shows("One", "Two", "Three", "Four", "One", "Two")

    bob.choose("Four", "Select")
    bob.row("Three").locator(".text").click()
    bar.get_by_role("button", name="Save").click()
    for text in ("Three", "Four"):
        expect(bob.row(text).locator(".row-label")).to_be_visible()

    bob.choose("Four", "Select")
    expect(bar).to_be_visible()
    page.evaluate(
        "void (document.querySelector('chat-room').markRead = () => (window.marked = true))"
    )
    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    assert page.evaluate("window.marked") is None  # the same key marks a chat as read
    bob.choose("Four", "Select")
    expect(
        bob.row("Four").get_by_role("checkbox", name="Select the message of You: Four")
    ).to_be_checked()
    bar.get_by_role("button", name="Delete").click()
    bar.get_by_role("button", name="Delete").click()
    expect(bar).to_have_count(0)
    expect(alice.texts.nth(3)).to_have_text("This message was deleted.")


def test_a_double_click_beside_the_text_replies(talk: Talk) -> None:
    alice, bob = talk.alice, talk.bob
    bob.say("Shall we?")
    quote = alice.page.locator(".foot .composer-quote")
    # On the words it selects them.
    alice.row("Shall we?").locator(".text").dblclick(position={"x": 10, "y": 10})
    assert alice.page.evaluate("getSelection().toString().trim()") == "Shall"
    expect(quote).to_have_count(0)
    for beside, at in ((".row-time", None), (".text", {"x": 300, "y": 10})):
        alice.row("Shall we?").locator(beside).dblclick(position=at)
        expect(quote).to_contain_text("Shall we?")
        alice.page.keyboard.press("Escape")
        expect(quote).to_have_count(0)
    alice.row("Shall we?").locator(".text").click(button="right")
    expect(alice.page.get_by_role("button", name="Mark as unread from here")).to_be_visible()


def test_a_chat_is_marked_unread_from_a_message(talk: Talk) -> None:
    alice, bob = talk.alice, talk.bob
    bob.say("One", "Two", "Three")
    alice.shows("One", "Two", "Three")
    badge = alice.chat(talk.chat).locator(".badge")
    expect(badge).to_have_count(0)
    alice.choose("Two", "Mark as unread from here")
    expect(alice.divider.locator("xpath=following-sibling::li[1]")).to_contain_text("Two")
    expect(badge).to_be_visible()
    # It opens there, and reading it ends the mark.
    alice.go("/").open(talk.chat)
    expect(alice.divider.locator("xpath=following-sibling::li[1]")).to_contain_text("Two")
    expect(badge).to_have_count(0)


def test_the_menu_says_what_it_did(talk: Talk) -> None:
    alice = talk.alice
    alice.say("The code is 4711")
    alice.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    alice.choose("The code is 4711", "Copy the text")
    expect(alice.menu.get_by_role("button", name="Text copied")).to_be_visible()
    expect(alice.menu.locator(".menu")).to_be_hidden()
    alice.act("The code is 4711", "More")
    expect(alice.row("The code is 4711")).to_have_attribute("data-menu", "")
    alice.page.keyboard.press("Escape")
    expect(alice.row("The code is 4711")).not_to_have_attribute("data-menu", "")


def test_a_swipe_replies_and_is_written_on_a_phone(enter: Enter, cast: Cast) -> None:
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    alice = enter(cast.alice, f"/c/{cast.chat}", **phone)
    alice.say_by_touch("Shall we?")
    quote = alice.page.locator(".foot .composer-quote")
    box = alice.row("Shall we?").locator(".text").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    swipe(alice.page, 8, 160, y)  # the browser's own
    expect(quote).to_have_count(0)
    swipe(alice.page, 120, 260, y)
    expect(quote).to_contain_text("Shall we?")
