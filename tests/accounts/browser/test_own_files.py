"""The page *Your files* in Chromium: by keyboard, on a phone and a desktop."""

import re

from playwright.sync_api import expect

from apps.files.actions import processing
from apps.files.models import File
from tests.accounts.browser.test_security import alice, at_security, page, sign_in
from tests.files.samples import encoded, photo
from tests.support.axe import findings_at_both_widths
from tests.support.live import database

__all__ = ["alice", "page"]


def test_a_file_is_uploaded_kept_renamed_and_deleted_by_keyboard(page, server, alice):
    sign_in(page, server, alice.username)
    at_security(page)
    page.goto(f"{server.url}/settings/profile")
    page.get_by_role("link", name="Your files").press("Enter")
    expect(page.get_by_text("You have no files.")).to_be_visible()
    choose = page.get_by_label("Choose files")
    # A script shows it. A key pressed before that would go elsewhere: `press` does not wait.
    expect(choose).to_be_visible()
    with page.expect_file_chooser() as chooser:
        choose.press("Enter")
    content = encoded(photo(900, 600), "PNG")
    files = [("photo.png", content), ("empty.txt", b"")]
    chooser.value.set_files(
        [{"name": name, "mimeType": "", "buffer": each} for name, each in files]
    )
    expect(page.get_by_role("alert")).to_have_text("This file is empty.")
    page.get_by_role("button", name="Dismiss empty.txt").press("Enter")
    expect(page.get_by_text("The server prepares the file.")).to_be_visible()
    assert findings_at_both_widths(page) == []
    database(processing.process_due)
    # The list comes from the server, once the file is kept.
    expect(page.get_by_role("link", name="photo.png", exact=True)).to_be_visible()
    row = page.get_by_role("listitem").filter(has_text="photo.png")
    expect(row).to_contain_text("Kept.")
    drawn = "(picture) => picture.decode().then(() => picture.naturalWidth)"
    assert row.locator("img").evaluate(drawn) > 0
    assert findings_at_both_widths(page) == []
    page.get_by_role("button", name="Stop keeping photo.png").press("Enter")
    expect(row).to_contain_text("Will be deleted on")
    page.get_by_role("button", name="Keep photo.png").press("Enter")
    expect(row).to_contain_text("Kept.")
    row.locator("summary", has_text="Rename").press("Enter")
    page.get_by_label("New name of photo.png").fill("Garden.png")
    assert findings_at_both_widths(page) == []
    page.keyboard.press("Enter")
    garden = page.get_by_role("link", name="Garden.png", exact=True)
    expect(garden).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download Garden.png").press("Enter")
    assert re.fullmatch(r"Garden\.\w+", download.value.suggested_filename)
    page.locator("summary", has_text="Delete").press("Enter")
    page.get_by_role("button", name="Yes, delete it").press("Enter")
    expect(page.get_by_text("The file was deleted.")).to_be_visible()
    expect(garden).to_be_hidden()
    assert not database(File.objects.filter(owner_id=alice.id, uses__gt=0).exists)


def test_a_cancelled_upload_leaves_nothing(page, server, alice):
    sign_in(page, server, alice.username)
    at_security(page)
    page.goto(f"{server.url}/settings/files")
    choose = page.get_by_label("Choose files")
    expect(choose).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as gone:
        # Nobody processes it.
        given = {"name": "b.txt", "mimeType": "", "buffer": b"some words"}
        choose.set_input_files(given)
        page.get_by_role("button", name="Cancel the upload of b.txt").press("Enter")
    assert gone.value.status == 204
    expect(choose).to_be_focused()
    expect(page.get_by_text("You have no files.")).to_be_visible()
