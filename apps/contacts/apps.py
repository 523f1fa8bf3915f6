from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "apps.contacts"
    label = "contacts"

    def ready(self) -> None:
        from apps.accounts.access_handlers import checks_on_each_change, register_access
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.accounts.invite_handlers import register_invite_links
        from apps.accounts.profile_updates import register_profile_update
        from apps.contacts.actions import erasure, personal_links, profile
        from apps.contacts.queries import data_export, people
        from apps.contacts.queries.personal_links import describe
        from apps.files.viewers import register_viewers

        register_access("contacts", end=checks_on_each_change)
        register_export("contacts", data_export.sections)
        register_erasure("contacts", erasure.erase)
        register_invite_links(describe=describe, accept=personal_links.meet)
        register_viewers(people.may_see_picture)
        # Their contacts see a changed profile, so the action for it is in this app.
        register_profile_update(profile.update)
