"""Who may do what in a group: the one table, in code and (through a test) in docs/people.md."""

from enum import StrEnum

from apps.chats.models.member import Role


class Right(StrEnum):
    """Something that not every member of every chat may do."""

    SEND = "send"
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
    Role.MEMBER: frozenset({Right.SEND, Right.ADD_MEMBER, Right.PIN}),
}
# In a direct chat both are alike: nothing that concerns membership, everything else of their own.
DIRECT = frozenset({Right.SEND, Right.PIN})


def may(role: str, right: Right, *, direct: bool) -> bool:
    """Whether a member of this role has this right."""
    return right in (DIRECT if direct else RIGHTS[Role(role)])
