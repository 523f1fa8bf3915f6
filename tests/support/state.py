"""The state of a client: a snapshot and the events since, applied as docs/protocol.md describes."""

from typing import Any

Event = dict[str, Any]
SUMMARY_CHARACTERS = 300
SUMMARY_MENTIONS = 20
MARKS = ("pinned", "archived", "muted", "marked_unread")


class State:
    """Cursors and the data up to them. `apply` returns whether an event is missing."""

    def __init__(self) -> None:
        self.epoch: str | None = None
        self.offered: str | None = None
        self.user = 0
        self.me: Event = {}
        self.contacts: dict[str, Event] = {}
        self.chats: dict[str, Event] = {}
        self.cursors: dict[str, int] = {}
        self.messages: dict[str, dict[int, Event]] = {}
        self.positions: dict[tuple[str, str], tuple[int, int]] = {}
        self.presence: dict[str, bool] = {}
        self.synced = False
        # Each applied entry as (chat, rev, seq, id), in the order of applying.
        self.applied: list[tuple[str, int, int, str]] = []

    def resume(self) -> Event:
        """The fields of a `resume` that continues from here."""
        if self.epoch is None:
            return {"epoch": None}
        return {"epoch": self.epoch, "chats": dict(self.cursors), "user": self.user}

    def apply(self, event: Event) -> bool:
        """Apply one event; returns True when one before it is missing, so that a resume is due."""
        handler = getattr(self, f"_{event['type']}", None)
        if handler is not None:
            return bool(handler(event))
        if "user_rev" in event:
            rev = event["user_rev"]
            return self._follow(event, rev, event.get("user_prev", rev - 1), self.user)
        if {"chat", "rev"} <= event.keys():
            cursor = self.cursors.get(event["chat"])
            rev = event["rev"]
            return cursor is None or self._follow(event, rev, event.get("prev", rev - 1), cursor)
        return False

    def view(self) -> Event:
        """The part that a fresh snapshot also has, for comparison with one."""
        return {"me": self.me, "user": self.user, "contacts": self.contacts, "chats": self.chats}

    def texts(self, chat: str) -> list[str]:
        """The held texts of a chat in the order of the timeline."""
        return [self.messages[chat][seq]["text"] for seq in sorted(self.messages.get(chat, {}))]

    def _welcome(self, event: Event) -> None:
        self.offered, self.me, self.synced = event["epoch"], event["me"], False
        self.presence.clear()

    def _snapshot(self, event: Event) -> None:
        self.epoch, self.user, self.me = self.offered, event["user_rev"], event["me"]
        self.contacts = {one["person"]["id"]: one for one in event["contacts"]}
        self.chats.clear()
        self.cursors.clear()
        self.messages.clear()

    def _chats(self, event: Event) -> None:
        for chat in event["chats"]:
            self._adopt(chat)

    def _synced(self, event: Event) -> None:
        self.synced = True

    def _receipt(self, event: Event) -> None:
        self._position(event["chat"], **event["position"])

    def _presence(self, event: Event) -> None:
        self.presence |= {one["person"]: one["online"] for one in event["people"]}

    def _heartbeat(self, event: Event) -> bool:
        return event["user_rev"] > self.user or any(
            rev > self.cursors.get(chat, rev) for chat, rev in event["heads"].items()
        )

    def _ack(self, event: Event) -> None:
        """Change nothing: an ack belongs to its command."""

    def _adopt(self, chat: Event) -> None:
        if self.cursors.get(chat["id"], -1) > chat["rev"]:
            return
        self.chats[chat["id"]] = dict(chat)
        self.cursors[chat["id"]] = chat["rev"]
        if (last := chat["last"]) and not last.get("truncated"):
            self.messages.setdefault(chat["id"], {})[last["seq"]] = last

    def _gap(self, event: Event) -> None:
        id_ = event["chat"]
        if event["rev"] <= self.cursors.get(id_, -1):
            return
        self.cursors[id_] = event["rev"]
        self.messages[id_] = {}
        for message in event["messages"]:
            self._entry(id_, message)
        held = self.chats[id_]
        held |= {name: event[name] for name in ("rev", "title", "last_seq")}
        held |= {name: event.get(name, []) for name in ("uncounted", "mentioned")}
        self._read_up_to(held, event["read_seq"])

    def _follow(self, event: Event, rev: int, prev: int, cursor: int) -> bool:
        if rev <= cursor:
            return False
        if prev > cursor:
            return True
        if "user_rev" in event:
            self.user = rev
            self._own(event)
        else:
            self.cursors[event["chat"]] = rev
            self.chats[event["chat"]]["rev"] = rev
            if event["type"] == "message":
                message = event["message"]
                self.applied.append((event["chat"], rev, message["seq"], message["id"]))
                self._entry(event["chat"], message)
        return False

    def _own(self, event: Event) -> None:
        match event:
            case {"type": "me", "me": me}:
                self.me = me
            case {"type": "contact", "contact": contact}:
                self._stands(contact)
            case {"type": "left", "chat": chat}:
                self.chats.pop(chat, None)
                self.cursors.pop(chat, None)
            case {"type": "chat", "chat": chat} if chat["id"] not in self.cursors:
                self._adopt(chat)
            case {"type": "chat", "chat": chat}:
                held = self.chats[chat["id"]]
                held |= {name: chat[name] for name in (*MARKS, "unread_from", "title", "person")}
                self._read_up_to(held, chat["read_seq"])
            case {"type": "read", "chat": chat, "read_seq": seq, "marked_unread": unread}:
                held = self.chats[chat]
                self._read_up_to(held, seq)
                held["marked_unread"] = unread
                held["unread_from"] = held["unread_from"] if unread else None

    def _stands(self, contact: Event) -> None:
        person = contact["person"]
        if contact["state"] == "none":
            self.contacts.pop(person["id"], None)
        else:
            self.contacts[person["id"]] = contact
        for chat in self.chats.values():
            if chat["person"] and chat["person"]["id"] == person["id"]:
                chat["person"] = person

    def _entry(self, chat: str, message: Event) -> None:
        self.messages.setdefault(chat, {})[message["seq"]] = message
        held = self.chats[chat]
        if message["seq"] > held["last_seq"]:
            held |= {"last_seq": message["seq"], "active_at": message["at"]}
        if message["seq"] == held["last_seq"]:
            held["last"] = summary(message)
        if message["sender"] == self.me["id"]:
            # Writing implies having read; what was marked as unread later stays so.
            held["marked_unread"] &= message["seq"] <= held["read_seq"]
            held["unread_from"] = held["unread_from"] if held["marked_unread"] else None
            held["read_seq"] = max(held["read_seq"], message["seq"])
        self._count(held, message)
        self._position(chat, message["sender"], message["seq"], message["seq"])

    def _count(self, held: Event, message: Event) -> None:
        """An entry was added or changed: whether it counts, and whether it mentions the reader."""
        counts = message["kind"] == "text" and not message.get("deleted")
        named = message.get("mentions_all") or self.me["id"] in message.get("mentions", ())
        is_mention = counts and named and message["sender"] != self.me["id"]
        for name, is_in in (("uncounted", not counts), ("mentioned", is_mention)):
            others = [seq for seq in held[name] if seq != message["seq"]]
            held[name] = sorted(others + [message["seq"]] * bool(is_in), reverse=True)
        self._read_up_to(held, held["read_seq"])

    @staticmethod
    def _read_up_to(held: Event, seq: int) -> None:
        held["read_seq"] = max(held["read_seq"], seq)
        for name in ("uncounted", "mentioned"):
            held[name] = [one for one in held[name] if one > held["read_seq"]]
        held["unread"] = held["last_seq"] - held["read_seq"] - len(held["uncounted"])

    def _position(self, chat: str, person: str, read: int, delivered: int) -> None:
        was_read, was_delivered = self.positions.get((chat, person), (0, 0))
        position = (max(was_read, read), max(was_delivered, delivered))
        self.positions[chat, person] = position


def summary(message: Event) -> Event:
    """A message as a chat list carries it."""
    short = {name: each for name, each in message.items() if name not in ("reactions", "previews")}
    short["text"] = message["text"][:SUMMARY_CHARACTERS]
    if "mentions" in message:
        short["mentions"] = message["mentions"][:SUMMARY_MENTIONS]
    return short if short == message else short | {"truncated": True}
