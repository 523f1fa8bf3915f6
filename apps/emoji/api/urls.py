"""API routes of custom emoji."""

from django.urls import path

from apps.emoji.api.emoji import AliasView, EmojiListView, EmojiView, ImageView, StillImageView

urlpatterns = [
    path("emoji", EmojiListView.as_view()),
    path("emoji/images/<uuid:image>.webp", ImageView.as_view()),
    path("emoji/images/<uuid:image>-still.webp", StillImageView.as_view()),
    path("emoji/<str:name>", EmojiView.as_view()),
    path("emoji/<str:name>/aliases/<str:alias>", AliasView.as_view()),
]
