"""`make screenshots`: draws the pictures of the manifest, the README and docs/using.md.

They show the demo workspace in the real client, as noor sees it. Not a test by its name, so that it
runs only when it is asked for.
"""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from apps.accounts.models import User
from apps.chats.demo import script, workspace
from apps.chats.models import Chat
from apps.notifications.views.installable import SCREENSHOTS
from chatproject.run import keys
from chatproject.run.data_dir import CHECKOUT
from tests.support.live import LOOSE, database, fresh_servers
from tests.support.people import session_of
from tests.support.servers import Server
from tests.support.static import collected_static

__all__ = ["fresh_servers"]

DOCS = CHECKOUT / "docs" / "pictures"
MANIFEST = Path(settings.STATICFILES_DIRS[0])
DISPLAYED = {"narrow": {"width": 390, "height": 844}, "wide": {"width": 1280, "height": 800}}
# The time of day in the pictures, and their time zone.
HOUR, MINUTE = 10, 40
ZONE = "UTC"
Open = Callable[[str, str, str], Page]


def moment() -> datetime:
    """The last time that it was HOUR:MINUTE: the messages and the browsers are as of then."""
    now = datetime.now(UTC)
    then = now.replace(hour=HOUR, minute=MINUTE, second=0, microsecond=0)
    return then if then <= now else then - timedelta(days=1)


def fill() -> dict[str, UUID]:
    """The demo workspace. Returns its groups by title."""
    workspace.fill("pictures only", language="en", now=moment())
    User.objects.update(time_zone=ZONE, time_zone_chosen=True)
    return dict(Chat.objects.filter(kind="group").values_list("title", "id"))


@pytest.fixture
def emoji_font() -> None:
    """Without a font, emoji are drawn as boxes."""
    fonts = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=True)
    if "emoji" not in fonts.stdout.lower():
        pytest.fail(
            "No font with emoji is installed; on Debian: apt-get install fonts-noto-color-emoji",
            pytrace=False,
        )


@pytest.fixture
def site(fresh_servers: Callable[..., list[Server]]) -> Server:
    """A server with all that people use."""
    key = keys.new_push_key()
    return fresh_servers(STATIC_ROOT=str(collected_static()), VAPID_PRIVATE_KEY=key, **LOOSE)[0]


@pytest.fixture
def open_page(whole_chromium: Browser, site: Server) -> Open:
    """`open_page(username, path, form)`: a page of this size, in which the person is signed in."""

    def make(username: str, path: str, form: str) -> Page:
        context = whole_chromium.new_context(
            viewport=DISPLAYED[form],  # type: ignore[arg-type]  # a dict of the same form
            device_scale_factor=2 if form == "narrow" else 1,
            has_touch=form == "narrow",
            is_mobile=form == "narrow",
            locale="en-GB",
            timezone_id=ZONE,
            reduced_motion="reduce",
        )
        key = database(lambda: session_of(User.objects.get(username=username)))
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": key, "url": site.url}
        context.add_cookies([cookie])  # type: ignore[list-item]  # as documented
        context.clock.set_system_time(moment())
        page = context.new_page()
        page.goto(site.url + path)
        expect(page.locator(".me-name .dot, .settings-nav").first).to_be_attached()
        return page

    return make


def draw(shown: Page | Locator, *files: Path, size: str = "") -> None:
    """Store what is shown as each of these files."""
    page = shown if isinstance(shown, Page) else shown.page
    page.mouse.move(0, 0)
    # Until pictures are decoded and fonts are there.
    page.wait_for_timeout(timedelta(seconds=1.5) / timedelta(milliseconds=1))
    drawn = Image.open(BytesIO(shown.screenshot())).convert("RGB")
    assert size in ("", f"{drawn.width}x{drawn.height}")
    for file in files:
        file.parent.mkdir(exist_ok=True)
        drawn.save(file, quality=84, method=6)


@pytest.mark.usefixtures("db", "emoji_font")
def test_draw(open_page: Open) -> None:
    """All pictures. What reads messages comes after what shows them as unread."""
    groups = database(fill)
    lighthouse = f"/c/{groups[str(script.LIGHTHOUSE.title)]}"
    # They are here.
    for username in ("priya", "tomas"):
        open_page(username, "/people", "wide")
    sizes = {form: (MANIFEST / name, size) for name, form, size in SCREENSHOTS}

    phone = open_page("noor", "/", "narrow")
    expect(phone.locator("chat-list a[data-chat]")).to_have_count(len(script.CHATS))
    draw(phone, DOCS / "phone-list.webp")

    chat = open_page("noor", lighthouse, "wide")
    expect(chat.locator("li.new")).to_be_visible()
    expect(chat.get_by_text("seen by 5")).to_be_visible()
    draw(chat, DOCS / "chat.webp", sizes["wide"][0], size=sizes["wide"][1])
    chat.emulate_media(color_scheme="dark", reduced_motion="reduce")
    draw(chat, DOCS / "chat-dark.webp")
    chat.emulate_media(color_scheme="light", reduced_motion="reduce")

    phone.goto(chat.url)
    expect(phone.locator("li.row").last).to_be_visible()
    draw(phone, DOCS / "phone.webp", sizes["narrow"][0], size=sizes["narrow"][1])

    thread(chat)
    search(chat)
    notifications = open_page("noor", "/settings/notifications", "wide")
    draw(notifications, DOCS / "notifications.webp")


def thread(chat: Page) -> None:
    """The replies to the picture, beside the chat."""
    chat.get_by_role("button", name="2 replies").click()
    expect(chat.get_by_role("heading", name="Thread")).to_be_visible()
    draw(chat, DOCS / "thread.webp")
    chat.keyboard.press("Escape")


def search(chat: Page) -> None:
    """What is found for a word."""
    chat.keyboard.press("Control+k")
    chat.get_by_role("searchbox", name="Find people, chats, messages").fill("lamp")
    expect(chat.locator("search-dialog .hit-text").first).to_be_visible()
    draw(chat, DOCS / "search.webp")
