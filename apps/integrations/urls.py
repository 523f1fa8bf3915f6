"""Pages of integrations."""

from django.urls import path

from apps.integrations.views import bots, outgoing

OUTGOING = "c/<uuid:chat>/integrations/outgoing"
ONE_OUTGOING = f"{OUTGOING}/<uuid:webhook>"

urlpatterns = [
    path("settings/bots", bots.page, name="bots"),
    path("settings/bots/<uuid:bot>", bots.one, name="bot"),
    path("settings/bots/<uuid:bot>/delete", bots.delete, name="bot-delete"),
    path(
        "settings/bots/<uuid:bot>/tokens/<uuid:token>/revoke", bots.revoke, name="bot-token-revoke"
    ),
    path(OUTGOING, outgoing.page, name="chat-outgoing"),
    path(ONE_OUTGOING, outgoing.one, name="outgoing-webhook"),
    path(f"{ONE_OUTGOING}/secret", outgoing.secret, name="outgoing-secret"),
    path(f"{ONE_OUTGOING}/pause", outgoing.pause, name="outgoing-pause"),
    path(f"{ONE_OUTGOING}/resume", outgoing.resume, name="outgoing-resume"),
    path(f"{ONE_OUTGOING}/test", outgoing.test, name="outgoing-test"),
    path(f"{ONE_OUTGOING}/delete", outgoing.delete, name="outgoing-delete"),
    path(f"{ONE_OUTGOING}/log/<uuid:delivery>/again", outgoing.again, name="outgoing-again"),
]
