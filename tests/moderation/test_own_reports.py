"""A report about a moderator gives that moderator nothing to act on: not its context, not its
group."""

import pytest

from apps.core.errors import NotFound
from apps.moderation.actions import chats, entries
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord
from tests.chats.factories import write
from tests.moderation.conftest import moderator_named
from tests.moderation.test_entries import put

REASON = "They reported me"


@pytest.fixture
def mona(crew):
    return put(moderator_named("mona"), crew)


@pytest.fixture
def words_of_alice(crew, alice, mona):
    """A message that went along when Alice reported Mona."""
    seq = write(alice, crew, "Mona, stop that").seq
    insult = write(mona, crew, "Never").seq
    create_report(alice.id, Reported(kind="entry", reason="hate", chat=crew, seq=insult, context=3))
    return seq


@pytest.mark.parametrize("is_about", ["only them", "somebody else, too"])
@pytest.mark.parametrize("action", ["hide", "remove", "revoke links"])
def test_the_reported_moderator_does_not_answer_with_their_role(
    crew, alice, bob, mona, words_of_alice, action, is_about
):
    if is_about != "only them":
        create_report(bob.id, Reported(kind="entry", reason="spam", chat=crew, seq=words_of_alice))
    by = By(mona.id, Door.API)
    run = {
        "hide": lambda: entries.hide(by, crew, words_of_alice, reason=REASON),
        "remove": lambda: chats.remove_member(by, crew, alice.id, reason=REASON),
        "revoke links": lambda: chats.revoke_links(by, crew, reason=REASON),
    }[action]
    if is_about == "only them":
        with pytest.raises(NotFound):
            run()
        assert not AuditRecord.objects.exists()
    else:
        run()
