"""Addresses of the ratings room."""

from django.urls import path

from ratings import views

app_name = "ratings"
urlpatterns = [
    path("rate/", views.studies, name="studies"),
    path("rate/audio/<str:signed>/", views.audio, name="audio"),
    path("rate/session/<str:token>/", views.rate, name="rate"),
    path("rate/<slug:slug>/", views.consent, name="consent"),
]
