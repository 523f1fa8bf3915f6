"""No finding of axe-core on any screen, in either theme, narrow or wide, in either direction."""

import pytest
from playwright.sync_api import expect

from tests.client.conftest import Sit
from tests.client.test_talking import send
from tests.support.axe import findings
from tests.support.live import Cast

WORDS = (
    "Good morning! *Slept* **well**?",
    "See https://example.test/page and `code`",
    "```\nprogram\n```",
    "هل يمكنني الانضمام إليكم؟",
)
DOORS = ("login", "signup", "password/reset")


@pytest.fixture(params=[390, 1280])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_doors(sit: Sit, width: int) -> None:
    door = sit(None, "/accounts/login/", width=width)
    for path in DOORS:
        door.go(f"/accounts/{path}/")
        assert findings(door.page) == []
    door.go("/accounts/login/")
    door.page.get_by_label("Username").fill("nobody")
    door.page.get_by_label("Password").fill("nothing")
    door.page.get_by_role("button", name="Sign in").click()
    expect(door.page.get_by_role("alert")).to_be_visible()
    assert findings(door.page) == []


def test_pages(sit: Sit, cast: Cast, width: int) -> None:
    alice = sit(cast.alice, "/settings/profile", width=width)
    assert findings(alice.page) == []
    for path in ("accounts/password/change/", "accounts/logout/"):
        alice.go(f"/{path}")
        assert findings(alice.page) == []


def test_the_app(sit: Sit, cast: Cast, width: int) -> None:
    send(cast, *WORDS)
    alice = sit(cast.alice, width=width)
    expect(alice.line_of("Bob")).to_be_visible()
    assert findings(alice.page) == []
    alice.line_of("Bob").click()
    alice.settle()
    alice.say("An answer")
    expect(alice.last_row).to_have_attribute("data-state", "sent")
    assert findings(alice.page) == []
    alice.go("/people")
    alice.person("contact", "Bob").get_by_role("button", name="More").click()
    alice.page.get_by_label("Find people by name or username").fill("charlie")
    expect(alice.page.locator("#people-found")).to_be_visible()
    assert findings(alice.page) == []
