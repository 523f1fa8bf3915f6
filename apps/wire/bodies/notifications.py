"""What notifies a person, and the record of it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from apps.wire.bodies.base import Body, ClockTime, Seq

NotifyLevel = Literal["all", "mentions", "none"]
NotifyOutcome = Literal["none", "skipped", "pending", "cancelled", "released", "sent", "failed"]


class NotificationSettings(Body, frozen=True):
    """Which messages notify a person, in chats without settings of their own.

    `delay`: how many seconds a message must stay unread first. `break_through`: mentions notify
    also from muted chats and during do-not-disturb. `content`: pushes contain sender and text.
    `push_key`: the key that a browser subscribes with; empty when this server does not push.
    """

    level: NotifyLevel
    keywords: list[str]
    break_through: bool
    delay: int
    content: bool
    push_key: str


DigestFrequency = Literal["off", "daily", "weekdays", "weekly"]


class Digest(Body, frozen=True):
    """E-mail about what stayed unread, as the reader chose it.

    `by_default`: the reader chose no frequency, and this is the server's. `day`: of a weekly one,
    1 for Monday to 7 for Sunday. `at`: by the clocks of `zone`. `texts`: it quotes messages, where
    the server allows that (`may_quote`). `email`: where it goes. `problem`: why nothing is sent,
    other than by the reader's choice: the server sends no mail, the reader has no confirmed
    address, or the mail server refused it for good.
    """

    frequency: DigestFrequency
    by_default: bool
    day: int
    at: ClockTime
    texts: bool
    may_quote: bool
    zone: str
    email: str
    problem: Literal["", "no_mail", "no_address", "refused"]
    next_at: datetime | None
    sent_at: datetime | None


class PushDevice(Body, frozen=True):
    """A device of the reader's that receives pushes; `current`: the one of this session."""

    id: UUID
    name: str
    gateway: str
    created_at: datetime
    reached_at: datetime | None
    current: bool


class NotifiedDevice(Body, frozen=True):
    """The result of one push to one device. `status` is the push host's HTTP status."""

    name: str
    host: str
    state: str
    status: int | None
    at: datetime | None
    attempts: int


class NotificationRecord(Body, frozen=True):
    """Why the reader was, or was not, notified of a message, as decided then.

    `none`: no device of theirs received pushes then, or the record has expired. `cancelled`: the
    message was read in time. `late`: it was read when the push was already on its way.
    """

    outcome: NotifyOutcome
    reason: str
    at: datetime | None
    due_at: datetime | None
    devices: list[NotifiedDevice]
    late: bool = False


class Rehearsed(Body, frozen=True):
    """One message whose outcome would have been different. Reasons as in the record."""

    chat: UUID
    seq: int
    at: datetime
    text: str
    now: str
    then: str


class RehearsalResult(Body, frozen=True):
    """Of the newest `looked_at` messages: how many push with the settings of `now`, how many would
    with those of `then`, and the messages that differ."""

    looked_at: int
    now: int
    then: int
    items: list[Rehearsed]


class Undelivered(Body, frozen=True):
    """Messages of a chat, still unread, whose push reached no device of the reader's."""

    chat: UUID
    first_seq: Seq
    last_seq: Seq
