"""Remembers whether Microsoft Graph responds, for `/healthz`, and how long it must not be asked."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from apps.core.outage_log import OutageLog
from apps.graph.errors import GraphRefused, SignInRefused, Throttled
from apps.graph.gateways import login
from apps.graph.models import ServiceState
from apps.sso.errors import ProviderUnavailable

logger = logging.getLogger(__name__)
outages = OutageLog(logger, "Microsoft Graph")
CHECK_INTERVAL = timedelta(minutes=10)
FAILURES = (SignInRefused, GraphRefused, Throttled, ProviderUnavailable)


def is_on() -> bool:
    """Whether an administrator has set this server up for Graph."""
    return bool(settings.GRAPH_TENANT)


def may_ask() -> bool:
    """Whether Graph may be asked now."""
    paused = ServiceState.objects.filter(paused_until__gt=Now())
    return is_on() and not paused.exists()


def check_sign_in() -> None:
    """Sign in when nobody has asked Graph for a while: an administrator reads in the health whether
    the settings are right, before anybody shares a presence."""
    since = timezone.now() - CHECK_INTERVAL
    lately = ServiceState.objects.filter(Q(worked_at__gt=since) | Q(failed_at__gt=since))
    if lately.exists():
        return
    try:
        login.of_server()
    except FAILURES as error:
        failed(error)
    else:
        worked()


def worked() -> None:
    """Note that Graph responded as it should."""
    outages.recovered()
    state = {"kind": "", "problem": "", "worked_at": timezone.now()}
    ServiceState.objects.update_or_create(id=1, defaults=state)


def failed(error: Exception) -> None:
    """Note one of FAILURES. Being throttled is no outage."""
    now = timezone.now()
    if isinstance(error, Throttled):
        until = now + timedelta(seconds=error.seconds)
        ServiceState.objects.get_or_create(id=1)
        shorter = Q(paused_until=None) | Q(paused_until__lt=until)
        ServiceState.objects.filter(shorter, id=1).update(paused_until=until)
        return
    outages.failed(error)
    if isinstance(error, SignInRefused):
        kind = "sign_in"
    elif isinstance(error, GraphRefused):
        kind = "refused"
        if error.status == 401:
            # A token that is not accepted any more stays in msal's memory.
            login.forget()
    else:
        kind = "unavailable"
    state = {"kind": kind, "problem": str(error)[:300], "failed_at": now}
    ServiceState.objects.update_or_create(id=1, defaults=state)
