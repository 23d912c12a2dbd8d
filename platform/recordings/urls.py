"""Addresses of the recordings room."""

from django.urls import path

from recordings import views

app_name = "recordings"
urlpatterns = [
    path("objects/<str:signed>/", views.signed_object, name="object"),
]
