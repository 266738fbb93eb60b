from __future__ import annotations

from django.urls import path

from chat.views import (
    code,
    conversations,
    deleting,
    exchanges,
    files,
    listing,
    messages,
    new_chat,
    picking,
    polling,
    retries,
    runs,
    sharing,
    tool_results,
    trying,
    workspace,
)

app_name = "chat"
urlpatterns = [
    path("", new_chat.home, name="home"),
    path("try", trying.try_out, name="try"),
    # Addresses in a workspace.
    path("w/<slug:slug>/", new_chat.new, name="new"),
    path("w/<slug:slug>/send/", new_chat.send, name="start"),
    path("w/<slug:slug>/configure/", new_chat.configure, name="configure_new"),
    path("w/<slug:slug>/next-code/", code.next_code, name="code_of_new"),
    path("w/<slug:slug>/picker/", picking.picker, name="picker"),
    path("w/<slug:slug>/search/", listing.search, name="search"),
    path("w/<slug:slug>/files/upload/", files.upload, name="upload"),
    path("w/<slug:slug>/files/unsent/", files.unsent, name="unsent"),
    # Settings of the workspace.
    path("w/<slug:slug>/settings/", workspace.settings, name="workspace"),
    path("w/<slug:slug>/settings/name/", workspace.name, name="rename_workspace"),
    path("w/<slug:slug>/settings/titles/", workspace.titles, name="set_titles"),
    # Addresses of a conversation.
    path("c/<uuid:code>/", conversations.conversation, name="conversation"),
    path("c/<uuid:code>/frames/", polling.frames, name="frames"),
    path("c/<uuid:code>/send/", conversations.send, name="send"),
    path("c/<uuid:code>/configure/", conversations.configure, name="configure"),
    path("c/<uuid:code>/next-code/", code.next_code, name="next_code"),
    path("c/<uuid:code>/rename/", conversations.rename, name="rename"),
    path("c/<uuid:code>/share/", sharing.share, name="share"),
    path("c/<uuid:code>/share/people/", sharing.people, name="people_to_share_with"),
    path("c/<uuid:code>/share/everyone/", sharing.everyone, name="share_with_everyone"),
    path("c/<uuid:code>/share/person/", sharing.person, name="share_with_person"),
    path("c/<uuid:code>/menu/", listing.menu, name="menu"),
    path("c/<uuid:code>/place/", listing.place, name="place"),
    path("c/<uuid:code>/delete/", deleting.delete, name="delete"),
    path("c/<uuid:code>/restore/", deleting.restore, name="restore"),
    # Addresses of a message.
    path("m/<uuid:code>/text/", messages.text, name="message_text"),
    path("m/<uuid:code>/menu/", messages.menu, name="message_menu"),
    path("m/<uuid:code>/earlier/", messages.earlier, name="earlier"),
    path("m/<uuid:code>/edit/", messages.edit, name="edit"),
    path("m/<uuid:code>/regenerate/", messages.regenerate, name="regenerate"),
    path("m/<uuid:code>/without/", retries.without, name="retry_without"),
    path("m/<uuid:code>/longer/", retries.longer, name="retry_longer"),
    path("m/<uuid:code>/shorter/", retries.shorter, name="retry_shorter"),
    path("m/<uuid:code>/elsewhere/", retries.elsewhere, name="retry_elsewhere"),
    path("m/<uuid:code>/results/", tool_results.results, name="return_tool_results"),
    path("m/<uuid:code>/logprobs/", messages.logprobs, name="logprobs"),
    path("m/<uuid:code>/select/", messages.select, name="select_choice"),
    path("m/<uuid:code>/show/", messages.show, name="show"),
    # Addresses of a file.
    path("f/<uuid:code>/", files.file, name="file"),
    path("f/<uuid:code>/encoding/", files.encoding, name="encoding"),
    path("f/<uuid:code>/discard/", files.discard, name="discard_file"),
    # Addresses of a run.
    path("r/<uuid:code>/stop/", runs.stop, name="stop"),
    path("r/<uuid:code>/code/", code.code, name="code"),
    path("r/<uuid:code>/exchanges/", exchanges.exchanges, name="exchanges"),
    path("r/<uuid:code>/exchanges/<int:number>/raw/", exchanges.raw, name="raw_answer"),
    path("r/<uuid:code>/exchanges/<int:number>/file/", exchanges.file, name="exchange_file"),
]
