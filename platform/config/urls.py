"""Addresses of the site; each room names its own."""

from django.contrib import admin
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from config import views

admin.site.site_header = admin.site.site_title = "Crosstalk"
admin.site.index_title = "Staff"

urlpatterns = [
    path("", views.home, name="home"),
    path("favicon.ico", views.favicon),
    path("language/", csrf_exempt(set_language), name="language"),  # harms nobody
    path("styleguide/", views.styleguide, name="styleguide"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", include("recordings.urls")),
    path("", include("separation.urls")),
    path("", include("ratings.urls")),
    path("", include("marketplace.urls")),
    path("", include("leaderboard.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
