"""Addresses of the separation room; all of them for staff."""

from django.urls import path

from separation import views

app_name = "separation"
urlpatterns = [
    path("staff/runs/", views.runs, name="runs"),
    path("staff/runs/<int:pk>/", views.run, name="run"),
    path("staff/runs/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("staff/runs/<int:pk>/retry/", views.retry, name="retry"),
]
