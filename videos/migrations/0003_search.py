from django.db import migrations, models

from videos import searchindex


def install(apps, schema_editor):
    searchindex.install(schema_editor.connection)


def uninstall(apps, schema_editor):
    searchindex.uninstall(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ("videos", "0002_events"),
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("times", models.PositiveIntegerField()),
                ("ends_at", models.DateTimeField()),
            ],
            options={"verbose_name_plural": "tallies"},
        ),
        migrations.AddIndex(
            model_name="tally", index=models.Index(fields=["ends_at"], name="tally_over")
        ),
        migrations.AddIndex(
            model_name="video",
            index=models.Index(
                fields=["owner", "status", "visibility", "-published_at", "-id"], name="video_channel"
            ),
        ),
        migrations.RunPython(install, uninstall),
    ]
