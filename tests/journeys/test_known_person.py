"""The sign-in page of a device that remembers somebody."""

import os
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from tests.journeys.screen import Screen
from tests.journeys.test_files_showing import jpeg
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import PASSWORD
from tests.support.uploads import ready

CHOICE = "Remember me on this device"
STORED = "() => localStorage.getItem('parley.remembered')"
SHOTS = os.environ.get("PDF_SHOTS")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


@pytest.fixture
def alice(db):
    return database(register, f"alice-{uuid4().hex[:8]}", password=PASSWORD)


@pytest.fixture
def bob(db):
    return database(register, f"bob-{uuid4().hex[:8]}", password=PASSWORD)


def at_sign_in(page: Page, server) -> None:
    page.goto(f"{server.url}/accounts/login/")
    expect(page.get_by_role("heading", name="Parley")).to_be_visible()


def sign_in(page: Page, server, user, *, remember: bool) -> None:
    page.get_by_label("Username or e-mail").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    if remember:
        page.get_by_label(CHOICE).check()
    page.get_by_label("Password").press("Enter")
    Screen(page, server.url).ready()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Username or e-mail")).to_be_visible()


def is_stored(page: Page, part: str) -> None:
    """Wait until what is stored of a person contains `part`."""
    page.wait_for_function(f"part => ({STORED})()?.includes(part)", arg=part)


def with_picture(user: User) -> None:
    User.objects.filter(pk=user.pk).update(picture=ready(user, jpeg(), "me.jpg"))


def test_a_person_who_asked_for_it_is_shown_with_their_picture(browse, server, alice):
    database(with_picture, alice)
    page = browse(viewport={"width": 390, "height": 780}).new_page()
    at_sign_in(page, server)
    card = page.locator("[data-known-person]")
    expect(card).to_be_hidden()
    expect(page.get_by_label(CHOICE)).not_to_be_checked()
    assert findings(page) == []
    shot(page, "sign-in-before")
    # A wrong password does not undo the choice.
    page.get_by_label("Username or e-mail").fill(alice.username)
    page.get_by_label("Password").fill("wrong")
    page.get_by_label(CHOICE).check()
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label(CHOICE)).to_be_checked()
    sign_in(page, server, alice, remember=False)
    is_stored(page, "data:image/jpeg;")
    sign_out(page)

    expect(card).to_contain_text(f"@{alice.username}")
    shown = card.locator("img")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 128
    expect(page.get_by_label("Username or e-mail")).to_have_value(alice.username)
    expect(page.get_by_label("Password")).to_be_focused()
    assert findings(page) == []
    shot(page, "sign-in-light")
    page.emulate_media(color_scheme="dark")
    assert findings(page) == []
    shot(page, "sign-in-dark")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    Screen(page, server.url).ready()
    sign_out(page)

    card.get_by_role("button", name="Not you?").press("Enter")
    expect(card).to_be_hidden()
    expect(page.get_by_label("Username or e-mail")).to_have_value("")
    expect(page.get_by_label("Username or e-mail")).to_be_focused()
    assert page.evaluate(STORED) is None
    page.reload()
    expect(page.get_by_label("Username or e-mail")).to_be_focused()
    expect(card).to_be_hidden()


def test_a_device_shows_nobody_who_did_not_ask_for_it(browse, server, alice, bob):
    page = browse().new_page()
    at_sign_in(page, server)
    sign_in(page, server, alice, remember=False)
    sign_out(page)
    expect(page.locator("[data-known-person]")).to_be_hidden()
    assert page.evaluate(STORED) is None
    sign_in(page, server, alice, remember=True)
    is_stored(page, alice.username)
    sign_out(page)
    # Bob uses the same device, and did not ask for anything.
    sign_in(page, server, bob, remember=False)
    page.wait_for_function(f"() => ({STORED})() === null")
    sign_out(page)
    expect(page.locator("[data-known-person]")).to_be_hidden()
