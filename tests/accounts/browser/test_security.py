"""The second step of a sign-in in Chromium: by keyboard, in both themes, on a phone."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.actions.registration import register
from tests.accounts.browser.conftest import with_authenticator
from tests.support.axe import findings, findings_at_both_widths
from tests.support.live import database
from tests.support.people import PASSWORD
from tests.support.proof import long_ago_everywhere
from tests.support.totp import totp

PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture
def alice(db):
    return database(register, f"alice-{uuid4().hex[:8]}", password=PASSWORD)


@pytest.fixture
def page(browse):
    return browse(**PHONE).new_page()


def sign_in(page: Page, server, username: str) -> None:
    """Type name and password, by keyboard."""
    page.goto(f"{server.url}/accounts/login/?next=/settings/security")
    expect(page.get_by_label("Username or e-mail")).to_be_focused()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def type_password_again(page: Page) -> None:
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def at_security(page: Page) -> None:
    expect(page.get_by_role("heading", name="Sign-in and security", level=1)).to_be_visible()


def sign_out(page: Page, server) -> None:
    page.goto(f"{server.url}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Username or e-mail")).to_be_visible()


def test_an_app_is_set_up_used_and_removed_by_keyboard(page, server, alice):
    sign_in(page, server, alice.username)
    at_security(page)
    assert findings_at_both_widths(page) == []
    database(long_ago_everywhere, alice)
    page.get_by_role("link", name="Set up an authenticator app").press("Enter")
    type_password_again(page)
    expect(page.get_by_label("Code from the app")).to_be_focused()
    picture = page.get_by_role("img", name="QR code")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    assert findings_at_both_widths(page) == []
    secret = page.locator(".secret").inner_text()
    page.keyboard.type(totp(secret))
    page.keyboard.press("Enter")
    expect(page.locator("#codes li")).to_have_count(10)
    assert findings_at_both_widths(page) == []
    codes = page.locator("#codes li").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").press("Enter")
    assert download.value.path().read_text().split() == codes
    page.get_by_role("link", name="I have kept them").press("Enter")
    expect(page.get_by_text("10 of 10 are left")).to_be_visible()
    assert findings_at_both_widths(page) == []
    sign_out(page, server)

    sign_in(page, server, alice.username)
    expect(page.get_by_label("Code")).to_be_focused()
    assert findings_at_both_widths(page) == []
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This code is not valid")).to_be_visible()
    assert findings_at_both_widths(page) == []
    page.get_by_label("Code").fill(codes[0])
    page.keyboard.press("Enter")
    at_security(page)
    expect(page.get_by_text("9 of 10 are left")).to_be_visible()

    page.get_by_role("link", name="Remove the authenticator app").press("Enter")
    expect(page.get_by_role("button", name="Remove it")).to_be_visible()
    assert findings_at_both_widths(page) == []
    page.get_by_role("button", name="Remove it").press("Enter")
    expect(page.get_by_role("link", name="Set up an authenticator app")).to_be_visible()
    expect(page.get_by_text("Recovery codes")).to_have_count(0)


def test_a_passkey_signs_in_without_a_password_and_as_a_second_step(page, server, alice):
    device = with_authenticator(page)
    sign_in(page, server, alice.username)
    page.get_by_role("link", name="Add a passkey").press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    assert findings_at_both_widths(page) == []
    page.get_by_label("Name").fill("Phone")
    page.keyboard.press("Enter")
    expect(page.locator("#codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Passkey “Phone”")).to_be_visible()
    assert findings_at_both_widths(page) == []
    sign_out(page, server)

    assert findings_at_both_widths(page) == []
    page.get_by_role("button", name="Sign in with a passkey").press("Enter")
    expect(page.locator(".me-name")).to_contain_text(alice.username)
    sign_out(page, server)

    sign_in(page, server, alice.username)
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
    assert findings_at_both_widths(page) == []
    page.get_by_role("button", name="Use a passkey").press("Enter")
    at_security(page)

    page.get_by_role("link", name="Rename Phone").click()
    expect(page.get_by_label("Name")).to_be_focused()
    assert findings_at_both_widths(page) == []
    page.get_by_label("Name").fill("Old phone")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Remove Old phone").click()
    expect(page.get_by_role("button", name="Remove it")).to_be_visible()
    assert findings_at_both_widths(page) == []
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("The passkey was removed.")).to_be_visible()
    device.detach()
    sign_out(page, server)
    sign_in(page, server, alice.username)
    at_security(page)


def test_a_passkey_of_an_unverified_person_is_no_more_than_a_second_step(browse, server, alice):
    """Somebody who finds a security key must not get in with it alone."""
    page = browse(**PHONE).new_page()
    device = with_authenticator(page, isUserVerified=False, hasUserVerification=False)
    sign_in(page, server, alice.username)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Create passkey").click()
    page.get_by_role("link", name="I have kept them").click()
    sign_out(page, server)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("That did not work.")).to_be_visible()
    assert findings(page) == []
    sign_in(page, server, alice.username)
    page.get_by_role("button", name="Use a passkey").click()
    at_security(page)
    device.detach()


def test_devices_are_named_and_signed_out_without_a_script(browse, server, alice):
    phone = browse(**PHONE, java_script_enabled=False).new_page()
    laptop = browse().new_page()
    for page in (laptop, phone):
        sign_in(page, server, alice.username)
        at_security(page)
    summary = phone.locator("summary").last
    summary.press("Enter")
    phone.get_by_label("New name of").last.fill("Old laptop")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("The name was saved.")).to_be_visible()
    phone.get_by_role("button", name="Sign Old laptop out").press("Enter")
    expect(phone.get_by_text("The device was signed out.")).to_be_visible()
    laptop.reload()
    expect(laptop.get_by_label("Username or e-mail")).to_be_visible()


def test_the_list_of_devices_is_accessible(page, browse, server, alice):
    for each in (browse().new_page(), page):
        sign_in(each, server, alice.username)
        at_security(each)
    page.locator("summary").first.click()
    expect(page.get_by_label("New name of").first).to_be_visible()
    assert findings_at_both_widths(page) == []


def test_staff_are_led_to_a_second_step_and_then_into_the_admin(page, server, alice, watch):
    alice.is_staff = alice.is_superuser = True
    database(alice.save)
    sign_in(page, server, alice.username)
    at_security(page)
    page.goto(f"{server.url}/admin/")
    expect(page.get_by_role("heading", name="First, a second step")).to_be_visible()
    assert findings_at_both_widths(page) == []
    page.get_by_role("link", name="Set up an authenticator app").press("Enter")
    page.get_by_label("Code from the app").fill(totp(page.locator(".secret").inner_text()))
    page.keyboard.press("Enter")
    expect(page.locator("#codes li")).to_have_count(10)
    page.goto(f"{server.url}/admin/accounts/user/{alice.id}/change/")
    expect(page.get_by_role("button", name="Remove the second factors")).to_be_visible()
    # The page that leads there has the status 403, which the browser logs.
    watch.faults = [fault for fault in watch.faults if "403" not in fault]
