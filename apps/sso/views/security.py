"""The page on which people see and change how they sign in."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.accounts.queries.second_factor import second_factors


@require_GET
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """*Sign-in and security*."""
    user = cast(User, request.user)
    return render(request, "sso/security.html", {"factors": second_factors(user.id)})
