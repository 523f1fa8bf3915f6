"""What the token of a bot covers: operations of the API, by id, and commands, by type.

What is in no scope is closed to bots: sessions and passwords, exports, pushes, moderation, links
and settings of the server.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.errors import InsufficientScope


class Scope(NamedTuple):
    """`words` say what it lets the bot do, to those who give it and to members of its chats."""

    words: Promise
    operations: frozenset[str]
    commands: frozenset[str]


def _scope(words: Promise, operations: str, commands: str = "") -> Scope:
    return Scope(words, frozenset(operations.split()), frozenset(commands.split()))


# A bot may always ask who it is, and give its token up.
ALWAYS = frozenset({"getMe", "signOut"})
SCOPES: dict[str, Scope] = {
    "chats:read": _scope(
        _("Read the chats that it is in, with everything written there"),
        "listChats getChat listPositions listChatLinks getTitle listMembers listMessages"
        " listChanges moveReceipts getMessage listFormerTexts listReactions listPinnedMessages"
        " listThread listSeenBy search getPerson getPresence listContacts listEmoji getEmojiImage"
        " getStillEmojiImage",
        "resume receipts presence",
    ),
    "messages:write": _scope(
        _("Write messages, and edit and delete its own"),
        "sendMessage editMessage deleteMessage listScheduledMessages scheduleMessage"
        " updateScheduledMessage cancelScheduledMessage withdrawHeldMessage",
        "send edit delete typing",
    ),
    "commands:run": _scope(
        _("Run commands that are open to bots"),
        "listCommands runCommand listNotes dismissNote",
        "command.run note.dismiss",
    ),
    "reactions:write": _scope(
        _("React to messages"), "addReaction removeReaction", "react unreact"
    ),
    "pins:write": _scope(_("Pin messages"), "pinMessage unpinMessage", "pin unpin"),
    "files:read": _scope(_("Open the files of its chats"), "listChatFiles getFile getFileContent"),
    "files:write": _scope(
        _("Upload files"),
        "createFile getFile sendFileContent beginPart finishPart listFiles renameFile deleteFile"
        " getFileStorage",
    ),
    "groups:write": _scope(
        _("Make groups, and change those in which it has the rights"),
        "createGroup openDirectChat renameGroup setGroupPicture addMembers changeRole removeMember",
        "group.create chat.direct group.rename group.picture member.add member.role member.remove"
        " group.leave",
    ),
    "contacts:write": _scope(
        _("Find people, and answer invitations"),
        "findPeople listContacts",
        "contact.accept contact.decline contact.remove",
    ),
    "profile:write": _scope(_("Change its name, picture and status"), "updateMe setStatus"),
}


def check_operation(scopes: Collection[str], operation: str) -> None:
    """Raise InsufficientScope unless a token with these scopes may call the operation."""
    if operation not in ALWAYS:
        _check(scopes, [name for name, scope in SCOPES.items() if operation in scope.operations])


def check_command(scopes: Collection[str], command: str) -> None:
    """Raise InsufficientScope unless a token with these scopes may send a command of this type."""
    _check(scopes, [name for name, scope in SCOPES.items() if command in scope.commands])


def _check(scopes: Collection[str], sufficient: list[str]) -> None:
    if not sufficient:
        raise InsufficientScope("Bots may not do this.")
    if not any(name in scopes for name in sufficient):
        raise InsufficientScope(f"This needs a token with the scope {' or '.join(sufficient)}.")
