"""A moderator who stops being one while their action waits for a lock."""

from functools import partial

import pytest

from apps.accounts.actions import streams
from apps.accounts.models import User
from apps.chats.actions.chat_locks import lock_chat
from apps.moderation.actions import chats, entries, people, queue
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord, Report
from apps.moderation.queries.moderators import NoModerator
from tests.chats.factories import write
from tests.support.threads import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)
ACTIONS = {
    "decide": lambda by, report: queue.decide(by, report.id, outcome="no_action"),
    "open": lambda by, report: queue.open_report(by, report.id),
    "hide": lambda by, report: entries.hide(by, report.chat_id, report.seq, reason="Spam"),
    "remove": lambda by, report: chats.remove_member(
        by, report.chat_id, report.person_id, reason="Spam"
    ),
    "revoke links": lambda by, report: chats.revoke_links(by, report.chat_id, reason="Spam"),
    "ban": lambda by, report: people.suspend(by, report.person_id, until=None, reason="Spam"),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_who_is_no_moderator_any_more_changes_nothing(crew, alice, bob, moderator, action):
    seq = write(bob, crew, "words").seq
    report = create_report(
        alice.id, Reported(kind="entry", reason="spam", chat=crew, seq=seq)
    ).report

    def another_change():
        lock_chat(crew)
        Report.objects.select_for_update().get(id=report.id)
        streams.lock([bob.id])

    refusal = meanwhile(
        another_change,
        partial(ACTIONS[action], By(moderator.id, Door.ADMIN), report),
        then=partial(User.objects.filter(id=moderator.id).update, is_staff=False),
    )
    assert isinstance(refusal, NoModerator)
    assert not AuditRecord.objects.exists()
    assert User.objects.get(id=bob.id).is_active
