"""API routes of bots and commands."""

from django.urls import path

from apps.integrations.api import bots, commands

urlpatterns = [
    path("bots", bots.BotsView.as_view()),
    path("bots/<uuid:bot>", bots.BotView.as_view()),
    path("bots/<uuid:bot>/tokens", bots.TokensView.as_view()),
    path("bots/<uuid:bot>/tokens/<uuid:token>", bots.TokenView.as_view()),
    path("chats/<uuid:chat>/commands", commands.CommandsView.as_view()),
    path("chats/<uuid:chat>/notes", commands.NotesView.as_view()),
    path("chats/<uuid:chat>/notes/<uuid:note>", commands.NoteView.as_view()),
]
