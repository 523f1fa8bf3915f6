"""The pages of custom emoji."""

from django.urls import path

from apps.emoji.views import emoji

urlpatterns = [
    path("settings/emoji", emoji.page, name="emoji"),
    path("settings/emoji/<str:name>/aliases", emoji.add_alias, name="emoji-alias"),
    path(
        "settings/emoji/<str:name>/aliases/<str:alias>/remove",
        emoji.remove_alias,
        name="emoji-alias-remove",
    ),
    path("settings/emoji/<str:name>/remove", emoji.remove, name="emoji-remove"),
]
