"""API routes of chats."""

from django.urls import path

from apps.chats.api import chats, files, groups, messages, notified, one_message, scheduled, search

urlpatterns = [
    path("chats", chats.Chats.as_view()),
    path("chats/direct", chats.DirectChat.as_view()),
    path("chats/<uuid:chat>", chats.OneChat.as_view()),
    path("chats/<uuid:chat>/marks", chats.ChatMarks.as_view()),
    path("chats/<uuid:chat>/positions", chats.ChatPositions.as_view()),
    path("chats/<uuid:chat>/messages", messages.Messages.as_view()),
    path("chats/<uuid:chat>/changes", messages.Changes.as_view()),
    path("receipts", messages.Receipts.as_view()),
    path("groups", groups.Groups.as_view()),
    path("chats/<uuid:chat>/title", groups.GroupTitle.as_view()),
    path("chats/<uuid:chat>/picture", groups.GroupPicture.as_view()),
    path("chats/<uuid:chat>/members", groups.ChatMembers.as_view()),
    path("chats/<uuid:chat>/members/<uuid:person>", groups.OneMember.as_view()),
    path("chats/<uuid:chat>/links", groups.Links.as_view()),
    path("chats/<uuid:chat>/links/<uuid:link>", groups.OneLink.as_view()),
    path("join/<str:secret>", groups.JoinByLink.as_view()),
    path("chats/<uuid:chat>/files", files.ChatFiles.as_view()),
    path("chats/<uuid:chat>/message-links", files.ChatLinks.as_view()),
    path("chats/<uuid:chat>/pins", one_message.Pins.as_view()),
    path("chats/<uuid:chat>/draft", one_message.ChatDraft.as_view()),
    path("drafts", one_message.MyDrafts.as_view()),
    path("search", search.Search.as_view()),
    path("scheduled", scheduled.AllScheduled.as_view()),
    path("scheduled/<uuid:scheduled_id>", scheduled.OneScheduled.as_view()),
    path("scheduled/<uuid:scheduled_id>/withdraw", scheduled.WithdrawnMessage.as_view()),
    path("notifications/rehearsal", notified.TryRules.as_view()),
    path("saved", one_message.SavedMessages.as_view()),
    *(
        path(f"chats/<uuid:chat>/messages/<int:seq>{end}", view.as_view())
        for end, view in {
            "": one_message.OneMessage,
            "/edits": one_message.FormerTexts,
            "/reactions": one_message.Reactions,
            "/reactions/<str:emoji>": one_message.OneReaction,
            "/pin": one_message.Pin,
            "/saved": one_message.Save,
            "/thread": one_message.Thread,
            "/seen": one_message.Seen,
            "/notified": notified.Notified,
        }.items()
    ),
]
