"""Through Keycloak's own login page in Chromium, by keyboard, and out again."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.screen import Screen
from tests.support.axe import findings
from tests.support.servers import Server

PHONE = {"viewport": {"width": 390, "height": 844}}


def fill_in(page: Page, username: str) -> None:
    """Sign in at Keycloak's page by keyboard: it puts the focus into the first field."""
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(username)
    page.keyboard.press("Enter")


def at_sign_in(context: BrowserContext, server: Server, path: str = "/") -> Page:
    """The sign-in page, to which everybody is sent who is not signed in."""
    page = context.new_page()
    page.goto(server.url + path)
    expect(page.get_by_role("link", name="Sign in with Keycloak")).to_be_focused()
    return page


def test_in_through_keycloak_and_out_of_both(browse, server, keycloak, db):
    page = at_sign_in(browse(), server, "/people")
    page.keyboard.press("Enter")
    fill_in(page, "kim")
    screen = Screen(page, server.url).ready()
    expect(page).to_have_url(f"{server.url}/people")
    expect(page.locator(".me-name")).to_contain_text("Kim Berg")
    assert len(keycloak.sessions("kim")) == 1
    screen.page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{server.url}/accounts/login/")
    assert keycloak.sessions("kim") == []
    # Keycloak asks for the password again: nobody at this browser gets in without it.
    page.get_by_role("link", name="Sign in with Keycloak").click()
    expect(page.get_by_label("Username")).to_be_visible()


def test_a_device_remembers_somebody_who_came_through_keycloak(browse, server, keycloak, db):
    page = at_sign_in(browse(**PHONE), server)
    page.get_by_label("Remember me on this device").check()
    page.get_by_role("link", name="Sign in with Keycloak").press("Enter")
    fill_in(page, "kim")
    Screen(page, server.url).ready()
    page.wait_for_function("() => localStorage.getItem('parley.remembered')")
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("[data-known-person]")).to_contain_text("Kim Berg")
    expect(page.get_by_role("link", name="Sign in with Keycloak")).to_be_focused()


def test_a_logout_at_keycloak_signs_the_open_page_out(browse, server, keycloak, db):
    page = at_sign_in(browse(), server)
    page.keyboard.press("Enter")
    fill_in(page, "lee")
    Screen(page, server.url).ready()
    keycloak.log_out("lee")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible(timeout=5_000)
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("link", name="Sign in with Keycloak")).to_be_visible()


def test_the_pages_fit_a_phone_and_stand_in_nobodys_way(browse, server, db):
    page = at_sign_in(browse(**PHONE), server)
    assert findings(page) == []
    page.goto(f"{server.url}/accounts/login/")
    page.locator("[autofocus]").press("Enter")
    expect(page.get_by_label("Username")).to_be_visible()


def test_a_failed_sign_in_says_what_to_do(browse, server, db, watch):
    page = browse(**PHONE).new_page()
    page.goto(f"{server.url}/accounts/sso/callback?state=another&code=stolen")
    expect(page.get_by_role("heading", name="This sign-in has expired")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("link", name="Back to sign-in").press("Enter")
    expect(page).to_have_url(f"{server.url}/accounts/login/")
    # The page has the status 400, which the browser logs.
    watch.faults = [fault for fault in watch.faults if "400" not in fault]
