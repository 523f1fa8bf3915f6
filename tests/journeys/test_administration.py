"""The admin in Chromium: in the product's colours, with room on a phone, and a way back."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.accounts.models import Export, User
from apps.chats.actions import groups
from apps.files.actions.storage_use import count_storage
from apps.files.models import Blob
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import person, session_of

FONT = "() => getComputedStyle(document.body).fontFamily"
COLOUR = "() => getComputedStyle(document.body).backgroundColor"
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Fields that begin or end outside of their box, whose overflow is hidden.
CUT = """() => [...document.querySelectorAll('.module :is(input, textarea, select)')]
  .filter((field) => field.checkVisibility() && !field.closest('.results')
    && field.getBoundingClientRect().right > field.closest('.module').getBoundingClientRect().right)
  .map((field) => field.name)"""
PAPER = {"light": "rgb(247, 245, 240)", "dark": "rgb(19, 24, 25)"}
PAGES = (
    "/admin/",
    "/admin/accounts/user/",
    "/admin/accounts/slowdown/add/",
    "/admin/health/",
    "/admin/moderation/auditrecord/",
    "/admin/moderation/contentrule/add/",
    "/admin/moderation/moderatedchat/",
    "/admin/moderation/report/",
    "/admin/storage/",
    "/admin/work/",
)
# Their sheets and fields are those of all lists and all forms.
CHECKED = (
    "/admin/",
    "/admin/accounts/slowdown/add/",
    "/admin/moderation/auditrecord/",
    "/admin/work/",
)


@pytest.fixture
def root(cast):
    return database(person, f"{cast.alice.username}-root", is_staff=True, is_superuser=True)


def _fail_an_export(user):
    until = timezone.now() + timedelta(minutes=5)
    Export.objects.create(user_id=user.id, state="failed", expires_at=until)


def _store(user):
    content = {"kind": "image"}
    Blob.objects.create(owner_id=user.id, sha256="1", stored=1_500_000, content=content)
    count_storage()


def assert_looks(page: Page, path: str, width: int) -> None:
    """Assert the colours of both themes and that nothing is wider than its place."""
    page.set_viewport_size({"width": width, "height": 844})
    for scheme, paper in PAPER.items():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert page.evaluate(COLOUR) == paper
        if folder := os.environ.get("SHOTS"):
            name = f"{path.strip('/').replace('/', '-')[:34]}-{scheme}-{width}.png"
            page.screenshot(path=Path(folder) / name, full_page=True)
        assert page.evaluate(TOO_WIDE) <= 0, (path, width)
    assert not page.evaluate(CUT), (path, width)


def test_the_admin_has_the_products_look_in_both_themes(enter, root, cast):
    screen = enter(root)
    page = screen.page
    database(_fail_an_export, cast.bob)
    database(_store, cast.bob)
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    chat = f"/admin/moderation/moderatedchat/{crew}/change/"
    database(session_of, cast.alice)
    user = f"/admin/accounts/user/{cast.alice.id}/change/"
    for path in (*PAGES, user, chat):
        page.goto(screen.address + path)
        assert "Atkinson" in page.evaluate(FONT)
        for width in (1280, 390):
            assert_looks(page, path, width)
        if path in (*CHECKED, chat, "/admin/storage/"):
            assert findings(page) == [], path
    page.goto(f"{screen.address}/admin/")
    page.set_viewport_size({"width": 1280, "height": 844})
    assert findings(page) == []
    back = page.get_by_role("link", name="Back to your chats")
    expect(back).to_be_in_viewport()
    page.set_viewport_size({"width": 390, "height": 844})
    back.click()
    screen.ready()


def test_the_admin_follows_the_theme_that_was_chosen_in_the_app(enter, root):
    screen = enter(root)
    screen.page.evaluate("() => localStorage.setItem('parley.theme', 'dark')")
    screen.page.goto(f"{screen.address}/admin/")
    assert screen.page.evaluate(COLOUR) == PAPER["dark"]


def test_the_document_of_the_api_is_drawn_without_inline_scripts(enter, root):
    screen = enter(root)
    screen.page.goto(f"{screen.address}/api/docs/")
    expect(screen.page.locator(".opblock").first).to_be_visible()


def test_a_german_administrator_reads_german(enter, root):
    database(User.objects.filter(id=root.id).update, locale="de")
    screen = enter(root, locale="de-DE")
    screen.page.goto(f"{screen.address}/admin/")
    expect(screen.page.get_by_role("heading", name="Zustand")).to_be_visible()
    expect(screen.page.get_by_role("link", name="Zurück zu deinen Chats")).to_be_visible()
