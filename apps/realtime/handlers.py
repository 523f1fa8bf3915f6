"""A table of commands: each command and the action it calls."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from apps.chats.actions import drafts, edits, groups, reactions, saved
from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.direct import open_direct
from apps.chats.actions.messages import Sent
from apps.chats.models.member import Role
from apps.contacts.actions import contacts
from apps.integrations.actions import notes
from apps.integrations.actions.run_command import run_command
from apps.retention.actions.settings import set_keep_days
from apps.wire import commands
from apps.wire.events import Ack

# Called with the person and the command. A chat id that it returns goes into the ack, and the place
# of a message that it sent.
Handler = Callable[[UUID, Any], object]


def _marks(person: UUID, command: commands.ChatMarks) -> None:
    marks = ChatSettings(
        pinned=command.pinned,
        archived=command.archived,
        muted=command.muted,
        muted_until=command.muted_until,
        notify=command.notify,
        marked_unread=command.marked_unread,
        unread_from=command.unread_from,
    )
    set_chat_settings(person, command.chat, marks)


HANDLERS: dict[type[commands.Command], Handler] = {
    commands.ChatMarks: _marks,
    commands.OpenDirect: lambda me, c: open_direct(me, c.person),
    commands.SaveDraft: lambda me, c: drafts.save_draft(
        me, c.chat, text=c.text, reply_to=c.reply_to, expected=c.expected
    ),
    commands.React: lambda me, c: reactions.add_reaction(me, c.chat, seq=c.seq, emoji=c.emoji),
    commands.Unreact: lambda me, c: reactions.remove_reaction(me, c.chat, seq=c.seq, emoji=c.emoji),
    commands.Edit: lambda me, c: edits.edit_message(
        me, c.chat, seq=c.seq, text=c.text, base_at=c.base_at
    ),
    commands.Delete: lambda me, c: edits.delete_message(me, c.chat, seq=c.seq),
    commands.Pin: lambda me, c: edits.pin_message(me, c.chat, seq=c.seq, pinned=True),
    commands.Unpin: lambda me, c: edits.pin_message(me, c.chat, seq=c.seq, pinned=False),
    commands.Save: lambda me, c: saved.save_message(me, c.chat, seq=c.seq, saved=True),
    commands.Unsave: lambda me, c: saved.save_message(me, c.chat, seq=c.seq, saved=False),
    commands.RunCommand: lambda me, c: (
        run_command(me, c.chat, client_id=c.client_id, text=c.text, reply_to=c.reply_to).sent
    ),
    commands.DismissNote: lambda me, c: notes.dismiss_note(me, c.chat, c.note),
    commands.CreateGroup: lambda me, c: groups.create_group(me, c.title, c.people),
    commands.RenameGroup: lambda me, c: groups.rename_group(me, c.chat, c.title),
    commands.SetRetention: lambda me, c: set_keep_days(me, c.chat, c.days),
    commands.SetGroupPicture: lambda me, c: groups.set_picture(me, c.chat, c.file),
    commands.AddMembers: lambda me, c: groups.add_members(me, c.chat, c.people),
    commands.RemoveMember: lambda me, c: groups.remove_member(me, c.chat, person=c.person),
    commands.ChangeRole: lambda me, c: groups.change_role(
        me, c.chat, person=c.person, role=Role(c.role)
    ),
    commands.LeaveGroup: lambda me, c: groups.leave_group(me, c.chat),
    commands.InviteContact: lambda me, c: contacts.invite(me, c.person),
    commands.GreetContact: lambda me, c: contacts.greet(me, c.person, c.text),
    commands.AcceptContact: lambda me, c: contacts.accept(me, c.person),
    commands.DeclineContact: lambda me, c: contacts.decline(me, c.person),
    commands.CancelContact: lambda me, c: contacts.cancel(me, c.person),
    commands.RemoveContact: lambda me, c: contacts.remove(me, c.person),
    commands.BlockContact: lambda me, c: contacts.block(me, c.person),
    commands.UnblockContact: lambda me, c: contacts.unblock(me, c.person),
}


def execute(person: UUID, command: commands.Command) -> Ack:
    """Execute `command` for `person` and return its ack, after COMMIT. Raises Refused."""
    result = HANDLERS[type(command)](person, command)
    if isinstance(result, Sent):
        return Ack(
            ref=command.ref,
            chat=result.chat,
            seq=result.seq,
            rev=result.rev,
            id=result.id,
            at=result.at,
        )
    return Ack(ref=command.ref, chat=result if isinstance(result, UUID) else None)
