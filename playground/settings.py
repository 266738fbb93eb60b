"""The one settings file. Everything that differs between installations comes from the environment.

The README lists every variable; ``playground.checks`` refuses contradictory or unsafe ones.
"""

from __future__ import annotations

from pathlib import Path

from accounts.environment_keys import read_sources
from accounts.identity_providers import for_allauth
from accounts.identity_settings import read_domain, read_identity_providers
from playground import env
from playground.content_policy import content_policy
from playground.log_settings import logging_settings
from playground.mail_server import read_mail_server, read_sender

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Where and how it serves -------------------------------------------------------------

HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, minimum=1, maximum=65_535)
# The address that browsers use. It decides the allowed hosts, the websocket origin and
# whether cookies are sent over https alone.
_public = env.origin("PUBLIC_ORIGIN", f"http://localhost:{PORT}")
IS_SECURE = _public.scheme == "https"
_host = str(_public.hostname)
_bracketed = f"[{_host}]" if ":" in _host else _host
# Browsers leave out the port that the scheme implies.
_port = f":{_public.port}" if _public.port not in {None, 443 if IS_SECURE else 80} else ""
PUBLIC_ORIGIN = f"{_public.scheme}://{_bracketed}{_port}"
_loopback = ("127.0.0.1", "[::1]", "localhost")
IS_LOCAL = _host in {"127.0.0.1", "::1", "localhost"}
# Plain http is served to other machines only if this says that something else protects the network.
INSECURE_HTTP = env.flag("INSECURE_HTTP", default=False)
DEBUG = env.flag("DEBUG", default=False)
# The folder for everything that this installation writes: database, secrets, static files.
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()

# All names of this machine are accepted, since its user may type any of them.
_names = _loopback if IS_LOCAL else (_bracketed,)
ALLOWED_HOSTS = list(_names)
ALLOWED_ORIGINS = [f"{_public.scheme}://{name}{_port}" for name in _names]
CSRF_TRUSTED_ORIGINS = ALLOWED_ORIGINS
CSRF_FAILURE_VIEW = "playground.views.errors.csrf_failure"
# True if a proxy in front ends TLS. It must set X-Forwarded-Proto and append to X-Forwarded-For itself,
# since the server then trusts both.
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Sign-in attempts are counted by the visitor's address, not by the proxy's.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

SECRET_KEY = env.secret("SECRET_KEY", DATA_DIR / "secrets")
# The vault's key ring: "id:key[,id:key…]", the first encrypts, all decrypt.
VAULT_KEYS = env.secret("VAULT_KEYS", DATA_DIR / "secrets")
# Keys of providers that are not stored: where each stands, and the workspaces that may use them.
PROVIDER_KEYS = read_sources("PROVIDER_KEYS", env.words("PROVIDER_KEYS"), env.text)
PROVIDER_KEY_WORKSPACES = env.words("PROVIDER_KEY_WORKSPACES")

# --- Django ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    # Form widgets are rendered from our template folder first.
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "channels",
    "csp",
    "django_htmx",
    "accounts",
    "playground",
    "chat",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "playground.static_files.StaticFilesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.time_zones.time_zone_middleware",
    "accounts.origins.origin_middleware",
    "accounts.sessions.visit_middleware",
]

ROOT_URLCONF = "playground.urls"
ASGI_APPLICATION = "playground.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "playground.template_loaders.FilesystemLoader",
                        "playground.template_loaders.AppLoader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Data --------------------------------------------------------------------------------

DATABASES = {
    "default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'playground.sqlite3'}"),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["ENGINE"] = "playground.sqlite3"
    # Writers queue up instead of failing: with the defaults, readers that turn into writers
    # get "database is locked" under concurrency. https://docs.djangoproject.com/en/5.2/ref/databases/
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            # Without these, a page would wait for minutes for a machine that does not answer.
            "OPTIONS": {"socket_connect_timeout": 3, "socket_timeout": 3},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- People ------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Links for a new password, from an admin or the command line, work for a day.
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
# Failed attempts: of an address in all, of an address at one account, at one account from everywhere, and
# at one account from one browser that has signed in to it before. ``accounts.adapter`` counts them.
# Mails that a member sends are counted by ``accounts.views.mailing``.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/5m/key",
    "login_failed_account": "30/h/key",
    "login_failed_device": "5/5m/key",
    "mail": "60/h/user",
    "new_workspace": "20/h/user",
    "invitations": "30/h/user",
    # Pages and files behind public links.
    "public": "240/m/ip",
    "address_link": "10/h/user",
    "asked_link": "30/h/ip,4/h/key",
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
SESSION_ENGINE = "accounts.sessions"

ACCOUNT_FORMS = {
    "login": "accounts.forms.sign_in.SignInForm",
    "change_password": "accounts.forms.sign_in.PasswordChangeForm",
    "set_password": "accounts.forms.sign_in.PasswordSetForm",
    "reauthenticate": "accounts.forms.sign_in.ReauthenticateForm",
}
# Second factors. A code of an app is also accepted half a minute too early or too late: clocks differ.
MFA_ADAPTER = "accounts.factor_adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
# Nothing can be guessed about a passkey, and a whole office may share an address.
MFA_RATE_LIMITS = {"webauthn_login": "120/m/ip"}
MFA_FORMS = {
    "authenticate": "accounts.forms.factors.SignInCodeForm",
    "reauthenticate": "accounts.forms.factors.ConfirmCodeForm",
    "activate_totp": "accounts.forms.factors.AddAppForm",
    "authenticate_webauthn": "accounts.forms.factors.SecondPasskeyForm",
    "login_webauthn": "accounts.forms.factors.SignInPasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.factors.ConfirmPasskeyForm",
    "add_webauthn": "accounts.forms.factors.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.factors.RenamePasskeyForm",
}
IDENTITY_PROVIDERS = read_identity_providers("OIDC_PROVIDERS", env.document("OIDC_PROVIDERS"))
SOCIALACCOUNT_ADAPTER = "accounts.identity_adapter.IdentityAdapter"
SOCIALACCOUNT_PROVIDERS = for_allauth(IDENTITY_PROVIDERS)
# Switched off, the account of ADMIN_EMAIL keeps its password: a provider may be down or set up wrongly.
PASSWORD_SIGN_IN = env.flag("PASSWORD_SIGN_IN", default=True)
# This says who may make an account, and what they join. CLOSED refuses people with an invitation, too.
SIGN_UP = env.choice("SIGN_UP", "INVITATION", ("CLOSED", "INVITATION", "DOMAIN", "OPEN"))
SIGN_UP_DOMAINS = [read_domain("SIGN_UP_DOMAINS", domain) for domain in env.words("SIGN_UP_DOMAINS")]
SIGN_UP_WORKSPACE = env.text("SIGN_UP_WORKSPACE")
_role = "VIEWER" if SIGN_UP == "OPEN" else "MEMBER"
SIGN_UP_ROLE = env.choice("SIGN_UP_ROLE", _role, ("ADMIN", "MEMBER", "VIEWER"))
# The owner of the first workspace, read while there is none. An empty password is generated.
ADMIN_EMAIL = env.text("ADMIN_EMAIL", "admin@localhost")
ADMIN_PASSWORD = env.text("ADMIN_PASSWORD")
WORKSPACE_NAME = env.text("WORKSPACE_NAME", "My team")
# The people who may create further workspaces: owners and admins of any workspace, all users, or nobody.
CREATE_WORKSPACES = env.choice("CREATE_WORKSPACES", "ADMINS", ("ADMINS", "EVERYBODY", "NOBODY"))
# Days for which an owner can restore a deleted workspace.
WORKSPACE_GRACE_DAYS = env.number("WORKSPACE_GRACE_DAYS", 14, minimum=1, maximum=365)

# --- Mail --------------------------------------------------------------------------------

_mail = read_mail_server("EMAIL_URL", env.text("EMAIL_URL"))
# Pages offer to send mail only if a server is set up. Without one, mails are printed.
HAS_MAIL = _mail is not None
EMAIL_FROM = read_sender("EMAIL_FROM", env.text("EMAIL_FROM"))
DEFAULT_FROM_EMAIL = EMAIL_FROM or "playground@localhost"
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail else 'console'}.EmailBackend"
# The time to connect, and to wait for each answer.
EMAIL_TIMEOUT = 10
if _mail:
    EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.is_tls, _mail.is_starttls

# --- What browsers may do with our pages -------------------------------------------------

CONTENT_SECURITY_POLICY = content_policy(ALLOWED_ORIGINS)
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if IS_SECURE:
    SECURE_HSTS_SECONDS = 31_536_000
# Subdomains and preload lists are up to the domain's owner, and the proxy redirects to https.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

# --- Static files, language, time --------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "playground.static_files.FontFinder",
]
# Uploads and generated files, outside every folder that is served directly. Processes on several
# machines must share the folder.
FILES_DIR = Path(env.text("FILES_DIR", str(DATA_DIR / "files"))).resolve()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "files": {
        "BACKEND": "playground.whole_files.WholeFiles",
        "OPTIONS": {
            "location": FILES_DIR,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "playground.static_files.HashedNames"},
}
# A checkout serves static files without `collectstatic`.
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MIMETYPES = {".ttf": "font/ttf"}
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
# Pages show times in the zone of their reader: accounts.time_zones.
TIME_ZONE = "UTC"

# --- This product --------------------------------------------------------------------------------

# Private networks that upstreams may be in, as CIDR or CIDR:port. Without this restriction, a base URL
# entered in the browser could reach every address that the server can.
ALLOWED_PRIVATE_UPSTREAMS = env.words("ALLOWED_PRIVATE_UPSTREAMS")
# Answers that this process streams at once; more wait in the queue.
MAX_STREAMS = env.number("MAX_STREAMS", 500, minimum=1)
# A run belongs to the process that renews its lease; after this time, others may end it.
RUN_LEASE_SECONDS = env.number("RUN_LEASE_SECONDS", 15, minimum=3)
# The time between checkpoints: a killed process loses at most this much of an answer.
CHECKPOINT_MILLISECONDS = env.number("CHECKPOINT_MILLISECONDS", 500, minimum=50)
# Days for which requests and responses of runs are kept; 0 keeps none.
RAW_RETENTION_DAYS = env.number("RAW_RETENTION_DAYS", 30, minimum=0)
# Megabytes, compressed, kept per attempt of a run; the middle of a longer response is dropped.
RAW_STREAM_MAX_MB = env.number("RAW_STREAM_MAX_MB", 4, minimum=1)
# Seconds that a stopping server gives to running answers. Docker kills it after ten.
DRAIN_SECONDS = env.number("DRAIN_SECONDS", 5, minimum=0)
MAX_PROMPT_CHARACTERS = env.number("MAX_PROMPT_CHARACTERS", 400_000, minimum=1)
# Form encoding needs up to twelve bytes per character: three for each of four bytes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * MAX_PROMPT_CHARACTERS + 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000
# The largest picture, document or recording, in megabytes.
MAX_UPLOAD_MB = env.number("MAX_UPLOAD_MB", 20, minimum=1, maximum=500)
MAX_FILES_PER_MESSAGE = env.number("MAX_FILES_PER_MESSAGE", 10, minimum=1, maximum=100)
# The most megabytes that a member may have uploaded to a workspace without sending; deleted after a day.
MAX_UNSENT_MB = env.number("MAX_UNSENT_MB", 200, minimum=1)
# The largest file of conversations to import, in megabytes.
MAX_IMPORT_MB = env.number("MAX_IMPORT_MB", 100, minimum=1, maximum=1_000)
# The largest body of any request: the largest file, and the fields of the largest form.
MAX_BODY_BYTES = max(MAX_IMPORT_MB, MAX_UPLOAD_MB) * 1024**2 + DATA_UPLOAD_MAX_MEMORY_SIZE

# Events of the audit log are also printed, each as a line of JSON.
AUDIT_TO_LOG = env.flag("AUDIT_TO_LOG", default=False)
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = logging_settings(LOG_LEVEL)
