"""Pages of bots."""

from django.urls import path

from apps.integrations.views import bots

urlpatterns = [
    path("settings/bots", bots.page, name="bots"),
    path("settings/bots/<uuid:bot>", bots.one, name="bot"),
    path("settings/bots/<uuid:bot>/delete", bots.delete, name="bot-delete"),
    path(
        "settings/bots/<uuid:bot>/tokens/<uuid:token>/revoke", bots.revoke, name="bot-token-revoke"
    ),
]
