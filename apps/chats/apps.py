from django.apps import AppConfig


class ChatsConfig(AppConfig):
    name = "apps.chats"
    label = "chats"

    def ready(self) -> None:
        from apps.chats.queries.notices import describe
        from apps.notifications.notices import described_by

        described_by(describe)
