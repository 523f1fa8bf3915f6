"""Pictures of people and groups: chosen, cropped, shown to others at once, removed."""

from playwright.sync_api import Locator, Page, Route, expect

from apps.files.actions import processing
from tests.journeys.groups import make_group, members
from tests.journeys.shown_files import jpeg
from tests.support.axe import findings
from tests.support.live import database


def with_a_picture(page: Page) -> None:
    """Whenever the page asks for a file, choose a picture."""
    picture = {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    page.on("filechooser", lambda chooser: chooser.set_files(picture))


def choose(page: Page, button: Locator) -> None:
    """Choose a picture, crop and use it, all by keyboard."""
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("picture-dialog")
    canvas = dialog.get_by_role("img", name="The part of the picture that is used")
    expect(canvas).to_be_focused()
    whole = canvas.evaluate("(canvas) => canvas.toDataURL()")
    for key in ("+", "+", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    expect(dialog.get_by_role("slider", name="Zoom")).to_have_value("1.45")
    assert canvas.evaluate("(canvas) => canvas.toDataURL()") != whole
    assert findings(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Use this picture")).to_be_focused()
    with page.expect_response(lambda one: one.url.endswith("/content") and one.status == 204):
        page.keyboard.press("Enter")
    database(processing.process_due)
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()


def test_a_picture_of_a_person_appears_in_the_lists_of_others(enter, cast):
    bob = enter(cast.bob, f"/c/{cast.chat}")
    initials = bob.chat(cast.chat).locator(".avatar")
    expect(initials).to_have_text("A")
    shown = bob.page.locator("chat-list .avatar img, .head .avatar img")
    expect(shown).to_have_count(0)
    alice = enter(cast.alice)
    page = alice.page
    with_a_picture(page)
    page.goto(f"{alice.address}/settings/profile")
    choose(page, page.get_by_role("button", name="Choose a picture"))
    expect(page.locator(".picture-field img")).to_be_visible()
    expect(page.locator(".picture-field [role=status]")).to_have_text("Your picture is saved.")
    assert findings(page) == []
    # The form is no older for that.
    page.get_by_label("About you").fill("On the ferry")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    expect(page.locator(".picture-field img")).to_be_visible()

    expect(shown).to_have_count(2)
    for picture in shown.all():
        assert picture.evaluate("async (one) => (await one.decode(), one.naturalWidth)") == 512
    bob.go("/people")
    expect(bob.person("Alice").locator(".avatar img")).to_be_visible()
    expect(bob.search("alice").locator(".avatar img").first).to_be_visible()
    bob.page.keyboard.press("Escape")

    # What was asked for before the picture was removed comes afterwards.
    asked: list[Route] = []
    page.route("**/content/thumbnail", lambda route: asked.append(route))
    with page.expect_request("**/content/thumbnail"):
        page.reload()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("Your picture is removed.")).to_be_visible()
    with page.expect_response("**/content/thumbnail") as answer:
        asked[0].fulfill(body=jpeg(), content_type="image/jpeg")
    answer.value.finished()
    page.evaluate("() => new Promise((drawn) => requestIdleCallback(drawn))")
    expect(page.locator(".picture-field img")).to_have_count(0)
    expect(bob.page.locator(".avatar img")).to_have_count(0)
    expect(bob.chat(cast.chat).locator(".avatar")).to_have_text("A")


def test_a_picture_of_a_group_appears_in_the_lists_of_members(enter, cast):
    alice, bob = enter(cast.alice), enter(cast.bob)
    with_a_picture(alice.page)
    chat = make_group(alice, cast.bob)
    bob.open(chat)
    members(alice)
    members(bob)
    expect(bob.page.get_by_role("button", name="Choose a picture")).to_have_count(0)
    choose(alice.page, alice.page.get_by_role("button", name="Choose a picture"))
    for one in (alice, bob):
        expect(one.chat(chat).locator(".avatar img")).to_be_visible()
    expect(bob.page.locator("li.event").last).to_have_text("Alice changed the picture of the group")
    assert findings(bob.page) == []
    alice.page.get_by_role("button", name="Remove the picture").click()
    expect(bob.chat(chat).locator(".avatar")).to_have_text("LC")
    expect(bob.page.locator(".avatar img")).to_have_count(0)
