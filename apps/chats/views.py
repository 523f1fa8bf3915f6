"""The page that the live client runs in."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe


@require_safe
@login_required
@ensure_csrf_cookie
def app(request: HttpRequest, **place: Any) -> HttpResponse:
    """The shell. The client reads the address itself and asks for what it may see."""
    return render(request, "app.html")
