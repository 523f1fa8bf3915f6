"""An export of one chat."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0027_placeholder")]

    operations = [migrations.AddField("export", "chat", models.UUIDField(null=True))]
