"""A contact list that a device keeps up to date by events equals a fresh one."""

import random

import pytest

from apps.accounts.models import Stream
from apps.contacts.actions import contacts as actions
from apps.contacts.actions import profile
from apps.contacts.queries import contacts
from apps.core.errors import Refused
from tests.support.reading import stream_changes

VERBS = ["invite", "accept", "decline", "cancel", "remove", "block", "unblock"]


class Device:
    """Holds a snapshot and applies events as the protocol says."""

    def __init__(self, user):
        self.user = user
        self.held = {each.person.id: each for each in contacts.list_for(user.id)}
        self.rev = Stream.objects.filter(user=user).values_list("rev", flat=True).first() or 0

    def catch_up(self):
        for item in stream_changes(contacts, self.user.id, self.rev):
            assert item.rev > self.rev
            self.rev = item.rev
            self.apply(item.event.contact)

    def live(self, events):
        for item in events:
            if item.to == self.user.id and hasattr(item.event, "contact"):
                assert item.follows == item.rev - 1
                self.rev = item.rev
                self.apply(item.event.contact)

    def apply(self, contact):
        if contact.state == "none":
            self.held.pop(contact.person.id, None)
        else:
            self.held[contact.person.id] = contact

    def check(self):
        fresh = contacts.list_for(self.user.id)
        assert sorted(self.held.values(), key=lambda each: each.person.id) == sorted(
            fresh, key=lambda each: each.person.id
        )


@pytest.mark.parametrize("seed", range(2))
def test_contacts_kept_by_events_equal_a_fresh_list_after_each_action(
    alice, bob, charlie, dana, captured_events, seed
):
    chance = random.Random(seed)
    cast = [alice, bob, charlie, dana]
    connected = [Device(user) for user in cast]
    done = 0
    for step in range(120):
        sleeping = [Device(user) for user in cast]
        with captured_events() as events:
            try:
                if chance.random() < 0.1:
                    user = chance.choice(cast)
                    user.refresh_from_db()
                    profile.update(user.id, version=user.version, name=f"Name {step}")
                else:
                    one, other = chance.sample(cast, 2)
                    getattr(actions, chance.choice(VERBS))(one.id, other.id)
                done += 1
            except Refused:
                assert events == []
        for device in connected:
            device.live(events)
            device.check()
        for device in sleeping:
            device.catch_up()
            device.check()
    assert done > 40
