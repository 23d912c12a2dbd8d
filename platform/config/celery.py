"""The Celery app; its reliability settings are tested from the effective `app.conf`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("crosstalk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
