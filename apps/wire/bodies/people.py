"""People, their accounts and devices, and who is in touch with whom."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from apps.wire.bodies.base import Body, ClockTime
from apps.wire.bodies.files import AutoLoad
from apps.wire.bodies.moderation import PersonWarning, Slowdown

ContactState = Literal["none", "outgoing", "incoming", "contact", "blocked"]
ExportState = Literal["waiting", "ready", "failed"]


class Status(Body, frozen=True):
    """What a person is doing, in their own words: a text, an emoji, or both, until a time.

    `source`: `microsoft` for what their Teams says while they have set none by hand; empty for
    their own."""

    text: str
    emoji: str
    until: datetime | None
    source: str = ""


class Person(Body, frozen=True):
    """The public part of a profile. Clients hide a status once its `until` is past. `username` is
    empty when the account was deleted; `name` is "Former member" then. `picture` is a file; without
    one, or if it cannot be loaded, clients show the person's initials. `bot`: a program."""

    id: UUID
    username: str
    name: str
    about: str = ""
    status: Status | None = None
    picture: UUID | None = None
    bot: bool = False


class DoNotDisturb(Body, frozen=True):
    """When a person wants no notifications: every day from `start` to `end` in their time zone
    (over midnight when `end` is earlier), and once until a time."""

    start: ClockTime | None = None
    end: ClockTime | None = None
    until: datetime | None = None


class Quiet(DoNotDisturb, frozen=True, kw_only=True):
    """Somebody else's do not disturb; the hours are by the clock of `zone`."""

    zone: str


class Me(Body, frozen=True):
    """A person's own profile: the public part and the private one.

    `version` goes up with every change but that of the device's time zone; an update names the
    version it started from. With `share_seen` off, others do not see how far the person has read,
    nor the person how far others have.

    `time_zone` is that of the device used last until the person chooses one (`time_zone_chosen`):
    until then each client shows times in that of its own device, and tells the server of it.

    `auto_load`: which pictures load by themselves, always, on good networks or never; `low_first`:
    the variant with the fewest bytes, until the reader opens the picture. A device may have a
    choice of its own instead.

    `warnings`: those of moderators that the person has not acknowledged yet, the oldest first.
    `slowdown`: how often the person may send, if moderators limited it. `report_decided`: a report
    of theirs was decided, and they have not looked at it since (`POST /reports/seen`).
    `busy_until`: until then at most, a program that the person connected (Microsoft Teams) says
    that they are in a meeting; they get no notifications, as with `do_not_disturb.until`.
    """

    id: UUID
    username: str
    name: str
    about: str
    email: str
    locale: str
    time_zone: str
    version: int
    time_zone_chosen: bool = False
    share_seen: bool = True
    status: Status | None = None
    picture: UUID | None = None
    do_not_disturb: DoNotDisturb = DoNotDisturb()
    auto_load: AutoLoad = "always"
    low_first: bool = False
    warnings: list[PersonWarning] = []
    slowdown: Slowdown | None = None
    report_decided: bool = False
    busy_until: datetime | None = None


class Contact(Body, frozen=True):
    """The relation between the reader and another person, seen from the reader's side.

    `outgoing`: the reader invited them; `incoming`: they invited the reader; `none`: no relation
    (any more). `greeting`: what the inviter says with an invitation that waits. `quiet`: when a
    contact does not want to be disturbed, as far as it is not past; clients tell by their own clock
    whether it is so now. Null for all who are no contacts.
    """

    person: Person
    state: ContactState
    since: datetime
    greeting: str = ""
    quiet: Quiet | None = None


class Presence(Body, frozen=True):
    """Whether a person has a live connection. `away`: they have one, but are at none of their
    devices. `last_seen` is when the last connection ended."""

    person: UUID
    online: bool
    last_seen: datetime | None
    away: bool = False


class Device(Body, frozen=True):
    """A browser or app that the reader is signed in with; `current`: the one that asks.

    `name` is the reader's own if `named`, else what the device says of itself. `used_at` and
    `address` (an IPv6 network for IPv6) are those of the last use, exact to a few minutes.
    """

    id: UUID
    name: str
    named: bool
    kind: Literal["browser", "app"]
    began_at: datetime
    used_at: datetime
    address: str
    current: bool


class Export(Body, frozen=True):
    """An archive of the reader's own data, or of one `chat` of theirs. `size` is in bytes;
    `collected`: percent of it that is written. `url`: where a `ready` one is downloaded, with the
    session or the token of this person; null before. It is deleted at `expires_at`."""

    id: UUID
    state: ExportState
    asked_at: datetime
    ready_at: datetime | None
    size: int | None
    collected: int
    expires_at: datetime
    url: str | None
    chat: UUID | None = None


class Deletion(Body, frozen=True):
    """The reader's account is deleted at `due_at`. A sign-in before takes it back."""

    due_at: datetime
