"""The API paths of accounts, under /api/v1/."""

from django.urls import path

from apps.accounts.api.devices import DevicesView, DeviceView
from apps.accounts.api.session import SessionView

urlpatterns = [
    path("session", SessionView.as_view(), name="api-session"),
    path("devices", DevicesView.as_view()),
    path("devices/<uuid:device>", DeviceView.as_view()),
]
