"""Deleted old messages leave the devices of the people who have read them."""

from playwright.sync_api import expect

from apps.chats.actions import groups
from apps.chats.actions.expiry import delete_part, enter_indexes
from apps.chats.actions.messages import send_batch, validated_send
from apps.core.identifiers import new_id
from apps.retention.actions.settings import set_keep_days
from tests.chats.factories import write
from tests.support.axe import findings
from tests.support.live import database
from tests.support.uploads import stored_picture

MARK = "zebrafinch"
# Everything that the browser stores for the page, as text.
STORED = """async () => {
  const done = (request) =>
    new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const found = [];
  for (const { name } of await indexedDB.databases()) {
    const db = await done(indexedDB.open(name));
    for (const store of db.objectStoreNames) {
      found.push(await done(db.transaction(store).objectStore(store).getAll()));
    }
    db.close();
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (!request.url.includes('/static/')) found.push(await (await cache.match(request)).text());
    }
  }
  return JSON.stringify([found, { ...localStorage }, { ...sessionStorage }]);
}"""


def cut(chat, before, days=30):
    enter_indexes(chat)
    delete_part(chat, before=before, days=days)


def answer(sender, chat, seq):
    send = validated_send(
        sender=sender.id, chat=chat, client_id=new_id(), text="an answer", reply_to=seq
    )
    send_batch([send])


def test_deleted_messages_leave_the_screen_and_the_stores_of_a_device(enter, cast, proxy):
    picture = database(stored_picture, cast.bob)
    old = database(write, cast.bob, cast.chat, f"{MARK} said", files=[picture]).seq
    database(answer, cast.bob, cast.chat, old)
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    bob = enter(cast.bob, f"/c/{cast.chat}")
    alice.shows(f"{MARK} said", "an answer")
    bob.shows(f"{MARK} said", "an answer")
    # The message and the file's entry have its id.
    held = f"async () => (await ({STORED})()).split('{picture}').length"
    for screen in (alice, bob):
        screen.page.wait_for_function(f"async () => (await ({STORED})()).includes('{MARK}')")
        screen.page.wait_for_function(f"async () => (await ({held})()) > 2")
    proxy.cut()
    expect(alice.status_banner).to_be_visible()
    database(cut, cast.chat, old + 1)
    # A device that is connected learns of it at once, one that was not when it comes back.
    bob.shows("an answer")
    proxy.mend()
    for screen in (bob, alice):
        start = screen.page.get_by_text("Messages older than 30 days are deleted here.")
        expect(start).to_be_visible()
        expect(screen.page.get_by_text(MARK)).to_have_count(0)
        screen.page.wait_for_function(f"async () => !(await ({STORED})()).includes('{MARK}')")
        screen.page.wait_for_function(f"async () => (await ({held})()) === 1")
    bob.say("it goes on")
    alice.shows("an answer", "it goes on")
    alice.page.reload()
    alice.shows("an answer", "it goes on")
    expect(alice.page.get_by_text("Messages older than 30 days")).to_be_visible()


def test_the_menu_of_a_chat_says_how_long_messages_are_kept_and_asks(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    database(set_keep_days, cast.bob.id, cast.chat, 90)
    alice.page.get_by_role("button", name="More about this chat").click()
    alice.page.get_by_role("button", name="How long messages are kept").click()
    panel = alice.page.locator("chat-retention")
    expect(panel).to_contain_text("after 90 days")
    save = panel.get_by_role("button", name="Save")
    panel.get_by_role("spinbutton").fill("30")
    save.click()
    expect(panel).to_contain_text("This begins tomorrow. The other person is told.")
    assert findings(alice.page) == []
    expect(panel.get_by_role("button", name="Cancel")).to_be_focused()
    alice.page.keyboard.press("Enter")
    expect(save).to_be_focused()
    panel.get_by_role("spinbutton").fill("30")
    save.click()
    expect(panel.get_by_role("button", name="Cancel")).to_be_focused()
    save.click()
    expect(panel).to_contain_text("after 30 days")
    expect(save).to_be_focused()
    told = alice.page.locator("chat-timeline").get_by_text("to be deleted here after 30 days")
    expect(told).to_be_visible()


def test_a_member_reads_who_may_change_the_rule_and_that_messages_were_erased(enter, cast):
    group = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    bob = enter(cast.bob, f"/c/{group}")
    bob.page.get_by_role("button", name="More about this chat").click()
    bob.page.get_by_role("button", name="How long messages are kept").click()
    panel = bob.page.locator("chat-retention")
    expect(panel).to_contain_text("Owners of the group can change it.")
    expect(panel.get_by_role("button", name="Save")).to_have_count(0)
    database(cut, group, 1000, days=0)
    timeline = bob.page.locator("chat-timeline")
    expect(timeline).to_contain_text("The messages here were deleted.")
    expect(bob.chat(group)).to_contain_text("Messages were deleted")
