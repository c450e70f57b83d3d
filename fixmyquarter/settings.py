"""Everything that can differ between two installations, read once from the environment.

A value `X` may also be given as a file named by `X_FILE` (Docker and Kubernetes secrets). In production the portal
refuses to start without its secrets: see `docs/operators.md` for the whole list.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

env = environ.FileAwareEnv()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = (BASE_DIR / env.str("FMQ_VAR", "var")).resolve()

ENVIRONMENT = env.str("FMQ_ENV", "development")
if ENVIRONMENT not in {"development", "production"}:
    message = f"FMQ_ENV is {ENVIRONMENT!r}; write development or production."
    raise ImproperlyConfigured(message)
PRODUCTION = ENVIRONMENT == "production"
DEBUG = not PRODUCTION and env.bool("FMQ_DEBUG", default=False)


def required(name: str, development: str) -> str:
    """Return the variable; without it, `development` outside production and a refusal to start in production."""
    if PRODUCTION:
        value: str = env.str(name, "")
        if not value:
            message = f"Set {name} (or {name}_FILE) before you start FixMyQuarter in production."
            raise ImproperlyConfigured(message)
        return value
    return str(env.str(name, development))


def oidc_providers(text: str) -> list[tuple[dict[str, Any], str]]:
    """Return the OpenID Connect providers of FMQ_OIDC_PROVIDERS (see `docs/operators.md`), each with its origin."""
    wanted = {"id", "name", "issuer", "client_id", "secret"}
    message = f"FMQ_OIDC_PROVIDERS must be a JSON list of objects with exactly {', '.join(sorted(wanted))}."
    try:
        given = json.loads(text or "[]")
    except json.JSONDecodeError as error:
        raise ImproperlyConfigured(message) from error
    if not isinstance(given, list) or any(not isinstance(one, dict) or set(one) != wanted for one in given):
        raise ImproperlyConfigured(message)
    return [
        (
            {
                "provider_id": one["id"],
                "name": one["name"],
                "client_id": one["client_id"],
                "secret": one["secret"],
                "settings": {"server_url": one["issuer"].rstrip("/")},
            },
            "/".join(one["issuer"].split("/")[:3]),
        )
        for one in given
    ]


# --- Identity ---------------------------------------------------------------------------------------------------------

SECRET_KEY = required("FMQ_SECRET_KEY", "development-only-key-that-production-refuses-to-start-with")
PUBLIC_URL = required("FMQ_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = [host for host in required("FMQ_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if host]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CONTACT_EMAIL = env.str("FMQ_CONTACT_EMAIL", "contact@fixmyquarter.example")

# Contact data lies encrypted under these Fernet keys: the first writes, all read; see `docs/operators.md`.
DEVELOPMENT_CONTACT_KEY = "ZGV2ZWxvcG1lbnQtb25seS1jb250YWN0LWtleS0wMDE="
CONTACT_KEYS = [key.strip() for key in required("FMQ_CONTACT_KEYS", DEVELOPMENT_CONTACT_KEY).split(",") if key.strip()]

# --- Apps -------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "rest_framework",
    "rest_framework_gis",
    "rest_framework_simplejwt.token_blacklist",
    "oauth2_provider",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "leaflet",
    "channels",
    "django_celery_beat",
    "django_prometheus",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.usersessions",
    "accounts",
    "reports",
    "moderation",
    "notifications",
    "fixmyquarter.apps.WiringConfig",
]

# The app that tells people can be left out: nothing of the core imports it.
NOTIFICATIONS = env.bool("FMQ_NOTIFICATIONS", default=True)
if not NOTIFICATIONS:
    INSTALLED_APPS.remove("notifications")

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "fixmyquarter.middleware.RequestIdMiddleware",
    "fixmyquarter.middleware.WholeBodyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "fixmyquarter.middleware.OpenReadsMiddleware",
    "fixmyquarter.admin_site.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "fixmyquarter.middleware.LanguageFromAddressMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.MarkerMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.middleware.OriginMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "fixmyquarter.urls"
WSGI_APPLICATION = "fixmyquarter.wsgi.application"
ASGI_APPLICATION = "fixmyquarter.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("account")
LOGOUT_REDIRECT_URL = reverse_lazy("home")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]

# --- Signing in (django-allauth) --------------------------------------------------------------------------------------

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# Mails are slow on some networks; three wrong tries end a code in any case.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
# Per address of the network (ip), per account or mailbox (key), per signed-in person (user). FMQ_THROTTLE=0 lifts them.
ACCOUNT_RATE_LIMITS: Any = env.bool("FMQ_THROTTLE", default=True) and {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "signup": "20/m/ip",
    "request_login_code": "20/m/ip,3/m/key,15/h/key",
    "reset_password": "20/m/ip,3/m/key,15/h/key",
    "reset_password_from_key": "20/m/ip",
    "confirm_email": "1/10s/key,15/h/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
}
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "accounts.forms.SignUpForm",
    "request_login_code": "accounts.forms.RequestCodeForm",
    "confirm_login_code": "accounts.forms.SignInCodeForm",
    "confirm_email_verification_code": "accounts.forms.AddressCodeForm",
    "reset_password": "accounts.forms.ResetForm",
    "confirm_password_reset_code": "accounts.forms.ResetCodeForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "add_email": "accounts.forms.ChangeAddressForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAdapter"
SOCIALACCOUNT_FORMS = {
    "signup": "accounts.forms.ProviderSignUpForm",
    "disconnect": "accounts.forms.DisconnectForm",
}
# A provider's account is joined to ours by a person who is signed in to both, never because the addresses are alike.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
# Joining asks for agreement to the rules, whatever the way in.
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = False
OIDC_PROVIDERS = oidc_providers(env.str("FMQ_OIDC_PROVIDERS", ""))
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app for app, _origin in OIDC_PROVIDERS]}
}
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.SecondFactorForm",
    "reauthenticate": "accounts.forms.SecondFactorAgainForm",
    "activate_totp": "accounts.forms.ActivateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "FixMyQuarter"
# Clocks of phones differ; `accounts.forms.UsedOnce` remembers a code for as long as it could come back.
MFA_TOTP_TOLERANCE = 1
USERSESSIONS_TRACK_ACTIVITY = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fixmyquarter.context.portal",
            ],
        },
    },
]

# --- PostgreSQL, Redis, Celery, Channels ------------------------------------------------------------------------------

DATABASES: dict[str, Any] = {
    "default": {
        **env.db_url_config(required("FMQ_DATABASE_URL", "postgis://fixmyquarter@127.0.0.1:5432/fixmyquarter")),
        "ENGINE": "django_prometheus.db.backends.postgis",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Compiling a plan costs more than any of our queries takes. A page that waits longer than the limit is broken;
        # long work belongs to the worker, which sets its own.
        "OPTIONS": {"options": "-c jit=off -c statement_timeout=20000 -c idle_in_transaction_session_timeout=60000"},
    },
}

REDIS_URL = required("FMQ_REDIS_URL", "redis://127.0.0.1:6379").rstrip("/")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"{REDIS_URL}/0",
        "KEY_PREFIX": "fmq",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    },
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [f"{REDIS_URL}/2"], "prefix": "fmq"},
    },
}

CELERY_BROKER_URL = f"{REDIS_URL}/1"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Publishing a task must not hold a request for long when the broker is away: the sweeps pick the work up later.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5, "visibility_timeout": 600}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "reports.tasks.make_photo_variants": {"queue": "photos"},
    "reports.tasks.send_confirmation": {"queue": "urgent"},
    "accounts.tasks.send_erasure_notice": {"queue": "urgent"},
    "reports.tasks.dispatch_event": {"queue": "urgent"},
    # Thousands of mails must not stand before the next event, nor before somebody's confirmation.
    "notifications.tasks.deliver_one": {"queue": "mail"},
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
# How often what a lost broker or a killed worker left behind is looked for.
SWEEP_SECONDS = env.int("FMQ_SWEEP_SECONDS", 60)
CELERY_BEAT_SCHEDULE = {
    "sweep events": {"task": "reports.tasks.sweep_events", "schedule": timedelta(seconds=SWEEP_SECONDS)},
    "sweep deliveries": {
        "task": "notifications.tasks.sweep_deliveries",
        "schedule": timedelta(seconds=SWEEP_SECONDS),
    },
    "sweep photos": {"task": "reports.tasks.sweep_photos", "schedule": timedelta(minutes=1)},
    "sweep confirmations": {"task": "reports.tasks.sweep_confirmations", "schedule": timedelta(minutes=1)},
    "compact map cells": {"task": "reports.tasks.compact_map_cells", "schedule": timedelta(minutes=1)},
    "sweep exports": {"task": "accounts.tasks.sweep_exports", "schedule": timedelta(minutes=5)},
    "sweep erasures": {"task": "accounts.tasks.sweep_erasures", "schedule": timedelta(minutes=10)},
    "forget unconfirmed accounts": {
        "task": "accounts.tasks.forget_unconfirmed_accounts",
        "schedule": timedelta(days=1),
    },
    "forget old deliveries": {"task": "notifications.tasks.forget_old_deliveries", "schedule": timedelta(days=1)},
    "forget old contacts": {"task": "reports.tasks.forget_old_contacts", "schedule": timedelta(hours=6)},
    "forget ended bans": {"task": "accounts.tasks.forget_bans", "schedule": timedelta(days=1)},
    "sweep lists": {"task": "moderation.tasks.sweep_lists", "schedule": timedelta(minutes=1)},
    "forget expired tokens": {"task": "accounts.tasks.forget_expired_tokens", "schedule": timedelta(days=1)},
    "sweep digests": {"task": "notifications.tasks.sweep_digests", "schedule": timedelta(minutes=5)},
    "escalate late": {"task": "moderation.tasks.escalate_late", "schedule": timedelta(minutes=10)},
    "sweep links": {"task": "moderation.tasks.sweep_links", "schedule": timedelta(minutes=10)},
    "refresh figures": {"task": "reports.tasks.refresh_figures", "schedule": timedelta(minutes=1)},
}
if not NOTIFICATIONS:
    CELERY_BEAT_SCHEDULE = {
        name: entry
        for name, entry in CELERY_BEAT_SCHEDULE.items()
        if not str(entry["task"]).startswith("notifications.")
    }
CELERY_TIMEZONE = "UTC"

# --- The event log's consumers, and telling people --------------------------------------------------------------------

# Functions `consume(event_id: int) -> None`, each safe to call twice; see `reports.services.dispatch`.
EVENT_CONSUMERS = [
    "moderation.services.pictures.consume",
    "moderation.services.statements.consume",
    *(["notifications.services.dispatch.consume"] if NOTIFICATIONS else []),
]
# What the core asks of apps that it does not know; empty where the app is left out.
# `tell(*, key, template, data, language, user=None, email="") -> None` stores one mail in the caller's transaction.
TELL = "notifications.services.outbox.tell" if NOTIFICATIONS else ""
# The mails before they are sent: `of_event(*, event, duplicate)` for an event that is not saved, and
# `of_mail(*, template, data, language)` for one of `TELL`; each gives `{"subject", "text", "html"}`.
MAIL_PREVIEW = "notifications.services.previews.of_event" if NOTIFICATIONS else ""
TELL_PREVIEW = "notifications.services.previews.of_mail" if NOTIFICATIONS else ""
# `asked(report) -> {"text", "token", "until"} | None`: what the team asks a report's author, for their private page.
AUTHOR_ASKED = "moderation.services.questions.open_for_author"
# `end_open(*, report, actor)` ends what waits for an answer about a report that is closed, in that transaction;
# `open_again(*, report, event)` takes this back together with the change of status that `event` tells.
REPORT_CLOSED = "moderation.services.ending.end_open"
CLOSING_UNDONE = "moderation.services.ending.open_again"
# `screen(*, draft, photos, crowded) -> Screening` says before a report is kept whether it waits for a moderator, and
# why.
REPORT_SCREENING = "moderation.services.screening.screen"
# `screen_words(*, text, report) -> list[str]`: further codes (`reports.screening.WORDS`) for which a comment is held.
WORDS_SCREENING = "moderation.services.screening.screen_words"
# A message that fails is tried so often, first after so long, then after twice as long each time: a day in all.
# So many seconds the mails about a judgement wait, for the moderator to take it back before anybody hears of it.
DECISION_GRACE_SECONDS = env.int("FMQ_DECISION_GRACE", 60)
DELIVERY_TRIES = env.int("FMQ_DELIVERY_TRIES", 20)
DELIVERY_FIRST_WAIT_SECONDS = env.int("FMQ_DELIVERY_FIRST_WAIT", 30)
DELIVERY_LONGEST_WAIT_SECONDS = env.int("FMQ_DELIVERY_LONGEST_WAIT", 7200)
# A worker that took a message, or a queue that was given one, and is silent for so long counts as lost.
DELIVERY_CLAIM_SECONDS = env.int("FMQ_DELIVERY_CLAIM", 240)
# Modules with `export(user)` and `erase(user)`: what each app knows about a person; see `accounts.services.data`.
PERSONAL_DATA = [
    "accounts.personal_data",
    "reports.personal_data",
    "moderation.personal_data",
    "notifications.personal_data",
]
if not NOTIFICATIONS:
    PERSONAL_DATA.remove("notifications.personal_data")

# Functions `load(*, now)` by which an app that `reports` does not know adds to the demonstration; see `manage.py demo`.
DEMO_PARTS = [
    "moderation.demo.alerts.load",
    "moderation.demo.abuse.load",
    "moderation.demo.work.load",
    "moderation.demo.links.load",
    "moderation.demo_words.load",
]

# --- Comments and alerts ----------------------------------------------------------------------------------------------

# Until an account is this many days old and something of theirs was accepted, links and contact data in what a person
# writes wait for a moderator.
COMMENT_NEWCOMER_DAYS = env.int("FMQ_COMMENT_NEWCOMER_DAYS", 7)
# More reports than this within an hour, from one device, account, e-mail address or address of the network, wait for a
# moderator. Behind one address of the network may stand a whole market.
SCREENING_PER_HOUR = {
    "device": env.int("FMQ_SCREENING_PER_DEVICE", 4),
    "account": env.int("FMQ_SCREENING_PER_ACCOUNT", 8),
    "sender": env.int("FMQ_SCREENING_PER_EMAIL", 4),
    "crowd": env.int("FMQ_SCREENING_PER_ADDRESS", 20),
}
# Whoever has so many accepted reports, and none refused for so many days, is trusted: where reports are published
# before they are judged, only a blocked term holds theirs.
TRUSTED_AFTER = env.int("FMQ_TRUSTED_AFTER", 5)
TRUSTED_DAYS = env.int("FMQ_TRUSTED_DAYS", 90)
# So many people or devices take something from view until a moderator has looked. A report takes more: it says that
# something is broken, and somebody may wish that nobody read it.
FLAG_THRESHOLDS = {
    "report": env.int("FMQ_FLAG_THRESHOLD_REPORT", 5),
    "photo": env.int("FMQ_FLAG_THRESHOLD_PHOTO", 3),
    "comment": env.int("FMQ_FLAG_THRESHOLD_COMMENT", 3),
}
# So many days a decision can be contested; the statement of its reasons says until when.
APPEAL_DAYS = env.int("FMQ_APPEAL_DAYS", 180)

# By this key push services know us; `manage.py vapid_keys` makes one. A new one ends every subscription.
VAPID_PRIVATE_KEY = required("FMQ_VAPID_PRIVATE_KEY", "jh_QydOJlVTeRgiTDUzsMgDi0rwxSsCmZviT7Q6QBgM")
# The only hosts that a browser may name as its push service: a host, or `*.` and the end of one.
PUSH_HOSTS = env.list(
    "FMQ_PUSH_HOSTS",
    default=["fcm.googleapis.com", "*.push.services.mozilla.com", "*.notify.windows.com", "*.push.apple.com"],
)

# --- Files ------------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = env.str("FMQ_STATIC_ROOT", str(VAR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.str("FMQ_MEDIA_ROOT", str(VAR / "media")))
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Twenty fields is more than any form has; the files themselves are bounded by nginx and by reports.photos.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 10


def photo_storages() -> dict[str, Any]:
    """Return the two photo storages: variants with a public address, originals without one."""
    if env.str("FMQ_STORAGE", "files") == "s3":
        shared = {
            "endpoint_url": env.str("FMQ_S3_ENDPOINT", "") or None,
            "access_key": required("FMQ_S3_ACCESS_KEY", ""),
            "secret_key": required("FMQ_S3_SECRET_KEY", ""),
            "region_name": env.str("FMQ_S3_REGION", "us-east-1"),
            "file_overwrite": False,
            "default_acl": None,
            "querystring_auth": False,
        }
        backend = "reports.storages.S3Storage"
        public = {
            **shared,
            "bucket_name": required("FMQ_S3_PUBLIC_BUCKET", "fixmyquarter-public"),
            "public_url": required("FMQ_S3_PUBLIC_URL", ""),
        }
        private = {**shared, "bucket_name": required("FMQ_S3_PRIVATE_BUCKET", "fixmyquarter-private"), "public_url": ""}
        return {
            "variants": {"BACKEND": backend, "OPTIONS": public},
            "originals": {"BACKEND": backend, "OPTIONS": private},
        }
    return {
        "variants": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": MEDIA_ROOT / "public", "base_url": "/media/"},
        },
        "originals": {
            "BACKEND": "reports.storages.PrivateFiles",
            "OPTIONS": {"location": MEDIA_ROOT / "private"},
        },
    }


STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "reports.storages.PrivateFiles", "OPTIONS": {"location": MEDIA_ROOT / "private"}},
    "staticfiles": {"BACKEND": "fixmyquarter.staticfiles.HashedModules"},
    **photo_storages(),
}

# --- Languages and time -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "fr"
# Only the admin asks for a chosen language; the public pages have it in their address.
LANGUAGE_COOKIE_PATH = "/admin/"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGES = [("fr", _("Français")), ("en", _("Anglais"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["fixmyquarter.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("FMQ_TIME_ZONE", "Africa/Douala")

# --- Mail -------------------------------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.str("FMQ_DEFAULT_FROM_EMAIL", "FixMyQuarter <ne-pas-repondre@fixmyquarter.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_FILE_PATH = str(VAR / "mail")
# A fourth slash: environ takes the first off the path, and the mails would land under the working directory.
vars().update(env.email_url_config(required("FMQ_EMAIL_URL", f"filemail:///{VAR / 'mail'}")))
# For each answer of the mail server; see `accounts.mail_server`.
EMAIL_TIMEOUT = env.int("FMQ_EMAIL_TIMEOUT", 10)

# --- API --------------------------------------------------------------------------------------------------------------

THROTTLE = env.bool("FMQ_THROTTLE", default=True)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "reports.api.authentication.BearerAuthentication",
        "reports.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["reports.api.parsers.JsonObjectParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "reports.api.problems.problem_response",
    "DEFAULT_THROTTLE_CLASSES": ["reports.throttles.Reads"] if THROTTLE else [],
    "DEFAULT_THROTTLE_RATES": {
        "reads": "600/min",
        "create-report": "60/hour",
        # No refusal: what comes beyond it waits for a moderator.
        "crowd": f"{SCREENING_PER_HOUR['crowd']}/hour",
        "sign-in": "10/min",
        # Of one account: from one address, from all together, and with the right password.
        "sign-in-pair": "20/hour",
        "sign-in-account": "30/5min",
        "sign-in-factor": "20/hour",
        "oauth-token": "60/min",
        # Of one application, from all the phones and machines that it runs on.
        "application": f"{env.int('FMQ_APPLICATION_PER_MINUTE', 3000)}/min",
        "support": "60/hour",
        "new-device": "10/hour",
        "comment": "20/hour",
        # One address may be a whole market behind a mobile operator, or one machine that throws its cookies away.
        "comment-address": "60/hour",
        "flag": "30/hour",
    },
    # The address of the person is the last one that our own front wrote.
    "NUM_PROXIES": 1,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "UPDATE_LAST_LOGIN": True,
}
# What an application may be allowed to do; `reports.api.scopes` says which address needs what.
OAUTH2_PROVIDER = {
    "SCOPES": {
        "read": _("Lire les signalements, les vôtres compris"),
        "reports": _("Signaler, soutenir, suivre et commenter en votre nom"),
        "account": _("Voir et changer votre compte : nom, adresse, préférences, copie de vos données"),
        "staff": _("Agir avec vos droits de service : modérer, prendre en charge, résoudre"),
    },
    "SCOPES_BACKEND_CLASS": "reports.api.scopes.ApplicationScopes",
    "OAUTH2_VALIDATOR_CLASS": "reports.api.oauth_server.Validator",
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 15 * 60,
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 86400,
    "ROTATE_REFRESH_TOKEN": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "PKCE_REQUIRED": True,
    # Plain http is for the loopback address of native apps only; `reports.api.oauth_server` sees to it.
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https", "http"],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["client_secret_basic", "client_secret_post", "none"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "client_credentials", "refresh_token"],
    "OIDC_ISS_ENDPOINT": PUBLIC_URL,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "FixMyQuarter",
    "DESCRIPTION": "Report what is broken in a quarter and follow its repair.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "ReportStatus": "reports.workflow.STATUSES",
        "PhotoStatus": ["processing", "ready"],
        "Frequency": ["at_once", "daily", "weekly", "never"],
        "PushFrequency": ["at_once", "never"],
    },
}

# --- Map --------------------------------------------------------------------------------------------------------------

MAP_TILES_URL = env.str("MAP_TILES_URL", "")
MAP_TILES_ATTRIBUTION = env.str("MAP_TILES_ATTRIBUTION", "© OpenStreetMap")
LEAFLET_CONFIG: dict[str, Any] = {
    # django-leaflet needs a box; each page fits its own town afterwards.
    "SPATIAL_EXTENT": (8.4, 1.6, 16.2, 13.1),
    "DEFAULT_CENTER": (3.866, 11.517),
    "DEFAULT_ZOOM": 12,
    "MIN_ZOOM": 3,
    "MAX_ZOOM": 19,
    "RESET_VIEW": False,
    "SCALE": "metric",
    "ATTRIBUTION_PREFIX": "",
    "TILES": [("tiles", MAP_TILES_URL, {"attribution": MAP_TILES_ATTRIBUTION})] if MAP_TILES_URL else [],
}

# --- Safety -----------------------------------------------------------------------------------------------------------

TILE_ORIGINS = ["/".join(MAP_TILES_URL.split("/")[:3]).replace("{s}", "*")] if MAP_TILES_URL else []
PHOTO_ORIGINS = [
    "/".join(str(option).split("/")[:3]) for option in [STORAGES["variants"]["OPTIONS"].get("public_url")] if option
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *TILE_ORIGINS, *PHOTO_ORIGINS],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *(origin for _app, origin in OIDC_PROVIDERS)],
        "frame-ancestors": [NONE],
    },
}
# The admin's theme evaluates its attributes (Alpine) and sets inline styles; only staff ever load it.
ADMIN_CSP = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}

# Debian 12's GDAL cannot be told to leave the network alone. Boundary files are read by `manage.py load_quarters`,
# which only an operator of the machine can run; no upload ever reaches GDAL.
# Plain http is for the loopback of native apps only (RFC 8252): `reports.api.oauth_server` refuses the rest.
SILENCED_SYSTEM_CHECKS = ["gis.W001", "oauth2_provider.W008"]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "fixmyquarter.errors.csrf_failure"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("FMQ_SSL_REDIRECT", default=True)
    # Probes ask over plain HTTP from inside.
    SECURE_REDIRECT_EXEMPT = [r"^healthz/", r"^metrics$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("FMQ_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# --- Logs -------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "fixmyquarter.middleware.RequestIdFilter"}},
    "formatters": {
        "plain": {"format": "%(levelname)s %(name)s %(message)s"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
        },
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json" if PRODUCTION else "plain",
            "filters": ["request_id"],
        },
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.server": {"handlers": ["stderr"], "propagate": False}},
}

# --- Admin's look -----------------------------------------------------------------------------------------------------

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "FixMyQuarter",
    "SITE_HEADER": "FixMyQuarter",
    "SITE_SUBHEADER": _("Administration"),
    "SITE_URL": "/",
    "SITE_ICON": lambda _request: static("fmq/favicon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("fmq/favicon.svg")}],
    "STYLES": [lambda _request: static("fmq/css/admin.css")],
    "SHOW_HISTORY": True,
    "SHOW_LANGUAGES": True,
    "ENVIRONMENT": None,
    "DASHBOARD_CALLBACK": "moderation.admin.dashboard.first_page",
    "SIDEBAR": {"show_search": False, "navigation": "moderation.admin.navigation.sidebar"},
    "BORDER_RADIUS": "10px",
    # The portal's green and its warm greys (static/fmq/css/tokens.css), in the theme's eleven steps.
    "COLORS": {
        "base": {
            "50": "#f8f6f1",
            "100": "#f0ece3",
            "200": "#ddd7ca",
            "300": "#c3c8c0",
            "400": "#95a39b",
            "500": "#66726b",
            "600": "#4b5851",
            "700": "#3a4841",
            "800": "#25312b",
            "900": "#18211d",
            "950": "#0f1613",
        },
        "primary": {
            "50": "#eef8f4",
            "100": "#d8efe6",
            "200": "#b2dfcf",
            "300": "#9ce6d0",
            "400": "#74d4b8",
            "500": "#35b192",
            "600": "#0b5d4b",
            "700": "#0b5d4b",
            "800": "#08473a",
            "900": "#15342a",
            "950": "#06241c",
        },
    },
}
