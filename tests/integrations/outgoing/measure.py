"""Measures how many events a second one worker sends. Run it on a quiet machine:

.venv/bin/python -m pytest -p no:cacheprovider -q -s tests/integrations/outgoing/measure.py
"""

import time

import pytest

from apps.chats.actions import groups
from apps.chats.actions.messages import send_batch, validated_send
from apps.core.identifiers import new_id
from apps.integrations.actions.outgoing_sender import WebhookSender
from tests.integrations.receivers import a_hook, receiver
from tests.support.people import alice

__all__ = ["alice", "receiver"]
# As many to one host as are sent at a time.
WEBHOOKS = 8
BATCHES, IN_BATCH = 10, 40
PASS_S = 10.0


@pytest.mark.django_db(transaction=True)
def test_events_a_second(alice, receiver):
    for i in range(WEBHOOKS):
        chat = groups.create_group(alice.id, title=f"Group {i}", people=[])
        a_hook(alice, chat, receiver.url)
        for _ in range(BATCHES):
            send_batch(
                [
                    validated_send(
                        sender=alice.id, chat=chat, client_id=new_id(), text=f"event {n}"
                    )
                    for n in range(IN_BATCH)
                ]
            )
    began, processor = time.monotonic(), time.process_time()
    WebhookSender(pass_s=PASS_S).run()
    took, used = time.monotonic() - began, time.process_time() - processor
    events = len(receiver.received)
    print(
        f"\n{events} events of {WEBHOOKS} webhooks in {took:.1f} s: {events / took:.0f} a second, "
        f"{1000 * used / events:.1f} ms of processor time each (with the receiver)"
    )
