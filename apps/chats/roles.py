"""Who may do what in a chat: the one table. `actions.chat_change` asks it under the chat's lock."""

from enum import StrEnum

from apps.chats.models.member import Role


class Right(StrEnum):
    """What a change of a chat needs. `changing` takes one, so that no change goes unasked."""

    SEND = "send"
    EDIT = "edit"
    REACT = "react"
    TAKE_BACK = "take_back"
    LEAVE = "leave"
    ADD_MEMBER = "add_member"
    REMOVE_MEMBER = "remove_member"
    REMOVE_ADMIN = "remove_admin"
    CHANGE_ROLE = "change_role"
    RENAME = "rename"
    INVITE_LINK = "invite_link"
    PIN = "pin"
    DELETE_OTHERS = "delete_others"
    MENTION_ALL = "mention_all"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: frozenset(Right) - {Right.REMOVE_ADMIN, Right.CHANGE_ROLE},
    Role.MEMBER: frozenset(
        {
            Right.SEND,
            Right.EDIT,
            Right.REACT,
            Right.TAKE_BACK,
            Right.LEAVE,
            Right.ADD_MEMBER,
            Right.PIN,
        }
    ),
}
# In a direct chat both people have the same rights, and none that changes members. Leaving is
# refused by its own action, which says what to do instead.
DIRECT = frozenset({Right.SEND, Right.EDIT, Right.REACT, Right.TAKE_BACK, Right.PIN, Right.LEAVE})
# Rights in a direct chat that outlast the contact. Deleting one's own message and taking back
# one's own reaction only remove what the person said: nobody is written to by it.
WITHOUT_CONTACT = frozenset({Right.TAKE_BACK, Right.LEAVE})


def may(role: str, right: Right, *, direct: bool) -> bool:
    """Whether a member of this role has this right."""
    return right in (DIRECT if direct else RIGHTS[Role(role)])
