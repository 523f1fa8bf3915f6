"""Files on their way out of the composer: chosen, dropped, pasted, uploaded, sent."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.conf import settings
from playwright.sync_api import Browser, Locator, Playwright, expect

from apps.accounts.models import User
from apps.contacts.actions import contacts
from apps.files.models import File
from apps.wire.limits import MAX_FILES, MAX_WAVEFORM_LENGTH
from tests.journeys.conftest import Cast
from tests.journeys.screen import Screen
from tests.journeys.sent_files import (
    NOTES,
    PHOTO,
    PICTURE,
    attach,
    chips,
    processed,
    ready,
    received,
    stored,
)
from tests.realtime_client.proxy import Proxy
from tests.support.axe import findings
from tests.support.browser import executable, fetch_less
from tests.support.live import LOOSE, database
from tests.support.people import direct_chat, in_touch, session_of
from tests.support.servers import Server
from tests.support.static import collected_static

__all__ = ["processed"]


@pytest.fixture
def talker(
    playwright: Playwright, server: Server, cast: Cast
) -> Iterator[Callable[[User], Screen]]:
    """`talker(user)` opens the chat in a browser with a microphone, which beeps."""
    with playwright.chromium.launch(
        executable_path=executable(),
        args=[
            "--no-sandbox",
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
        ],
    ) as browser:

        def make(user: User) -> Screen:
            context = browser.new_context(locale="en-GB")
            context.grant_permissions(["microphone"])
            fetch_less(context)
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user)}
            context.add_cookies([{**cookie, "url": server.url}])
            page = context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda line: line.type == "error" and errors.append(line.text))
            page.goto(f"{server.url}/c/{cast.chat}")
            return Screen(page, server.url).ready()

        errors: list[str] = []
        yield make
        assert errors == []


CAN_PLAY = """(audio) => new Promise((resolve) => {
  audio.addEventListener('error', () => resolve(audio.error.message));
  audio.addEventListener('canplay', () => resolve(''));
  if (audio.readyState >= 3) resolve('');
})"""


def refuse_after(proxy: Proxy, parts: int) -> threading.Event:
    """Let so many parts of uploads through, and nothing after them. Returns what is set then."""
    refusing, passed = threading.Event(), 0
    answer = proxy._answer

    async def counted(request: httpx.Request, send: Any) -> None:
        nonlocal passed
        await answer(request, send)
        if request.method != "PATCH":
            return
        passed += 1
        if passed == parts:
            proxy.down = True
            refusing.set()

    proxy._answer = counted  # type: ignore[method-assign]
    return refusing


def kill_worker(browser: Browser) -> None:
    """End all shared workers, as a phone does that needs memory."""
    session = browser.new_browser_cdp_session()
    targets = session.send("Target.getTargets")["targetInfos"]
    workers = [each["targetId"] for each in targets if each["type"] == "shared_worker"]
    assert workers
    for worker in workers:
        session.send("Target.closeTarget", {"targetId": worker})
    session.detach()


def test_a_picture_that_the_server_refuses_is_sent_as_a_file_on_purpose(enter, cast):
    alice, bob = enter(cast.alice, f"/c/{cast.chat}"), enter(cast.bob, f"/c/{cast.chat}")
    attach(alice, {**PHOTO, "name": "damaged.png", "buffer": PICTURE[:40]}, NOTES)
    offer = alice.page.get_by_role("button", name="Send as a file: damaged.png")
    expect(chips(alice).first).to_contain_text("This picture is damaged")
    alice.page.set_viewport_size({"width": 390, "height": 844})
    offer.press("Enter")
    dialog = alice.page.get_by_role("dialog", name="Send as a file?")
    expect(dialog).to_contain_text("often the place, the time and the device")
    assert findings(alice.page) == []
    dialog.get_by_role("button", name="Cancel").press("Enter")
    offer.press("Enter")
    dialog.get_by_role("button", name="Send as a file").press("Enter")
    expect(alice.composer).to_be_focused()
    ready(alice, "damaged.png", "notes.txt")
    alice.say("As it is")
    received(bob, ["damaged.png", "notes.txt"])
    with bob.page.expect_download() as download:
        bob.page.locator("file-chip .chip-open").first.click()
    assert download.value.path().read_bytes() == PICTURE[:40]


def test_chosen_files_stay_with_their_chat_and_survive_a_reload(enter, crew):
    other = database(direct_chat, crew.alice, crew.charlie)
    alice = enter(crew.alice, f"/c/{crew.chat}")
    attach(alice, PHOTO)
    ready(alice, "photo.png")
    alice.open(other)
    expect(alice.page.get_by_role("textbox", name="Write to Charlie")).to_be_visible()
    expect(chips(alice)).to_have_count(0)
    alice.open(crew.chat)
    ready(alice, "photo.png")
    alice.page.reload()
    ready(alice, "photo.png")
    expect(chips(alice).locator("img")).to_be_visible()
    alice.say("")
    assert stored(crew) == [("", 1)]


def test_an_upload_goes_on_after_a_cut_and_a_reload_and_arrives_once(enter, cast, proxy):
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    alice.say("before")
    large = {"name": "large.bin", "mimeType": "", "buffer": bytes(range(256)) * 20_000}
    proxy.pages_pass = True
    refusing = refuse_after(proxy, 2)
    attach(alice, large)
    alice.write("with a file", "after it")
    alice.state("with a file", "pending")
    assert refusing.wait(30)
    proxy.cut()
    assert File.objects.filter(owner_id=cast.alice.id, received__gt=0).exists()
    alice.page.reload()
    alice.shows("before", "with a file", "after it")
    assert [text for text, _ in stored(cast)] == ["before"]
    proxy.mend()
    bob.shows("before", "with a file", "after it")
    received(bob, [], ["large.bin"], [])
    alice.sent()
    assert stored(cast) == [("before", 0), ("with a file", 1), ("after it", 0)]
    assert [file.size for file in File.objects.filter(owner_id=cast.alice.id)] == [256 * 20_000]
    assert alice.debug()["uploads"] == 0


def test_a_file_arrives_although_the_worker_dies(chromium, enter, cast, proxy):
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    alice.say("before")
    proxy.pages_pass = True
    proxy.cut()
    attach(alice, PHOTO)
    alice.write("from the dead")
    kill_worker(chromium)
    proxy.mend()
    bob.shows("before", "from the dead")
    received(bob, [], ["photo.png"])


def test_too_large_and_too_many_files_are_refused_before_the_upload(enter, cast, fresh_servers):
    static = str(collected_static())
    [server] = fresh_servers(1, STATIC_ROOT=static, MAX_FILE_MB="1", **LOOSE)
    alice = enter(cast.alice, f"/c/{cast.chat}", via=server)
    attach(alice, {**NOTES, "name": "large.txt", "buffer": bytes(1_000_001)})
    alert = alice.page.locator(".attach-refused")
    expect(alert).to_have_text("“large.txt” is too large. A file may have up to 1 MB.")
    alice.page.get_by_role("textbox").press_sequentially("no")
    expect(alert).to_contain_text("large.txt")
    alert.get_by_role("button", name="Dismiss").click()
    expect(alert).to_be_hidden()
    alice.page.get_by_role("textbox").fill("")
    attach(alice, *({**NOTES, "name": f"{n}.txt"} for n in range(MAX_FILES + 2)))
    names = ", ".join(f"“{n}.txt”" for n in range(MAX_FILES, MAX_FILES + 2))
    expect(alert).to_have_text(f"A message may have up to {MAX_FILES} files. Not added: {names}.")
    expect(chips(alice)).to_have_count(MAX_FILES)
    assert File.objects.filter(owner_id=cast.alice.id, name="large.txt").count() == 0


def test_a_refused_message_returns_to_the_composer_with_its_files(enter, cast, proxy):
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    attach(alice, PHOTO)
    ready(alice, "photo.png")
    proxy.pages_pass = True
    proxy.cut()
    alice.write("Too late")
    database(contacts.remove, cast.bob.id, cast.alice.id)
    proxy.mend()
    row = alice.row("Too late")
    expect(row).to_have_attribute("data-state", "refused")
    database(in_touch, cast.alice, cast.bob)
    expect(alice.composer).to_be_visible()
    row.get_by_role("button", name="Back to writing").click()
    expect(alice.composer).to_have_value("Too late")
    ready(alice, "photo.png")


def test_a_voice_message_is_recorded_heard_and_sent(talker, enter, cast):
    alice = talker(cast.alice)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    microphone = alice.page.get_by_role("button", name="Record a voice message")
    microphone.click()
    recorder = alice.page.locator("chat-composer").get_by_role("group", name="Voice message")
    expect(recorder.get_by_role("timer")).to_be_visible()
    alice.page.keyboard.press("Escape")
    expect(recorder).to_have_count(0)
    expect(alice.composer).to_be_focused()

    microphone.click()
    expect(recorder.get_by_role("timer")).to_have_text("0:01")
    stop = recorder.get_by_role("button", name="Stop recording")
    expect(stop).to_be_focused()
    stop.press("Enter")
    expect(recorder.locator("audio")).to_be_visible()
    assert recorder.locator("audio").evaluate(CAN_PLAY) == ""
    recorder.get_by_role("button", name="Send the voice message").click()
    expect(recorder).to_have_count(0)
    received(bob, ["Voice message.webm"])
    file = File.objects.get(owner_id=cast.alice.id)
    assert 500 <= file.duration_ms < 10_000
    assert 0 < len(file.waveform) <= MAX_WAVEFORM_LENGTH
    assert max(file.waveform) > 0, "the fake device beeps"


def recording(screen: Screen) -> Locator:
    """Start to record by a click. Returns the recorder."""
    button = screen.page.get_by_role("button", name="Record a voice message")
    recorder = screen.page.locator("chat-composer").get_by_role("group", name="Voice message")
    button.click()
    try:
        expect(recorder).to_be_visible(timeout=1_000)
    except AssertionError:
        # It ignores a press so soon after it took the place of the button that sends.
        button.click()
    expect(recorder.get_by_role("timer")).to_have_text("0:01")
    return recorder


ASKS_BEFORE_LEAVING = """() => {
  const event = new Event('beforeunload', { cancelable: true });
  return !dispatchEvent(event);
}"""


def test_a_recording_goes_to_the_draft_when_the_chat_is_left(talker, crew):
    other = database(direct_chat, crew.alice, crew.charlie)
    alice = talker(crew.alice)
    recorder = recording(alice)
    assert alice.page.evaluate(ASKS_BEFORE_LEAVING)
    alice.open(other)
    expect(alice.page.get_by_role("textbox", name="Write to Charlie")).to_be_visible()
    expect(recorder).to_have_count(0)
    expect(chips(alice)).to_have_count(0)
    assert not alice.page.evaluate(ASKS_BEFORE_LEAVING)
    alice.open(crew.chat)
    ready(alice, "Voice message.webm")
    alice.say("")
    assert stored(crew) == [("", 1)]

    recording(alice)
    recorder.get_by_role("button", name="Stop recording").click()
    expect(recorder.locator("audio")).to_be_visible()
    alice.page.keyboard.press("Escape")
    assert alice.page.evaluate(ASKS_BEFORE_LEAVING)
    alice.open(other)
    expect(alice.page.get_by_role("textbox", name="Write to Charlie")).to_be_visible()
    alice.open(crew.chat)
    ready(alice, "Voice message.webm")


PRESS_AND_RELEASE = """(button) => {
  const options = { bubbles: true, pointerId: 1 };
  button.dispatchEvent(new PointerEvent('pointerdown', options));
  button.dispatchEvent(new PointerEvent('pointerup', options));
  button.dispatchEvent(new PointerEvent('click', options));
}"""


def test_only_the_release_of_the_held_button_stops_a_recording(talker, cast):
    alice = talker(cast.alice)
    microphone = alice.page.get_by_role("button", name="Record a voice message")
    # The button is released before the module has come.
    microphone.evaluate(PRESS_AND_RELEASE)
    recorder = alice.page.locator("chat-composer").get_by_role("group", name="Voice message")
    timer = recorder.get_by_role("timer")
    expect(timer).to_have_text("0:01")
    alice.composer.click()
    alice.page.evaluate("dispatchEvent(new PointerEvent('pointercancel', { pointerId: 1 }))")
    expect(timer).to_have_text("0:02")
    alice.page.keyboard.press("Escape")
    expect(recorder).to_have_count(0)

    recording(alice)
    alice.page.evaluate("dispatchEvent(new PointerEvent('pointercancel', { pointerId: 1 }))")
    expect(timer).to_have_text("0:02")
    alice.page.keyboard.press("Escape")
    expect(recorder).to_have_count(0)

    microphone.hover()
    alice.page.mouse.down()
    expect(timer).to_have_text("0:01")
    alice.page.mouse.up()
    expect(recorder.locator("audio")).to_be_visible()


def test_an_edit_leaves_a_recording_alone(talker, cast):
    alice = talker(cast.alice)
    alice.say("A text")
    recorder = recording(alice)
    alice.choose("A text", "Edit")
    expect(alice.composer).to_have_value("A text")
    expect(recorder.get_by_role("timer")).to_be_visible()
    recorder.get_by_role("button", name="Stop recording").click()
    send = recorder.get_by_role("button", name="Send the voice message")
    expect(send).to_be_disabled()
    alice.composer.press("Escape")
    expect(alice.composer).to_have_value("")
    expect(send).to_be_enabled()
    recorder.get_by_role("button", name="Discard the recording").click()

    recording(alice)
    alice.choose("A text", "Edit")
    alice.composer.press("Escape")
    expect(alice.composer).to_have_value("")
    expect(recorder.get_by_role("timer")).to_have_text("0:02")


def test_without_leave_to_use_the_microphone_the_reason_is_told(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    alice.page.get_by_role("button", name="Record a voice message").click()
    expect(alice.page.locator(".composer-error")).to_contain_text(
        re.compile("may not use the microphone|There is no microphone")
    )
    expect(alice.page.get_by_role("group", name="Voice message")).to_have_count(0)
