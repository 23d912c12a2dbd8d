"""Addresses of the marketplace room."""

from django.urls import URLPattern

app_name = "marketplace"
urlpatterns: list[URLPattern] = []
