"""Custom emoji, from the settings into messages and reactions of somebody else."""

import os
import re
from pathlib import Path

from playwright.sync_api import expect

from apps.emoji.actions import emoji
from tests.emoji.conftest import PICTURE, moving
from tests.journeys.conftest import Talk
from tests.support.axe import findings
from tests.support.live import database

NAME = "party_parrot"
SHOWN = "img.emoji"


def add(screen, name, content):
    """Add an emoji on the page of the settings. Returns where the person was."""
    page = screen.page
    here = page.url
    page.goto(f"{screen.address}/settings/emoji")
    large = {"name": "large.png", "mimeType": "image/png", "buffer": bytes(1_048_577)}
    page.get_by_label("Picture").set_input_files(large)
    page.get_by_role("button", name="Add the emoji").click()
    wrong = page.get_by_label("Picture").evaluate("(input) => input.validationMessage")
    assert wrong == "Choose a picture of up to 1 MB."
    page.get_by_label("Name", exact=True).fill("")
    file = {"name": f"{name}.gif", "mimeType": "image/gif", "buffer": content}
    page.get_by_label("Picture").set_input_files(file)
    expect(page.locator("[data-preview] img")).to_have_count(2)
    # Proposed by the name of the file.
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    page.get_by_role("button", name="Add the emoji").click()
    expect(page.get_by_role("status")).to_have_text(f":{name}: is there for everybody.")
    return here


def looks_well(page, name):
    """Nothing to find for axe on a phone and at the usual width, in both themes."""
    usual = page.viewport_size
    for width in (390, usual["width"]):
        page.set_viewport_size(usual | {"width": width})
        assert findings(page) == [], (name, width)
        if folder := os.environ.get("SHOTS"):
            for scheme in ("dark", "light"):
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=Path(folder) / f"emoji-{name}-{width}-{scheme}.png")


def loaded(image):
    """Wait until an image is drawn."""
    expect(image).to_be_visible()
    image.evaluate("async (image) => { await image.decode(); }")


def test_an_emoji_is_added_written_reacted_with_and_removed(talk: Talk):
    alice, bob = talk.alice, talk.bob
    here = add(alice, NAME, moving(40))
    names = alice.page.get_by_label(f"Other names of {NAME}")
    names.click()
    remove = alice.page.get_by_label(f"Remove {NAME}", exact=True)
    assert names.bounding_box()["x"] == remove.bounding_box()["x"]
    looks_well(alice.page, "settings")
    alice.page.goto(here)
    alice.ready()

    # Completion, and an open page of somebody else, which learns of it at once.
    alice.composer.press_sequentially("Look :party_p")
    option = alice.page.get_by_role("option", name=f":{NAME}:")
    loaded(option.locator(SHOWN))
    alice.composer.press("Tab")
    expect(alice.composer).to_have_value(f"Look :{NAME}: ")
    alice.composer.press("Enter")
    image = bob.page.locator(f"li.row {SHOWN}")
    loaded(image)
    expect(image).to_have_attribute("alt", f":{NAME}:")
    expect(bob.page.locator("chat-list")).to_contain_text(f"Look :{NAME}:")

    # Alone it is large. In code and inside a word it is text.
    alice.say(f":{NAME}: :{NAME}:", f"user:{NAME}:42, `:{NAME}:` and :nothing:")
    large = bob.page.locator(f".text-emoji {SHOWN}")
    expect(large).to_have_count(2)
    assert large.first.bounding_box()["height"] > 40 > image.first.bounding_box()["height"]
    expect(bob.rows.last.locator(SHOWN)).to_have_count(0)

    # From the picker as a reaction.
    bob.act(f"user:{NAME}:42, :{NAME}: and :nothing:", "React")
    bob.page.get_by_role("button", name="Emoji from here").click()
    looks_well(bob.page, "picker")
    bob.page.get_by_role("button", name=NAME, exact=True).click()
    pill = alice.page.locator("[data-emoji]")
    loaded(pill.locator(SHOWN))
    expect(pill).to_have_accessible_name(f":{NAME}: 1: Bob")
    pill.click()
    expect(bob.page.locator("[data-emoji]")).to_have_accessible_name(re.compile(f"^:{NAME}: 2"))

    looks_well(bob.page, "chat")

    # What is selected is copied as it was written.
    alice.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    alice.rows.first.locator(".text").evaluate("(text) => getSelection().selectAllChildren(text)")
    alice.page.keyboard.press("Control+c")
    copied = alice.page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == f"Look :{NAME}:"

    # Removed, it is text everywhere.
    database(emoji.remove, talk.cast.alice.id, NAME)
    for one in (alice, bob):
        expect(one.area.locator(SHOWN)).to_have_count(0)
        one.pills(f":{NAME}: 2")
    bob.page.locator("[data-emoji]").click()
    alice.pills(f":{NAME}: 1")
    expect(bob.page.locator("[data-emoji]")).to_be_disabled()


def test_emoji_are_drawn_offline(enter, cast, proxy):
    database(emoji.add, cast.alice.id, name="party_cat", picture=PICTURE)
    try:
        bob = enter(cast.bob, f"/c/{cast.chat}", via=proxy)
        bob.say("Look :party_cat:")
        loaded(bob.page.locator(f"li.row {SHOWN}"))
        proxy.cut()
        bob.write("Again :party_cat:")
        loaded(bob.page.locator(f"li.row {SHOWN}").last)
    finally:
        database(emoji.remove, cast.alice.id, "party_cat")


def test_who_wants_less_motion_sees_a_still_image(enter, cast):
    database(emoji.add, cast.alice.id, name="party_cat", picture=moving(40))
    try:
        bob = enter(cast.bob, f"/c/{cast.chat}", reduced_motion="reduce")
        bob.say("Look :party_cat:")
        image = bob.page.locator(f"li.row {SHOWN}")
        loaded(image)
        assert image.evaluate("(image) => image.currentSrc").endswith("-still.webp")
    finally:
        database(emoji.remove, cast.alice.id, "party_cat")
