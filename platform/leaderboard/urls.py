"""Addresses of the leaderboard room."""

from django.urls import path

from leaderboard import views

app_name = "leaderboard"
urlpatterns = [
    path("leaderboard/", views.standings, name="standings"),
    path("leaderboard/<slug:slug>/", views.campaign, name="campaign"),
    path("leaderboard/<slug:slug>.csv", views.campaign_csv, name="csv"),
    path("leaderboard/<slug:slug>.json", views.campaign_json, name="json"),
    path("separators/<slug:name>/", views.separator, name="separator"),
]
