"""The addresses of SCIM, under /scim/v2/."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt


def _view(name: str) -> Callable[..., HttpResponse]:
    """The view of that name; while SCIM is not set up there is nothing here.

    It is imported for its first request: SCIM's library takes a second of processor time, and few
    servers have a directory.
    """

    @csrf_exempt  # no cookie is read: the bearer token says who asks
    def view(request: HttpRequest, **given: Any) -> HttpResponse:
        if not settings.SCIM_TOKEN or not settings.OIDC_ISSUER:
            raise Http404
        from apps.scim import views

        response: HttpResponse = getattr(views, name)(request, **given)
        return response

    return view


urlpatterns = [
    path("Users", _view("users"), name="scim-users"),
    path("Users/.search", _view("search")),
    # Of all types of resources: there is one.
    path(".search", _view("search")),
    path("Users/<uuid:entry>", _view("user"), name="scim-user"),
    path("ServiceProviderConfig", _view("config")),
    path("ResourceTypes", _view("types")),
    path("ResourceTypes/<str:name>", _view("one_type")),
    path("Schemas", _view("all_schemas")),
    path("Schemas/<str:name>", _view("one_schema")),
    re_path("", _view("unknown")),
]
