"""The page of what Parley looks like on this device."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@login_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The colours; the browser keeps the choice."""
    return render(request, "accounts/appearance.html")
