"""Gives everybody who has an account already the confirmed address that signing in asks for from now on.

These accounts were made by an administrator or by the command line, who vouched for the address.
"""

from typing import Any

from django.db import migrations


def know(apps: Any, schema_editor: Any) -> None:
    """Make the missing rows."""
    user_model = apps.get_model("accounts", "User")
    address_model = apps.get_model("account", "EmailAddress")
    unknown = user_model.objects.exclude(pk__in=address_model.objects.values("user"))
    for user in unknown.iterator():
        address_model.objects.create(user=user, email=user.email.lower(), verified=True, primary=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_append_only_audit"), ("account", "0009_emailaddress_unique_primary_email")]

    operations = [migrations.RunPython(know, migrations.RunPython.noop)]
