"""The Django admin, whose every view asks first for what `accounts.staff` says."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode

from csp.decorators import csp
from django.conf import settings
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import Permission
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts.models import User
from apps.accounts.staff import Missing, missing
from apps.core.expected import expected

View = Callable[..., HttpResponse]
OPEN = {"logout"}
SUPERUSER = "superuser"
# What a page of a model needs; that of one row is read or changed.
VERBS = {"changelist": "view", "history": "view", "add": "add", "delete": "delete"}


class StaffSite(AdminSite):
    """Django's admin with one more check of each view, and without its own ways to sign in."""

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Everybody signs in on one page, with its limits and its second step. Django's form has
        neither."""
        if not request.user.is_authenticated:
            back = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
            return redirect_to_login(back, reverse("account_login"))
        if not self.has_permission(request):
            return _refused(request, "staff")
        return redirect("admin:index")

    def password_change(  # type: ignore[override]  # a redirect has no template
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """The page of everybody: it signs out all other devices. Django's form does not."""
        return redirect("account_change_password")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """The view, for staff who have proved enough. Django checks before that they are staff."""
        return csp(settings.LIBRARY_POLICY)(super().admin_view(_checked(view), cacheable))


def _checked(view: View) -> View:
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        match = request.resolver_match
        if match and match.url_name in OPEN:
            return view(request, *args, **given)
        lacks = missing(request)
        if lacks is None:
            try:
                return view(request, *args, **given)
            except PermissionDenied:
                return _refused(request, "permission", needs=_needed(request))
        # A form is not kept: the page that it came from is shown again.
        back = request.get_full_path() if request.method == "GET" else request.path
        query = urlencode({"next": back})
        if lacks is Missing.RETYPE:
            return redirect(f"{reverse('account_reauthenticate')}?{query}")
        # The provider is asked for a new proof only on the way to the admin.
        page = "sso-login" if lacks is Missing.SIGN_IN else "account_login"
        return expected(_refused(request, lacks.value, sign_in=f"{reverse(page)}?{query}"))

    return inner


def _needed(request: HttpRequest) -> str:
    """What the page needs and the person lacks, in the words of the page of an account: the name of
    a permission, or SUPERUSER. Empty when no permission opens it.

    A page whose permission is not that of its model names it in `needs`.
    """
    match = request.resolver_match
    label, _, rest = (match.url_name or "" if match else "").partition("_")
    model, _, page = rest.rpartition("_")
    if not model:
        return ""
    needs = next(
        (
            getattr(model_admin, "needs", "")
            for each, model_admin in admin.site._registry.items()
            if (each._meta.app_label, each._meta.model_name) == (label, model)
        ),
        "",
    )
    if needs == SUPERUSER:
        return SUPERUSER
    verb = VERBS.get(page, "view" if request.method == "GET" else "change")
    codename = needs or f"{verb}_{model}"
    found = Permission.objects.filter(content_type__app_label=label, codename=codename).first()
    if found is None or cast(User, request.user).has_perm(f"{label}.{codename}"):
        return ""
    return found.name


def _refused(request: HttpRequest, lacks: str, sign_in: str = "", needs: str = "") -> HttpResponse:
    """The page that says what is missing: a value of `Missing`, "staff" or "permission"."""
    context = {"lacks": lacks, "sign_in": sign_in, "needs": needs}
    return render(request, "accounts/staff.html", context, status=403)
