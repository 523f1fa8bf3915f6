"""The password pages: closed to people whose password is at the identity provider."""

from collections.abc import Callable

from allauth.account import views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.sso.queries.identities import signs_in_elsewhere

View = Callable[[HttpRequest], HttpResponse]


def _unless_elsewhere(page: View) -> View:
    @login_required
    def view(request: HttpRequest) -> HttpResponse:
        if signs_in_elsewhere(request.user):
            return render(request, "sso/password.html")
        return page(request)

    return view


change = _unless_elsewhere(views.password_change)
set_first = _unless_elsewhere(views.password_set)
