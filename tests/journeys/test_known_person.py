"""The sign-in page of a device that remembers somebody."""

import json
import os
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from tests.journeys.screen import Screen
from tests.journeys.shown_files import jpeg
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


def sign_in(page: Page, server, user) -> None:
    page.get_by_label("Username or e-mail").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
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


def stored_person(page: Page, text: str) -> None:
    """Open the sign-in page again on a device on which this is stored."""
    page.evaluate("text => localStorage.setItem('parley.remembered', text)", text)
    page.reload()


def test_a_device_shows_who_asked_for_it_until_somebody_else_signs_in(browse, server, alice, bob):
    database(with_picture, alice)
    page = browse(viewport={"width": 390, "height": 780}).new_page()
    at_sign_in(page, server)
    card = page.locator("[data-known-person]")
    login, password = page.get_by_label("Username or e-mail"), page.get_by_label("Password")
    expect(card).to_be_hidden()
    expect(page.get_by_label(CHOICE)).not_to_be_checked()
    shot(page, "sign-in-before")
    # A wrong password does not undo the choice.
    login.fill(alice.username)
    password.fill("wrong")
    page.get_by_label(CHOICE).check()
    password.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label(CHOICE)).to_be_checked()
    sign_in(page, server, alice)
    is_stored(page, "data:image/jpeg;")
    sign_out(page)

    expect(card).to_contain_text(f"@{alice.username}")
    shown = card.locator("img")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 128
    expect(login).to_have_value(alice.username)
    expect(password).to_be_focused()
    assert findings(page) == []
    shot(page, "sign-in-light")
    if SHOTS:
        page.emulate_media(color_scheme="dark")
        shot(page, "sign-in-dark")

    # Bob uses the same device, and did not ask for anything.
    known = page.evaluate(STORED)
    sign_in(page, server, bob)
    page.wait_for_function(f"() => ({STORED})() === null")
    sign_out(page)
    expect(login).to_have_value("")
    expect(card).to_be_hidden()

    stored_person(page, known)
    card.get_by_role("button", name="Not you?").press("Enter")
    expect(card).to_be_hidden()
    expect(login).to_have_value("")
    expect(login).to_be_focused()
    assert page.evaluate(STORED) is None

    # What is stored is text, no matter who wrote it.
    markup = "<img src=x onerror=document.title='broken'>"
    hostile = {part: markup for part in json.loads(known)} | {"picture": "data:image/svg+xml,x"}
    stored_person(page, json.dumps(hostile))
    expect(card).to_contain_text(markup)
    expect(card.locator("img")).to_have_count(0)
    stored_person(page, json.dumps({"login": alice.username}))
    expect(page.get_by_label(CHOICE)).to_be_visible()
    expect(card).to_be_hidden()
