"""Threads and pinned messages, while the timeline is far from them."""

import pytest
from playwright.sync_api import expect

from apps.chats.actions import edits, hiding
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.actions.send_writer import SendRequest
from apps.core.identifiers import new_id
from tests.journeys.conftest import Talk
from tests.journeys.screen import Screen
from tests.journeys.sent_files import PHOTO, attach, processed, ready
from tests.journeys.test_files_composing import give
from tests.journeys.test_narrow import PHONE, fits
from tests.realtime_client.proxy import Proxy
from tests.support.axe import findings
from tests.support.live import database

__all__ = ["processed"]

# Where the reader is: offered in one place only.
PLACES = ["Open the thread", "Show in the chat"]


def items(screen: Screen) -> list[str]:
    """What the menu of a message offers, without its quick reactions."""
    return screen.menu.locator(".menu-item").all_inner_texts()


def test_what_changes_far_from_the_timeline_changes_beside_it(talk: Talk) -> None:
    alice, chat, bob = talk.alice, talk.chat, talk.cast.bob.id

    def say(*texts: str, reply_to: int | None = None) -> list[int]:
        def send(text: str) -> SendRequest:
            return validated_send(
                sender=bob, chat=chat, client_id=new_id(), text=text, reply_to=reply_to
            )

        sent = database(lambda: send_batch([send(text) for text in texts]))
        return [one.seq for one in sent if isinstance(one, Sent)]

    [root] = say("Root")
    old, older = say("The old code", "The older code")
    far = say(*(f"line {n}" for n in range(300)))
    [reply] = say("bad words", reply_to=root)
    for seq in (far[200], old):
        database(lambda seq=seq: edits.pin_message(bob, chat, seq=seq, pinned=True))

    alice.go(f"/c/{chat}/at/{root}")
    alice.choose("Root", "Open the thread")
    thread, field = alice.thread.texts, alice.thread.composer
    expect(thread).to_have_text(["Root", "bad words"])
    database(lambda: hiding.hide_message(chat, reply))
    expect(thread.nth(1)).not_to_contain_text("bad words")
    field.fill("My reply")
    field.press("Enter")
    expect(thread.nth(2)).to_have_text("My reply")
    alice.thread.state("My reply", "sent", "delivered", "read")
    say("Theirs", reply_to=root)
    expect(thread.nth(3)).to_have_text("Theirs")
    field.fill("Not sent yet")
    database(lambda: edits.delete_message(bob, chat, seq=root))
    expect(thread.first).not_to_contain_text("Root")
    expect(field).to_have_value("Not sent yet")
    field.press("Enter")
    expect(thread.last).to_have_text("Not sent yet")

    # The pinned ones are not loaded, too.
    alice.go(f"/c/{chat}/at/{far[250]}")
    line = alice.page.locator("pins-line")
    link = line.locator(".pins-line-text")
    expect(link).to_contain_text("The old code")
    link.click()
    expect(link).to_contain_text("line 200")
    expect(alice.row("The old code")).to_be_visible()
    expect(line.get_by_role("button")).to_have_text("2 of 2")
    database(lambda: edits.pin_message(bob, chat, seq=older, pinned=True))
    expect(line.get_by_role("button")).to_have_text("3 of 3")
    database(lambda: edits.delete_message(bob, chat, seq=far[200]))
    expect(link).to_contain_text("The older code")


def test_a_message_in_a_thread_can_do_what_it_can_in_its_chat(talk: Talk) -> None:
    alice, bob, page = talk.alice, talk.bob, talk.alice.page
    thread = alice.thread
    bob.say("Shall we sail?")
    alice.choose("Shall we sail?", "Open the thread")
    expect(thread.composer).to_be_focused()
    thread.say("At ten")
    bob.row("Shall we sail?").get_by_role("button", name="1 reply").click()
    bob.thread.shows("Shall we sail?", "At ten")

    # The same menu, by the mouse and by keys.
    alice.act("At ten", "More")
    offered = items(alice)
    page.keyboard.press("Escape")
    thread.row("At ten").locator(".row-body").click(button="right")
    assert items(alice) == [PLACES[1] if item == PLACES[0] else item for item in offered]
    assert findings(page) == []
    page.keyboard.press("Escape")
    thread.row("Shall we sail?").focus()
    page.keyboard.press("ArrowDown")
    expect(thread.row("At ten")).to_be_focused()
    page.keyboard.press("Shift+F10")
    expect(alice.menu.get_by_role("button", name="Edit", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(thread.row("At ten")).to_be_focused()

    # What either does is seen in both places, live.
    for where in (alice, thread):
        where.state("At ten", "read")
    bob.thread.act("At ten", "React")
    bob.page.get_by_role("searchbox", name="Find an emoji").fill("sailboat")
    bob.page.locator(".picker-one").first.click()
    for where in (alice, thread, bob, bob.thread):
        where.pills("1")
    expect(thread.rows.locator(".reaction").first).to_have_attribute("title", "Bob")
    thread.choose("At ten", "Save")
    for where in (alice, thread):
        expect(where.row("At ten").locator(".row-label")).to_have_text("saved")
    thread.choose("Shall we sail?", "Pin for everyone")
    for where in (bob, bob.thread):
        expect(where.row("Shall we sail?").locator("span.row-label")).to_have_text("pinned")
    thread.composer.press("ArrowUp")
    expect(thread.composer).to_have_value("At ten")
    expect(alice.composer).to_have_value("")
    thread.composer.fill("At eleven")
    thread.composer.press("Enter")
    for where in (alice, thread, bob, bob.thread):
        expect(where.row("At eleven").locator("button.row-label")).to_have_text("edited")


def test_a_reply_to_a_reply_quotes_it_until_it_is_deleted(talk: Talk) -> None:
    alice, bob, page = talk.alice, talk.bob, talk.alice.page
    thread = alice.thread
    bob.say("Shall we sail?")
    alice.choose("Shall we sail?", "Open the thread")
    thread.say("At eleven")
    bob.row("Shall we sail?").get_by_role("button", name="1 reply").click()
    bob.thread.act("At eleven", "Reply")
    bob.thread.say("That is late")
    quote = thread.row("That is late").locator(".quote")
    expect(quote).to_have_text("You At eleven")  # which leads to it here
    quote.click()
    expect(thread.row("At eleven")).to_be_focused()
    expect(page).to_have_url(f"{alice.address}/c/{talk.chat}")

    # Selected and deleted; the quote of it says so.
    thread.choose("At eleven", "Select")
    page.locator("chat-thread .selection").get_by_role("button", name="Delete").click()
    assert findings(page) == []
    page.locator("chat-thread .selection").get_by_role("button", name="Delete").click()
    for where in (alice, thread, bob, bob.thread):
        expect(where.texts.nth(1)).to_have_text("This message was deleted.")
    expect(quote).not_to_contain_text("At eleven")
    expect(alice.composer).to_be_visible()
    thread.choose("That is late", "Show in the chat")
    expect(alice.row("That is late")).to_be_focused()


@pytest.mark.usefixtures("processed")
def test_files_are_added_to_a_thread(talk: Talk) -> None:
    alice, bob, page = talk.alice, talk.bob, talk.alice.page
    thread, panel = alice.thread, page.locator(".panel")
    bob.say("Shall we sail?")
    attach(alice, PHOTO)
    alice.choose("Shall we sail?", "Open the thread")
    give(alice, "drop", "chat-thread", "plan.txt")
    give(alice, "paste", "chat-thread textarea", "boats.txt")
    # Escape closes the menu alone.
    panel.get_by_role("button", name="Add files").click()
    expect(page.locator(".attach-menu:popover-open")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".attach-menu:popover-open")).to_have_count(0)
    expect(panel).to_be_visible()
    with page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Add files").click()
        page.get_by_role("button", name="From this device").locator("visible=true").click()
    chooser.value.set_files([{**PHOTO, "name": "lake.png"}])
    chips = panel.locator(".attach-name")
    expect(chips).to_have_text(["plan.txt", "boats.txt", "lake.png"])
    assert findings(page) == []

    # Each draft keeps its own, also over a reload.
    expect(page.locator(".foot .attach-name")).to_have_text(["photo.png"])
    page.reload()
    alice.ready()
    ready(alice, "photo.png")
    alice.choose("Shall we sail?", "Open the thread")
    expect(chips).to_have_text(["plan.txt", "boats.txt", "lake.png"])
    panel.get_by_role("button", name="Remove boats.txt").click()
    thread.say("Here")
    expect(chips).to_have_count(0)
    ready(alice, "photo.png")
    bob.row("Shall we sail?").get_by_role("button", name="1 reply").click()
    for where in (thread, bob.thread):
        expect(where.row("Here").locator("file-chip")).to_have_count(1)
        where.row("Here").get_by_role("button", name="Open lake.png").click()
        viewer = where.page.locator("dialog.viewer")
        expect(viewer.locator("img")).to_be_visible()
        where.page.go_back()
        expect(viewer).to_have_count(0)
        expect(where.row("Here")).to_be_visible()
    thread.composer.press("ArrowUp")
    expect(thread.composer).to_have_attribute("placeholder", "Add a caption")
    expect(alice.composer).not_to_have_attribute("placeholder", "Add a caption")


def test_a_thread_is_read_and_written_offline_on_a_phone(enter, cast, proxy: Proxy) -> None:
    bob = enter(cast.bob, f"/c/{cast.chat}")
    bob.say("Shall we sail?")
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy, **PHONE)
    page, thread, panel = alice.page, alice.thread, alice.page.locator(".panel")
    alice.say_by_touch("Yes")
    bob.act("Shall we sail?", "Reply")
    bob.say("At ten")
    bob.act("At ten", "Reply")
    bob.say("Or later")
    alice.shows("Shall we sail?", "Yes", "At ten", "Or later")
    alice.row("Shall we sail?").get_by_role("button", name="2 replies").tap()
    thread.shows("Shall we sail?", "At ten", "Or later")
    # A long press opens the menu, a reply stays in the thread.
    box = thread.row("At ten").bounding_box()
    assert box
    touch = page.context.new_cdp_session(page)
    at = {"x": box["x"] + 60, "y": box["y"] + 12}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    reply = alice.menu.get_by_role("button", name="Reply", exact=True)
    expect(reply).to_be_visible()
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    reply.tap()
    expect(panel.locator(".composer-quote")).to_contain_text("At ten")
    panel.get_by_role("button", name="Do not reply").tap()
    page.go_back()
    expect(panel).to_have_count(0)

    proxy.cut()
    alice.row("Shall we sail?").get_by_role("button", name="2 replies").tap()
    thread.shows("Shall we sail?", "At ten", "Or later")
    expect(panel.get_by_role("status").first).to_contain_text("More could not be fetched")
    fits(alice)
    thread.composer.fill("At noon")
    panel.get_by_role("button", name="Send", exact=True).tap()
    thread.state("At noon", "pending")
    assert findings(page) == []
    proxy.mend()
    thread.state("At noon", "sent", "delivered", "read")
    expect(panel.locator(".timeline-lacks")).to_have_count(0)
    bob.shows("Shall we sail?", "Yes", "At ten", "Or later", "At noon")
