"""Addresses of the ratings room."""

from django.urls import path

from ratings import staff, views

app_name = "ratings"
urlpatterns = [
    path("rate/", views.studies, name="studies"),
    path("rate/audio/<str:signed>/", views.audio, name="audio"),
    path("rate/session/<str:token>/", views.rate, name="rate"),
    path("staff/plan/", staff.plan, name="plan"),
    path("staff/studies/<slug:slug>/", staff.study, name="study"),
    path("staff/studies/<slug:slug>/votes.csv", staff.votes, name="votes"),
    path("rate/<slug:slug>/", views.consent, name="consent"),
]
