from django.apps import AppConfig


class ChatsConfig(AppConfig):
    name = "apps.chats"
    label = "chats"

    def ready(self) -> None:
        from apps.accounts.endings import ends_with_account
        from apps.chats.actions.account_closure import close_account
        from apps.chats.actions.chat_locks import lock_direct
        from apps.chats.queries.notices import describe
        from apps.contacts.parting import locked_by
        from apps.notifications.notices import described_by

        ends_with_account("chats", close_account)
        locked_by(lock_direct)
        described_by(describe)
