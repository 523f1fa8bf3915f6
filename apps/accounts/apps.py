from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import authentication_step_completed
        from allauth.mfa.signals import authenticator_used
        from django.contrib.auth.models import Group
        from django.contrib.auth.signals import user_logged_in, user_logged_out
        from django.db.models.signals import m2m_changed, pre_delete

        from apps.accounts import deletion_signals, group_signals, sign_outs, staff
        from apps.accounts.access_handlers import register_access
        from apps.accounts.actions import erasure, exports, sessions
        from apps.accounts.erasure_handlers import register_erasure
        from apps.accounts.export_handlers import register_export
        from apps.accounts.queries import data_export

        # Called after that of the sessions: docs/locks.md.
        register_access("accounts", end=exports.end_of_scope, left=exports.left)
        register_access("accounts", end=sessions.end_of_scope, left=sessions.left)
        user_logged_in.connect(staff.on_sign_in)
        user_logged_in.connect(deletion_signals.on_sign_in)
        user_logged_out.connect(sign_outs.on_sign_out)
        authentication_step_completed.connect(staff.on_step)
        authenticator_used.connect(staff.on_used)
        m2m_changed.connect(group_signals.on_permissions, sender=Group.permissions.through)
        pre_delete.connect(group_signals.on_deletion, sender=Group)
        register_export("accounts", data_export.sections)
        register_erasure("accounts", erasure.erase)
