from apps.integrations.admin.incoming import IncomingWebhookAdmin

__all__ = ["IncomingWebhookAdmin"]
