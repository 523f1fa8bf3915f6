"""Files on their way into the composer: chosen, dropped, pasted, removed, quoted."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.screen import Screen
from tests.journeys.sent_files import (
    NOTES,
    PHOTO,
    PICTURE,
    attach,
    chips,
    files_of_rows,
    processed,
    ready,
    received,
    stored,
)

__all__ = ["processed"]

GIVE = """({ kind, target, name }) => {
  const data = new DataTransfer();
  data.items.add(new File(['some words'], name, { type: 'text/plain' }));
  const options = { bubbles: true, cancelable: true };
  const on = document.querySelector(target);
  const isPaste = kind === 'paste';
  const Kind = isPaste ? ClipboardEvent : DragEvent;
  const part = isPaste ? 'clipboardData' : 'dataTransfer';
  on.dispatchEvent(new Kind(kind, { ...options, [part]: data }));
}"""


def give(screen: Screen, kind: str, target: str, name: str = "dropped.txt") -> None:
    """Drop or paste a file."""
    screen.page.evaluate(GIVE, {"kind": kind, "target": target, "name": name})


def drop_from_disk(screen: Screen, folder: Path) -> None:
    """Drop a folder as the system does: the page cannot make one."""
    folder.mkdir()
    (folder / "beach.txt").write_text("words")
    system = screen.page.context.new_cdp_session(screen.page)
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    at = screen.page.locator("chat-timeline").bounding_box()
    assert at
    for kind in ("dragEnter", "dragOver", "drop"):
        event = {"type": kind, "x": at["x"] + 50, "y": at["y"] + 50, "data": data}
        system.send("Input.dispatchDragEvent", event)


def test_a_photo_and_a_text_are_one_message(talk):
    alice, bob = talk.alice, talk.bob
    attach(alice, PHOTO)
    chip = chips(alice)
    expect(chip).to_contain_text("photo.png")
    expect(chip.locator("img")).to_be_visible()
    alice.say("Look at this")
    expect(chip).to_have_count(0)
    bob.shows("Look at this")
    assert files_of_rows(bob) == files_of_rows(alice) == [["photo.png"]]
    assert alice.debug()["uploads"] == 0


def test_the_text_of_a_photo_is_removed_and_the_photo_quoted(talk):
    alice, bob = talk.alice, talk.bob
    attach(alice, PHOTO)
    alice.say("Look at this")
    bob.shows("Look at this")
    quote = alice.page.locator(".composer-quote .quote")
    alice.choose("Look at this", "Edit")
    expect(quote).to_contain_text("Look at this")
    alice.composer.fill(" ")
    alice.composer.press("Enter")
    expect(quote).to_have_count(0)
    bob.shows()
    assert stored(talk) == [("", 1)]
    row = alice.page.locator("li.row")
    row.hover()
    row.locator(".action-bar").get_by_role("button", name="Reply", exact=True).click()
    expect(quote).to_have_text(re.compile(r"^You\s+📷 Photo$"))


def test_files_alone_are_a_message_and_can_be_removed_before(talk):
    alice, bob = talk.alice, talk.bob
    attach(alice, NOTES, PHOTO, {**NOTES, "name": "more.txt"})
    ready(alice, "notes.txt", "photo.png", "more.txt")
    alice.page.get_by_role("button", name="Remove photo.png").click()
    expect(alice.composer).to_be_focused()
    ready(alice, "notes.txt", "more.txt")
    alice.composer.press("Enter")
    received(bob, ["notes.txt", "more.txt"])
    expect(chips(alice)).to_have_count(0)


def test_files_are_pasted_and_dropped_anywhere_over_the_chat(talk, tmp_path):
    alice, bob = talk.alice, talk.bob
    expect(alice.page.get_by_role("button", name="Add files")).to_be_enabled()
    give(alice, "paste", "chat-composer textarea", "pasted.txt")
    ready(alice, "pasted.txt")
    target = alice.page.locator(".attach-drop")
    give(alice, "dragenter", "chat-timeline")
    expect(target).to_have_text("Drop the files here to add them to your message.")
    give(alice, "dragleave", "chat-timeline")
    expect(target).to_have_count(0)
    give(alice, "drop", "chat-timeline")
    ready(alice, "pasted.txt", "dropped.txt")
    give(alice, "drop", ".side", "elsewhere.txt")
    drop_from_disk(alice, tmp_path / "holiday")
    refused = alice.page.locator(".attach-refused")
    expect(refused).to_contain_text("“holiday” is empty or a folder.")
    alice.say("Both")
    received(bob, ["pasted.txt", "dropped.txt"])


def test_an_edit_takes_no_files(talk):
    alice = talk.alice
    alice.say("A text")
    attach(alice, NOTES)
    ready(alice, "notes.txt")
    error = alice.page.locator(".composer-error")
    alice.choose("A text", "Edit")
    expect(chips(alice)).to_have_count(0)
    expect(alice.page.get_by_role("button", name="Add files")).to_be_disabled()
    give(alice, "paste", "chat-composer textarea")
    expect(error).to_have_text(
        "Files cannot be added to a message that was sent. Finish editing first."
    )
    alice.composer.press("Escape")
    ready(alice, "notes.txt")


def test_a_message_is_sent_when_its_broken_file_is_removed(talk):
    alice, bob = talk.alice, talk.bob
    attach(alice, {"name": "broken.png", "mimeType": "image/png", "buffer": PICTURE[:40]}, NOTES)
    alert = alice.page.locator(".composer-error")
    expect(alert).to_contain_text("broken.png: ")
    alice.write("Here")
    row = alice.row("Here")
    expect(row).to_have_attribute("data-state", "refused")
    name = row.locator(".chip-name", has_text="broken.png")
    assert name.evaluate("(name) => name.clientHeight") < 30, "the name is on one line"
    row.get_by_role("button", name="Do not send broken.png").click()
    bob.shows("Here")
    received(bob, ["notes.txt"])
    alice.sent()
    expect(alert).to_have_text("")
