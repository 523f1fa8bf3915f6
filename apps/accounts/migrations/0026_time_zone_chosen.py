"""Whether a person's time zone was chosen. NULL for rows of before, which are not rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0025_barred_emails_and_failed_exports")]

    operations = [
        migrations.AddField(
            "user", "time_zone_chosen", models.BooleanField(null=True, default=None)
        ),
        migrations.AlterField(
            "user", "time_zone_chosen", models.BooleanField(null=True, default=False)
        ),
    ]
