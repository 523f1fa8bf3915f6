"""The rights of each role. `actions.chat_change` checks them under the chat's lock."""

from enum import StrEnum

from apps.chats.models.member import Role


class Right(StrEnum):
    """A right that a change of a chat needs. `changing` requires one, so no change is unchecked."""

    SEND = "send"
    EDIT = "edit"
    REACT = "react"
    REMOVE_OWN = "remove_own"
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
    RETENTION = "retention"
    INTEGRATE = "integrate"
    END_INTEGRATION = "end_integration"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: frozenset(Right) - {Right.REMOVE_ADMIN, Right.CHANGE_ROLE, Right.RETENTION},
    Role.MEMBER: frozenset(
        {
            Right.SEND,
            Right.EDIT,
            Right.REACT,
            Right.REMOVE_OWN,
            Right.LEAVE,
            Right.ADD_MEMBER,
            Right.PIN,
        }
    ),
}
# In a direct chat both people have the same rights, and none to change members. LEAVE is included
# because the action itself refuses it, with advice on what to do instead.
DIRECT = frozenset(
    {
        Right.SEND,
        Right.EDIT,
        Right.REACT,
        Right.REMOVE_OWN,
        Right.PIN,
        Right.LEAVE,
        Right.RETENTION,
    }
)
# Rights in a direct chat that remain after the contact has ended. Deleting an own message and
# removing an own reaction only take something away; they send nothing to the other person.
WITHOUT_CONTACT = frozenset({Right.REMOVE_OWN, Right.LEAVE})
# The same remain in a group that moderators have closed, for the same reason; and pausing and
# deleting what sends out of it or posts into it.
WHEN_CLOSED = WITHOUT_CONTACT | {Right.END_INTEGRATION}


def may(role: str, right: Right, *, direct: bool) -> bool:
    """Whether members with this role have the right."""
    return right in (DIRECT if direct else RIGHTS[Role(role)])
