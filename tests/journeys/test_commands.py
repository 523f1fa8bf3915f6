"""Slash commands in the composer, and their answers on two devices."""

from playwright.sync_api import expect

from apps.chats.models import Message
from apps.contacts.actions import contacts
from tests.journeys.conftest import Cast
from tests.journeys.screen import Screen
from tests.support.axe import findings
from tests.support.live import database


def stored(cast: Cast) -> list[str]:
    """Texts of the chat in the database, in order."""
    entries = Message.objects.filter(chat_id=cast.chat).order_by("seq")
    return list(entries.values_list("text", flat=True))


def error(screen: Screen):
    return screen.page.locator(".foot .composer-error")


def the_list_fits(phone: Screen) -> None:
    """What a command does stands below it; with a keyboard, a phone shows a part of the list."""
    phone.composer.press_sequentially("/")
    option = phone.page.get_by_role("option").filter(has_text="/dnd").locator("bdi")
    name, does = (option.nth(n).bounding_box() for n in (0, 1))
    assert name["height"] < 30
    assert name["x"] == does["x"]
    phone.page.set_viewport_size({"width": 390, "height": 300})
    phone.composer.press("ArrowUp")
    expect(phone.page.get_by_role("option").last).to_be_in_viewport(ratio=1)
    phone.page.set_viewport_size({"width": 390, "height": 844})
    phone.composer.fill("")


def test_commands_are_completed_run_and_answered_on_all_devices(enter, cast):
    laptop = enter(cast.alice, f"/c/{cast.chat}")
    phone = enter(
        cast.alice, f"/c/{cast.chat}", viewport={"width": 390, "height": 844}, color_scheme="dark"
    )
    # The list, by keyboard.
    laptop.composer.press_sequentially("/")
    options = laptop.page.get_by_role("option")
    expect(options).to_contain_text(["/dnd", "/help", "/me", "/shrug", "/status"])
    the_list_fits(phone)
    laptop.composer.press_sequentially("sh")
    expect(options).to_have_count(1)
    laptop.composer.press("Enter")
    expect(laptop.composer).to_have_value("/shrug ")
    laptop.composer.press_sequentially("who knows")
    laptop.composer.press("Enter")
    expect(laptop.composer).to_have_value("")
    laptop.shows("who knows ¯\\_(ツ)_/¯")
    # A complete name is run by Enter, although it is listed.
    laptop.composer.press_sequentially("/help")
    laptop.composer.press("Enter")
    notes = [screen.page.locator(".command-note") for screen in (laptop, phone)]
    for note in notes:
        expect(note).to_have_count(1)
        expect(note).to_contain_text("Only you can see this")
        expect(note.locator("li").first).to_contain_text("/dnd")
    expect(laptop.composer).to_have_value("")
    assert findings(laptop.page) == findings(phone.page) == []
    # It stays for a new page, and goes on all devices.
    laptop.page.reload()
    expect(notes[0]).to_have_count(1)
    # On a phone, a thread covers the field of the chat.
    phone.choose("who knows ¯\\_(ツ)_/¯", "Open the thread")
    phone.page.locator("chat-thread .command-note button").click()
    phone.page.keyboard.press("Escape")
    for note in notes:
        expect(note).to_have_count(0)
    # An unknown one is kept, and sent as it is when it is sent once more.
    laptop.composer.press_sequentially("/etc is full")
    laptop.composer.press("Enter")
    expect(error(laptop)).to_contain_text("There is no command /etc here.")
    expect(laptop.composer).to_have_value("/etc is full")
    laptop.composer.press("Enter")
    expect(laptop.composer).to_have_value("")
    for text in ("/usr/bin/x", "//me too"):
        laptop.composer.fill(text)
        laptop.composer.press("Enter")
        expect(laptop.composer).to_have_value("")
    phone.shows("who knows ¯\\_(ツ)_/¯", "/etc is full", "/usr/bin/x", "/me too")
    assert database(stored, cast) == [
        "who knows ¯\\_(ツ)_/¯",
        "/etc is full",
        "/usr/bin/x",
        "/me too",
    ]
    # An answer stays where nothing can be written any more.
    laptop.composer.press_sequentially("/help")
    laptop.composer.press("Enter")
    expect(notes[0]).to_have_count(1)
    database(contacts.remove, cast.bob.id, cast.alice.id)
    expect(laptop.page.locator(".composer-closed")).to_be_visible()
    laptop.page.get_by_role("button", name="Dismiss the answer of /help").click()
    expect(notes[0]).to_have_count(0)


def test_offline_a_command_is_refused_and_its_text_kept(enter, cast, proxy):
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    alice.composer.press_sequentially("/help")
    expect(alice.page.get_by_role("option")).to_have_count(1)
    proxy.cut()
    alice.composer.press("Enter")
    expect(error(alice)).to_contain_text("cannot be reached now")
    expect(alice.composer).to_have_value("/help")
    proxy.mend()
    alice.composer.press("Enter")
    expect(alice.composer).to_have_value("")
    expect(alice.page.locator(".command-note")).to_have_count(1)
