"""The one table of how two people can stand to each other, and what moves them."""

from typing import Literal

from apps.contacts.models import Contact
from apps.core.errors import NotFound, NotPossible

Verb = Literal["invite", "accept", "decline", "cancel", "remove", "block", "unblock"]
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
# The blocked side sees `none` and is answered as a stranger: it is not told.
BLOCKED_BY: PairState = (NONE, BLOCKED)
BOTH_BLOCKED: PairState = (BLOCKED, BLOCKED)

# (verb, how they stand, the actor's side first) -> how they stand then. What is not here is not
# possible. Repeating an action is always possible and changes nothing.
TRANSITIONS: dict[tuple[Verb, PairState], PairState] = {
    ("invite", STRANGERS): INVITING,
    ("invite", INVITING): INVITING,
    ("invite", INVITED): CONTACTS,
    ("invite", CONTACTS): CONTACTS,
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
    """How two people stand after `verb`, both times the actor's side first.

    Raises NotPossible where the action does not fit, NotFound for an invitation to somebody who
    blocked the actor: to them that person is not there.
    """
    if verb == "invite" and pair == BLOCKED_BY:
        raise NotFound
    try:
        return TRANSITIONS[verb, pair]
    except KeyError:
        raise NotPossible from None
