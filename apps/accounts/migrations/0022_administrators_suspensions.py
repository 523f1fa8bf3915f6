from django.db import migrations, models

# Those of operators, who have no account here, and of people who are administrators today.
MARK = """
UPDATE accounts_suspension SET by_administrator = true
WHERE by_id IS NULL OR by_id IN (SELECT id FROM accounts_user WHERE is_superuser)
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0021_registration_invites")]

    operations = [
        migrations.AddField(
            model_name="suspension",
            name="by_administrator",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="ending",
            index=models.Index(models.F("way"), models.F("begun_at"), name="ending_way"),
        ),
        migrations.AddIndex(
            model_name="ending",
            index=models.Index(
                models.F("begun_at"), name="ending_of_account", condition=models.Q(account=True)
            ),
        ),
        migrations.AddIndex(
            model_name="suspension",
            index=models.Index(models.F("at"), name="suspension_at"),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
    ]
