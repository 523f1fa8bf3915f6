"""`manage.py moderate`: what moderators do, from the command line."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.accounts.models import User
from apps.accounts.queries import endings
from apps.core.errors import Refused
from apps.moderation.actions import appeals, break_glass, chats, entries, held, people, resets
from apps.moderation.actions.audit import By, Door
from apps.moderation.queries import held as held_messages

OPERATOR = By(None, Door.COMMAND)
Output = dict[str, Any]
MAX_LISTED = 100
ON_MESSAGES = {
    "hide": "hide a message, until it is restored",
    "restore": "show a hidden message again",
    "delete": "delete a message for all",
}


RESETS: dict[str, tuple[Callable[..., None], str]] = {
    "reset-name": (resets.reset_name, "take a person's display name away"),
    "reset-about": (resets.reset_about, "take away what a person wrote about themselves"),
    "reset-picture": (resets.reset_picture, "take a person's picture away"),
}
GROUP_RESETS: dict[str, tuple[Callable[..., None], str]] = {
    "reset-title": (resets.reset_title, "give a group a neutral title"),
    "reset-group-picture": (resets.reset_group_picture, "take the picture of a group away"),
}


class Command(BaseCommand):
    """What moderators do to people, messages and groups. The audit log has each."""

    help = "Moderate from the command line. The audit log records the operating-system user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One subcommand for each action."""
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parts = parser.add_subparsers(dest="what", required=True)
        suspend = parts.add_parser("suspend", help="close an account until a time")
        suspend.add_argument("username")
        until = suspend.add_mutually_exclusive_group(required=True)
        until.add_argument("--until", help="a time, such as 2027-01-31T12:00Z")
        until.add_argument("--days", type=float)
        ban = parts.add_parser("ban", help="close an account for good")
        ban.add_argument("username")
        lift = parts.add_parser("lift", help="lift a suspension or a ban")
        lift.add_argument("username")
        keep = parts.add_parser("keep", help="decide that a suspension stays, after their answer")
        keep.add_argument("username")
        on_messages = [parts.add_parser(name, help=text) for name, text in ON_MESSAGES.items()]
        for part in on_messages:
            part.add_argument("chat", type=UUID)
            part.add_argument("seq", type=int)
        remove = parts.add_parser("remove", help="remove somebody from a group")
        remove.add_argument("chat", type=UUID)
        remove.add_argument("username")
        revoke = parts.add_parser("revoke-links", help="revoke all invite links of a group")
        revoke.add_argument("chat", type=UUID)
        reading = parts.add_parser("end-reading", help="end, or refuse, a request to read a chat")
        reading.add_argument("request", type=UUID)
        warn = parts.add_parser("warn", help="write to a person, who has to acknowledge it")
        warn.add_argument("username")
        warn.add_argument("--report", type=UUID, help="the report about them that it refers to")
        slow = parts.add_parser("slow-down", help="limit how often a person may write")
        slow.add_argument("username")
        slow.add_argument("--every", type=int, required=True, metavar="SECONDS")
        end = slow.add_mutually_exclusive_group(required=True)
        end.add_argument("--until", help="a time, such as 2027-01-31T12:00Z")
        end.add_argument("--days", type=float)
        again = parts.add_parser("end-slowdown", help="let a person write as before")
        again.add_argument("username")
        close = parts.add_parser("close-chat", help="close a group: members can only read it")
        reopen = parts.add_parser("reopen-chat", help="open a closed group again")
        for part in (close, reopen):
            part.add_argument("chat", type=UUID)
        parts.add_parser("held", help="list the messages that wait for a moderator")
        read = parts.add_parser("read-held", help="read a message that waits")
        approve = parts.add_parser("approve-held", help="send a message that waits")
        refuse = parts.add_parser("refuse-held", help="give a message that waits to its sender")
        for part in (read, approve, refuse):
            part.add_argument("message", type=UUID)
        others = (refuse, warn, slow, again, close, reopen, *_more_parts(parts))
        for part in (suspend, ban, lift, keep, remove, revoke, *on_messages, *others):
            part.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unknown person and a refusal."""
        run: Callable[[dict[str, Any]], Output] = {
            "suspend": _suspend,
            "ban": _suspend,
            "lift": _lift,
            "keep": _keep,
            "remove": _remove,
            "revoke-link": _revoke_link,
            "revoke-links": _revoke_links,
            "end-reading": _end_reading,
            "warn": _warn,
            "slow-down": _slow_down,
            "end-slowdown": _end_slowdown,
            "close-chat": _close_chat,
            "reopen-chat": _reopen_chat,
            "held": _list_held,
            "read-held": _read_held,
            "approve-held": _approve_held,
            "refuse-held": _refuse_held,
            **dict.fromkeys(ON_MESSAGES, _on_message),
            **dict.fromkeys(RESETS, _reset),
            **dict.fromkeys(GROUP_RESETS, _reset_group),
        }[options["what"]]
        try:
            answer = run(options)
        except Refused as error:
            raise CommandError(error.detail) from error
        if options["json"]:
            self.stdout.write(json.dumps(answer))
        else:
            self.stdout.write(", ".join(f"{name}: {value}" for name, value in answer.items()))


def _more_parts(parts: Any) -> Iterator[ArgumentParser]:
    """The subcommands that take something away: from profiles, and from groups."""
    for name, (_action, text) in RESETS.items():
        part = parts.add_parser(name, help=text)
        part.add_argument("username")
        yield part
    for name, (_action, text) in GROUP_RESETS.items():
        part = parts.add_parser(name, help=text)
        part.add_argument("chat", type=UUID)
        yield part
    link = parts.add_parser("revoke-link", help="revoke one invite link of a group")
    link.add_argument("chat", type=UUID)
    link.add_argument("link", type=UUID, help="its id")
    yield link


def _suspend(options: dict[str, Any]) -> Output:
    ending = people.suspend(
        OPERATOR, _person(options), until=_until(options), reason=options["reason"]
    )
    if ending is None:
        return {"ended": "nothing"}
    return {
        "ending": str(ending.id),
        "ended": str(endings.totals(ending, ending.parts.all())),
    }


def _lift(options: dict[str, Any]) -> Output:
    people.lift(OPERATOR, _person(options), reason=options["reason"])
    return {"lifted": options["username"]}


def _keep(options: dict[str, Any]) -> Output:
    appeals.keep(OPERATOR, _person(options), reason=options["reason"])
    return {"kept": options["username"]}


def _on_message(options: dict[str, Any]) -> Output:
    action = getattr(entries, options["what"])
    action(OPERATOR, options["chat"], options["seq"], reason=options["reason"])
    return {options["what"]: f"{options['chat']}/{options['seq']}"}


def _remove(options: dict[str, Any]) -> Output:
    chats.remove_member(OPERATOR, options["chat"], _person(options), reason=options["reason"])
    return {"removed": options["username"]}


def _reset(options: dict[str, Any]) -> Output:
    action, _text = RESETS[options["what"]]
    action(OPERATOR, _person(options), reason=options["reason"])
    return {options["what"]: options["username"]}


def _reset_group(options: dict[str, Any]) -> Output:
    action, _text = GROUP_RESETS[options["what"]]
    action(OPERATOR, options["chat"], reason=options["reason"])
    return {options["what"]: str(options["chat"])}


def _revoke_links(options: dict[str, Any]) -> Output:
    return {"links": chats.revoke_links(OPERATOR, options["chat"], reason=options["reason"])}


def _revoke_link(options: dict[str, Any]) -> Output:
    chats.revoke_link(OPERATOR, options["chat"], options["link"], reason=options["reason"])
    return {"revoked": str(options["link"])}


def _end_reading(options: dict[str, Any]) -> Output:
    break_glass.end(OPERATOR, options["request"])
    return {"ended": str(options["request"])}


def _warn(options: dict[str, Any]) -> Output:
    row = people.warn(
        OPERATOR, _person(options), reason=options["reason"], report=options["report"]
    )
    return {"warned": options["username"], "warning": str(row.id)}


def _slow_down(options: dict[str, Any]) -> Output:
    until = _until(options) or timezone.now()
    people.slow_down(
        OPERATOR,
        _person(options),
        interval_s=options["every"],
        until=until,
        reason=options["reason"],
    )
    return {"slowed": options["username"], "until": until.isoformat()}


def _end_slowdown(options: dict[str, Any]) -> Output:
    people.end_slowdown(OPERATOR, _person(options), reason=options["reason"])
    return {"ended": options["username"]}


def _close_chat(options: dict[str, Any]) -> Output:
    chats.close_chat(OPERATOR, options["chat"], reason=options["reason"])
    return {"closed": str(options["chat"])}


def _reopen_chat(options: dict[str, Any]) -> Output:
    chats.reopen_chat(OPERATOR, options["chat"], reason=options["reason"])
    return {"reopened": str(options["chat"])}


def _list_held(options: dict[str, Any]) -> Output:
    found = held_messages.page(None, after=None, limit=MAX_LISTED)
    return {"messages": msgspec.to_builtins(found)}


def _read_held(options: dict[str, Any]) -> Output:
    answer: Output = msgspec.to_builtins(held.read(OPERATOR, options["message"]))
    return answer


def _approve_held(options: dict[str, Any]) -> Output:
    row = held.approve(OPERATOR, options["message"])
    return {"message": str(row.id), "state": row.state, "reason": row.reason, "seq": row.seq}


def _refuse_held(options: dict[str, Any]) -> Output:
    held.refuse(OPERATOR, options["message"], reason=options["reason"])
    return {"refused": str(options["message"])}


def _until(options: dict[str, Any]) -> datetime | None:
    if options["what"] == "ban":
        return None
    if options["days"] is not None:
        return timezone.now() + timedelta(days=options["days"])
    until = parse_datetime(options["until"])
    if until is None or until.tzinfo is None:
        raise CommandError("--until needs a time with a time zone, such as 2027-01-31T12:00Z.")
    return until


def _person(options: dict[str, Any]) -> UUID:
    found = User.objects.filter(username=options["username"].lower())
    person_id = found.values_list("id", flat=True).first()
    if person_id is None:
        raise CommandError(f"There is no account {options['username']}.")
    return person_id
