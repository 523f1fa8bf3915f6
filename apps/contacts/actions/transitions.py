"""The states that two people can be in towards each other, and the table of transitions."""

from typing import Literal

from apps.contacts.models import Contact
from apps.core.errors import NotFound, NotPossible

Verb = Literal["invite", "meet", "accept", "decline", "cancel", "remove", "block", "unblock"]
PairState = tuple[Contact.State, Contact.State]

NONE = Contact.State.NONE
OUTGOING = Contact.State.OUTGOING
INCOMING = Contact.State.INCOMING
CONTACT = Contact.State.CONTACT
BLOCKED = Contact.State.BLOCKED

STRANGERS: PairState = (NONE, NONE)
INVITING: PairState = (OUTGOING, INCOMING)
INVITED: PairState = (INCOMING, OUTGOING)
CONTACTS: PairState = (CONTACT, CONTACT)
BLOCKING: PairState = (BLOCKED, NONE)
# The blocked person sees `none` and is treated as a stranger: they are not told.
BLOCKED_BY: PairState = (NONE, BLOCKED)
BOTH_BLOCKED: PairState = (BLOCKED, BLOCKED)

# (verb, state before) -> state after; the actor's side comes first in both. What is not listed is
# not possible. Repeating an action is always possible and changes nothing.
TRANSITIONS: dict[tuple[Verb, PairState], PairState] = {
    ("invite", STRANGERS): INVITING,
    ("invite", INVITING): INVITING,
    ("invite", INVITED): CONTACTS,
    ("invite", CONTACTS): CONTACTS,
    # By the link of the other one, which invites everybody who has it.
    ("meet", STRANGERS): CONTACTS,
    ("meet", INVITING): CONTACTS,
    ("meet", INVITED): CONTACTS,
    ("meet", CONTACTS): CONTACTS,
    ("accept", INVITED): CONTACTS,
    ("accept", CONTACTS): CONTACTS,
    ("decline", INVITED): STRANGERS,
    ("decline", STRANGERS): STRANGERS,
    ("decline", BLOCKED_BY): BLOCKED_BY,
    ("cancel", INVITING): STRANGERS,
    ("cancel", STRANGERS): STRANGERS,
    ("cancel", BLOCKED_BY): BLOCKED_BY,
    ("remove", CONTACTS): STRANGERS,
    ("remove", STRANGERS): STRANGERS,
    ("remove", BLOCKED_BY): BLOCKED_BY,
    ("block", STRANGERS): BLOCKING,
    ("block", INVITING): BLOCKING,
    ("block", INVITED): BLOCKING,
    ("block", CONTACTS): BLOCKING,
    ("block", BLOCKING): BLOCKING,
    ("block", BLOCKED_BY): BOTH_BLOCKED,
    ("block", BOTH_BLOCKED): BOTH_BLOCKED,
    ("unblock", BLOCKING): STRANGERS,
    ("unblock", BOTH_BLOCKED): BLOCKED_BY,
    ("unblock", STRANGERS): STRANGERS,
    ("unblock", BLOCKED_BY): BLOCKED_BY,
}


def next_state(verb: Verb, pair: PairState) -> PairState:
    """The state of two people after `verb`; the actor's side comes first in both.

    Raises NotPossible when the action does not fit the state, and NotFound for an invitation to
    somebody who blocked the actor: to the actor that person does not exist.
    """
    if verb in ("invite", "meet") and pair == BLOCKED_BY:
        raise NotFound
    try:
        return TRANSITIONS[verb, pair]
    except KeyError:
        raise NotPossible from None
