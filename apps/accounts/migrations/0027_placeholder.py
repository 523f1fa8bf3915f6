"""Accounts that stand for people of an imported archive."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0026_time_zone_chosen")]

    operations = [
        migrations.CreateModel(
            name="Placeholder",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("subjects", models.JSONField(default=list)),
                ("source", models.CharField(max_length=40)),
                ("former", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("email"),
                        condition=models.Q(("email", ""), _negated=True),
                        name="placeholder_email",
                    )
                ],
            },
        ),
    ]
