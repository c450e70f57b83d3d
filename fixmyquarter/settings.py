"""Everything that can differ between two installations, read once from the environment.

A value `X` may also be given as a file named by `X_FILE` (Docker and Kubernetes secrets). In production the portal
refuses to start without its secrets: see `docs/operators.md` for the whole list.
"""

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


# --- Identity ---------------------------------------------------------------------------------------------------------

SECRET_KEY = required("FMQ_SECRET_KEY", "development-only-key-that-production-refuses-to-start-with")
PUBLIC_URL = required("FMQ_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = [host for host in required("FMQ_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if host]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CONTACT_EMAIL = env.str("FMQ_CONTACT_EMAIL", "contact@fixmyquarter.example")

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
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "leaflet",
    "channels",
    "django_celery_beat",
    "django_prometheus",
    "csp",
    "accounts",
    "reports",
    "moderation",
    "fixmyquarter.apps.WiringConfig",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "fixmyquarter.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "fixmyquarter.admin_site.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "fixmyquarter.middleware.LanguageFromAddressMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "fixmyquarter.urls"
WSGI_APPLICATION = "fixmyquarter.wsgi.application"
ASGI_APPLICATION = "fixmyquarter.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = reverse_lazy("sign-in")
LOGIN_REDIRECT_URL = reverse_lazy("account")
LOGOUT_REDIRECT_URL = reverse_lazy("home")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

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
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "sweep photos": {"task": "reports.tasks.sweep_photos", "schedule": timedelta(minutes=1)},
    "sweep confirmations": {"task": "reports.tasks.sweep_confirmations", "schedule": timedelta(minutes=1)},
    "compact map cells": {"task": "reports.tasks.compact_map_cells", "schedule": timedelta(minutes=1)},
    "forget expired tokens": {"task": "accounts.tasks.forget_expired_tokens", "schedule": timedelta(days=1)},
    "refresh figures": {"task": "reports.tasks.refresh_figures", "schedule": timedelta(minutes=1)},
}
CELERY_TIMEZONE = "UTC"

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
EMAIL_TIMEOUT = 10

# --- API --------------------------------------------------------------------------------------------------------------

THROTTLE = env.bool("FMQ_THROTTLE", default=True)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "reports.api.problems.problem_response",
    "DEFAULT_THROTTLE_CLASSES": ["reports.throttles.Reads"] if THROTTLE else [],
    "DEFAULT_THROTTLE_RATES": {
        "reads": "600/min",
        "create-report": "60/hour",
        "sign-in": "10/min",
        "support": "60/hour",
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
    "ENUM_NAME_OVERRIDES": {"ReportStatus": "reports.workflow.STATUSES", "PhotoStatus": ["processing", "ready"]},
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
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
# The admin's theme evaluates its attributes (Alpine) and sets inline styles; only staff ever load it.
ADMIN_CSP = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}

# Debian 12's GDAL cannot be told to leave the network alone. Boundary files are read by `manage.py load_quarters`,
# which only an operator of the machine can run; no upload ever reaches GDAL.
SILENCED_SYSTEM_CHECKS = ["gis.W001"]

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
    "DASHBOARD_CALLBACK": "moderation.admin.navigation.first_page",
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
