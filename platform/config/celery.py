"""The Celery app; its reliability settings are tested from the effective `app.conf`."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TRANSPORT_ALIASES["filesystem"] = "config.folder_queue:Transport"

app = Celery("crosstalk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
