from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0022_administrators_suspensions")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="has_decision",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
