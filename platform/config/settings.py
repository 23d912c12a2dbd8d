"""All settings: embedded defaults for one machine, one variable per production need."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config import env, queue, translations

ROOT = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(ROOT / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)
try:
    VERSION = version("crosstalk")
except PackageNotFoundError:  # run from a checkout that was not installed
    VERSION = "0"

# The site
DEBUG = env.boolean("DEBUG", True)
INSECURE_KEY = "insecure-key-for-one-laptop-only-" + "0" * 32
SECRET_KEY = env.secret("SECRET_KEY", INSECURE_KEY)
if not DEBUG and SECRET_KEY == INSECURE_KEY:
    raise ImproperlyConfigured(
        "DEBUG=false and no SECRET_KEY: set SECRET_KEY (or SECRET_KEY_FILE) to 50 or "
        "more random characters."
    )
SITE_URL, SITE_HOST = env.site("SITE_URL", "http://localhost:8000")
IS_HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = [
    SITE_HOST,
    *(["localhost", "127.0.0.1", "testserver"] if DEBUG else []),
]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "config",
    "leaderboard",
    "marketplace",
    "ratings",
    "separation",
    "recordings",
    "people",
    "allauth",
    "allauth.account",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ]
        },
    }
]

# Data
DATABASES = {"default": env.database("DATABASE_URL", VAR_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Objects: files in var/media, or a private S3 bucket as soon as one is named
S3_BUCKET = env.text("S3_BUCKET")
S3_ENDPOINT = env.text("S3_ENDPOINT")
S3_PUBLIC_ENDPOINT = env.text("S3_PUBLIC_ENDPOINT", S3_ENDPOINT)  # as browsers see it
S3_ACCESS_KEY = env.secret("S3_ACCESS_KEY")
S3_SECRET_KEY = env.secret("S3_SECRET_KEY")
S3_REGION = env.text("S3_REGION", "us-east-1")
MEDIA_ROOT = VAR_DIR / "media"
_FILES = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
_BUCKET = {
    "BACKEND": "storages.backends.s3.S3Storage",
    "OPTIONS": {
        "bucket_name": S3_BUCKET,
        "endpoint_url": S3_ENDPOINT or None,
        "access_key": S3_ACCESS_KEY or None,
        "secret_key": S3_SECRET_KEY or None,
        "region_name": S3_REGION,
        "addressing_style": "path",
        "signature_version": "s3v4",
        "querystring_auth": True,
        "default_acl": None,
        "file_overwrite": False,
    },
}
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns of an absent folder
_STATIC_PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": _BUCKET if S3_BUCKET else _FILES,
    "staticfiles": {
        "BACKEND": _STATIC_PLAIN if DEBUG else "config.hashed_static.HashedStaticFiles"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# Work: rows are the truth, the broker carries wake-ups (DESIGN: Runs)
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", "filesystem://localhost")
USES_REDIS = CELERY_BROKER_URL.startswith("redis")
TASK_SECONDS = env.integer("TASK_SECONDS", 600, least=10)  # hard limit of any task
RUN_LEASE_SECONDS = env.integer("RUN_LEASE_SECONDS", 20, least=2)
SWEEP_SECONDS = env.integer("SWEEP_SECONDS", 15, least=1)
CELERY_BROKER_TRANSPORT_OPTIONS = (
    queue.redis_transport(TASK_SECONDS)
    if USES_REDIS
    else queue.folder_transport(VAR_DIR / "queue")
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True  # rows hold results
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True  # safe with the attempt cap of Run
CELERY_TASK_TIME_LIMIT = TASK_SECONDS
CELERY_TASK_SOFT_TIME_LIMIT = int(0.9 * TASK_SECONDS)
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "separation.tasks.run_separation": {"queue": "gpu"},
    "separation.tasks.predict_missing": {"queue": "gpu"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep-runs": {
        "task": "separation.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "sweep-recordings": {
        "task": "recordings.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS},
    },
    "fill-studies": {
        "task": "ratings.tasks.fill_studies",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "judge-raters": {
        "task": "ratings.tasks.judge_raters",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "forget-traces": {
        "task": "ratings.tasks.forget_traces",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
}
DEVICE = env.text("DEVICE", "cpu")
WEIGHTS_DIR = Path(env.text("WEIGHTS_DIR", str(VAR_DIR / "weights")))

# The studies
MAX_UPLOAD_BYTES = env.integer("MAX_UPLOAD_BYTES", 40_000_000, least=1000)
TAKE_LEASE_SECONDS = env.integer("TAKE_LEASE_SECONDS", 1800, least=60)
ASSIGNMENT_LEASE_SECONDS = env.integer("ASSIGNMENT_LEASE_SECONDS", 1800, least=60)

# People
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional" if DEBUG else "mandatory"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = True
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Crosstalk <noreply@{SITE_HOST}>")
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", 587, least=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", True)
EMAIL_BACKEND = "django.core.mail.backends." + (
    "smtp.EmailBackend" if EMAIL_HOST else "console.EmailBackend"
)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CELERY_BROKER_URL,
        "KEY_PREFIX": "crosstalk-cache",
    }
    if USES_REDIS
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache",
    }
}

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = translations.languages()  # one file each in locale/
LOCALE_PATHS = [translations.LOCALE]
TIME_ZONE = "UTC"
USE_TZ = True

# Security
_AMAZON = f"https://s3.{S3_REGION}.amazonaws.com"  # path style, as in STORAGES
_S3 = [S3_PUBLIC_ENDPOINT or _AMAZON] if S3_BUCKET else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:", *_S3],
        "connect-src": [SELF, *_S3],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"  # links of participants carry a secret
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"django.server": {"level": "WARNING"}},
}
