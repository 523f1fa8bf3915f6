from django.apps import AppConfig


class ChatsConfig(AppConfig):
    name = "apps.chats"
    label = "chats"

    def ready(self) -> None:
        from apps.accounts.close_handlers import register_close_handler
        from apps.chats.actions.account_closure import close_account
        from apps.chats.actions.chat_locks import lock_direct
        from apps.chats.queries.notices import describe
        from apps.contacts.contact_locks import register_contact_lock
        from apps.notifications.notices import register_describer

        register_close_handler("chats", close_account)
        register_contact_lock(lock_direct)
        register_describer(describe)
