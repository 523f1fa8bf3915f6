"""What the admin opens on: what needs attention, the health of the server, and its size.

Each section is shown only to people who may see what it is about. Counts end at MAX_COUNTED, and
each has an index; larger numbers are PostgreSQL's estimates.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Export, User
from apps.chats.models import Message, MessageDay
from apps.core import health, task_queues
from apps.core.bounded_paginator import MAX_COUNTED, BoundedPaginator
from apps.core.estimates import estimated_rows
from apps.core.identifiers import first_id_at
from apps.files.models import File
from apps.files.queries.storage_use import total_use
from apps.files.templatetags.file_sizes import size
from apps.moderation.models import ReadRequest, Report
from apps.moderation.queries import waiting as waiting_for
from apps.moderation.queries import work
from apps.moderation.queries.moderators import is_moderator
from apps.moderation.queries.work import LATE
from apps.notifications.models import Push
from chatproject.health.components import database_state
from chatproject.health.words import STATES, Text

RECENT = timedelta(hours=1)
# Beat sends each task again when the last one was due, so a worker's queue is nearly empty.
MAX_QUEUED = 20
QUEUES = ("celery", "files", "push")
MAILS_TO_NOBODY = ("console", "dummy", "locmem", "filebased")


class Line(NamedTuple):
    """One fact. `level`: "alert" for what is broken or waits, "ok", or empty for a plain number
    and for what is not configured."""

    name: Text
    value: Text
    level: str = ""
    url: str = ""


class Section(NamedTuple):
    """A box of the overview."""

    title: Text
    lines: list[Line]


def sections(user: User) -> list[Section]:
    """What this member of staff may see."""
    now = timezone.now()
    found = []
    if is_moderator(user):
        found.append(Section(_("Reports that wait"), list(_reports(user))))
        found.append(Section(_("Messages that wait"), list(_held_messages(user))))
    if (requests := waiting_for.read_requests_for(user)) is not None:
        found.append(Section(_("Reading chats"), list(_read_requests(requests))))
    if lines := list(_failed_work(user, now)):
        found.append(Section(_("Failed and late work"), lines))
    if user.is_superuser:
        found.append(Section(_("Health"), list(_health())))
    if user.has_perm("accounts.view_user"):
        found.append(Section(_("People and messages"), list(_size(now))))
    if user.is_superuser:
        found.append(Section(_("Storage"), list(_storage())))
    return found


def _reports(user: User) -> Iterator[Line]:
    page = reverse("admin:moderation_report_changelist")
    waiting = Report.objects.filter(state__in=(Report.State.OPEN, Report.State.CLAIMED))
    mine = Report.objects.filter(state=Report.State.CLAIMED, claimed_by=user.pk)
    yield _counted(_("Assigned to me"), mine, f"{page}?work=mine")
    unclaimed = Report.objects.filter(state=Report.State.OPEN)
    yield _counted(_("Unclaimed"), unclaimed, page)
    names = {
        Report.Severity.HIGH: _("High severity"),
        Report.Severity.MEDIUM: _("Medium severity"),
        Report.Severity.LOW: _("Low severity"),
    }
    for severity, name in names.items():
        url = f"{page}?{urlencode({'severity__exact': severity.value})}"
        yield _counted(name, waiting.filter(severity=severity), url)
    page = reverse("admin:accounts_suspension_changelist")
    yield _counted(
        _("Answers to suspensions"), waiting_for.appeals_for(user), f"{page}?answer=waiting"
    )


def _held_messages(user: User) -> Iterator[Line]:
    page = reverse("admin:moderation_heldmessage_changelist")
    yield _counted(_("Messages that wait for a moderator"), waiting_for.held_for(user), page)


def _read_requests(requests: QuerySet[ReadRequest]) -> Iterator[Line]:
    page = reverse("admin:moderation_readrequest_changelist")
    yield _counted(_("Requests that you can approve"), requests, f"{page}?state__exact=waiting")


def _failed_work(user: User, now: datetime) -> Iterator[Line]:
    if user.is_superuser:
        page = reverse("admin:work")
        recent = first_id_at(now - RECENT)
        files = File.objects.filter(state=File.State.FAILED, id__gte=recent)
        yield _counted(_("Files that could not be processed, last hour"), files, page)
        files = work.late_files(now)
        yield _counted(_("Files that wait for more than 10 minutes"), files, page)
        exports = Export.objects.filter(state=Export.State.FAILED)
        yield _counted(_("Exports that failed"), exports, page)
        exports = work.late_exports(now)
        yield _counted(_("Exports that wait for more than 10 minutes"), exports, page)
    if user.has_perm("accounts.view_user"):
        page = reverse("admin:work") if user.is_superuser else ""
        deletions = work.late_deletions(now)
        yield _counted(_("Deletions of accounts that are late"), deletions, page)
    if user.has_perm("notifications.view_push"):
        page = reverse("admin:notifications_push_changelist")
        pushes = Push.objects.filter(state=Push.State.FAILED, created_at__gt=now - RECENT)
        yield _counted(_("Pushes that failed, last hour"), pushes, f"{page}?state__exact=failed")
        pushes = Push.objects.filter(state=Push.State.PENDING, due_at__lt=now - LATE)
        yield _counted(_("Pushes that are late"), pushes, f"{page}?state__exact=pending")


def _health() -> Iterator[Line]:
    states = health.states()
    yield Line(_("All parts"), _("show"), url=reverse("admin:health"))
    yield _state(_("Database"), database_state(states["database"]))
    yield _state(_("Redis"), states["redis"])
    yield _state(_("File storage"), states["storage"])
    backend = settings.EMAIL_BACKEND.split(".")[-2]
    yield _state(_("Mail server"), "off" if backend in MAILS_TO_NOBODY else "ok")
    yield _state(_("Keys for push"), "ok" if settings.VAPID_PRIVATE_KEY else "off")
    lengths = task_queues.queue_lengths(QUEUES) if states["redis"] == "ok" else None
    for name in QUEUES:
        label = _("Tasks that wait for workers: %(queue)s") % {"queue": name}
        if lengths is None:
            yield _state(label, "unknown")
        else:
            level = "alert" if lengths[name] > MAX_QUEUED else "ok"
            yield Line(label, number_format(lengths[name]), level)


def _size(now: datetime) -> Iterator[Line]:
    page = reverse("admin:accounts_user_changelist")
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    joined = User.objects.filter(id__gte=first_id_at(today))
    yield Line(_("New people today"), _bounded(joined)[0], url=page)
    words = (
        (User, _("People"), _("People, about")),
        (Message, _("Messages"), _("Messages, about")),
    )
    for model, exact, about in words:
        text, number = _bounded(model._default_manager.all())
        if number < MAX_COUNTED:
            yield Line(exact, text)
        else:
            estimate = max(number, estimated_rows(model))
            yield Line(about, number_format(estimate, force_grouping=True))
    days = dict(MessageDay.objects.order_by("-day").values_list("day", "sent")[:2])
    day = today.date()
    for name, each in (
        (_("Messages today, about"), day),
        (_("Messages yesterday, about"), day - timedelta(days=1)),
    ):
        if each in days:
            yield Line(name, number_format(days[each], force_grouping=True))


def _storage() -> Iterator[Line]:
    counted_at, kinds = total_use()
    stored = size(sum(each.bytes for each in kinds)) if counted_at else STATES["unknown"]
    yield Line(_("Stored files"), stored, url=reverse("admin:storage"))


def _counted(name: Text, rows: QuerySet[Any], url: str = "") -> Line:
    """A number that should be 0."""
    text, number = _bounded(rows)
    return Line(name, text, "alert" if number else "ok", url)


def _bounded(rows: QuerySet[Any]) -> tuple[str, int]:
    number = BoundedPaginator(rows.order_by("pk"), per_page=1).count
    text = number_format(number, force_grouping=True)
    return (f"{text}+" if number == MAX_COUNTED else text), number


def _state(name: Text, state: str) -> Line:
    return Line(name, STATES[state], {"ok": "ok", "off": ""}.get(state, "alert"))
