"""The Django admin, whose every view asks first for what `accounts.staff` says."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts.staff import Missing, missing

View = Callable[..., HttpResponse]
OPEN = {"logout"}


class StaffSite(AdminSite):
    """Django's admin with one more check of each view."""

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
            return view(request, *args, **given)
        # A form is not kept: the page that it came from is shown again.
        back = request.get_full_path() if request.method == "GET" else request.path
        query = urlencode({"next": back})
        if lacks is Missing.RETYPE:
            return redirect(f"{reverse('account_reauthenticate')}?{query}")
        context = {"lacks": lacks.value, "sign_in": f"{reverse('account_login')}?{query}"}
        return render(request, "accounts/staff.html", context, status=403)

    return inner
