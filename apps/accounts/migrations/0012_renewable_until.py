from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_exports'),
    ]

    operations = [
        migrations.AddField(
            model_name='session',
            name='renewable_until',
            field=models.DateTimeField(null=True),
        ),
    ]
