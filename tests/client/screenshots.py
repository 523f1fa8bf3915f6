"""`make screenshots`: draws the pictures of the manifest with the real client.

Not a test by its name, so that it runs only when it is asked for.
"""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from apps.accounts.models import User
from apps.chats.actions.groups import create_group
from apps.notifications.views import SCREENSHOTS
from tests.chats.factories import write
from tests.support.live import database
from tests.support.people import direct_chat, in_touch, person, session_of
from tests.support.servers import Server

FOLDER = Path(settings.STATICFILES_DIRS[0])
DISPLAYED = {"narrow": {"width": 390, "height": 844}, "wide": {"width": 1280, "height": 800}}


def talk() -> tuple[User, UUID]:
    """A person and the group that the pictures show."""
    maren, noor, tomas = (
        person(name.lower(), name=f"{name} {more}")
        for name, more in (("Maren", "Holm"), ("Noor", "Haddad"), ("Tomas", "Lind"))
    )
    for one, other in ((maren, noor), (maren, tomas), (noor, tomas)):
        in_touch(one, other)
    write(tomas, direct_chat(maren, tomas), "The boat is back in the water.")
    write(noor, direct_chat(maren, noor), "See you at the ferry")
    crew = create_group(maren.id, "Lighthouse", [noor.id, tomas.id])
    write(noor, crew, "Who has the key to the *lamp room*?")
    write(tomas, crew, "I do. I can bring it on Friday:\n- the key\n- two lenses\n- cake")
    write(maren, crew, "Cake settles it. Friday at nine, then.")
    write(noor, crew, "@maren I book the ferry: https://example.org/ferry")
    return maren, crew


def page_of(chromium: Browser, site: Server, user: User, form: str) -> Page:
    """A page of this size, in which the person is signed in."""
    context = chromium.new_context(
        viewport=DISPLAYED[form],  # type: ignore[arg-type]  # a dict of the same form
        device_scale_factor=2 if form == "narrow" else 1,
        locale="en-GB",
        reduced_motion="reduce",
    )
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": database(session_of, user)}
    context.add_cookies([{**cookie, "url": site.url}])  # type: ignore[typeddict-item]
    return context.new_page()


def test_draw(chromium: Browser, site: Server, db: None) -> None:
    """Each picture of `SCREENSHOTS`."""
    maren, crew = database(talk)
    for name, form, size in SCREENSHOTS:
        page = page_of(chromium, site, maren, form)
        page.goto(f"{site.url}/c/{crew}")
        expect(page.locator("li.row")).to_have_count(4)
        expect(page.locator(".me-name .dot")).to_be_attached()
        page.wait_for_timeout(timedelta(seconds=1) / timedelta(milliseconds=1))
        drawn = Image.open(BytesIO(page.screenshot()))
        assert f"{drawn.width}x{drawn.height}" == size
        drawn.save(FOLDER / name, lossless=True, method=6)
        page.context.close()
