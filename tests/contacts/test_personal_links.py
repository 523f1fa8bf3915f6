"""Personal links: who has one can be in touch with its owner, and talk at once."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.actions.accounts import deactivate
from apps.accounts.models import User
from apps.chats.models import Chat, Message
from apps.contacts.actions import contacts, personal_links
from apps.contacts.models import Contact, PersonalLink
from apps.contacts.queries.contacts import are_contacts, list_for
from apps.contacts.queries.personal_links import token
from apps.core.errors import NotFound, NotPossible
from tests.support.people import PASSWORD, direct_chat, in_touch, signed_in

OWN = "/api/v1/me/link"


@pytest.fixture
def link(alice) -> str:
    """The token of Alice's link."""
    return token(personal_links.make(alice.id))


def test_somebody_with_the_link_is_in_touch_and_in_the_chat(alice, bob, link):
    assert personal_links.meet(bob.id, link) == alice.id
    assert are_contacts(alice.id, bob.id)
    chat = Chat.objects.get(kind="direct")
    assert {chat.low, chat.high} == {alice.id, bob.id}
    entry = Message.objects.get(chat_id=chat.id)
    assert (entry.kind, entry.sender_id) == ("accepted", bob.id)
    personal_links.meet(bob.id, link)
    assert PersonalLink.objects.get().uses == 1


@pytest.mark.parametrize("invited", ["by the owner", "by the other"])
def test_an_invitation_that_waits_is_accepted_with_its_own_words(alice, bob, link, invited):
    inviter, other = (alice, bob) if invited == "by the owner" else (bob, alice)
    contacts.invite(inviter.id, other.id)
    contacts.greet(inviter.id, other.id, "From me")
    personal_links.meet(bob.id, link)
    said = Message.objects.order_by("seq").values_list("kind", "sender_id", "text")
    assert [*said] == [("text", inviter.id, "From me"), ("accepted", other.id, "")]


def test_people_who_were_in_touch_before_go_on_in_their_chat(alice, bob, link):
    chat = direct_chat(alice, bob)
    contacts.remove(alice.id, bob.id)
    personal_links.meet(bob.id, link)
    assert [*Chat.objects.values_list("id", flat=True)] == [chat]


@pytest.mark.parametrize("why", ["replaced", "revoked", "over", "forged", "closed", "blocked"])
def test_no_other_link_works_and_all_refusals_are_alike(alice, bob, link, why):
    match why:
        case "replaced":
            personal_links.make(alice.id)
        case "revoked":
            personal_links.revoke(alice.id)
        case "over":
            PersonalLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        case "forged":
            link = link[:-1] + ("A" if link[-1] != "A" else "B")
        case "closed":
            deactivate(alice.id)
        case "blocked":
            contacts.block(alice.id, bob.id)
    answers = [
        signed_in(bob).get(f"/api/v1/with/{link}"),
        signed_in(bob).post(f"/api/v1/with/{link}"),
        signed_in(bob).get("/api/v1/with/nonsense"),
    ]
    assert {(each.status_code, each.json()["detail"]) for each in answers} == {
        (404, NotFound.detail)
    }
    assert signed_in(bob).get(f"/with/{link}").status_code == 404
    assert not Contact.objects.filter(state="contact").exists()


def test_whom_one_has_blocked_one_unblocks_first(alice, bob, link):
    contacts.block(bob.id, alice.id)
    with pytest.raises(NotPossible):
        personal_links.meet(bob.id, link)
    assert signed_in(bob).post(f"/with/{link}").status_code == 409


def test_the_owner_reads_replaces_and_revokes_it(alice):
    client = signed_in(alice)
    assert client.get(OWN).status_code == 404
    made = client.put(OWN).json()
    assert client.get(OWN).json() == made
    assert re.fullmatch(r"https?://\S+/with/[0-9a-f]{32}\.[\w-]+", made["url"])
    assert client.put(OWN).json()["url"] != made["url"]
    assert client.get("/settings/link.svg")["Content-Type"] == "image/svg+xml"
    assert client.delete(OWN).status_code == 204
    assert client.delete(OWN).status_code == 404
    assert client.get("/settings/link.svg").status_code == 404


def test_the_page_says_who_it_is_and_leads_to_the_chat(alice, bob, link):
    User.objects.filter(id=alice.id).update(about="Ferry captain")
    for client in (Client(), signed_in(bob)):
        page = client.get(f"/with/{link}").content.decode()
        assert "Alice Ärmel" in page
        assert "Ferry captain" in page
        assert not Contact.objects.exists()
    assert Client().post(f"/with/{link}")["Location"].startswith("/accounts/login/?next=/with/")
    chat = signed_in(bob).post(f"/with/{link}")["Location"]
    assert chat == f"/c/{Chat.objects.get().id}"
    assert signed_in(bob).get(f"/with/{link}")["Location"] == chat
    assert "This is your link" in signed_in(alice).get(f"/with/{link}").content.decode()


def test_the_registration_form_says_whose_link_it_is(alice, link):
    said = "Alice Ärmel invites you to talk."
    assert said in Client().get(f"/accounts/signup/?next=/with/{link}").content.decode()
    assert said not in Client().get("/accounts/signup/").content.decode()


def test_it_registers_where_people_register_by_invitation(alice, link, settings):
    settings.REGISTRATION = "invite"
    body = {"username": "carl", "password1": PASSWORD, "next": f"/with/{link}"}
    client = Client()
    assert client.post("/accounts/signup/", body)["Location"] == f"/with/{link}"
    assert [one.person.username for one in list_for(alice.id)] == ["carl"]
    assert client.get(f"/with/{link}")["Location"] == f"/c/{Chat.objects.get().id}"


def test_a_person_who_is_in_touch_is_not_counted(alice, bob, link):
    in_touch(alice, bob)
    personal_links.meet(bob.id, link)
    assert PersonalLink.objects.get().uses == 0
