"""One page, which shows that the server is up."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def livez(request: HttpRequest) -> HttpResponse:
    """Return 200."""
    return HttpResponse("up")


urlpatterns = [path("livez", livez)]
