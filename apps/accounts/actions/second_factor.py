"""Checks the codes of a second factor, and removes what somebody has lost."""

import base64
import logging
import time
from functools import partial
from uuid import UUID

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from django.db import transaction
from django.utils.crypto import constant_time_compare

from apps.accounts import mails
from apps.accounts.models import User
from apps.accounts.second_factor_adapter import SecondFactorAdapter
from apps.accounts.staff_record import record_deed
from apps.core.sealing import Unreadable

logger = logging.getLogger(__name__)
TIME_STEP_S = 30
DIGITS = 6
# Codes of the step before and after this one are accepted, too: clocks differ, and typing takes
# time (RFC 6238, section 5.2).
TOLERANCE_STEPS = 1
LAST_STEP = "last_step"


@transaction.atomic
def use_code(user_id: UUID, code: str) -> Authenticator | None:
    """Use up a code of the person's authenticator app, or a recovery code.

    Returns the authenticator that it belongs to; None for a code that is wrong or was used before.
    Under a lock: of two simultaneous requests with the same code, one succeeds.
    """
    found = Authenticator.objects.select_for_update().filter(user_id=user_id).order_by("id")
    for authenticator in found.exclude(type=Authenticator.Type.WEBAUTHN):
        try:
            if _use(authenticator, code):
                return authenticator
        except Unreadable:
            logger.warning("A second factor of %s was sealed with another SECRET_KEY", user_id)
    return None


@transaction.atomic
def remove_all(user_id: UUID, *, by: UUID | None = None) -> bool:
    """Remove all second factors of a person who has lost them, and tell the person by mail.

    `by`: an administrator, or (None) an operator, who has made sure that it is that person who
    asks. The password stays, and so do the devices that are signed in. Returns whether there were
    any.
    """
    found = Authenticator.objects.filter(user_id=user_id)
    ids = found.order_by("id").select_for_update().values_list("id", flat=True)
    removed, _ = Authenticator.objects.filter(id__in=list(ids)).delete()
    if removed:
        logger.warning("The second factors of %s were removed by %s", user_id, by or "an operator")
        user = User.objects.get(id=user_id)
        transaction.on_commit(partial(mails.send, user, "accounts/email/second_factor_removed", {}))
        record_deed("remove_second_factor", by=by, person=user_id)
    return bool(removed)


def time_step_of(secret: str, code: str, *, after: int = -1) -> int | None:
    """The time step (RFC 6238) whose code this is, among the accepted ones later than `after`.

    `secret`: in base 32. None for any other code.
    """
    algorithm = SHA1()  # noqa: S303  # nosec B303  # HMAC with SHA-1 is what all apps can do
    hotp = HOTP(base64.b32decode(secret), DIGITS, algorithm, enforce_key_length=False)
    now = int(time.time()) // TIME_STEP_S
    typed = "".join(code.split())
    for step in range(now - TOLERANCE_STEPS, now + TOLERANCE_STEPS + 1):
        if step > after and constant_time_compare(hotp.generate(step).decode(), typed):
            return step
    return None


def forget_step(authenticator: Authenticator, step: int) -> None:
    """Do not accept codes up to this time step any more."""
    authenticator.data[LAST_STEP] = step
    authenticator.save(update_fields=["data"])


def _use(authenticator: Authenticator, code: str) -> bool:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return bool(authenticator.wrap().validate_code(code))
    secret = SecondFactorAdapter().decrypt(authenticator.data["secret"])
    step = time_step_of(secret, code, after=authenticator.data.get(LAST_STEP, -1))
    if step is not None:
        forget_step(authenticator, step)
    return step is not None
