"""API routes of bots."""

from django.urls import path

from apps.integrations.api import bots

urlpatterns = [
    path("bots", bots.BotsView.as_view()),
    path("bots/<uuid:bot>", bots.BotView.as_view()),
    path("bots/<uuid:bot>/tokens", bots.TokensView.as_view()),
    path("bots/<uuid:bot>/tokens/<uuid:token>", bots.TokenView.as_view()),
]
