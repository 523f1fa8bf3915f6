from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_endings'),
    ]

    operations = [
        migrations.AddField(
            model_name='session',
            name='renewable_until',
            field=models.DateTimeField(null=True),
        ),
    ]
