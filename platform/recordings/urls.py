"""Addresses of the recordings room."""

from django.urls import path

from recordings import uploads, views

app_name = "recordings"
urlpatterns = [
    path("record/", views.campaigns, name="campaigns"),
    path("record/session/<str:token>/", views.record, name="record"),
    path("record/session/<str:token>/<int:number>/", uploads.ticket, name="ticket"),
    path(
        "record/session/<str:token>/<int:number>/finish/",
        uploads.finish,
        name="finish",
    ),
    path("record/session/<str:token>/about/", views.about, name="about"),
    path("record/session/<str:token>/microphone/", views.microphone, name="microphone"),
    path(
        "record/session/<str:token>/alone/<slug:part>/",
        uploads.solo_ticket,
        name="solo_ticket",
    ),
    path(
        "record/session/<str:token>/alone/<slug:part>/finish/",
        uploads.solo_finish,
        name="solo_finish",
    ),
    path("record/<slug:slug>/", views.consent, name="consent"),
    path("upload/", uploads.upload, name="upload"),
    path("objects/<str:signed>/", views.signed_object, name="object"),
]
