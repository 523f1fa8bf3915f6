"""The Django admin, whose every view asks first for what `accounts.staff` says."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts.staff import Missing, missing

View = Callable[..., HttpResponse]
OPEN = {"logout"}


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
        return super().admin_view(_checked(view), cacheable)


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
                return _refused(request, "permission")
        # A form is not kept: the page that it came from is shown again.
        back = request.get_full_path() if request.method == "GET" else request.path
        query = urlencode({"next": back})
        if lacks is Missing.RETYPE:
            return redirect(f"{reverse('account_reauthenticate')}?{query}")
        # The provider is asked for a new proof only on the way to the admin.
        page = "sso-login" if lacks is Missing.SIGN_IN else "account_login"
        return _refused(request, lacks.value, sign_in=f"{reverse(page)}?{query}")

    return inner


def _refused(request: HttpRequest, lacks: str, sign_in: str = "") -> HttpResponse:
    """The page that says what is missing: a value of `Missing`, "staff" or "permission"."""
    context = {"lacks": lacks, "sign_in": sign_in}
    return render(request, "accounts/staff.html", context, status=403)
