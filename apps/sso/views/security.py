"""The page on which people see and change how they sign in."""

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.models import Session, User
from apps.accounts.queries.devices import of_person
from apps.accounts.queries.second_factor import second_factors
from apps.accounts.sessions import ORIGIN
from apps.core.errors import NotPossible
from apps.sso.actions import identities
from apps.sso.queries.identities import LinkedIdentity, can_sign_in_here, linked_identities


@require_GET
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """*Sign-in and security*."""
    user = cast(User, request.user)
    linked = linked_identities(user.id)
    context = {
        "factors": second_factors(user.id),
        "identities": linked,
        "local": can_sign_in_here(user),
        "devices": of_person(user.id, session_key=request.session.session_key or ""),
        "may_link": bool(settings.OIDC_ISSUER) and not linked,
    }
    return render(request, "sso/security.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def unlink(request: HttpRequest, identity: int) -> HttpResponse:
    """Ask whether to unlink an identity, then do it."""
    user = cast(User, request.user)
    found = next((each for each in linked_identities(user.id) if each.id == identity), None)
    if found is None:
        raise Http404
    if not can_sign_in_here(user):
        # Before the password is asked for: there may be none.
        return render(request, "sso/unlink.html", {"identity": found, "only": True}, status=409)
    response: HttpResponse = _unlink(request, found)
    return response


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def _unlink(request: HttpRequest, identity: LinkedIdentity) -> HttpResponse:
    if request.method != "POST":
        return render(request, "sso/unlink.html", {"identity": identity})
    user = cast(User, request.user)
    try:
        identities.unlink(user.id, identity.id)
    except NotPossible:
        return render(request, "sso/unlink.html", {"identity": identity, "only": True}, status=409)
    if _has_ended(request):
        # This session began with the identity.
        auth.logout(request)
        return redirect("account_login")
    messages.success(request, gettext("The sign-in was unlinked."))
    return redirect("security")


def _has_ended(request: HttpRequest) -> bool:
    key = request.session.session_key
    return ORIGIN in request.session and not Session.objects.filter(session_key=key).exists()
