from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0002_undelivered'),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='kind',
            field=models.CharField(choices=[('show', 'Show'), ('clear', 'Clear'), ('renew', 'Renew')], default='show', max_length=5),
        ),
    ]
