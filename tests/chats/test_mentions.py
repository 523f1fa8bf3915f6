"""Mentions: whom a text names."""

import json
from pathlib import Path

import pytest

from apps.chats.actions import edits, mentions
from apps.chats.actions.groups import create_group
from apps.chats.models import Message
from tests.chats.factories import write
from tests.support.people import in_touch, person

pytestmark = pytest.mark.django_db
# Also read by tests/client/js/mentions.test.js: whom the server tells is whom the browser marks.
TABLE = json.loads((Path(__file__).parent / "mentions.json").read_text())


def test_the_members_that_a_text_names(dana):
    people = {name: person(name) for name in TABLE["known"]}
    for who in people.values():
        in_touch(dana, who)
    group = create_group(dana.id, "Design team", [who.id for who in people.values()])
    names = {who.id: name for name, who in people.items()}
    found = mentions.resolve([(group, text) for text, _ in TABLE["cases"]])
    named = [[names[who] for who in each.people] for each in found]
    wrong = [
        (*case, got) for case, got in zip(TABLE["cases"], named, strict=True) if case[1] != got
    ]
    assert wrong == []


def test_an_outsider_is_not_named(alice, charlie, crew):
    sent = write(alice, crew, "@charlie")
    assert not Message.objects.get(chat_id=crew, seq=sent.seq).mentions


def test_an_edit_begins_and_ends_naming_all(alice, crew):
    sent = write(alice, crew, "look")
    for text, expected in (("look, @all", True), ("look, `@all`", False)):
        edits.edit_message(alice.id, crew, seq=sent.seq, text=text)
        assert Message.objects.get(chat_id=crew, seq=sent.seq).mentions_all is expected


def test_an_edit_by_a_member_does_not_name_all(bob, crew):
    sent = write(bob, crew, "look")
    edits.edit_message(bob.id, crew, seq=sent.seq, text="look, @all")
    assert Message.objects.get(chat_id=crew, seq=sent.seq).mentions_all is False
