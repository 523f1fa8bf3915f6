"""To whom the page about a suspension is shown: a browser that has just taken all steps of signing
in to the account, or whose session the suspension ended. No one learns that an account is
suspended."""

import time
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.actions.access import Way
from apps.accounts.models import Ending, User
from apps.accounts.queries.closing import closed_by_suspension
from apps.accounts.queries.sessions import session_hash

# The session's own key: whose account, when that was proven, and when the page was last read.
PROVEN = "suspended_proof"
# How long the proof lasts without a look at the page, and however often it is read.
PROOF_TTL_S = 15 * 60
PROOF_MAX_S = 60 * 60
# The session's own key: whose account, and when they signed in to it, which an ended session does
# not prove.
SIGNED_IN = "suspended_signed_in"
# The session's own key: whose account, and the answer that they typed before they had to sign in.
TYPED = "suspended_typed"
# For which an app that was open may still ask why it is signed out.
ENDED_TTL = timedelta(days=1)


def is_suspended(user_id: UUID) -> bool:
    """Whether moderators have closed the account, and nothing else keeps it closed."""
    return User.objects.filter(closed_by_suspension(), id=user_id).exists()


def remember(session: SessionBase, user_id: UUID, *, signed_in_at: float | None = None) -> bool:
    """Remember that this browser may read about the person's suspension, for some minutes after
    each look. `signed_in_at`: when the person signed in, if they just did. False, and nothing is
    remembered, when they are not suspended."""
    if not is_suspended(user_id):
        return False
    now = time.time()
    person, since = _proof(session) or (user_id, now)
    if signed_in_at is not None or person != user_id:
        since = now
    if signed_in_at is not None:
        # As Django's `login`: somebody who knew the key before the sign-in must not read along.
        session.cycle_key()
        session[SIGNED_IN] = [str(user_id), signed_in_at]
    session[PROVEN] = [str(user_id), since, now]
    return True


def signed_in_at(session: SessionBase, user_id: UUID) -> float:
    """When the suspended person took all steps of signing in on this browser; 0: they did not, or
    too long ago."""
    person, at = session.get(SIGNED_IN, ["", 0])
    is_over = time.time() - at > PROOF_MAX_S
    return 0 if is_over or person != str(user_id) else float(at)


def is_fresh(session: SessionBase, user_id: UUID) -> bool:
    """Whether the suspended person signed in just now, for what an open screen, or the cookie of an
    ended session, must not allow."""
    age_s = time.time() - signed_in_at(session, user_id)
    return age_s <= settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def keep_typed(session: SessionBase, text: str) -> None:
    """Keep the answer that the person of this page typed, until they have signed in again."""
    person, *_ = session.get(PROVEN, [""])
    if person and text:
        session[TYPED] = [person, text]


def typed(session: SessionBase, user_id: UUID) -> str:
    """The answer that the person typed in this browser before they had to sign in."""
    person, text = session.get(TYPED, ["", ""])
    return str(text) if person == str(user_id) else ""


def forget_typed(session: SessionBase) -> None:
    """The answer is sent."""
    session.pop(TYPED, None)


def person_of(request: HttpRequest) -> UUID | None:
    """Whose suspension this browser may read about."""
    if (proof := _proof(request.session)) is not None:
        return proof[0]
    return _ended_session(request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""))


def _proof(session: SessionBase) -> tuple[UUID, float] | None:
    """Whose account, and since when that is proven."""
    person, since, read_at = session.get(PROVEN, ["", 0, 0])
    now = time.time()
    if now - read_at > PROOF_TTL_S or now - since > PROOF_MAX_S:
        return None
    return UUID(person), since


def _ended_session(session_key: str) -> UUID | None:
    if not session_key:
        return None
    ended = Ending.objects.filter(
        way=Way.SUSPENSION,
        begun_at__gte=timezone.now() - ENDED_TTL,
        connected_as__contains=[session_hash(session_key)],
    )
    person: UUID | None = ended.values_list("user_id", flat=True).first()
    return person
