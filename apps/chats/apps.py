from django.apps import AppConfig


class ChatsConfig(AppConfig):
    name = "apps.chats"
    label = "chats"

    def ready(self) -> None:
        from apps.accounts.access_handlers import register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.accounts.invite_handlers import register_invite_links
        from apps.chats.actions import account_closure, direct, erasure, invite_links
        from apps.chats.actions.chat_locks import lock_chats_of, lock_direct
        from apps.chats.queries import attachments, data_export, pictures
        from apps.chats.queries.digest import unread_chats
        from apps.chats.queries.notices import describe
        from apps.contacts.acceptance_handlers import register_acceptance
        from apps.contacts.contact_locks import register_contact_lock
        from apps.files.viewers import register_viewers
        from apps.notifications.digest_content import register_unread_reader
        from apps.notifications.notices import register_describer

        register_access("chats", end=account_closure.end_of_scope, left=account_closure.left)
        register_export("chats", data_export.sections)
        register_erasure("chats", erasure.erase)
        register_invite_links(describe=invite_links.describe, accept=invite_links.join_by_link)
        register_contact_lock(lock_direct, lock_chats_of)
        register_acceptance(direct.open_on_acceptance)
        register_viewers(attachments.may_see)
        register_viewers(pictures.may_see)
        register_describer(describe)
        register_unread_reader(unread_chats)
