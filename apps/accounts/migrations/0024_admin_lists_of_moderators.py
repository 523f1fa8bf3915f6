from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0023_has_decision")]

    operations = [
        migrations.AddIndex(
            model_name="registrationinvite",
            index=models.Index(models.F("made_at"), name="registration_invite_made"),
        ),
        migrations.AddIndex(
            model_name="slowdown",
            index=models.Index(models.F("until"), name="slowdown_until"),
        ),
    ]
