"""All settings, read from the environment once. README explains each variable.

`ENVIRONMENT=laptop` (the default) needs nothing: emulated S3 and SQS, SQLite, an edge view, loopback only.
`ENVIRONMENT=production` has no defaults for what must not be guessed.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.utils.csp import CSP

from streamsite.env import Env, Misconfigured, kept_secret
from streamsite.programs import default_ffmpeg, default_ffprobe

env = Env(os.environ)
BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = env.choice("ENVIRONMENT", "laptop", ("laptop", "production"))
LAPTOP = ENVIRONMENT == "laptop"
DEBUG = env.flag("DEBUG", False)
VAR_DIR = env.folder("VAR_DIR", BASE_DIR / "var")

# --- where the site is -----------------------------------------------------------------------------------------------
PORT = env.number("PORT", 8000, least=1, most=65535)
SITE_URL = env.url("SITE_URL", f"http://localhost:{PORT}" if LAPTOP else None, path=False)
HTTPS = SITE_URL.startswith("https://")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", f"{SITE_HOST},127.0.0.1" if LAPTOP else SITE_HOST)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECRET_KEY = (
    env.text("SECRET_KEY", kept_secret(VAR_DIR / "secret-key"))
    if LAPTOP
    else env.text("SECRET_KEY", fix="Set it to 50 random characters, and keep them secret.")
)

# --- applications ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "streamsite.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "accounts",
    "videos",
    "transcode",
    "streamsite",
]
MIDDLEWARE = [
    "streamsite.health.healthz",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "streamsite.caching.private_unless_said",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "streamsite.urls"
WSGI_APPLICATION = "streamsite.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.signup",
            ]
        },
    }
]

# --- database and cache ----------------------------------------------------------------------------------------------
DATABASE_URL = env.text(
    "DATABASE_URL",
    f"sqlite:///{VAR_DIR / 'db.sqlite3'}" if LAPTOP else None,
    fix="Set it to mysql://user:password@host/name.",
)
if urlsplit(DATABASE_URL).scheme not in ("sqlite", "mysql"):
    raise Misconfigured(
        "DATABASE_URL",
        # Not the whole of it: a password may be in there.
        f"is an address of kind {urlsplit(DATABASE_URL).scheme!r}",
        "Set it to mysql://user:password@host/name, or sqlite:////path/of/a/file.",
    )
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # The defaults lose 600 of 1600 concurrent transactions to "database is locked"; these lose none.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.mysql":
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        charset="utf8mb4",
        isolation_level="read committed",
        init_command="SET sql_mode='STRICT_TRANS_TABLES,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'",
    )
# Rate limits are counted here, so it must be shared by all processes; the database already is.
# Above this many entries, old ones are forgotten: an attacker must not be able to wash a counter out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- people ----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
SIGNUP = env.choice("SIGNUP", "open" if LAPTOP else "closed", ("open", "invited", "closed"))
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = env.choice(
    "EMAIL_VERIFICATION", "optional" if LAPTOP else "mandatory", ("none", "optional", "mandatory")
)
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_USERNAME_BLACKLIST = ["admin", "root", "staff", "support", "system"]
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
# Who changes an address, a password or a second factor is asked again for what they signed in with, and gets a mail.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "accounts.forms.SignUpForm",
    "add_email": "accounts.forms.AddressForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.FirstPasswordForm",
    "reset_password": "accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "reauthenticate": "accounts.forms.PasswordAgainForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": env.limits("RATE_SIGN_IN", "60/h/ip"),
    "login_failed": env.limits("RATE_SIGN_IN_FAILED", "20/m/ip,10/30m/key"),
    "signup": env.limits("RATE_SIGN_UP", "20/h/ip"),
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0 if LAPTOP else 1)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers allow passkeys without https on localhost, and nowhere else.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LAPTOP and not HTTPS
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "streamsite"
MFA_ADAPTER = "accounts.second_factor.Adapter"
# Where an address may stay unconfirmed, somebody else's could be taken and then locked with a second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = ACCOUNT_EMAIL_VERIFICATION != "optional"
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.FirstCodeForm",
    "add_webauthn": "accounts.forms.PasskeyForm",
    "edit_webauthn": "accounts.forms.PasskeyNameForm",
    "login_webauthn": "accounts.forms.PasskeySignInForm",
    "authenticate_webauthn": "accounts.forms.PasskeySecondForm",
    "reauthenticate_webauthn": "accounts.forms.PasskeyAgainForm",
}
STAFF_SECOND_FACTOR = env.flag("STAFF_SECOND_FACTOR", not LAPTOP)
# For `manage.py upload` to another site.
STREAMSITE_TOKEN = env.text("STREAMSITE_TOKEN", "")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("MAIL_FROM", f"streamsite <no-reply@{SITE_HOST}>")
# On a laptop mail is shown in the web process's log.
MAILERS = {
    "default": {"BACKEND": "streamsite.mail.LogBackend"}
    if LAPTOP
    else {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": env.text("MAIL_HOST", fix="Set it to the host name of your SMTP server."),
            "port": env.number("MAIL_PORT", 587, least=1),
            "username": env.text("MAIL_USER", ""),
            "password": env.text("MAIL_PASSWORD", ""),
            "use_tls": env.flag("MAIL_TLS", True),
            "timeout": 10,
        },
    }
}
# allauth's one conditional constraint (a verified address belongs to one person) cannot be made on MySQL; there
# User.email is unique by itself, which says the same.
SILENCED_SYSTEM_CHECKS = ["models.W036"]

# --- AWS: S3, SQS ----------------------------------------------------------------------------------------------------
if LAPTOP:
    # Everything is on this machine, whatever proxy the rest of the network needs.
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name, ""), "localhost,127.0.0.1,::1"]))
S3_PORT = env.number("S3_PORT", 8001, least=1, most=65535)
AWS_ENDPOINT_URL = env.url("AWS_ENDPOINT_URL", f"http://127.0.0.1:{S3_PORT}" if LAPTOP else "")
AWS_REGION = env.text(
    "AWS_REGION", "us-east-1" if LAPTOP else None, fix="Set it to your region, like eu-central-1."
)
# On AWS the task's role gives credentials, so they are empty here. The emulator knows these two words and no others.
AWS_KEY = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} if LAPTOP else {}
INGEST_BUCKET = env.text("INGEST_BUCKET", "ingest" if LAPTOP else None)
MEDIA_BUCKET = env.text("MEDIA_BUCKET", "media" if LAPTOP else None)
EVENTS_QUEUE_URL = env.url(
    "EVENTS_QUEUE_URL", f"{AWS_ENDPOINT_URL}/000000000000/s3-events" if LAPTOP else None
)
TASKS_QUEUE_URL = env.url("TASKS_QUEUE_URL", f"{AWS_ENDPOINT_URL}/000000000000/tasks" if LAPTOP else None)
# SQS waits no longer than this.
POLL_SECONDS = env.number("POLL_SECONDS", 5 if LAPTOP else 20, least=1, most=20)
VISIBILITY_SECONDS = env.number("VISIBILITY_SECONDS", 60, least=1)
# Whether `manage.py check`, and so every start of a worker, asks S3 for the buckets.
CHECK_STORAGE = env.flag("CHECK_STORAGE", not LAPTOP)
# Where the browser sends parts: the CSP names it. A virtual-hosted bucket address on AWS.
INGEST_ORIGIN = AWS_ENDPOINT_URL or f"https://{INGEST_BUCKET}.s3.{AWS_REGION}.amazonaws.com"

MINISTACK = env.text("MINISTACK", str(BASE_DIR / "var/ministack-venv/bin/ministack"))
DEMO_CLIP = Path(env.text("DEMO_CLIP", str(BASE_DIR / "var/demo/bigbuckbunny.mp4")))

# --- uploads ---------------------------------------------------------------------------------------------------------
# The emulator holds objects in memory.
MAX_UPLOAD_BYTES = env.number("MAX_UPLOAD_BYTES", (2 if LAPTOP else 50) * 1024**3, least=1)
MAX_OPEN_UPLOADS = env.number("MAX_OPEN_UPLOADS", 20, least=1)
# What each person may have, sources and what is made of them; 0 for no limit. Staff set another for one person.
QUOTA_BYTES = env.number("QUOTA_BYTES", 0, least=0)
PART_URL_SECONDS = env.number("PART_URL_SECONDS", 3600, least=1)
UPLOAD_DAYS = env.number("UPLOAD_DAYS", 7, least=1)

# --- the edge --------------------------------------------------------------------------------------------------------
EDGE = env.choice("EDGE", "django" if LAPTOP else "cloudfront", ("django", "cloudfront"))
SIGNING_KEY_FILE = Path(
    env.text(
        "SIGNING_KEY_FILE",
        str(VAR_DIR / "signing-key.pem") if LAPTOP else None,
        fix="Set it to the path of the RSA-2048 private key of your CloudFront key group.",
    )
)
SIGNING_KEY_ID = env.text("SIGNING_KEY_ID", "KLAPTOP" if LAPTOP else None)
COOKIE_SECONDS = env.number("COOKIE_SECONDS", 600, least=1)
# Whose caches forget what was deleted or closed.
CLOUDFRONT_DISTRIBUTION = env.text("CLOUDFRONT_DISTRIBUTION", "")
# As long as a frame's signature may last: whoever is watching when a version is replaced sees it to its end.
REPLACED_SECONDS = env.seconds("REPLACED_SECONDS", 12 * 3600)

# --- transcoding -----------------------------------------------------------------------------------------------------
FFMPEG = env.text("FFMPEG", default_ffmpeg())
FFPROBE = env.text("FFPROBE", default_ffprobe())
# Without it limits alone hold ffmpeg, which may then be a script that starts others.
SANDBOX = env.flag("SANDBOX", True)
# Below which a worker does not start: 2 for no file, no network and no process, 1 for half of that, 0 for limits alone.
SANDBOX_MIN_LEVEL = env.number("SANDBOX_MIN_LEVEL", 0 if LAPTOP else 2, most=2)
# Known holes of ffmpeg that you accept, like CVE-2026-8461, because their decoders are not on the allow-list.
FFMPEG_HOLES_COVERED = env.words("FFMPEG_HOLES_COVERED", "")
# What an ffmpeg of your own reads beside its libraries in the usual places.
SANDBOX_READ = env.words("SANDBOX_READ", "")
WORK_DIR = env.folder("WORK_DIR", VAR_DIR / "work")
LEASE_SECONDS = env.seconds("LEASE_SECONDS", 30)
SWEEP_SECONDS = env.seconds("SWEEP_SECONDS", 5)
RETRY_SECONDS = env.seconds("RETRY_SECONDS", 60)
MAX_FAILURES = env.number("MAX_FAILURES", 3, least=1)
# A file that takes its worker along must not do so for ever; one that was merely there when somebody killed it may go on.
MAX_DEATHS = env.number("MAX_DEATHS", 8, least=1)
ADOPT_SECONDS = env.seconds("ADOPT_SECONDS", 60)
SILENCE_SECONDS = env.seconds("SILENCE_SECONDS", 120)
ENCODE_SLOTS = env.number("ENCODE_SLOTS", 1, least=1)
# How many workers are woken at once; each that finds work finds what is left when it is done.
MOST_WAKES = 10
# How much of one owner's is worked on at once, on all hosts together; 0 for no limit.
OWNER_SLOTS = env.number("OWNER_SLOTS", 8)
# Sources that a worker's host keeps at most while nothing of them is worked on.
SOURCE_CACHE_BYTES = env.number("SOURCE_CACHE_BYTES", 20 * 1024**3)
# What is smaller is fetched before anything of it could be shown.
PREVIEW_BYTES = env.number("PREVIEW_BYTES", 32 * 1024**2)
# Whether a picture that can be played as it is becomes the top rung unchanged.
KEEP_TOP = env.flag("KEEP_TOP", True)
STOP_SECONDS = env.seconds("STOP_SECONDS", 20)
# The largest rendition made, by its short side.
LADDER_TOP = env.number("LADDER_TOP", 2160, least=240, most=2160)
# What x264 may take. Threads cost memory in every rung: six rungs of a 4K source are two gigabytes with two threads.
ENCODE_PRESET = env.choice("ENCODE_PRESET", "veryfast", ("superfast", "veryfast", "faster", "fast", "medium"))
# The most; how many an encode gets is for its size and the host's to say.
ENCODE_THREADS = env.number("ENCODE_THREADS", 4, least=1, most=16)
# What encodes may have of the host's memory; 0 for all that is free.
MEMORY_MB = env.number("MEMORY_MB", 0)
# What is refused, with a sentence for its uploader.
MAX_PIXELS = env.number("MAX_PIXELS", 8192 * 4320, least=256)
MAX_FRAME_RATE = env.number("MAX_FRAME_RATE", 300, least=1)
MAX_SECONDS = env.number("MAX_SECONDS", 12 * 3600, least=1)
MAX_STREAMS = env.number("MAX_STREAMS", 64, least=1)
MAX_STRETCH = env.number("MAX_STRETCH", 8, least=1)
MAX_ASPECT = env.number("MAX_ASPECT", 16, least=1)
# How many times the work that a video's size and length let expect it may turn out to be.
MAX_WORK = env.number("MAX_WORK", 4, least=2)

# --- HTTP ------------------------------------------------------------------------------------------------------------
SECURE_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "media-src": [CSP.SELF, "blob:"],
    "connect-src": [CSP.SELF, INGEST_ORIGIN],
    "worker-src": [CSP.SELF, "blob:"],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
# Hosts below this one may belong to others who have no HTTPS yet.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.flag("HSTS_SUBDOMAINS", False) and HTTPS
if HTTPS:
    # Only behind a proxy that sets this header itself; README says so.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024**2

# So many a window, for each person; for each address where nobody is signed in.
RATES = {
    "begin": env.rate("RATE_BEGIN", "60/hour"),
    "parts": env.rate("RATE_PARTS", "20000/hour" if LAPTOP else "2000/hour"),
    "complete": env.rate("RATE_COMPLETE", "1000/hour" if LAPTOP else "120/hour"),
    "search": env.rate("RATE_SEARCH", "600/minute" if LAPTOP else "60/minute"),
    "search-anon": env.rate("RATE_SEARCH_ANON", "600/minute" if LAPTOP else "30/minute"),
    "api": env.rate("RATE_API", "6000/minute" if LAPTOP else "300/minute"),
    "api-anon": env.rate("RATE_API_ANON", "6000/minute" if LAPTOP else "60/minute"),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["videos.bodies.SmallJson"],
    "DEFAULT_THROTTLE_CLASSES": ["videos.throttles.ApiLimit"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "videos.problems.explain",
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "streamsite",
    "DESCRIPTION": "What the pages do. Sign in with a session and its CSRF token, or with a personal access token."
    " Every refusal is a problem document (RFC 9457). Sentences for people (`detail`, `errors`, `failure`) are in the"
    " language that Accept-Language asks for; `code` and all names never change.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "VideoStatus": "videos.models.Video.Status",
        "Visibility": "videos.models.Video.Visibility",
        "UploadState": "videos.models.Upload.State",
    },
}

# --- static files, language, logs ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = LAPTOP
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LAPTOP
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Those that locale/ has whole; a browser says which it likes best. `make messages` keeps them up to date.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
# Not LANGUAGE, which gettext's own programs read.
LANGUAGE_CODE = env.choice("DEFAULT_LANGUAGE", "en", tuple(code for code, _ in LANGUAGES))
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["streamsite.formats"]
TIME_ZONE = "UTC"
USE_TZ = True
# Who reads /metrics; nobody where it is empty.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "streamsite.logs.PlainFormatter",
            "format": "%(levelname)-7s %(name)s: %(message)s",
        },
        "json": {"()": "streamsite.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain" if LAPTOP else "json"}},
    "root": {
        "handlers": ["console"],
        "level": env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
    # They tell of every request and every task; ours say what it was for.
    "loggers": {
        name: {"level": "WARNING"}
        for name in (
            "boto3",
            "botocore",
            "httpx",
            "httpcore",
            "celery.worker.strategy",
            "celery.app.trace",
            "kombu",
        )
    },
}
