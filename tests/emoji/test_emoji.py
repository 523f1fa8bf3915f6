"""Adding, naming and removing emoji: who may, and what the list says."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from apps.accounts.actions import deletions
from apps.accounts.actions.erasing import erase_due
from apps.accounts.export_handlers import all_sections
from apps.chats.foreign.documents import Fields
from apps.chats.foreign.slack_markup import Markup
from apps.core.errors import Forbidden, Full, Invalid, NotFound
from apps.emoji.actions import emoji as actions
from apps.emoji.actions import images
from apps.emoji.models import Alias, Emoji
from apps.emoji.names import built_in_names
from apps.emoji.queries import emoji
from apps.files.actions.consistency import compare
from apps.files.actions.deletion import delete_unused
from apps.files.gateways import objects
from apps.files.models import StoredObject
from apps.integrations.slack.content import content_of
from apps.moderation.models import AuditRecord
from tests.emoji.conftest import PICTURE, moving
from tests.support.people import signed_in

LIST = "/api/v1/emoji"


def add(person, name, **more):
    return actions.add(person.id, name=name, picture=PICTURE, **more)


def delete_doomed():
    """Delete what is doomed now or later; no object is left."""
    long_ago = timezone.now() - timedelta(hours=1)
    StoredObject.objects.filter(doomed_at__isnull=False).update(doomed_at=long_ago)
    delete_unused()
    assert not StoredObject.objects.exists()


def test_everybody_gets_the_list_and_the_images(alice, charlie, cat):
    browser = signed_in(charlie)
    found = browser.get(LIST)
    [one] = found.json()["items"]
    assert (one["name"], one["aliases"], one["still_url"]) == ("party_cat", ["cat+"], None)
    image = browser.get(one["url"])
    assert (image.status_code, image["Content-Type"]) == (200, "image/webp")
    assert image["Cache-Control"] == "private, max-age=31536000, immutable"
    assert image.content[8:12] == b"WEBP"
    assert browser.get(LIST, headers={"If-None-Match": found["ETag"]}).status_code == 304
    assert found.json()["revision"] == emoji.revision()


def test_images_are_for_people_who_are_signed_in(client, charlie, cat):
    [one] = emoji.emoji_list().items
    assert client.get(one.url).status_code == 401
    assert client.get(LIST).status_code == 401
    missing = one.url.replace(".webp", "-still.webp")
    assert signed_in(charlie).get(missing).status_code == 404


def test_one_that_moves_has_a_still_image(alice):
    actions.add(alice.id, name="party_cat", picture=moving(40))
    [one] = emoji.emoji_list().items
    browser = signed_in(alice)
    for address in (one.url, one.still_url):
        assert browser.get(address).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        *("a", "party cat", "PARTY", "ä" * 3, "_cat", "cat_", "10", "+1-2", "x" * 33, "a:b", ""),
        *("cat\n", "cat/..", "%2e%2e"),
    ],
)
def test_a_name_is_made_of_few_characters(alice, name):
    with pytest.raises(Invalid) as refusal:
        add(alice, name)
    assert refusal.value.pointer == "#/name"


def test_a_name_is_that_of_one_emoji(alice, bob, cat):
    assert {"+1", "tada"} < built_in_names()
    # The last one is known from Slack alone.
    for name in ("party_cat", "cat+", "tada", "cooking"):
        with pytest.raises(Invalid, match="has this name"):
            add(bob, name)
        with pytest.raises(Invalid, match="has this name"):
            add(bob, "other", aliases=[name])
        if name == "cat+":
            continue
        with pytest.raises(Invalid, match="has this name"):
            actions.add_alias(alice.id, "party_cat", name)
    with pytest.raises(Invalid, match="has this name"):
        add(bob, "other", aliases=["other"])
    assert Emoji.objects.count() == 1


def test_aliases_are_added_and_removed(alice, cat):
    for _ in range(2):
        actions.add_alias(alice.id, "party_cat", "kitty")
    assert emoji.known_names() == dict.fromkeys(("party_cat", "cat+", "kitty"), "party_cat")
    assert emoji.name_of("kitty") == "party_cat"
    for _ in range(2):
        actions.remove_alias(alice.id, "party_cat", "kitty")
    assert emoji.name_of("kitty") is None
    for number in range(actions.MAX_ALIASES - 1):
        actions.add_alias(alice.id, "party_cat", f"kitty{number}")
    with pytest.raises(Full):
        actions.add_alias(alice.id, "party_cat", "one-more")


def test_each_change_moves_the_revision(alice, cat):
    seen = [0, emoji.revision()]
    for change in (
        lambda: actions.add_alias(alice.id, "party_cat", "kitty"),
        lambda: actions.remove_alias(alice.id, "party_cat", "kitty"),
        lambda: actions.remove(alice.id, "party_cat"),
    ):
        change()
        seen.append(emoji.revision())
    assert seen == sorted({*seen})


def test_a_repeat_moves_no_revision(alice, cat):
    actions.add_alias(alice.id, "party_cat", "kitty")
    before = emoji.revision()
    actions.add_alias(alice.id, "party_cat", "kitty")
    actions.remove_alias(alice.id, "party_cat", "never")
    assert emoji.revision() == before


@pytest.mark.django_db(transaction=True)
def test_a_picture_is_converted_without_a_database_connection(alice, monkeypatch):
    held = []

    def look(*args, **options):
        held.append(connection.connection)
        return convert(*args, **options)

    convert = images.convert
    monkeypatch.setattr(images, "convert", look)
    add(alice, "party_cat")
    assert held == [None]


def test_others_change_nothing(alice, charlie, cat):
    for attempt in (
        lambda: actions.add_alias(charlie.id, "party_cat", "kitty"),
        lambda: actions.remove_alias(charlie.id, "party_cat", "cat+"),
        lambda: actions.remove(charlie.id, "party_cat"),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert emoji.known_names().keys() == {"party_cat", "cat+"}
    with pytest.raises(NotFound):
        actions.remove(alice.id, "cat+")
    actions.remove(alice.id, "party_cat")
    assert not Emoji.objects.exists()
    assert not AuditRecord.objects.exists()


def test_a_moderator_removes_with_a_record(alice, moderator, cat):
    actions.remove(moderator.id, "party_cat")
    record = AuditRecord.objects.get()
    assert (record.action, record.by, record.person) == ("remove_emoji", moderator.id, alice.id)
    assert json.loads(record.details) == {"name": "party_cat"}


def test_moderators_alone_may_add_if_the_setting_says_so(alice, moderator, settings):
    settings.EMOJI_ADDED_BY = "moderators"
    with pytest.raises(Forbidden):
        add(alice, "party_cat")
    add(moderator, "party_cat")
    assert emoji.name_of("party_cat")


def test_there_is_a_most_for_a_person_and_for_all(alice, bob, moderator, monkeypatch):
    monkeypatch.setattr(actions, "MAX_OF_PERSON", 1)
    monkeypatch.setattr(actions, "MAX_EMOJI", 3)
    add(alice, "cat-one")
    with pytest.raises(Full, match="You have"):
        add(alice, "cat-two")
    add(moderator, "cat-two")
    add(moderator, "cat-three")
    with pytest.raises(Full, match="There are"):
        add(bob, "cat-four")


def test_a_removed_emoji_leaves_no_objects(alice, cat):
    [one] = StoredObject.objects.all()
    assert one.doomed_at is None
    found = compare()
    assert found.missing == found.stray == []
    actions.remove(alice.id, "party_cat")
    delete_doomed()
    assert not objects.has_size(one.key, one.size)


def test_what_a_killed_process_left_is_deleted(alice, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(actions.images, "keep", killed)
    with pytest.raises(KeyboardInterrupt):
        add(alice, "party_cat")
    assert not Emoji.objects.exists()
    delete_doomed()
    found = compare()
    assert found.compared == len(found.stray) == 0


def test_an_export_has_them_and_a_deleted_account_leaves_them(alice, cat):
    rows = [*all_sections(alice.id)["emoji"]]
    assert [(row["name"], row["other_names"]) for row in rows] == [("party_cat", ["cat+"])]
    deletions.start(alice.id, at_once=True)
    erase_due()
    assert Emoji.objects.get().made_by is None


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_one_name_at_once_one_does(alice, bob):
    def attempt(person, name, aliases):
        try:
            add(person, name, aliases=aliases)
        except Invalid as error:
            refused.append(error.pointer)
        finally:
            close_old_connections()

    refused = []
    asked = ((alice, "kitty", ["puppy-dog"]), (bob, "puppy-dog", ["moo"]))
    threads = [threading.Thread(target=attempt, args=each) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == Emoji.objects.count() == Alias.objects.count() == 1


def test_emoji_over_the_api(alice, charlie):
    browser = signed_in(alice)
    kind = {"content_type": "application/octet-stream"}
    made = browser.put(f"{LIST}/party_cat", PICTURE, **kind)
    assert (made.status_code, made.json()["name"]) == (201, "party_cat")
    assert browser.put(f"{LIST}/party_cat", PICTURE, **kind).status_code == 400
    assert browser.put(f"{LIST}/puppy", PICTURE, content_type="image/png").status_code == 415
    assert browser.put(f"{LIST}/puppy", bytes(1_048_577), **kind).status_code == 400
    assert browser.put(f"{LIST}/party_cat/aliases/kitty").status_code == 204
    other = signed_in(charlie)
    assert other.delete(f"{LIST}/party_cat").status_code == 403
    assert other.delete(f"{LIST}/party_cat/aliases/kitty").status_code == 403
    assert browser.delete(f"{LIST}/party_cat/aliases/kitty").status_code == 204
    assert browser.delete(f"{LIST}/party_cat").status_code == 204
    assert browser.delete(f"{LIST}/party_cat").status_code == 404


@pytest.mark.parametrize("given", [":party_cat:", "cat+", ":Party_Cat:"])
def test_a_program_that_posts_may_have_one_above_its_message(cat, given):
    payload = Fields({"text": "x", "icon_emoji": given})
    assert content_of(payload, Markup()).layout.emoji == ":party_cat:"
