from django.db import migrations, models

# An entry of the kind "removed" has the revision right before the one that ended the membership.
REMOVED_BEFORE = """
UPDATE chats_member m SET removed = true
WHERE m.left_rev IS NOT NULL AND EXISTS (
    SELECT FROM chats_message e
    WHERE e.chat_id = m.chat_id AND e.rev = m.left_rev - 1 AND e.kind = 'removed'
        AND e.about = m.user_id)
"""
# Links end with the right to make them; those that outlived it until now end here.
OUTLIVED = """
UPDATE chats_invitelink l SET revoked_at = now()
WHERE l.revoked_at IS NULL AND NOT EXISTS (
    SELECT FROM chats_member m JOIN accounts_user u ON u.id = m.user_id AND u.is_active
    WHERE m.chat_id = l.chat_id AND m.user_id = l.made_by_id AND m.left_rev IS NULL
        AND m.role IN ('owner', 'admin'))
"""


class Migration(migrations.Migration):
    dependencies = [("chats", "0006_notify"), ("accounts", "0005_status")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="removed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(REMOVED_BEFORE, migrations.RunSQL.noop),
        migrations.RunSQL(OUTLIVED, migrations.RunSQL.noop),
    ]
