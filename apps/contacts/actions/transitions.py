"""The one table of how two people can stand to each other, and what moves them."""

from typing import Literal

from apps.contacts.models import Contact
from apps.core.errors import NotFound, NotPossible

Verb = Literal["invite", "accept", "decline", "cancel", "remove", "block", "unblock"]
Standing = tuple[Contact.State, Contact.State]

NONE = Contact.State.NONE
OUTGOING = Contact.State.OUTGOING
INCOMING = Contact.State.INCOMING
CONTACT = Contact.State.CONTACT
BLOCKED = Contact.State.BLOCKED

STRANGERS: Standing = (NONE, NONE)
INVITING: Standing = (OUTGOING, INCOMING)
INVITED: Standing = (INCOMING, OUTGOING)
IN_TOUCH: Standing = (CONTACT, CONTACT)
BLOCKING: Standing = (BLOCKED, NONE)
# The blocked side sees `none` and is answered as a stranger: it is not told.
SHUT_OUT: Standing = (NONE, BLOCKED)
APART: Standing = (BLOCKED, BLOCKED)

# (verb, how they stand, the actor's side first) -> how they stand then. What is not here is not
# possible. Repeating an action is always possible and changes nothing.
TABLE: dict[tuple[Verb, Standing], Standing] = {
    ("invite", STRANGERS): INVITING,
    ("invite", INVITING): INVITING,
    ("invite", INVITED): IN_TOUCH,
    ("invite", IN_TOUCH): IN_TOUCH,
    ("accept", INVITED): IN_TOUCH,
    ("accept", IN_TOUCH): IN_TOUCH,
    ("decline", INVITED): STRANGERS,
    ("decline", STRANGERS): STRANGERS,
    ("decline", SHUT_OUT): SHUT_OUT,
    ("cancel", INVITING): STRANGERS,
    ("cancel", STRANGERS): STRANGERS,
    ("cancel", SHUT_OUT): SHUT_OUT,
    ("remove", IN_TOUCH): STRANGERS,
    ("remove", STRANGERS): STRANGERS,
    ("remove", SHUT_OUT): SHUT_OUT,
    ("block", STRANGERS): BLOCKING,
    ("block", INVITING): BLOCKING,
    ("block", INVITED): BLOCKING,
    ("block", IN_TOUCH): BLOCKING,
    ("block", BLOCKING): BLOCKING,
    ("block", SHUT_OUT): APART,
    ("block", APART): APART,
    ("unblock", BLOCKING): STRANGERS,
    ("unblock", APART): SHUT_OUT,
    ("unblock", STRANGERS): STRANGERS,
    ("unblock", SHUT_OUT): SHUT_OUT,
}


def after(verb: Verb, standing: Standing) -> Standing:
    """How two people stand after `verb`, both times the actor's side first.

    Raises NotPossible where the action does not fit, NotFound for an invitation to somebody who
    blocked the actor: to them that person is not there.
    """
    if verb == "invite" and standing == SHUT_OUT:
        raise NotFound
    try:
        return TABLE[verb, standing]
    except KeyError:
        raise NotPossible from None
