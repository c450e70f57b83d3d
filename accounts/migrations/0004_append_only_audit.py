"""Makes the database itself refuse to change or remove what the record says."""

from django.db import migrations

CREATE = """
CREATE FUNCTION accounts_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'accounts_auditentry is append-only';
END $$;

CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON accounts_auditentry
FOR EACH ROW EXECUTE FUNCTION accounts_audit_stays();
"""

DROP = """
DROP TRIGGER audit_stays ON accounts_auditentry;
DROP FUNCTION accounts_audit_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_people_and_their_data")]

    operations = [migrations.RunSQL(CREATE, DROP)]
