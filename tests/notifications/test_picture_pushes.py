"""Pushes of messages with a picture name the file, which only the reader's session can load."""

import pytest

from apps.accounts.models import User
from apps.chats.actions import edits
from apps.notifications.actions.preferences import PreferencesUpdate, set_preferences
from tests.chats.factories import write
from tests.notifications.ledger import deliver, make_due
from tests.support.people import signed_in
from tests.support.uploads import stored_file, stored_picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("files_storage")]


def pushed(phone):
    """The only push."""
    make_due()
    assert deliver() == 1
    [payload] = phone.payloads
    return payload


def test_the_newest_message_shows_its_first_picture_to_its_reader_only(
    alice, bob, charlie, chat, device
):
    phone = device(bob)
    pictures = [stored_picture(alice, pixels) for pixels in (b"one", b"two")]
    write(alice, chat, "look", files=pictures)
    payload = pushed(phone)
    assert (payload["picture"], payload["body"]) == (str(pictures[0]), "📷 look")
    path = f"/api/v1/files/{payload['picture']}/content/thumbnail"
    statuses = [signed_in(who).get(path).status_code for who in (bob, charlie)]
    assert statuses == [302, 404]


def test_a_later_message_without_a_picture_shows_none(alice, bob, chat, device):
    phone = device(bob)
    write(alice, chat, files=[stored_picture(alice)])
    write(alice, chat, "and words")
    assert "picture" not in pushed(phone)


def test_a_deleted_picture_is_not_shown(alice, bob, chat, device):
    phone = device(bob)
    write(alice, chat, "words")
    gone = write(alice, chat, files=[stored_picture(alice)])
    edits.delete_message(alice.id, chat, seq=gone.seq)
    assert "picture" not in pushed(phone)


def test_other_files_are_not_shown(alice, bob, chat, device):
    phone = device(bob)
    write(alice, chat, files=[stored_file(alice, "notes.txt", b"words").id, stored_picture(alice)])
    assert "picture" not in pushed(phone)


@pytest.mark.parametrize("hidden", ["by the person", "by the operator", "pictures never load"])
def test_a_person_who_wants_no_content_or_no_pictures_gets_none(
    alice, bob, chat, device, settings, hidden
):
    phone = device(bob)
    match hidden:
        case "by the person":
            set_preferences(bob.id, PreferencesUpdate(content=False))
        case "by the operator":
            settings.PUSH_CONTENT = False
        case _:
            User.objects.filter(id=bob.id).update(auto_load=User.AutoLoad.NEVER)
    write(alice, chat, files=[stored_picture(alice)])
    payload = pushed(phone)
    assert "picture" not in payload
    assert ("title" in payload) == (hidden == "pictures never load")
