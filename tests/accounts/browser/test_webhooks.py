"""The pages *Outgoing webhooks* of a group in Chromium: by keyboard, on a phone and a desktop."""

import re

from django.utils import timezone
from playwright.sync_api import expect

from apps.chats.actions import groups
from apps.integrations.models import OutgoingWebhook, WebhookDelivery
from tests.accounts.browser.test_security import alice, at_security, page, sign_in
from tests.support.axe import findings_at_both_widths
from tests.support.live import database

__all__ = ["alice", "page"]


def an_event(webhook, **fields):
    now = timezone.now()
    return WebhookDelivery.objects.create(
        webhook=webhook, at=now, made_at=now, tried_at=now, duration_ms=21, attempts=1, **fields
    )


def test_a_webhook_is_made_and_its_log_read_by_keyboard(page, server, alice):
    sign_in(page, server, alice.username)
    at_security(page)
    crew = database(lambda: groups.create_group(alice.id, "Crew", []))
    page.goto(f"{server.url}/c/{crew}/integrations/outgoing")
    expect(page.get_by_role("heading", name="Outgoing webhooks", level=1)).to_be_visible()
    page.get_by_label("Address", exact=True).fill("https://hooks.example.org/a-rather-long-path/in")
    page.get_by_label("Name", exact=True).fill("Deployments")
    page.get_by_label("edited messages").press("Space")
    assert findings_at_both_widths(page) == []
    page.get_by_role("button", name="Create webhook").press("Enter")
    expect(page.get_by_label("Secret", exact=True)).to_have_value(re.compile("^whsec_"))

    def fill():
        webhook = OutgoingWebhook.objects.get(chat_id=crew)
        body = {"seq": 1, "kind": "text", "text": "Deploy it " * 30}
        an_event(
            webhook,
            number=1,
            event="message.created",
            body=body,
            state="delivered",
            status=204,
            response="ok",
        )
        an_event(
            webhook,
            number=2,
            event="message.edited",
            body=body,
            state="waiting",
            error="TimeoutError()",
        )
        an_event(webhook, number=3, event="message.created", state="withdrawn")

    database(fill)
    page.goto(f"{server.url}/c/{crew}/integrations/outgoing")
    page.get_by_role("link", name="Open Deployments").press("Enter")
    page.locator("summary").last.press("Enter")
    expect(page.get_by_text("Deploy it Deploy it").last).to_be_visible()
    assert findings_at_both_widths(page) == []
    page.get_by_role("button", name="Pause").press("Enter")
    expect(page.get_by_text("The webhook is paused.")).to_be_visible()
    assert findings_at_both_widths(page) == []
