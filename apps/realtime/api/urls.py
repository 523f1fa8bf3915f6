"""The API paths of presence, under /api/v1/."""

from django.urls import path

from apps.realtime.api.presence import PresenceView

urlpatterns = [path("presence", PresenceView.as_view())]
