"""All actions of a person, as attempts by someone whose access has ended.

One row per action: a new action without a row fails in `tests/chats/test_ended_access.py`.
"""

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import NamedTuple
from uuid import UUID, uuid4

from django.utils import timezone

from apps.accounts.actions import app_tokens, deletions, devices, exports, tickets, warnings
from apps.accounts.models import User
from apps.chats.actions import (
    chat_settings,
    direct,
    drafts,
    edits,
    groups,
    held,
    holding,
    invite_links,
    messages,
    reactions,
    receipts,
    saved,
    scheduled,
)
from apps.chats.models.member import Role
from apps.contacts.actions import contacts, personal_links, profile
from apps.core.errors import Refused
from apps.core.identifiers import new_id
from apps.emoji.actions import emoji
from apps.integrations.actions import (
    bots,
    external_commands,
    incoming,
    incoming_posts,
    notes,
    outgoing,
)
from apps.integrations.actions.run_command import run_command
from apps.moderation.actions import reports, telling
from apps.notifications.actions import digests, preferences, subscriptions
from apps.retention.actions.settings import set_keep_days
from tests.chats.factories import a_send, write

PACKAGES = (
    "accounts",
    "chats",
    "contacts",
    "emoji",
    "integrations",
    "moderation",
    "notifications",
    "retention",
)
# Called by the server or an administrator, not by a person.
INTERNAL = {
    "external.set_roles",  # by a sign-in at the identity provider
    "second_factor.remove_all",
    "second_factor.use_code",  # by a sign-in, which limits it (accounts.code_limits)
    "accounts.deactivate",
    "accounts.activate",
    "suspensions.begin",
    "suspensions.end",
    "suspensions.check_may_change",
    "contacts.meet",  # by personal_links.meet
    "reopening.reopen",
    "sessions.sign_out_everywhere",
    "sessions.end_others",
    "sessions.replace",
    "sessions.delete_expired",
    # Signing out stays possible: it ends what is left, and changes nothing else.
    "devices.end_others",
    "devices.end_all",
    "devices.end_by_staff",
    "scheduled_rows.locked_files",  # within an action
    "deletions.start",  # by an administrator
    "deletions.start_of_bot",  # by bots.delete
    "registration.register_bot",  # by bots.make
    "bots.create",  # by bots.make and external_commands.make
    "bots.erase",  # of an account that is deleted
    # By commands, and by answers of other servers.
    "notes.add_note",
    "notes.replace_note",
    "notes.remove_note",
    "bot_tokens.begin",  # by bots.make_token
    "deletions.try_again",  # by an administrator
    "deletions.take_back",  # by a sign-in
    "deletions.take_back_own",  # by a suspended person: tests/moderation/test_appeals.py
    # Of an account that is deleted.
    "erasing.erase_due",
    "erasure.erase",
    "erasure.forget_profile",
    "profile.reset",  # by a moderator: tests/moderation/test_resets.py
    "erasure.placeholder",
    "export.write_export",  # by manage.py
    "export.write_archive",
    # Handlers of `accounts.access_handlers`.
    "sessions.left",
    "exports.left",
    "subscriptions.left",
    "account_closure.left",
    "account_closure.close_account",
    "scheduled.lock_open",
    "chat_change.changing",
    "chat_change.changing_without_membership",
    "slowdowns.begin",
    "slowdowns.end",
    "slowdowns.lock_turns",  # by a send
    "slowdowns.note_sent",
    "slowdowns.take_turn",  # by the answer of a command
    "warnings.give",
    "profile.moderated",
    "profile.save",
    "profile.sync_status",  # by the program that knows it: tests/graph
    "profile.touch",
    "topics.seen",  # of a moderator who acts, or by `telling.decisions_seen`
}


class World(NamedTuple):
    """A chat of `me` and `other`, and the objects for the attempts."""

    me: User
    other: User
    chat: UUID
    mine: int
    theirs: int
    scheduled: UUID
    secret: str = ""
    third: User | None = None


Attempt = Callable[[World], object]


def _send(w: World) -> object:
    [answer] = messages.send_batch([a_send(w.me, w.chat)])
    if isinstance(answer, Refused):
        raise answer
    return answer


def _soon() -> object:
    return timezone.now() + timedelta(hours=1)


# Changes of a chat that other members see.
SEEN: dict[str, Attempt] = {
    "messages.send_batch": _send,
    "edits.edit_message": lambda w: edits.edit_message(
        w.me.id, w.chat, seq=w.mine, text="other words"
    ),
    "edits.pin_message": lambda w: edits.pin_message(w.me.id, w.chat, seq=w.theirs, pinned=True),
    "reactions.add_reaction": lambda w: reactions.add_reaction(
        w.me.id, w.chat, seq=w.theirs, emoji="👍"
    ),
    "receipts.move_positions": lambda w: receipts.move_positions(
        w.me.id, [receipts.Receipt(w.chat, read=w.theirs)]
    ),
}
# Changes that only remove the person's own message or reaction.
REMOVING_OWN: dict[str, Attempt] = {
    "reactions.remove_reaction": lambda w: reactions.remove_reaction(
        w.me.id, w.chat, seq=w.theirs, emoji="🎉"
    ),
    "edits.delete_message": lambda w: edits.delete_message(w.me.id, w.chat, seq=w.mine),
}
OF_GROUPS: dict[str, Attempt] = {
    "groups.rename_group": lambda w: groups.rename_group(w.me.id, w.chat, "Mine"),
    "settings.set_keep_days": lambda w: set_keep_days(w.me.id, w.chat, 30),
    "groups.set_picture": lambda w: groups.set_picture(w.me.id, w.chat, new_id()),
    "groups.add_members": lambda w: groups.add_members(w.me.id, w.chat, [w.other.id]),
    "groups.remove_member": lambda w: groups.remove_member(w.me.id, w.chat, person=w.other.id),
    "groups.change_role": lambda w: groups.change_role(
        w.me.id, w.chat, person=w.other.id, role=Role.ADMIN
    ),
    "groups.leave_group": lambda w: groups.leave_group(w.me.id, w.chat),
    "external_commands.make": lambda w: external_commands.make(
        w.me.id, w.chat, name="weather", url="https://weather.example/"
    ),
    **{
        f"external_commands.{verb}": lambda w, verb=verb: getattr(external_commands, verb)(
            w.me.id, w.chat, uuid4()
        )
        for verb in ("change", "replace_secret", "try_out", "delete")
    },
    "invite_links.create_link": lambda w: invite_links.create_link(
        w.me.id, w.chat, lifetime=timedelta(hours=1), most_uses=None
    ),
    "invite_links.revoke_link": lambda w: invite_links.revoke_link(
        w.me.id, w.chat, link_id=new_id()
    ),
    "incoming.make": lambda w: incoming.make(w.me.id, w.chat, name="Grafana"),
    "incoming.replace_secret": lambda w: incoming.replace_secret(w.me.id, w.chat, new_id()),
    "incoming.delete": lambda w: incoming.delete(w.me.id, w.chat, new_id()),
    "incoming_posts.test": lambda w: incoming_posts.test(w.me.id, w.chat, new_id()),
    "invite_links.join_by_link": lambda w: invite_links.join_by_link(w.me.id, w.secret),
}
# Private to the person, but in a chat.
OWN_IN_A_CHAT: dict[str, Attempt] = {
    "drafts.save_draft": lambda w: drafts.save_draft(w.me.id, w.chat, text="half a", reply_to=None),
    "saved.save_message": lambda w: saved.save_message(w.me.id, w.chat, seq=w.theirs, saved=True),
    "run_command.run_command": lambda w: run_command(
        w.me.id, w.chat, client_id=uuid4(), text="/help"
    ),
    "notes.dismiss_note": lambda w: notes.dismiss_note(w.me.id, w.chat, uuid4()),
    "chat_settings.set_chat_settings": lambda w: chat_settings.set_chat_settings(
        w.me.id, w.chat, chat_settings.ChatSettings(pinned=True)
    ),
    "reports.create_report": lambda w: reports.create_report(
        w.me.id, reports.Reported(kind="entry", reason="spam", chat=w.chat, seq=w.theirs, context=3)
    ),
    "holding.hold": lambda w: holding.hold(
        w.me.id, w.chat, client_id=new_id(), text="wait", reply_to=None, files=(), rules=()
    ),
    "scheduled.schedule": lambda w: scheduled.schedule(
        w.me.id, w.chat, client_id=new_id(), text="later", due_at=_soon()
    ),
}
OWN: dict[str, Attempt] = {
    "scheduled.reschedule": lambda w: scheduled.reschedule(
        w.me.id, w.scheduled, text="at another time", due_at=None
    ),
    "scheduled.cancel": lambda w: scheduled.cancel(w.me.id, w.scheduled),
    "held.withdraw": lambda w: held.withdraw(w.me.id, w.scheduled),
    "direct.open_direct": lambda w: direct.open_direct(w.me.id, w.third.id),
    "groups.create_group": lambda w: groups.create_group(w.me.id, "Another", []),
    "profile.update": lambda w: profile.update(w.me.id, version=None, about="still here"),
    "preferences.set_preferences": lambda w: preferences.set_preferences(
        w.me.id, preferences.PreferencesUpdate(level="none")
    ),
    "digests.set_digest": lambda w: digests.set_digest(
        w.me.id, digests.DigestUpdate(frequency="daily")
    ),
    "digests.ask_for_digest": lambda w: digests.ask_for_digest(w.me.id),
    "app_tokens.begin": lambda w: app_tokens.begin(w.me.id),
    "tickets.issue": lambda w: tickets.issue(w.me.id, session_key="app:of-nobody"),
    "deletions.ask": lambda w: deletions.ask(w.me.id),
    "exports.ask": lambda w: exports.ask(w.me.id),
    "bots.make": lambda w: bots.make(w.me.id, username=f"bot-{uuid4().hex[:8]}"),
    "bots.change": lambda w: bots.change(w.me.id, uuid4(), name="Robot", about=""),
    "bots.delete": lambda w: bots.delete(w.me.id, uuid4()),
    "bots.make_token": lambda w: bots.make_token(
        w.me.id, uuid4(), name="Program", scopes=["chats:read"]
    ),
    "bots.revoke_token": lambda w: bots.revoke_token(w.me.id, uuid4(), uuid4()),
    "emoji.add": lambda w: emoji.add(w.me.id, name="party_cat", picture=b""),
    "emoji.add_alias": lambda w: emoji.add_alias(w.me.id, "party_cat", "kitty"),
    "emoji.remove_alias": lambda w: emoji.remove_alias(w.me.id, "party_cat", "kitty"),
    "emoji.remove": lambda w: emoji.remove(w.me.id, "party_cat"),
    "outgoing.make": lambda w: outgoing.make(
        w.me.id, w.chat, url="https://hooks.example.org/", events=["message.created"]
    ),
    "outgoing.change": lambda w: outgoing.change(
        w.me.id, w.chat, uuid4(), url="https://hooks.example.org/", events=["message.created"]
    ),
    "outgoing.resume": lambda w: outgoing.resume(w.me.id, w.chat, uuid4(), skip=True),
    "outgoing.send_again": lambda w: outgoing.send_again(w.me.id, w.chat, uuid4(), uuid4()),
    **{
        f"outgoing.{verb}": lambda w, verb=verb: getattr(outgoing, verb)(w.me.id, w.chat, uuid4())
        for verb in ("pause", "replace_secret", "delete", "test")
    },
    "devices.rename": lambda w: devices.rename(w.me.id, uuid4(), "Laptop"),
    "warnings.acknowledge": lambda w: warnings.acknowledge(w.me.id, uuid4()),
    "telling.decisions_seen": lambda w: telling.decisions_seen(w.me.id),
    "devices.end": lambda w: devices.end(w.me.id, uuid4()),
    "subscriptions.unsubscribe": lambda w: subscriptions.unsubscribe(w.me.id, uuid4()),
    "personal_links.make": lambda w: personal_links.make(w.me.id),
    "personal_links.revoke": lambda w: personal_links.revoke(w.me.id),
    "personal_links.meet": lambda w: personal_links.meet(w.me.id, "guess"),
    "contacts.greet": lambda w: contacts.greet(w.me.id, w.third.id, "Hello"),
    **{
        f"contacts.{verb}": lambda w, verb=verb: getattr(contacts, verb)(w.me.id, w.third.id)
        for verb in ("invite", "accept", "decline", "cancel", "remove", "block", "unblock")
    },
}
# Needs an existing session (a foreign key): see tests/notifications.
# plugin_acts.act: with an entry of a plugin, in tests/plugins.
ELSEWHERE = {"subscriptions.subscribe", "plugin_acts.act"}
ALL = {**SEEN, **OF_GROUPS, **OWN_IN_A_CHAT, **OWN, **REMOVING_OWN}


def actions() -> Iterator[str]:
    """ "module.function" of every action that a person can call."""
    yield "messages.send_batch"
    for app in PACKAGES:
        package = import_module(f"apps.{app}.actions")
        for found in pkgutil.iter_modules(package.__path__):
            module = import_module(f"{package.__name__}.{found.name}")
            for name, function in inspect.getmembers(module, inspect.isfunction):
                first = next(iter(inspect.signature(function).parameters), "")
                ours = function.__module__ == module.__name__ and not name.startswith("_")
                label = f"{found.name}.{name}"
                if ours and first in ("user_id", "owner_id") and label not in INTERNAL:
                    yield label


def a_world(me: User, other: User, chat: UUID, **fields: object) -> World:
    """Both have sent a message, and `me` has reacted and scheduled a message."""
    mine, theirs = write(me, chat).seq, write(other, chat).seq
    reactions.add_reaction(me.id, chat, seq=theirs, emoji="🎉")
    later = scheduled.schedule(me.id, chat, client_id=new_id(), text="later", due_at=_soon())
    return World(me, other, chat, mine, theirs, later.id, **fields)
