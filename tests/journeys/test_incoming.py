"""Programs post to a group with Slack's own client, and people read it."""

import os
from pathlib import Path

from playwright.sync_api import Page, expect
from slack_sdk.models.attachments import Attachment, AttachmentField
from slack_sdk.models.blocks import DividerBlock, HeaderBlock, SectionBlock
from slack_sdk.webhook import WebhookClient

from tests.integrations.payloads import NAMES, payload
from tests.journeys.screen import Screen
from tests.support.axe import findings, findings_at_both_widths

WIDE, NARROW = {"width": 1280, "height": 1000}, {"width": 390, "height": 844}
# A page of ten messages is as high as that.
TALL = 4000


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        size = page.viewport_size
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": TALL})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(size or WIDE)


def made_by_hand(alice: Screen, chat: object) -> str:
    """The address of a new webhook, made on the page of the group."""
    page = alice.page.context.new_page()
    page.goto(f"{alice.address}/c/{chat}/integrations")
    page.get_by_role("link", name="Incoming webhooks").click()
    page.get_by_label("Name").fill("Alarms")
    page.get_by_role("button", name="Create webhook").click()
    address = page.locator("#address").inner_text()
    assert findings_at_both_widths(page) == []
    picture(page, "incoming-page")
    page.get_by_role("link", name="Bots").click()
    expect(page.get_by_text("reads nothing")).to_be_visible()
    assert findings(page) == []
    page.close()
    return address


def beside_each_other(page: Page) -> bool:
    """Whether the first two short fields of the alert are in one line."""
    card = page.locator(".program-card", has_text="DiskWillFill")
    first, second = (card.locator(".program-field").nth(n).bounding_box() for n in (0, 1))
    assert first
    assert second
    return first["y"] == second["y"]


def test_programs_post_as_to_slack(talk):
    alice, bob = talk.alice, talk.bob
    client = WebhookClient(made_by_hand(alice, talk.chat))
    expect(alice.page.locator(".head-more")).to_have_text("2 people, 2 here now")
    for name in NAMES:
        response = client.send_dict(payload(name))
        assert (response.status_code, response.body) == (200, "ok"), name
    sent = client.send(
        text="*Only* for notifications",
        blocks=[
            HeaderBlock(text="Nightly run"),
            SectionBlock(text="All is *well* <https://ci.example.org|here>"),
            DividerBlock(),
            SectionBlock(fields=["*Passed*\n120", "*Failed*\n0"]),
        ],
        attachments=[
            Attachment(
                text="Details " * 600,
                color="good",
                fields=[AttachmentField(title="Took", value="2 min", short=True)],
            )
        ],
    )
    assert sent.body == "ok"
    refused = client.send(text="")
    assert (refused.status_code, refused.body) == (400, "no_text")
    wrong = WebhookClient(client.url[:-3] + "abc").send(text="x")
    assert (wrong.status_code, wrong.body) == (403, "invalid_token")

    page = bob.page
    page.set_viewport_size(WIDE)
    expect(bob.rows).to_have_count(len(NAMES) + 1)
    expect(page.locator(".program-header", has_text="Nightly run")).to_be_visible()
    alert = bob.rows.filter(has_text="DiskWillFill")
    who = alert.locator(".row-who")
    expect(who).to_contain_text("🔥 Alertmanager")
    expect(who).to_contain_text("bot")
    expect(alert.locator(".program-bar rect")).to_have_attribute("fill", "#a30200")
    buttons = alert.locator(".program-links a")
    expect(buttons).to_have_text(["Query 🔍", "Silence 🔕"])
    expect(buttons.first).to_have_attribute("rel", "noopener noreferrer nofollow")
    assert beside_each_other(page)
    assert page.locator(".program-cards img").count() == 0
    # What is long folds, as other texts.
    bob.rows.last.get_by_text("Show all of it").click()
    expect(bob.rows.last.locator(".text-folded")).to_have_count(0)
    # The list has the name of the bot, which opens its card here.
    expect(bob.chat(talk.chat)).to_contain_text("Alarms")
    who.get_by_role("button").click()
    expect(page.locator(".person-card")).to_contain_text("Incoming webhook")
    page.keyboard.press("Escape")
    picture(page, "incoming-chat")
    assert findings(page) == []
    page.set_viewport_size(NARROW)
    assert not beside_each_other(page)
    assert findings(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
