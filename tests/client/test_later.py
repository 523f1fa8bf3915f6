"""Scheduled messages."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from apps.chats.actions.scheduled import send_due
from apps.chats.models import Scheduled
from apps.contacts.actions import contacts
from tests.client.screen import Screen
from tests.support.live import database

HOUR = timedelta(hours=1)


def open_scheduled(screen: Screen) -> None:
    """Open the list of messages scheduled in this chat."""
    screen.page.get_by_role("button", name="Send later").click()
    screen.page.locator(".later-all").click()


def test_a_scheduled_message_is_shown_on_both_devices(open_page, cast):
    alice, phone = (
        open_page(cast.alice, f"/c/{cast.chat}"),
        open_page(cast.alice, f"/c/{cast.chat}"),
    )
    for screen in (alice, phone):
        screen.settle()
        expect(screen.page.locator(".me-name .dot")).to_be_visible()
    alice.box.fill("Not before lunch")
    alice.page.keyboard.press("Control+Shift+Enter")
    expect(alice.page.get_by_role("button", name="In an hour")).to_be_focused()
    alice.page.keyboard.press("Enter")
    expect(alice.page.locator(".composer-status")).to_contain_text("Scheduled for")
    expect(alice.box).to_have_value("")
    for screen in (alice, phone):
        expect(screen.page.locator(".later .badge")).to_contain_text("1 scheduled")
    due = Scheduled.objects.get(user_id=cast.alice.id).due_at
    assert abs(due - datetime.now(UTC) - HOUR) < timedelta(minutes=1)
    open_scheduled(phone)
    dialog = phone.page.get_by_role("dialog", name="Scheduled messages")
    expect(dialog).to_contain_text("Not before lunch")
    dialog.get_by_role("button", name="Do not send").click()
    expect(dialog).to_contain_text("Nothing waits to be sent")
    expect(alice.page.locator(".later .badge")).to_have_count(0)


def test_a_scheduled_message_is_edited_and_sent_now(open_page, cast):
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.box.fill("Nine oclock")
    alice.page.get_by_role("button", name="Send later").click()
    alice.page.get_by_label("At another time").fill("2027-05-04T09:30")
    alice.page.get_by_role("button", name="Schedule").click()
    expect(alice.page.locator(".later .badge")).to_contain_text("1 scheduled")
    # The browser is in Berlin: two hours ahead of UTC in May.
    due = datetime(2027, 5, 4, 7, 30, tzinfo=UTC)
    assert Scheduled.objects.get(user_id=cast.alice.id).due_at == due
    open_scheduled(alice)
    dialog = alice.page.get_by_role("dialog", name="Scheduled messages")
    dialog.get_by_role("button", name="Change").click()
    expect(dialog.get_by_label("When")).to_have_value("2027-05-04T09:30")
    dialog.get_by_label("Message").fill("Ten o'clock")
    dialog.get_by_label("When").fill("2027-05-04T10:00")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator(".text")).to_have_text("Ten o'clock")
    assert Scheduled.objects.get(user_id=cast.alice.id).due_at == due + HOUR / 2
    dialog.get_by_role("button", name="Send now").click()
    expect(dialog).to_contain_text("Nothing waits to be sent")
    dialog.get_by_role("button", name="Close").click()
    expect(alice.last_row.locator(".text")).to_have_text("Ten o'clock")
    expect(alice.last_row).to_have_attribute("data-state", "sent")


def test_a_scheduled_message_that_failed_shows_the_reason(open_page, cast):
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.settle()
    alice.box.fill("Are we still friends?")
    alice.page.get_by_role("button", name="Send later").click()
    alice.page.get_by_role("button", name="Tomorrow at nine").click()
    badge = alice.page.locator(".later .badge")
    expect(badge).to_contain_text("1 scheduled")
    database(contacts.remove, cast.bob.id, cast.alice.id)
    Scheduled.objects.filter(user_id=cast.alice.id).update(due_at=datetime.now(UTC))
    database(send_due)
    alice.page.get_by_role("button", name="Scheduled messages").click()
    dialog = alice.page.get_by_role("dialog", name="Scheduled messages")
    expect(dialog).to_contain_text("Not sent: you are no longer contacts")
    dialog.get_by_role("button", name="Do not send").click()
    expect(dialog).to_contain_text("Nothing waits to be sent")
