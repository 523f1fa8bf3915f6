"""A moderator reads a chat on a phone, and its members are told live, in their languages."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from apps.moderation.actions import break_glass
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import ReadRequest
from tests.journeys.test_administration import TOO_WIDE
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import person

WORDS = "The key is under the mat"


@pytest.fixture
def readers(cast) -> list[User]:
    """Two moderators with the permission."""

    def make() -> list[User]:
        users = [person(f"{name}-{uuid4().hex[:8]}", is_staff=True) for name in ("mona", "nick")]
        needed = Permission.objects.filter(codename__in=("moderate", "break_glass"))
        for user in users:
            user.user_permissions.add(*needed)
        return users

    return database(make)


def approve(user: User) -> None:
    with override_settings(BREAK_GLASS=True):
        break_glass.approve(By(user.id, Door.ADMIN), ReadRequest.objects.latest("id").id)


def tell() -> None:
    long_ago = timezone.now() - timedelta(days=40)
    ReadRequest.objects.filter(told_at=None).update(over_at=long_ago)
    break_glass.tell_members()


def check(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=Path(folder) / f"{name}-{scheme}.png", full_page=True)
    assert page.evaluate(TOO_WIDE) <= 0, name
    assert findings(page) == [], name


def test_a_moderator_reads_and_the_members_are_told(enter, cast, readers):
    mona, nick = readers
    database(User.objects.filter(id=cast.bob.id).update, locale="de")
    alice = enter(cast.alice, f"/c/{cast.chat}")
    bob = enter(cast.bob, f"/c/{cast.chat}", locale="de-DE")
    alice.say(WORDS)
    bob.shows(WORDS)

    screen = enter(mona, viewport={"width": 390, "height": 844})
    page = screen.page
    page.goto(f"{screen.address}/admin/moderation/readrequest/add/?chat={cast.chat}")
    page.get_by_label("Messages from").fill("2026-01-01T00:00")
    page.get_by_label("Reason").select_option("somebody may be in danger")
    page.get_by_label("In your words").fill("A threat on the phone")
    check(page, "ask")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("waits for approval")).to_be_visible()
    assert page.evaluate(TOO_WIDE) <= 0
    database(approve, nick)
    page.reload()
    page.get_by_role("link", name="Read the messages").click()
    expect(page.get_by_text(WORDS)).to_be_visible()
    check(page, "read")

    database(tell)
    for shown, words in (
        (alice, "because somebody may be in danger"),
        (bob, "weil jemand in Gefahr sein könnte"),
    ):
        expect(shown.page.locator("li.event").last).to_contain_text(words)
