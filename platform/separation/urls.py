"""Addresses of the separation room."""

from django.urls import URLPattern

app_name = "separation"
urlpatterns: list[URLPattern] = []
