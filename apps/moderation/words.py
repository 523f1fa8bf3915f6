"""What moderators read for the actions of the audit log, and for events in chats."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, Promise] = {
    "add_rule": _("added a rule"),
    "approve_held": _("approved a message that waited"),
    "approve_reading": _("approved reading"),
    "ask_to_read": _("asked to read"),
    "ban": _("banned"),
    "begin_deletion": _("began the deletion of the account"),
    "change_group": _("changed what a group may do"),
    "change_permissions": _("changed permissions"),
    "change_setting": _("changed a setting"),
    "claim": _("claimed the report"),
    "claim_account": _("claimed an imported account"),
    "close_account": _("closed the account"),
    "close_chat": _("closed the group"),
    "create_account": _("created an account"),
    "decide": _("decided the report"),
    "delete": _("deleted the message"),
    "delete_group": _("deleted a group of staff"),
    "delete_rule": _("deleted a rule"),
    "end_hold": _("ended a hold"),
    "end_reading": _("ended reading"),
    "end_sessions": _("ended the sessions"),
    "end_slowdown": _("ended the slowdown"),
    "erase": _("erased messages"),
    "follow_roles": _("followed the roles of the identity provider"),
    "hide": _("hid the message"),
    "hold": _("put on hold"),
    "invite": _("made an invitation to register"),
    "keep_suspension": _("kept the suspension"),
    "lift": _("lifted the suspension"),
    "note": _("wrote a note"),
    "read_chat": _("read messages"),
    "refuse_held": _("refused a message that waited"),
    "refuse_reading": _("refused reading"),
    "release": _("gave the report back"),
    "remove_emoji": _("removed an emoji"),
    "remove_member": _("removed the person from the group"),
    "remove_second_factor": _("removed the second factors"),
    "reopen_account": _("reopened the account"),
    "reopen_chat": _("reopened the group"),
    "reset_about": _("removed what the person wrote about themselves"),
    "reset_group_picture": _("removed the picture of the group"),
    "reset_name": _("removed the name of the person"),
    "reset_picture": _("removed the picture of the person"),
    "reset_setting": _("reset a setting"),
    "reset_title": _("removed the title of the group"),
    "restore": _("restored the message"),
    "revoke_invite": _("revoked an invitation to register"),
    "revoke_link": _("revoked an invite link"),
    "revoke_links": _("revoked invite links"),
    "send_password_link": _("sent a link to choose a password"),
    "slow_down": _("slowed down"),
    "suspend": _("suspended"),
    "suspension_over": _("the suspension was over"),
    "take_back_deletion": _("took back the deletion of the account"),
    "tell_members": _("told the members"),
    "try_again": _("let workers try again"),
    "view_evidence": _("opened the report"),
    "view_file": _("opened a file of the report"),
    "view_held": _("opened a message that waits"),
    "warn": _("warned"),
}
# Events of a chat, as moderators read them next to the name of who did it.
EVENTS: dict[str, Promise] = {
    "accepted": _("accepted an invitation"),
    "created": _("created the group"),
    "expelled": _("was removed by moderators"),
    "joined": _("joined"),
    "left": _("left"),
    "moderator_read": _("a moderator read messages"),
    "picture": _("changed the picture"),
    "picture_reset": _("moderators removed the picture"),
    "removed": _("removed a member"),
    "renamed": _("renamed the group"),
    "retention": _("set after how many days messages are deleted"),
    "title_reset": _("moderators removed the title"),
}


def action_words(action: str) -> str:
    """The action of an audit record in the language of the reader."""
    return str(ACTIONS.get(action, action))


def event_words(kind: str) -> str:
    """What happened in a chat, in the language of the reader."""
    return str(EVENTS.get(kind, kind))
