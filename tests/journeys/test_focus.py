"""What a tab without the focus does. These tests need the whole Chromium, at twice the cost."""

import pytest
from playwright.sync_api import Browser, expect


@pytest.fixture
def chromium(whole_chromium: Browser) -> Browser:
    """The full browser: the headless shell never loses the focus."""
    return whole_chromium


def test_a_tab_without_focus_reads_nothing(enter, cast):
    alice, bob = enter(cast.alice, f"/c/{cast.chat}"), enter(cast.bob)
    bob.page.clock.install()
    bob.go(f"/c/{cast.chat}")
    bob.look_away()
    alice.say("While you are away")
    bob.shows("While you are away")
    bob.page.clock.fast_forward(60_000)
    bob.debug()  # a round trip: the worker has handled everything before it
    expect(bob.chat(cast.chat).locator("[data-unread]")).to_have_attribute("data-unread", "1")
    alice.state("While you are away", "delivered")
    bob.look()
    bob.page.clock.fast_forward(1_000)
    alice.state("While you are away", "read")
    expect(bob.chat(cast.chat).locator("[data-unread]")).to_have_count(0)
