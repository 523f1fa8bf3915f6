"""The page *Your data* in Chromium: by keyboard, on a phone and a desktop."""

from zipfile import ZipFile

from playwright.sync_api import expect

from apps.accounts.actions import exports
from tests.accounts.browser.test_security import alice, at_security, page, sign_in
from tests.support.axe import findings_at_both_widths
from tests.support.live import database

__all__ = ["alice", "page"]


def test_a_copy_is_asked_for_and_downloaded_by_keyboard(page, server, alice):
    sign_in(page, server, alice.username)
    at_security(page)
    page.get_by_role("link", name="Your data").press("Enter")
    expect(page.get_by_role("heading", name="Your data", level=1)).to_be_visible()
    assert findings_at_both_widths(page) == []
    page.get_by_role("button", name="Ask for a copy").press("Enter")
    expect(page.get_by_text("We are collecting your data.")).to_be_visible()
    assert findings_at_both_widths(page) == []
    database(exports.make_due)
    page.reload()
    link = page.get_by_role("link", name="Download the copy")
    expect(link).to_be_visible()
    assert findings_at_both_widths(page) == []
    with page.expect_download() as download:
        link.press("Enter")
    assert download.value.suggested_filename.startswith("parley-")
    with ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert alice.username.encode() in archive.read("profile.json")


def test_the_account_is_deleted_and_kept_by_keyboard(page, server, alice):
    sign_in(page, server, alice.username)
    at_security(page)
    page.get_by_role("link", name="Your data").press("Enter")
    page.get_by_role("link", name="Delete your account").press("Enter")
    expect(page.get_by_role("heading", name="Delete your account", level=1)).to_be_visible()
    assert findings_at_both_widths(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_role("button", name="Delete my account").press("Enter")
    expect(page.get_by_text("Sign in before then to keep it.")).to_be_visible()
    assert findings_at_both_widths(page) == []
    sign_in(page, server, alice.username)
    expect(page.get_by_text("Your account will not be deleted.")).to_be_visible()
    assert findings_at_both_widths(page) == []
