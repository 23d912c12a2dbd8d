"""Addresses of the marketplace room."""

from django.urls import path

from marketplace import views

app_name = "marketplace"
urlpatterns = [
    path("staff/stamps/", views.stamps, name="stamps"),
]
