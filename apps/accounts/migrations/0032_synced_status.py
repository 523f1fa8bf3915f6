from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0031_refuse_identities"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="synced_emoji",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AddField(
            model_name="user",
            name="synced_from",
            field=models.CharField(blank=True, db_default="", max_length=16),
        ),
        migrations.AddField(
            model_name="user",
            name="synced_quiet",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="user",
            name="synced_text",
            field=models.CharField(blank=True, db_default="", max_length=80),
        ),
        migrations.AddField(
            model_name="user",
            name="synced_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
