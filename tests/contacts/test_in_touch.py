"""The rows that tests make for two contacts are those of the product."""

from django.forms import model_to_dict

from apps.accounts.models import Stream
from apps.contacts import acceptance_handlers
from apps.contacts.actions import contacts
from apps.contacts.models import Contact
from tests.support.people import in_touch


def test_contacts_of_tests_have_the_rows_of_an_accepted_invitation(
    alice, bob, charlie, dana, monkeypatch, captured_events
):
    monkeypatch.setattr(acceptance_handlers, "_handlers", [])  # opens no chat
    contacts.invite(alice.id, bob.id)
    with captured_events() as by_action:
        contacts.accept(bob.id, alice.id)
    with captured_events() as by_tests:
        in_touch(charlie, dana)
    assert _rows(charlie, dana) == _rows(alice, bob)
    assert {item.to for item in by_action} == {alice.id, bob.id}
    assert {item.to for item in by_tests} == {charlie.id, dana.id}
    assert [type(item.event) for item in by_tests] == [type(item.event) for item in by_action]


def _rows(one, other):
    theirs = {one.id: "one", other.id: "other"}
    return [
        *(
            {
                **model_to_dict(row, exclude=["since"]),
                "owner": theirs[row.owner_id],
                "other": theirs[row.other_id],
            }
            for row in Contact.objects.filter(owner__in=theirs).order_by("owner__username")
        ),
        *Stream.objects.filter(user__in=theirs).values_list("rev", flat=True),
    ]
