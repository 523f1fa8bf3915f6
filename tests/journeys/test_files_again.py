"""Files that the server has already, sent again: forwarded, kept, in a scheduled message."""

from playwright.sync_api import expect

from apps.chats.models import Message, Scheduled
from apps.files.actions.kept import set_kept
from apps.files.models import File
from tests.journeys.sent_files import chips, files_of_rows, received
from tests.journeys.sent_files import ready as chips_ready
from tests.journeys.shown_files import jpeg, pictures, send, shown
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import direct_chat
from tests.support.uploads import ready as stored_ready


def test_a_message_with_a_picture_is_forwarded_by_keyboard_without_a_connection(enter, crew, proxy):
    other = database(direct_chat, crew.alice, crew.charlie)
    [file] = database(pictures, crew.bob, "harbour.jpg")
    database(send, crew.bob, crew.chat, file, text="The harbour")
    alice = enter(crew.alice, f"/c/{crew.chat}", via=proxy)
    charlie = enter(crew.charlie, f"/c/{other}")
    page = alice.page
    expect(shown(page)).to_have_count(1)
    alice.composer.fill("half a thought")
    expect(alice.chat(crew.chat)).to_contain_text("Draft: half a thought")
    alice.wait_for_debug("(view) => view.leader")
    page.wait_for_function("customElements.get('forward-message') !== undefined")
    proxy.pages_pass = True
    proxy.cut()

    alice.choose("The harbour", "Forward…")
    dialog = page.get_by_role("dialog", name="Forward")
    expect(page.get_by_role("searchbox", name="Find among your chats")).to_be_focused()
    assert findings(page) == []
    for name in ("charlie", "bob"):
        page.keyboard.type(name)
        page.keyboard.press("Enter")
    expect(dialog.get_by_role("list", name="Chosen").get_by_role("listitem")).to_have_count(2)
    dialog.get_by_role("button", name="Send").press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator(".composer [role=status]")).to_have_text("Forwarded to 2 chats.")
    expect(alice.composer).to_have_value("half a thought")
    own = alice.rows.filter(has_text="waiting")
    expect(own.locator(".text")).to_have_text("The harbour")
    expect(own.locator("file-picture img:not([hidden])")).to_be_visible()
    expect(chips(alice)).to_have_count(0)

    page.reload()
    expect(own.locator(".text")).to_have_text("The harbour")
    proxy.mend()
    charlie.shows("The harbour")
    expect(shown(charlie.page)).to_have_count(1)
    alice.sent()
    received(alice, ["harbour.jpg"], ["harbour.jpg"])
    expect(alice.composer).to_have_value("half a thought")
    sent = Message.objects.filter(sender_id=crew.alice.id)
    assert [message.files[0]["id"] for message in sent] == [str(file)] * 2
    assert File.objects.filter(owner_id=crew.alice.id).count() == 0


def test_kept_files_are_sent_again_later_and_at_once(enter, cast):
    def keep() -> None:
        for name, content in (("map.jpg", jpeg()), ("plan.txt", b"some words")):
            set_kept(cast.alice.id, stored_ready(cast.alice, content, name), kept=True)

    database(keep)
    alice, bob = enter(cast.alice, f"/c/{cast.chat}"), enter(cast.bob, f"/c/{cast.chat}")
    page = alice.page

    def choose(*names: str) -> None:
        page.get_by_role("button", name="Add files").press("Enter")
        expect(page.get_by_role("button", name="From this device")).to_be_focused()
        page.get_by_role("button", name="Your files").click()
        for name in names:
            page.get_by_role("checkbox", name=name).check()
        page.get_by_role("button", name="Add to the message").click()
        expect(alice.composer).to_be_focused()

    page.get_by_role("button", name="Add files").click()
    page.get_by_role("button", name="Your files").click()
    expect(page.get_by_role("checkbox")).to_have_count(2)
    assert findings(page) == []
    page.keyboard.press("Escape")
    choose("map.jpg", "plan.txt")
    chips_ready(alice, "map.jpg", "plan.txt")
    expect(chips(alice).locator("img")).to_be_visible()
    # Not deleted: the person keeps it.
    page.get_by_role("button", name="Remove plan.txt").click()
    page.reload()
    chips_ready(alice, "map.jpg")

    page.get_by_role("button", name="Send later").click()
    page.get_by_role("button", name="Tomorrow at nine").click()
    expect(page.locator(".later .badge")).to_contain_text("1 scheduled")
    expect(chips(alice)).to_have_count(0)
    [row] = Scheduled.objects.filter(user_id=cast.alice.id)
    assert (row.text, [file["name"] for file in row.files]) == ("", ["map.jpg"])
    page.get_by_role("button", name="Send later").click()
    page.get_by_role("button", name="1 scheduled").click()
    waiting = page.get_by_role("dialog", name="Scheduled messages").get_by_role("listitem")
    expect(waiting).to_contain_text("map.jpg")
    assert findings(page) == []
    waiting.get_by_role("button", name="Send now").click()
    received(bob, ["map.jpg"])
    expect(page.locator(".later .badge")).to_have_count(0)
    page.keyboard.press("Escape")

    choose("plan.txt")
    alice.say("As we agreed")
    received(bob, ["map.jpg"], ["plan.txt"])
    assert files_of_rows(alice) == [["map.jpg"], ["plan.txt"]]
    files = File.objects.filter(owner_id=cast.alice.id)
    assert sorted((file.name, file.kept) for file in files) == [
        ("map.jpg", True),
        ("plan.txt", True),
    ]
