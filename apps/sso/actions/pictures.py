"""Takes over the pictures that the identity provider names in its claim `picture`.

    ask (in the sign-in: one row) > a worker fetches it > an upload of the person's > their picture

Its address is never shown to anybody: that server would see who looks at whom. Whether it replaces
a picture that the person chose here is for OIDC_PICTURE_FOLLOWS to say (decision 0047).
"""

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from apps.accounts.profile_updates import update_profile
from apps.accounts.queries import profiles
from apps.core.claims import claim
from apps.core.errors import Conflict, NotFound, RateLimited, Refused, StorageUnavailable
from apps.core.outbound_http import Download, RequestFailed
from apps.core.outbound_url import ForbiddenUrl, parse_outbound_url
from apps.core.runtime import runtime
from apps.core.task_wakeup import TaskWakeup
from apps.files.actions import uploads
from apps.files.models import File
from apps.files.queries.uploads import get_own
from apps.sso.gateways import pictures
from apps.sso.models import Identity, ProviderPicture
from apps.wire.limits import MAX_CHUNK_BYTES

logger = logging.getLogger(__name__)
NEVER, UNLESS_CHOSEN, ALWAYS = "never", "unless_chosen", "always"
# A picture of an unchanged address is looked at again after this time, at a sign-in.
RECHECK = timedelta(minutes=10)
# Fetched at the same time.
AT_ONCE = 8
# A pass claims nothing after this time, and begins to store nothing after that: together with the
# last requests less than the time limit of a task, whose end would end the other tasks of the
# worker, too.
PASS_S = 20.0
STORE_S = 60.0
# Longer than a task may run: of two claims of one row, the first is dead.
LEASE = timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT + 30)
# How soon to look whether an upload is ready.
READY_POLL_S = 2.0
# After a failed fetch, times the number of failures.
RETRY_PAUSE = timedelta(minutes=1)
MAX_FAILURES = 3
# After an outage of the storage, or with a limit used up.
OUTAGE_PAUSE = timedelta(minutes=5)
MAX_CONFLICTS = 5
wake = TaskWakeup("apps.sso.tasks.follow_pictures")


def ask(identity: Identity, url: str) -> None:
    """Have a worker look at the picture of an identity at `url`. Never raises for a bad address."""
    try:
        # No credentials, no `data:`, no characters that a database cannot store.
        url = parse_outbound_url(url).url
    except ForbiddenUrl as error:
        logger.warning("The picture of %s is not used: %s", identity.user_id, error)
        return
    rows = ProviderPicture.objects.filter(identity=identity)
    # Whatever a worker is doing with the former address is void.
    due: dict[str, Any] = {"due_at": Now(), "claimed_at": None, "failures": 0, "upload": None}
    asked = (
        rows.exclude(url=url).update(url=url, source="", etag="", **due)
        or rows.filter(due_at=None, checked_at__lt=Now() - RECHECK).update(**due)
        or _insert(identity, url)
    )
    if asked:
        transaction.on_commit(wake)


def _insert(identity: Identity, url: str) -> bool:
    try:
        with transaction.atomic():
            found = ProviderPicture.objects.get_or_create(
                identity=identity, defaults={"url": url, "due_at": Now()}
            )
    except IntegrityError:  # unlinked in this moment
        return False
    return found[1]


def follow_due() -> None:
    """Bring pictures that are due into profiles. Safe to run concurrently anywhere."""
    if runtime.OIDC_PICTURE_FOLLOWS == NEVER:
        return
    begun = time.monotonic()
    _give_up()
    while time.monotonic() < begun + PASS_S:
        due = ProviderPicture.objects.filter(due_at__lte=Now(), failures__lt=MAX_FAILURES)
        rows = claim(due.order_by("due_at"), limit=AT_ONCE, lease=LEASE)
        if not rows:
            return
        _follow(rows, store_until=begun + STORE_S)


def _give_up() -> None:
    """End those whose workers died, or failed, again and again."""
    failed = ProviderPicture.objects.filter(
        Q(claimed_at=None) | Q(claimed_at__lt=Now() - LEASE),
        due_at__lte=Now(),
        failures__gte=MAX_FAILURES,
    )
    if count := failed.update(due_at=None, claimed_at=None, checked_at=Now()):
        logger.error("%d pictures of the provider were given up", count)


def _follow(rows: list[ProviderPicture], *, store_until: float) -> None:
    """Do the next step of claimed rows; what would be stored after that time is put off."""
    ids = [row.pk for row in rows]
    ProviderPicture.objects.filter(pk__in=ids).update(failures=F("failures") + 1)
    owners = dict(Identity.objects.filter(id__in=ids).values_list("id", "user_id"))
    # The others are gone: unlinked since.
    steps = [_Step(row, owners[row.pk]) for row in rows if row.pk in owners]
    fetching = [step for step in steps if step.run(step.begin)]
    outcomes = pictures.fetch((step.row.url, step.known_version()) for step in fetching)
    for step, outcome in zip(fetching, outcomes, strict=True):
        step.run(step.store if time.monotonic() < store_until else step.put_off, outcome)


class _Step:
    """One step of one claimed row."""

    def __init__(self, row: ProviderPicture, user_id: UUID) -> None:
        self.row = row
        self.user_id = user_id
        self.current: UUID | None = None

    def run(self, step: Callable[..., object], *values: object) -> bool:
        """Whether `step` returns something true. One bad picture must not stop the rest: errors end
        this one or put it off."""
        try:
            return bool(step(*values))
        except (RateLimited, StorageUnavailable, Conflict):
            self.put_off()
        except NotFound:  # the account was closed, or the upload deleted
            self._finish()
        except Refused as error:
            self._refuse(error)
        except Exception:  # its claim runs out, and it is tried again
            logger.exception("the picture of %s cannot be followed", self.user_id)
        return False

    def begin(self) -> bool:
        """Show an upload that is ready. Returns whether the picture has to be fetched."""
        if self.row.upload is not None:
            self._show(self.row.upload)
            return False
        self.current = profiles.get_active_user(self.user_id).picture
        is_known = self._is_shown() and not self.row.etag
        if is_known or not self._may_replace(self.current):
            self._finish(source=self.row.source, etag=self.row.etag)
            return False
        return True

    def known_version(self) -> str:
        """The ETag of the content that is the person's picture now; empty: it must be fetched."""
        return self.row.etag if self._is_shown() else ""

    def _is_shown(self) -> bool:
        known = (self.current, self.row.url) == (self.row.file, self.row.source)
        return known and self.current is not None

    def _may_replace(self, current: UUID | None) -> bool:
        """Whether the operator lets the provider win over this picture. None after a picture of
        the provider: the person has removed it."""
        return runtime.OIDC_PICTURE_FOLLOWS == ALWAYS or current == self.row.file

    def store(self, outcome: pictures.Outcome) -> None:
        """Make an upload of what was fetched."""
        if outcome is None:
            self._finish(source=self.row.source, etag=self.row.etag)
        elif isinstance(outcome, Download):
            upload = _upload(self.user_id, self.row.pk, outcome.body)
            # One that is longer, or cannot be sent back, is not kept: then the address alone says
            # whether it is known.
            is_kept = len(outcome.etag) <= 255 and outcome.etag.isascii()
            etag = outcome.etag if is_kept else ""
            self._wait_for(upload, source=self.row.url, etag=etag)
        elif isinstance(outcome, RequestFailed) and self.row.failures + 1 < MAX_FAILURES:
            self._log(outcome)
            self._write(due_at=Now() + RETRY_PAUSE * (self.row.failures + 1))
        else:
            self._refuse(outcome)

    def put_off(self, *_: object) -> None:
        """Begin again later."""
        self._write(due_at=Now() + OUTAGE_PAUSE, failures=0)

    def _show(self, upload: UUID) -> None:
        file = get_own(self.user_id, upload)
        if file.state in (File.State.UPLOADING, File.State.PROCESSING):
            self._wait_for(upload)
        elif file.state == File.State.FAILED:
            self._refuse(pictures.NoPicture(f"it cannot be converted ({file.problem})"))
        else:
            self._set(upload)

    def _set(self, upload: UUID) -> None:
        """Make the upload the person's picture, unless they have chosen another one."""
        for _ in range(MAX_CONFLICTS):
            user = profiles.get_active_user(self.user_id)
            # The same content again is the same upload.
            if user.picture != upload and self._may_replace(user.picture):
                try:
                    self._replace(user.version, upload)
                except Conflict:
                    continue
            return self._finish(source=self.row.source, etag=self.row.etag)
        raise Conflict

    @transaction.atomic
    def _replace(self, version: int, upload: UUID) -> None:
        """Set the picture, and remember that it is the provider's, also when the claim was lost:
        else the next one would find a picture that the person seems to have chosen."""
        update_profile(self.user_id, version=version, picture=upload)
        ProviderPicture.objects.filter(pk=self.row.pk).update(file=upload)

    def _wait_for(self, upload: UUID, **fields: Any) -> None:
        due_at = Now() + timedelta(seconds=READY_POLL_S)
        self._write(upload=upload, due_at=due_at, failures=0, **fields)
        wake.after(READY_POLL_S)

    def _refuse(self, error: Exception) -> None:
        self._log(error)
        self._finish()

    def _log(self, error: Exception) -> None:
        # Not the whole address, which may hold a secret.
        host = parse_outbound_url(self.row.url).host
        logger.warning("The picture of %s at %s is not used: %s", self.user_id, host, error)

    def _finish(self, *, source: str = "", etag: str = "") -> None:
        """Nothing more to do until the next sign-in."""
        done = {"upload": None, "due_at": None, "checked_at": Now(), "failures": 0}
        self._write(source=source, etag=etag, **done)

    def _write(self, **fields: Any) -> None:
        """Write the row and give the claim back, unless it was lost: to another worker, or to a
        sign-in with another address."""
        mine = ProviderPicture.objects.filter(pk=self.row.pk, attempt=self.row.attempt)
        mine.exclude(claimed_at=None).update(claimed_at=None, **fields)


def _upload(user_id: UUID, identity_id: int, content: bytes) -> UUID:
    """The id of an upload with this content, the same one when it is repeated."""
    digest = hashlib.sha256(content).hexdigest()
    client_id = uuid5(NAMESPACE_OID, f"provider picture {identity_id} {digest}")
    file = uploads.begin(user_id, client_id=client_id, name="picture", size=len(content))
    while file.received < file.size:
        start = file.received
        part = content[start : start + MAX_CHUNK_BYTES]
        file = uploads.add_chunk(user_id, file.id, start=start, content=part)
    return file.id
