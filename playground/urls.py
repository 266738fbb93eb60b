"""The root URL conf: this app's pages, and the other two apps'."""

from __future__ import annotations

from django.urls import include, path

from playground.views import (
    caps,
    charges,
    endpoints,
    favicon,
    favourites,
    key_dialog,
    key_page,
    keys,
    models,
    providers,
    schemas,
    servers,
    sync,
    unpriced,
)

_KEY = "w/<slug:slug>/keys/<uuid:code>/"
_MODEL = "w/<slug:slug>/providers/<slug:code>/models/<int:number>/"

_ours = [
    path("favicon.ico", favicon.favicon, name="favicon"),
    # Keys; `whose` is "mine" or "workspace".
    path("w/<slug:slug>/keys/", keys.keys, name="keys"),
    path("w/<slug:slug>/keys/<slug:whose>/<slug:provider>/save/", keys.save, name="save_key"),
    path(f"{_KEY}", key_page.key, name="key"),
    path(f"{_KEY}change/", key_page.change, name="change_key"),
    path(f"{_KEY}replace/", key_page.replace, name="replace_key"),
    path(f"{_KEY}switch/", key_page.switch, name="switch_key"),
    path(f"{_KEY}prefer/", key_page.prefer, name="prefer_key"),
    path(f"{_KEY}refresh/", key_page.refresh, name="refresh_balance"),
    path(f"{_KEY}threshold/", key_page.threshold, name="set_low_balance"),
    path(f"{_KEY}test/", key_page.test, name="test_key"),
    path(f"{_KEY}delete/", key_page.delete, name="delete_key"),
    path("w/<slug:slug>/keys/<slug:provider>/dialog/", key_dialog.dialog, name="key_dialog"),
    path("w/<slug:slug>/keys/<slug:provider>/add/", key_dialog.add, name="add_key"),
    # Keys that are made at their provider with a cap.
    path("w/<slug:slug>/capped-keys/<slug:provider>/", caps.caps, name="capped_keys"),
    path("w/<slug:slug>/capped-keys/<slug:provider>/make/", caps.make, name="make_capped_key"),
    path("w/<slug:slug>/capped-keys/<slug:provider>/refresh/", caps.refresh, name="refresh_capped_keys"),
    path("w/<slug:slug>/capped-keys/<uuid:code>/change/", caps.change, name="change_capped_key"),
    path("w/<slug:slug>/capped-keys/<uuid:code>/delete/", caps.delete, name="delete_capped_key"),
    path("w/<slug:slug>/capped-keys/<uuid:code>/forget/", caps.forget, name="forget_capped_key"),
    # Providers and their models.
    path("w/<slug:slug>/providers/", servers.providers, name="providers"),
    path("w/<slug:slug>/providers/add/", servers.add, name="add_provider"),
    path("w/<slug:slug>/providers/<slug:code>/", providers.provider, name="provider"),
    path("w/<slug:slug>/providers/<slug:code>/edit/", servers.edit, name="edit_provider"),
    path("w/<slug:slug>/providers/<slug:code>/switch/", providers.switch, name="switch_provider"),
    path("w/<slug:slug>/providers/<slug:code>/places/", providers.places, name="set_places"),
    path("w/<slug:slug>/providers/<slug:code>/extra/", providers.extra, name="set_extra"),
    path("w/<slug:slug>/providers/<slug:code>/endpoints/", endpoints.endpoints, name="set_endpoints"),
    path("w/<slug:slug>/providers/<slug:code>/delete/", providers.delete, name="delete_provider"),
    path("w/<slug:slug>/providers/<slug:code>/fetch/", providers.fetch, name="fetch_models"),
    path("w/<slug:slug>/providers/<slug:code>/models/", providers.models, name="add_models"),
    path(f"{_MODEL}remove/", providers.remove, name="remove_model"),
    # The request schema of a model that the workspace added.
    path(f"{_MODEL}schema/", schemas.schema, name="schema"),
    path(f"{_MODEL}schema/import/", schemas.load, name="load_schema"),
    path(f"{_MODEL}schema/write/", schemas.write, name="write_schema"),
    path(f"{_MODEL}schema/restore/", schemas.restore, name="restore_schema"),
    # The workspace's decisions about models, and each user's favourites.
    path("w/<slug:slug>/models/", models.models, name="models"),
    path("w/<slug:slug>/models/set/", models.set_many, name="set_models"),
    path("w/<slug:slug>/models/unpriced/", unpriced.unpriced, name="unpriced"),
    path("w/<slug:slug>/models/unpriced/set/", unpriced.set_unpriced, name="set_unpriced"),
    path("w/<slug:slug>/models/<int:number>/", models.model, name="model"),
    path("w/<slug:slug>/models/<int:number>/set/", models.set_one, name="set_model"),
    path("w/<slug:slug>/models/<int:number>/favourite/", favourites.favourite, name="favour_model"),
    # Our books beside the providers' charges.
    path("w/<slug:slug>/usage/charges/", charges.charges, name="charges"),
    path("w/<slug:slug>/usage/charges/<slug:code>/switch/", charges.switch, name="switch_charges"),
    path("w/<slug:slug>/usage/charges/<slug:code>/compare/", charges.compare, name="compare_charges"),
    path("w/<slug:slug>/usage/charges/<uuid:code>/settle/", charges.settle, name="settle_charge"),
    path("w/<slug:slug>/usage/charges/<slug:word>/settle-all/", charges.settle_all, name="settle_charges"),
    # Syncs of the catalogue with the models that providers list.
    path("w/<slug:slug>/catalogue/", sync.catalogue, name="catalogue"),
    path("w/<slug:slug>/catalogue/<slug:code>/sync/", sync.sync, name="sync_provider"),
    path("w/<slug:slug>/catalogue/<slug:code>/progress/", sync.progress, name="sync_progress"),
]

handler403 = "playground.views.errors.permission_denied"
handler400 = "playground.views.errors.bad_request"
handler500 = "playground.views.errors.server_error"

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include((_ours, "playground"))),
    path("", include("chat.urls")),
]
