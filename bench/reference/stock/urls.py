"""One page, to see that the server is up."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def livez(request: HttpRequest) -> HttpResponse:
    """Answer."""
    return HttpResponse("up")


urlpatterns = [path("livez", livez)]
