"""Reporting, a message that moderators hide and restore, and what a suspended person sees."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from apps.accounts.actions.registration import register
from apps.accounts.models import PersonWarning, User
from apps.chats.actions import groups
from apps.chats.models import Message
from apps.moderation.actions import chats, people, queue
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import Report
from tests.journeys.screen import Screen
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import PASSWORD, person, signed_in

RUDE, ASKED = "You are all fools", "Please stop that"
HIDDEN = "Hidden by a moderator"
# Until no store of this browser has the words, or until one has them.
UNTIL_STORED = """async ([words, wanted]) => {
  const all = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const isStored = async () => {
    for (const { name } of await indexedDB.databases()) {
      const db = await all(indexedDB.open(name));
      try {
        for (const store of db.objectStoreNames) {
          const rows = await all(db.transaction(store).objectStore(store).getAll());
          if (JSON.stringify(rows).includes(words)) return true;
        }
      } finally {
        db.close();
      }
    }
    return false;
  };
  while ((await isStored()) !== wanted) await new Promise((resolve) => setTimeout(resolve, 50));
}"""


@pytest.fixture
def moderator(cast) -> User:
    """A member of staff who may moderate."""

    def make() -> User:
        user = person(f"mona-{uuid4().hex[:8]}", is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="moderate"))
        return user

    return database(make)


def in_the_admin(moderator: User, **form: str) -> None:
    """Press a button on the page of the newest report."""

    def press() -> None:
        # What the admin asks of staff has tests of its own.
        with override_settings(STAFF_SECOND_FACTOR=False):
            page = reverse("admin:moderation_report_change", args=[Report.objects.latest("id").id])
            assert signed_in(moderator).post(page, form).status_code == 302

    database(press)


def report(screen: Screen, text: str) -> Locator:
    """Report the message with this text; returns the dialog."""
    screen.choose(text, "Report…")
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Insults, threats or stalking").check()
    dialog.get_by_role("textbox").fill("He does this every day")
    assert findings(screen.page) == []
    dialog.get_by_role("button", name="Send report").click()
    return dialog


def quote(page: Page) -> Locator:
    return page.locator("a.quote bdi").last


def test_a_member_reports_and_a_moderator_hides_and_restores(enter, cast, moderator, proxy):
    path = f"/c/{cast.chat}"
    alice = enter(cast.alice, path)
    bob = enter(cast.bob, path, via=proxy)
    bob.say(RUDE)
    alice.act(RUDE, "Reply")
    alice.say(ASKED)
    bob.shows(RUDE, ASKED)

    dialog = report(alice, RUDE)
    expect(dialog.get_by_role("heading", name="Your report was sent")).to_be_visible()
    expect(dialog.get_by_role("button", name="Block Bob")).to_be_visible()
    assert findings(alice.page) == []
    dialog.get_by_role("button", name="Done").click()
    expect(report(alice, RUDE)).to_contain_text("It waits for a moderator.")
    alice.page.get_by_role("button", name="Done").click()
    expect(alice.page.get_by_role("dialog")).to_have_count(0)

    # Bob's device is offline while the message is hidden.
    bob.page.evaluate(UNTIL_STORED, [RUDE, True])
    proxy.cut()
    in_the_admin(moderator, _hide="1", reason="Insults")
    alice.shows(HIDDEN, ASKED)
    expect(quote(alice.page)).to_have_text(HIDDEN)
    alice.page.evaluate(UNTIL_STORED, [RUDE, False])
    bob.shows(RUDE, ASKED)
    proxy.mend()
    bob.shows(HIDDEN, ASKED)
    expect(quote(bob.page)).to_have_text(HIDDEN)
    bob.page.evaluate(UNTIL_STORED, [RUDE, False])

    in_the_admin(moderator, _restore="1", reason="A joke among friends")
    for screen in (alice, bob):
        screen.shows(RUDE, ASKED)
        expect(quote(screen.page)).to_have_text(RUDE)
    # From the cache of this device, too.
    alice.page.evaluate(UNTIL_STORED, [RUDE, True])
    alice.go(path)
    expect(quote(alice.page)).to_have_text(RUDE)

    in_the_admin(moderator, _delete="1", _confirmed="1", reason="No joke after all")
    alice.shows("Deleted by a moderator", ASKED)
    alice.page.get_by_role("button", name="Settings").click()
    alice.page.get_by_role("button", name="My reports").click()
    mine = alice.page.get_by_role("dialog")
    expect(mine).to_contain_text("It waits for a moderator.")
    in_the_admin(moderator, _decide="1", outcome="action", answer="Thank you, it is gone")
    expect(mine).to_contain_text("Moderators have acted on it.")
    expect(mine).to_contain_text("Thank you, it is gone")
    expect(mine.get_by_role("link", name="A message of Bob")).to_be_visible()


def test_only_staff_find_the_administration(enter, cast, moderator):
    for user, links in ((cast.alice, 0), (moderator, 1)):
        screen = enter(user)
        screen.page.get_by_role("button", name="Settings").click()
        expect(screen.page.get_by_role("link", name="Settings")).to_be_visible()
        admin = screen.page.get_by_role("link", name="Administration")
        expect(admin).to_have_count(links)
        if links:
            expect(admin).to_have_attribute("href", "/admin/")


def test_a_report_is_counted_for_moderators_and_its_decision_shown(enter, cast, moderator):
    asked = Reported(kind="person", reason="spam", person=cast.bob.id)
    asked_by_bob = Reported(kind="person", reason="spam", person=cast.alice.id)
    database(lambda: create_report(cast.alice.id, asked))
    mona, alice = enter(moderator).page, enter(cast.alice).page
    mona.get_by_role("button", name="Settings").click()
    admin = mona.get_by_role("link", name="Administration")
    number = admin.locator("[data-waiting]")
    expect(number).to_be_visible()
    # Other tests leave reports here, too.
    before = int(number.get_attribute("data-waiting"))
    database(lambda: create_report(cast.bob.id, asked_by_bob))
    expect(number).to_have_attribute("data-waiting", str(before + 1))
    expect(mona.locator(".me [data-waiting]")).to_be_visible()
    assert findings(mona) == []

    decide_report_of(cast.alice)
    expect(number).to_have_attribute("data-waiting", str(before))
    settings = alice.get_by_role("button", name="Settings A report was decided")
    expect(settings).to_be_visible()
    settings.click()
    assert findings(alice) == []
    alice.get_by_role("button", name="My reports A report was decided").click()
    expect(alice.get_by_role("dialog")).to_contain_text("Moderators have acted on it.")
    alice.keyboard.press("Escape")
    expect(alice.locator(".me .dot-news")).to_have_count(0)
    decide_report_of(cast.bob)
    bob = enter(cast.bob, "/?reports").page
    expect(bob.get_by_role("dialog")).to_contain_text("Moderators have acted on it.")


def decide_report_of(user: User) -> None:
    def decide() -> None:
        row = Report.objects.get(reporter=user)
        queue.decide(By(None, Door.COMMAND), row.id, outcome="action")

    database(decide)


def sign_in_as(page: Page, name: str) -> None:
    page.get_by_label("Username or e-mail").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_suspended_person_reads_why_and_answers_once(enter, browse, server, watch):
    name = f"erin-{uuid4().hex[:8]}"
    erin = database(register, name, password=PASSWORD)
    opened = enter(erin).page
    until = timezone.now() + timedelta(days=3)
    reason = "Insults in several groups"
    database(people.suspend, By(None, Door.COMMAND), erin.id, until=until, reason=reason)
    expect(opened.get_by_role("heading", name="You are signed out")).to_be_visible()
    notice = opened.locator("suspension-notice")
    expect(notice).to_contain_text("Your account is suspended until")
    expect(notice).to_contain_text(reason)

    page = browse().new_page()
    page.goto(f"{server.url}/accounts/login/")
    sign_in_as(page, name)
    expect(page.get_by_role("heading", name="Your account is suspended")).to_be_visible()
    expect(page.locator(".said")).to_have_text(reason)
    assert findings(page) == []

    notice.get_by_role("link", name="Answer the moderators").click()
    opened.get_by_label("Your answer to the moderators").fill("It was a quote")
    opened.get_by_role("button", name="Send answer").click()
    # The cookie of the ended session shows the page, and proves nothing more.
    expect(opened.get_by_role("link", name="Sign in again")).to_be_visible()
    assert findings(opened) == []
    [refused] = watch.take()
    assert "403" in refused
    opened.get_by_role("link", name="Sign in again").click()
    sign_in_as(opened, name)
    expect(opened.get_by_label("Your answer to the moderators")).to_have_value("It was a quote")
    opened.get_by_role("button", name="Send answer").click()
    expect(opened.locator(".said", has_text="It was a quote")).to_be_visible()
    expect(opened.get_by_role("button", name="Send answer")).to_have_count(0)


def test_a_warning_a_slowdown_and_a_closed_group(enter, cast):
    operator = By(None, Door.COMMAND)
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    path = f"/c/{crew}"
    alice, other = enter(cast.alice, path), enter(cast.alice, path)
    box = alice.page.get_by_role("textbox", name="Write to")
    expect(box).to_be_visible()

    database(lambda: people.warn(operator, cast.alice.id, reason="Please stop insulting people"))
    for page in (alice.page, other.page):
        expect(page.get_by_role("heading", name="A moderator warns you")).to_be_visible()
    alice.page.keyboard.press("Escape")
    expect(alice.page.get_by_role("dialog")).to_contain_text("Please stop insulting people")
    assert findings(alice.page) == []
    alice.page.get_by_role("button", name="I have read this").click()
    for page in (alice.page, other.page):
        expect(page.get_by_role("dialog")).to_have_count(0)
    assert database(PersonWarning.objects.exclude(acknowledged_at=None).count) == 1

    until = timezone.now() + timedelta(hours=1)
    slow = {"interval_s": 600, "until": until, "reason": "You flood the group"}
    database(lambda: people.slow_down(operator, cast.alice.id, **slow))
    expect(alice.page.get_by_text("send one message every 600 seconds")).to_be_visible()
    assert findings(alice.page) == []
    alice.write("The first", "The second")
    other.shows("The first")
    waiting = Message.objects.filter(chat_id=crew, text="The second")
    assert not database(waiting.exists)
    alice.shows("The first", "The second")
    database(lambda: people.end_slowdown(operator, cast.alice.id))
    expect(alice.page.get_by_text("send one message every 600 seconds")).to_have_count(0)

    database(lambda: chats.close_chat(operator, crew, reason="Only spam here"))
    for page in (alice.page, other.page):
        expect(page.get_by_text("Closed by a moderator.")).to_be_visible()
        expect(page.get_by_text("Only spam here")).to_be_visible()
    assert findings(alice.page) == []
    database(lambda: chats.reopen_chat(operator, crew))
    expect(box).to_be_visible()
    other.shows("The first", "The second")


def test_a_held_message_waits_for_a_moderator_who_sends_or_refuses_it(enter, cast, moderator):
    word = f"pills{uuid4().hex[:8]}"
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    mona = enter(moderator)
    admin, page = mona.page, f"{mona.address}/admin/moderation/"
    # By this server itself, which then knows the rule at once.
    admin.goto(f"{page}contentrule/add/")
    admin.locator("[name=kind]").select_option("words")
    admin.locator("[name=text]").fill(word)
    admin.locator("[name=effect]").select_option("hold")
    admin.locator("[name=_save]").click()
    expect(admin.get_by_text(word)).to_be_visible()

    alice = enter(cast.alice, f"/c/{crew}")
    held, dialog = alice.page.locator(".composer-held"), alice.page.get_by_role("dialog")
    texts = [f"{name} {word}" for name in ("Cheap", "Green", "Red")]
    for text in texts:
        alice.write(text)
        expect(held).to_contain_text(re.compile(rf"Waits for a moderator:\s+{text}"))
    expect(alice.rows.filter(has_text=word)).to_have_count(0)
    expect(alice.composer).to_have_value("")
    assert not database(Message.objects.filter(chat_id=crew, kind="text").exists)
    alice.page.reload()
    held.get_by_role("button", name="Show 3 messages").click()
    expect(dialog.get_by_text("Waits for a moderator")).to_have_count(3)
    assert findings(alice.page) == []
    dialog.locator("li").filter(has_text="Red").get_by_role("button", name="Withdraw").click()
    expect(dialog.locator("li")).to_have_count(2)
    # Its words are not lost.
    expect(alice.composer).to_have_value(texts[2])

    for button in ("_approve", "_refuse"):
        admin.goto(f"{page}heldmessage/")
        admin.locator("#result_list a").first.click()
        expect(admin.get_by_text(f"words: {word}")).to_be_visible()
        if button == "_refuse":
            admin.get_by_label("Why you refuse").fill("No adverts, please.")
            assert findings(admin) == []
        admin.locator(f"[name={button}]").click()
    expect(admin.get_by_text("reads the reason")).to_be_visible()
    alice.shows(texts[0])
    expect(held).to_contain_text("A moderator did not let this through:")
    expect(dialog.locator("li")).to_have_count(1)
    expect(dialog).to_contain_text("a moderator refused it")
    expect(dialog).to_contain_text("No adverts, please.")
    dialog.get_by_role("button", name="Change").click()
    expect(dialog.get_by_label("Message")).to_have_value(texts[1])
