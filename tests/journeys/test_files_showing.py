"""Files of messages: galleries, the viewer, the panel, the data saver, and what a device stores."""

import io
import re
import wave
from base64 import b64encode
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from apps.chats.actions import groups
from tests.journeys.screen import Screen
from tests.journeys.shown_files import pictures, send, shown
from tests.support.axe import findings
from tests.support.epochs import keep_epoch
from tests.support.live import database
from tests.support.people import direct_chat, person
from tests.support.uploads import ready

# Layout shifts in the timeline that no input caused.
SHIFTS = """() => new Promise((resolve) => {
  const found = [];
  new PerformanceObserver((list) => {
    for (const { sources, hadRecentInput, value } of list.getEntries()) {
      const inside = sources.filter(({ node }) => node?.parentElement?.closest('.timeline'));
      if (inside.length && !hadRecentInput) found.push(value);
    }
  }).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => resolve(found), 100);
})"""
# Names of the files that this browser stores of a person.
STORED = """async (person) => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const names = (await indexedDB.databases()).map(({ name }) => name);
  const found = names.find((name) => name === `parley-files-1-${person}`);
  if (!found) return null;
  const db = await done(indexedDB.open(found));
  const all = await done(db.transaction('contents').objectStore('contents').getAllKeys());
  db.close();
  return all.map(([, seq, , variant]) => `${seq} ${variant}`).sort();
}"""


def sound(seconds: int = 20) -> bytes:
    """A WAV file of silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(4000)
        file.writeframes(b"\x80" * 4000 * seconds)
    return out.getvalue()


def stores(screen: Screen, user: User, *names: str) -> None:
    """Wait until exactly these files are stored: the seq of the message and the variant of each."""
    for _ in range(100):
        if (screen.page.evaluate(STORED, str(user.id)) or []) == sorted(names):
            return
        screen.page.wait_for_timeout(50)
    assert screen.page.evaluate(STORED, str(user.id)) == sorted(names)


def stored_files(screen: Screen, user: User, count: int) -> list[str]:
    """Wait until so many files are stored; returns their names. What is shown while another owner
    may still lead, or while everything held is replaced, is stored a moment later."""
    screen.page.wait_for_function(
        f"async ([person, count]) => (await ({STORED})(person))?.length === count",
        arg=[str(user.id), count],
    )
    names: list[str] = screen.page.evaluate(STORED, str(user.id))
    return names


def swipe(page: Page, start: int, end: int) -> None:
    """Move a finger across the middle of the page."""
    session = page.context.new_cdp_session(page)
    for kind, x in (("touchStart", start), ("touchMove", (start + end) // 2), ("touchMove", end)):
        points = [{"x": x, "y": 400}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


class Harbour(NamedTuple):
    """Bob has sent Alice a picture, then six in one message."""

    alice: User
    bob: User
    chat: UUID


@pytest.fixture(scope="module")
def photographer(shared_database: None) -> tuple[User, list[UUID]]:
    """Bob with seven pictures. To prepare them takes longer than most tests here, so they are made
    once; a message in a group of his own keeps them when a test deletes the others."""

    def make() -> tuple[User, list[UUID]]:
        bob = person(f"bob-{uuid4().hex[:8]}", name="Bob")
        files = pictures(bob, "old.jpg")
        files += pictures(bob, *[f"harbour-{n}.jpg" for n in range(1, 7)])
        send(bob, groups.create_group(bob.id, "Album", []), *files)
        return bob, files

    keep_epoch()
    return database(make)


@pytest.fixture
def harbour(db: None, photographer: tuple[User, list[UUID]]) -> Harbour:
    """A new Alice in a new chat with Bob."""
    bob, (old, *six) = photographer

    def fill() -> Harbour:
        alice = person(f"alice-{uuid4().hex[:8]}", name="Alice")
        chat = direct_chat(alice, bob)
        send(bob, chat, old, text="From before")
        send(bob, chat, *six, text="The harbour")
        return Harbour(alice, bob, chat)

    return database(fill)


def test_a_gallery_opens_in_the_viewer_by_keyboard(enter, harbour):
    alice = enter(harbour.alice, f"/c/{harbour.chat}")
    page = alice.page
    expect(shown(page)).to_have_count(5)
    expect(alice.row("The harbour").locator(".picture-more")).to_have_text("+2")
    box = page.locator("file-picture").first.bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (440, 293)
    expect(page.locator("file-picture canvas").first).to_be_hidden()
    # Sizes were reserved before the pictures came.
    assert page.evaluate(SHIFTS) == []

    page.locator("li.row").last.focus()
    page.keyboard.press("Tab")
    first = page.get_by_role("button", name="Open harbour-1.jpg")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    viewer = page.locator("file-viewer")
    expect(viewer.get_by_role("img", name="harbour-1.jpg")).to_be_visible()
    expect(viewer.locator("dialog")).to_be_focused()
    expect(viewer.locator(".viewer-more")).to_contain_text("Bob")
    expect(viewer.locator(".viewer-more")).to_contain_text("2 of 7")
    page.keyboard.press("End")
    expect(viewer.get_by_role("img", name="harbour-6.jpg")).to_be_visible()
    page.keyboard.press("Home")
    expect(viewer.get_by_role("img", name="old.jpg")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(viewer.get_by_role("img", name="harbour-1.jpg")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(viewer.get_by_role("img", name="harbour-2.jpg")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    picture = viewer.get_by_role("img", name="old.jpg")
    expect(picture).to_be_visible()
    expect(viewer.get_by_role("button", name="Earlier picture")).to_have_count(0)
    page.keyboard.press("+")
    expect(picture).to_have_attribute("style", "transform: translate(0px, 0px) scale(1.5);")
    page.keyboard.press("ArrowDown")
    expect(picture).to_have_attribute("style", re.compile(r"translate\(0px, -\d.*px\) scale"))
    page.keyboard.press("0")
    expect(picture).to_have_attribute("style", "")
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(first).to_be_focused()


def test_the_viewer_on_a_phone(enter, harbour):
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True}
    alice = enter(harbour.alice, f"/c/{harbour.chat}", **phone)
    page = alice.page
    page.get_by_role("button", name="Open harbour-2.jpg").tap()
    viewer = page.locator("file-viewer")
    expect(viewer.get_by_role("img", name="harbour-2.jpg")).to_be_visible()
    assert findings(page) == []
    swipe(page, 300, 80)
    expect(viewer.get_by_role("img", name="harbour-3.jpg")).to_be_visible()
    swipe(page, 80, 300)
    expect(viewer.get_by_role("img", name="harbour-2.jpg")).to_be_visible()
    # No tap: soon after the synthetic swipes Chromium may take it for a part of them.
    viewer.get_by_role("link", name="Show in the chat").click()
    expect(viewer).to_have_count(0)
    expect(page).to_have_url(f"{alice.address}/c/{harbour.chat}/at/2")


def test_pictures_wait_for_a_button_when_the_reader_says_so(enter, harbour, proxy):
    alice = enter(harbour.alice, via=proxy)
    page = alice.page
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Pictures and data").click()
    phone = enter(harbour.alice, f"/c/{harbour.chat}")
    expect(shown(phone.page)).to_have_count(5)
    page.get_by_role("radio", name="Never").check()
    page.keyboard.press("Escape")
    alice.open(harbour.chat)
    # The choice is the person's; the other device has one of its own.
    phone.page.get_by_role("button", name="Settings").click()
    phone.page.get_by_role("button", name="Pictures and data").click()
    expect(phone.page.get_by_role("radio", name="Never")).to_be_checked()
    here = phone.page.get_by_role("combobox", name="On this device")
    here.select_option("Always")
    phone.go(f"/c/{harbour.chat}")
    expect(shown(phone.page)).to_have_count(5)
    old = alice.row("From before")
    button = old.get_by_role("button", name="Load old.jpg")
    expect(button).to_have_text(re.compile(r"^Load · \d kB$"))
    expect(shown(page)).to_have_count(0)
    assert not page.evaluate(STORED, str(harbour.alice.id))
    assert findings(page) == []

    button.click()
    expect(shown(page)).to_have_count(1)
    expect(old.get_by_role("button", name="Open old.jpg")).to_be_focused()
    stores(alice, harbour.alice, "1 saver")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Pictures and data").click()
    expect(page.locator("data-saver-settings")).to_contain_text("this month")
    assert findings(page) == []
    proxy.cut()
    page.get_by_role("combobox", name="On this device").select_option("Always")
    problem = page.get_by_text("Could not be loaded").first
    # Not on the colours of the placeholder.
    expect(problem).to_have_css("background-color", "rgb(255, 255, 255)")
    proxy.mend()
    expect(shown(page)).to_have_count(5)


def test_a_deleted_message_takes_its_pictures_along(enter, harbour):
    alice, bob = (enter(user, f"/c/{harbour.chat}") for user in (harbour.alice, harbour.bob))
    expect(shown(alice.page)).to_have_count(5)
    found = stored_files(alice, harbour.alice, 5)
    alice.row("The harbour").get_by_role("button", name="Open harbour-1.jpg").click()
    expect(alice.page.locator("file-viewer").get_by_role("img")).to_be_visible()
    bob.choose("The harbour", "Delete")
    bob.menu.get_by_role("button", name="Delete", exact=True).click()
    expect(alice.page.locator("file-viewer")).to_have_count(0)
    expect(alice.page.locator("file-picture")).to_have_count(1)
    stores(alice, harbour.alice, *[one for one in found if one.startswith("1 ")])


def test_a_removed_member_keeps_no_picture(enter, cast):
    def fill() -> UUID:
        crew = groups.create_group(cast.alice.id, "Crew", [cast.bob.id])
        send(cast.alice, crew, *pictures(cast.alice, "crew.jpg"), text="Of the crew")
        return crew

    crew = database(fill)
    bob = enter(cast.bob, f"/c/{crew}")
    expect(shown(bob.page)).to_have_count(1)
    stored_files(bob, cast.bob, 1)
    database(groups.remove_member, cast.alice.id, crew, person=cast.bob.id)
    expect(bob.page.locator("file-picture")).to_have_count(0)
    stores(bob, cast.bob)


def test_pictures_are_shown_offline_and_gone_after_signing_out(enter, harbour, proxy):
    alice = enter(harbour.alice, f"/c/{harbour.chat}", via=proxy)
    expect(shown(alice.page)).to_have_count(5)
    stored_files(alice, harbour.alice, 5)
    proxy.pages_pass = True
    proxy.cut()
    alice.page.reload()
    expect(shown(alice.page)).to_have_count(5)
    proxy.mend()
    alice.ready()
    alice.page.evaluate("""async () => {
      const { release } = document.body.dataset;
      await (await import(`/static/${release}/realtime/client.js`)).connect().forget();
    }""")
    assert alice.page.evaluate(STORED, str(harbour.alice.id)) is None


def test_documents_are_downloaded_and_texts_shown_as_text(enter, cast):
    script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>window.hit = 1</script></svg>"
    page_ = b"<!doctype html><script>window.hit = 1</script>"

    def fill() -> None:
        bob = cast.bob
        send(bob, cast.chat, ready(bob, script, "drawing.svg"), ready(bob, page_, "page.html"))
        send(bob, cast.chat, ready(bob, b"one < two\nthree", "notes.txt"))

    database(fill)
    alice = enter(cast.alice, f"/c/{cast.chat}")
    page = alice.page
    expect(alice.chat(cast.chat)).to_contain_text("📎 notes.txt")
    for name in ("drawing.svg", "page.html"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=False).first.click()
        assert download.value.suggested_filename == name
    page.get_by_role("button", name="notes.txt").click()
    expect(page.locator("file-viewer pre")).to_have_text("one < two\nthree")
    assert findings(page) == []
    page.keyboard.press("Escape")
    assert page.evaluate("window.hit") is None


def test_a_voice_message_is_played_by_keyboard(enter, cast):
    recorded = {"duration_ms": 20_000, "waveform": b64encode(bytes(range(0, 256, 4))).decode()}

    def fill() -> None:
        voice = ready(cast.bob, sound(), "voice.wav", voice=recorded)
        send(cast.bob, cast.chat, voice)

    database(fill)
    alice = enter(cast.alice, f"/c/{cast.chat}")
    player = alice.page.get_by_role("group", name="Voice message")
    expect(player.locator(".player-time")).to_have_text("0:20")
    player.get_by_role("button", name="Play").focus()
    alice.page.keyboard.press("Space")
    pause = player.get_by_role("button", name="Pause")
    expect(pause).to_be_focused()
    for _ in range(3):
        alice.page.keyboard.press("ArrowRight")
    expect(player.locator(".player-time")).to_have_text(re.compile("^0:1[5-9]$"))
    place = player.get_by_role("slider", name="Position")
    expect(place).to_have_attribute("aria-valuenow", re.compile("^1[5-9]$"))
    place.press("ArrowLeft")
    expect(place).to_have_attribute("aria-valuenow", re.compile("^1[0-4]$"))
    pause.press("Space")
    expect(player.get_by_role("button", name="Play")).to_be_focused()
    player.get_by_role("button", name="Speed: 1×").click()
    expect(player.get_by_role("button", name="Speed: 1.5×")).to_be_visible()
    stores(alice, cast.alice, "1 original")


def test_a_voice_message_that_cannot_be_played_can_be_downloaded(enter, cast):
    recorded = {"duration_ms": 20_000, "waveform": b64encode(bytes(64)).decode()}
    unknown = b"RIFF\x24\0\0\0WAVEfmt " + bytes(30)

    def fill() -> None:
        send(cast.bob, cast.chat, ready(cast.bob, unknown, "voice.wav", voice=recorded))

    database(fill)
    alice = enter(cast.alice, f"/c/{cast.chat}")
    player = alice.page.get_by_role("group", name="Voice message")
    download = player.get_by_role("link", name="Download voice.wav")
    player.get_by_role("button", name="Play").click()
    expect(player.locator(".player-time")).to_have_text("could not be played")
    with alice.page.expect_download() as begun:
        download.click()
    assert begun.value.path().read_bytes() == unknown


def test_the_files_of_a_chat_are_listed_by_kind(enter, harbour):
    database(send, harbour.bob, harbour.chat, database(ready, harbour.bob, b"%PDF-1.4", "plan.pdf"))
    alice, bob = enter(harbour.alice, f"/c/{harbour.chat}"), enter(harbour.bob)
    bob.open(harbour.chat)
    page = alice.page
    alice.mark("Files")
    panel = page.locator(".panel")
    expect(panel.locator("file-picture")).to_have_count(7)
    expect(shown(panel)).to_have_count(7)
    assert findings(page) == []
    panel.get_by_text("Documents").click()
    expect(panel.locator("file-chip")).to_contain_text("plan.pdf")
    assert findings(page) == []
    panel.get_by_text("Voice").click()
    expect(panel).to_contain_text("No voice messages here yet")
    panel.get_by_text("Links").click()
    expect(panel).to_contain_text("No links here yet")
    bob.say("See https://example.org/tide?of=today and then call")
    link = panel.get_by_role("link", name="example.org/tide?of=today")
    expect(link).to_have_attribute("href", "https://example.org/tide?of=today")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", re.compile("noopener noreferrer"))
    assert findings(page) == []
    # Beside the link, the entry leads to the message.
    box = panel.locator(".files-link").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 4, box["y"] + 6)
    expect(page).to_have_url(f"{alice.address}/c/{harbour.chat}/at/4")
    panel.get_by_text("Documents").click()
    panel.locator(".files-from a").click()
    expect(page).to_have_url(f"{alice.address}/c/{harbour.chat}/at/3")
