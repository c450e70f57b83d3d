"""Static files with the hash of their content in their name, ES-module imports included."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedModules(ManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
    # A test or a fresh checkout that has not collected yet shows the plain name; production collects before it starts.
    manifest_strict = False
