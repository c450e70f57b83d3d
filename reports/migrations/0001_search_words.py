"""What the tables need before they exist: extensions, and French search that ignores accents."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

CREATE = """
CREATE TEXT SEARCH CONFIGURATION reports_words (COPY = french);
ALTER TEXT SEARCH CONFIGURATION reports_words
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem;
"""


class Migration(migrations.Migration):
    initial = True

    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        # One index over a point and a category.
        BtreeGistExtension(),
        migrations.RunSQL(CREATE, "DROP TEXT SEARCH CONFIGURATION reports_words"),
    ]
