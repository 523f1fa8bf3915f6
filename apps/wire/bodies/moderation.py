"""What members report to the moderators, and what moderators tell a person."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from apps.wire.bodies.base import Body, Seq

ReportKind = Literal["entry", "person", "chat"]
ReportReason = Literal[
    "spam", "harassment", "hate", "violence", "sexual", "illegal", "self_harm", "other"
]
ReportState = Literal["open", "claimed", "decided"]
ReportOutcome = Literal["action", "no_action"]


class Report(Body, frozen=True):
    """What the reader reported, and what became of it. `person` is also who wrote a reported entry.
    `outcome`, `decided_at` and the moderators' `answer` come with the decision."""

    id: UUID
    kind: ReportKind
    chat: UUID | None
    seq: Seq | None
    person: UUID | None
    reason: ReportReason
    state: ReportState
    outcome: ReportOutcome | None
    created_at: datetime
    decided_at: datetime | None
    answer: str


class PersonWarning(Body, frozen=True):
    """What a moderator wrote to a person. `chat` and `seq`: the message that it is about, or the
    chat. `acknowledged_at` is empty until the person says, on any device, that they have read
    it."""

    id: UUID
    text: str
    chat: UUID | None
    seq: Seq | None
    at: datetime
    acknowledged_at: datetime | None


class Slowdown(Body, frozen=True):
    """The person may send one message in `interval_s` seconds, in all chats together, `until` a
    time. `reason` is what the moderator wrote."""

    interval_s: int
    until: datetime
    reason: str


class RuntimeSetting(Body, frozen=True):
    """A setting that administrators change while the server runs, or a rate limit (`limit.` and its
    name: so many in `seconds`).

    `value` counts; it is the environment's `default` unless somebody set it (`is_set`): `set_by` is
    their username, and null for `manage.py`. Both are in the form of the environment. `source`:
    where the default comes from. `allowed` says in words what it may be; a number is from `least`
    to `most`, a choice is one of `choices`. The amount of a rate limit with a `setting` is changed
    by that setting alone. `locked`: the default counts, whatever is set; nobody can change it here.
    `unread`: the value that is set, and that this release does not allow; the default counts.
    """

    name: str
    kind: Literal["number", "choice", "list", "text"]
    allowed: str
    default: str
    value: str
    least: int | None
    most: int | None
    choices: list[str]
    seconds: float | None
    setting: str
    source: str
    locked: bool
    unread: str | None
    is_set: bool
    set_by: str | None
    set_at: datetime | None


class SettingsVersion(Body, frozen=True):
    """What was set after one change of settings or rate limits. `by` is a username, and null for
    `manage.py`. `changes`: by name, what counted before and after. `reverted_to`: the version
    whose settings this one has again."""

    number: int
    at: datetime
    by: str | None
    reason: str
    settings: dict[str, str]
    changes: dict[str, tuple[str, str]]
    reverted_to: int | None
