"""Reactions with custom emoji."""

import pytest

from apps.chats.actions.reactions import add_reaction, remove_reaction
from apps.chats.models import Reaction
from apps.core.emoji import custom_name
from apps.core.errors import Invalid, NotFound
from apps.emoji.actions import emoji as actions
from tests.chats.factories import write
from tests.support.people import signed_in


@pytest.fixture
def seq(alice, crew):
    """A message in the group."""
    return write(alice, crew, "Dinner?").seq


def given():
    return [*Reaction.objects.order_by("at").values_list("emoji", flat=True)]


def test_a_reaction_has_the_name_of_a_custom_emoji(alice, bob, crew, seq, cat):
    add_reaction(bob.id, crew, seq=seq, emoji=":party_cat:")
    add_reaction(alice.id, crew, seq=seq, emoji=":cat+:")
    assert given() == [":party_cat:"] * 2
    remove_reaction(alice.id, crew, seq=seq, emoji=":cat+:")
    assert given() == [":party_cat:"]
    remove_reaction(bob.id, crew, seq=seq, emoji=":party_cat:")
    assert given() == []


@pytest.mark.parametrize("text", [":unknown:", "party_cat", ":party_cat", ":party_cat::", "::"])
def test_other_names_are_refused(bob, crew, seq, cat, text):
    with pytest.raises(Invalid):
        add_reaction(bob.id, crew, seq=seq, emoji=text)
    assert given() == []


def test_a_reaction_outlives_its_emoji_and_can_be_removed(alice, bob, crew, seq, cat):
    add_reaction(bob.id, crew, seq=seq, emoji=":party_cat:")
    actions.remove(alice.id, "party_cat")
    assert given() == [":party_cat:"]
    with pytest.raises(Invalid):
        add_reaction(alice.id, crew, seq=seq, emoji=":party_cat:")
    remove_reaction(bob.id, crew, seq=seq, emoji=":party_cat:")
    assert given() == []


def test_reactions_over_the_api(bob, charlie, crew, seq, cat):
    path = f"/api/v1/chats/{crew}/messages/{seq}/reactions/%3Acat%2B%3A"
    assert signed_in(charlie).put(path).status_code == 404
    browser = signed_in(bob)
    assert browser.put(path).status_code == 204
    assert given() == [":party_cat:"]
    who = browser.get(
        f"/api/v1/chats/{crew}/messages/{seq}/reactions", query_params={"emoji": ":party_cat:"}
    )
    assert [each["name"] for each in who.json()["items"]] == ["Bob"]
    assert browser.delete(path).status_code == 204
    assert given() == []


def test_an_outsider_learns_nothing_by_a_custom_emoji(charlie, crew, seq, cat):
    for change in (add_reaction, remove_reaction):
        with pytest.raises(NotFound):
            change(charlie.id, crew, seq=seq, emoji=":party_cat:")


def test_a_name_stands_between_colons():
    assert [custom_name(text) for text in (":ab:", "ab", ":a:", ":10:", ":_a:", ":", "::")] == [
        "ab",
        *[None] * 6,
    ]
