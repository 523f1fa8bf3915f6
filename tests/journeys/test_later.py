"""Drafts and scheduled messages on several devices."""

from django.utils.timezone import now
from playwright.sync_api import expect

from apps.chats.actions.scheduled import send_due
from apps.chats.models import Scheduled
from tests.support.live import database


def test_a_draft_is_shared_by_all_devices_until_it_is_sent(company):
    chat = company.group("alice", "bob")
    alice, laptop, phone = company.screens("alice", "bob", "bob")
    alice.open(chat).say("When do we meet?")
    laptop.open(chat)
    laptop.row("When do we meet?").hover()
    laptop.row("When do we meet?").get_by_role("button", name="Reply").click()
    laptop.composer.press_sequentially("At six")
    expect(phone.chat(chat)).to_contain_text("Draft: At six")
    phone.open(chat)
    expect(phone.composer).to_have_value("At six")
    expect(phone.page.locator(".composer-quote")).to_contain_text("When do we meet?")
    phone.composer.press("End")
    phone.composer.press_sequentially(", I think")
    phone.composer.press("Enter")
    alice.shows("When do we meet?", "At six, I think")
    expect(alice.row("At six, I think").locator(".quote")).to_contain_text("When do we meet?")
    for device in (laptop, phone):
        expect(device.chat(chat)).not_to_contain_text("Draft")
    expect(laptop.composer).to_have_value("")


def test_a_scheduled_message_arrives_when_it_is_due(company):
    chat, cast = company.group("alice", "bob"), company.cast
    alice, phone, bob = (one.open(chat) for one in company.screens("alice", "alice", "bob"))
    alice.composer.fill("Good morning, all")
    alice.page.get_by_role("button", name="Send later").click()
    alice.page.get_by_role("button", name="Tomorrow at nine").click()
    for device in (alice, phone):
        expect(device.page.locator(".later .badge")).to_contain_text("1 scheduled")
    expect(bob.rows).to_have_count(0)
    # Make the message due.
    Scheduled.objects.filter(user_id=cast.alice.id).update(due_at=now())
    database(send_due)
    for one in (bob, alice, phone):
        one.shows("Good morning, all")
    expect(phone.row("Good morning, all")).to_contain_class("own")
    for device in (alice, phone):
        expect(device.page.locator(".later .badge")).to_have_count(0)
