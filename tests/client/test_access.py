"""axe-core finds nothing on the main pages, in both themes, both directions and two widths."""

import pytest
from playwright.sync_api import expect

from tests.client.test_talking import send
from tests.support.axe import WIDTHS, findings, findings_at_both_widths
from tests.support.live import database
from tests.support.people import with_mail

WORDS = (
    "Good morning! *Slept* **well**?",
    "See https://example.test/page and `code`",
    "```\nprogram\n```",
    "هل يمكنني الانضمام إليكم؟",
)
AUTH_PAGES = ("login", "signup", "password/reset")


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_sign_in_pages_are_accessible(open_page):
    auth_page = open_page(None, "/accounts/login/")
    for path in AUTH_PAGES:
        auth_page.go(f"/accounts/{path}/")
        assert findings_at_both_widths(auth_page.page) == []
    auth_page.go("/accounts/login/")
    auth_page.page.get_by_label("Username").fill("nobody")
    auth_page.page.get_by_label("Password").fill("nothing")
    auth_page.page.get_by_role("button", name="Sign in").click()
    expect(auth_page.page.get_by_role("alert")).to_be_visible()
    assert findings_at_both_widths(auth_page.page) == []


def test_account_pages_are_accessible(open_page, cast):
    alice = open_page(cast.alice, "/settings/profile")
    assert findings_at_both_widths(alice.page) == []
    for path in ("accounts/password/change/", "accounts/logout/"):
        alice.go(f"/{path}")
        assert findings_at_both_widths(alice.page) == []


def test_the_presence_of_teams_is_shared_and_stopped_on_an_accessible_page(open_page, cast):
    database(with_mail, cast.alice, f"{cast.alice.username}@example.org")
    alice = open_page(cast.alice, "/settings/notifications")
    alice.page.get_by_role("link", name="Microsoft Teams").click()
    alice.page.wait_for_url("**/settings/microsoft")
    assert findings_at_both_widths(alice.page) == []
    alice.page.get_by_role("button", name="Share my presence").click()
    expect(alice.page.get_by_text("Microsoft is being asked.")).to_be_visible()
    assert findings_at_both_widths(alice.page) == []
    alice.page.get_by_role("button", name="Stop sharing").press("Enter")
    expect(alice.page.get_by_role("button", name="Share my presence")).to_be_visible()


def test_chat_and_people_pages_are_accessible(open_page, cast, width):
    send(cast, *WORDS)
    alice = open_page(cast.alice, width=width)
    expect(alice.chat_row("Bob")).to_be_visible()
    assert findings(alice.page) == []
    alice.chat_row("Bob").click()
    alice.settle()
    alice.say("An answer")
    expect(alice.last_row).to_have_attribute("data-state", "sent")
    assert findings(alice.page) == []
    alice.go("/people")
    alice.person("contact", "Bob").get_by_role("button", name="More").click()
    alice.page.get_by_label("Find people by name or username").fill("charlie")
    expect(alice.page.locator("#people-found")).to_be_visible()
    assert findings(alice.page) == []
