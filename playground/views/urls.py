from __future__ import annotations

from django.urls import path

from playground.views import catalogue, favourites, keys, models, providers, schemas

_MODEL = "w/<slug:slug>/providers/<slug:code>/models/<int:number>/"

app_name = "playground"
urlpatterns = [
    # Keys: "mine" or the "workspace"'s.
    path("w/<slug:slug>/keys/", keys.keys, name="keys"),
    path("w/<slug:slug>/keys/<slug:whose>/<slug:provider>/save/", keys.save, name="save_key"),
    path("w/<slug:slug>/keys/<slug:whose>/<slug:provider>/test/", keys.test, name="test_key"),
    path("w/<slug:slug>/keys/<slug:whose>/<slug:provider>/delete/", keys.delete, name="delete_key"),
    # Providers and their models.
    path("w/<slug:slug>/providers/", providers.providers, name="providers"),
    path("w/<slug:slug>/providers/add/", providers.add, name="add_provider"),
    path("w/<slug:slug>/providers/<slug:code>/", providers.provider, name="provider"),
    path("w/<slug:slug>/providers/<slug:code>/switch/", providers.switch, name="switch_provider"),
    path("w/<slug:slug>/providers/<slug:code>/places/", providers.set_places, name="set_places"),
    path("w/<slug:slug>/providers/<slug:code>/delete/", providers.delete, name="delete_provider"),
    path("w/<slug:slug>/providers/<slug:code>/fetch/", providers.fetch, name="fetch_models"),
    path("w/<slug:slug>/providers/<slug:code>/models/", providers.add_models, name="add_models"),
    path(f"{_MODEL}remove/", providers.remove_model, name="remove_model"),
    # What a model of one's own takes.
    path(f"{_MODEL}schema/", schemas.schema, name="schema"),
    path(f"{_MODEL}schema/import/", schemas.load, name="load_schema"),
    path(f"{_MODEL}schema/write/", schemas.write, name="write_schema"),
    path(f"{_MODEL}schema/restore/", schemas.restore, name="restore_schema"),
    # What members and admins make of the models.
    path("w/<slug:slug>/models/", models.models, name="models"),
    path("w/<slug:slug>/models/set/", models.set_many, name="set_models"),
    path("w/<slug:slug>/models/<int:number>/", models.model, name="model"),
    path("w/<slug:slug>/models/<int:number>/set/", models.set_one, name="set_model"),
    path("w/<slug:slug>/models/<int:number>/favourite/", favourites.favour, name="favour_model"),
    # The catalogue: what the providers list, synced.
    path("w/<slug:slug>/catalogue/", catalogue.catalogue, name="catalogue"),
    path("w/<slug:slug>/catalogue/<slug:code>/sync/", catalogue.sync, name="sync_provider"),
    path("w/<slug:slug>/catalogue/<slug:code>/progress/", catalogue.progress, name="sync_progress"),
]
