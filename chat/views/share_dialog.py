"""The dialog of sharing, for conversations and for items of the library.

Each change is stored as soon as it is made, and the dialog says what it did.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from accounts.access import get_group_of, get_member_of
from accounts.models import Membership
from chat.access import access_to
from chat.exceptions import ConversationGone, ShareRefused
from chat.flows.share_with_group import share_with_group
from chat.flows.share_with_member import share_with_member
from chat.flows.share_with_workspace import share_with_workspace
from chat.flows.stop_sharing import stop_sharing
from chat.forms.sharing import AccessForm, GroupForm, PersonForm
from chat.library_access import access_to_item
from chat.models import Access, Conversation
from chat.pages.sharing import Sharing, holders_to_share_with, may_share_with, sharing_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Group

LONGEST_SEARCH = 200
_OUTDATED = "This was not saved. Close the dialog and open it again."


@dataclass(frozen=True, slots=True)
class ShareDialog:
    """The dialog of one request.

    ``find`` looks the thing up as its owner may share it, before a change and after it. ``behind`` returns
    the context of what changes on the page behind the dialog, and ``template`` shows it.
    """

    request: AuthenticatedHttpRequest
    find: Callable[[], Sharing]
    behind: Callable[[Sharing], dict[str, Any]]
    template: str

    def share(self) -> HttpResponse:
        """Answer with the content of the dialog, which any page with that dialog can open."""
        sharing = self.find()
        if not self.request.htmx:
            return redirect(sharing.page)
        link = self.request.build_absolute_uri(sharing.page)
        return render(self.request, "chat/_share.html", {**sharing_context(sharing), "link": link})

    def people(self) -> HttpResponse:
        """Answer with the people and groups whom it may be shared with, as far as a search finds them."""
        sharing = self.find()
        words = self.request.GET.get("q", "")[:LONGEST_SEARCH]
        context = {"found": holders_to_share_with(sharing, words), "workspace": sharing.thing.workspace}
        return render(self.request, "chat/_share_found.html", context)

    def everyone(self) -> HttpResponse:
        sharing, form = self.find(), AccessForm(self.request.POST)
        if not form.is_valid():
            return self._changed(error=_OUTDATED)
        access = form.cleaned_data["access"]
        try:
            share_with_workspace(sharing.thing, self.request.user, access)
        except ShareRefused as refusal:
            return self._changed(error=str(refusal))
        return self._changed(_about_everyone(sharing, access))

    def person(self) -> HttpResponse:
        sharing, form = self.find(), PersonForm(self.request.POST)
        if not form.is_valid():
            return self._changed(error=_OUTDATED)
        try:
            member = get_member_of(sharing.thing.workspace, form.cleaned_data["person"])
        except Http404:
            return self._changed(error="This person is no longer in the workspace.")
        return self._share_with(sharing, member, form.cleaned_data["access"])

    def group(self) -> HttpResponse:
        sharing, form = self.find(), GroupForm(self.request.POST)
        if not form.is_valid():
            return self._changed(error=_OUTDATED)
        try:
            found = get_group_of(sharing.thing.workspace, form.cleaned_data["group"])
            if not may_share_with(sharing, found):
                raise Http404
        except Http404:
            return self._changed(error="This group is no longer in the workspace.")
        return self._share_with(sharing, found, form.cleaned_data["access"])

    def _share_with(self, sharing: Sharing, holder: Membership | Group, access: Access) -> HttpResponse:
        """Store the access of one person or group; answer with what the dialog says about it."""
        thing, user = sharing.thing, self.request.user
        name = holder.user.display_name if isinstance(holder, Membership) else holder.name
        try:
            if access == Access.NONE:
                stop_sharing(thing, user, holder)
                return self._changed(_about_the_rest(sharing, holder, name))
            if isinstance(holder, Membership):
                share_with_member(thing, user, holder, can_write=access == Access.WRITE)
            else:
                share_with_group(thing, user, holder, can_write=access == Access.WRITE)
        except ShareRefused as refusal:
            return self._changed(error=str(refusal))
        except ConversationGone as gone:
            raise Http404 from gone
        said = f"{name} can {_doing(sharing, access)} it now."
        return self._changed(said, holder=holder if "keeps_row" in self.request.POST else None)

    def _changed(
        self, said: str = "", *, error: str = "", holder: Membership | Group | None = None
    ) -> HttpResponse:
        """Answer with what is new in the dialog and on the page behind it.

        With a ``holder``, the rows of the dialog stay as they are, apart from the note about that one.
        """
        sharing = self.find()
        if not self.request.htmx:
            return redirect(sharing.page)
        shown = sharing_context(sharing)
        row = next((row for row in shown["holders"] if row.holder == holder), None)
        context = {**self.behind(sharing), **shown, "said": said, "error": error, "row": row}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
        return render(self.request, self.template, context, status=status)


def _doing(sharing: Sharing, access: Access) -> str:
    if access == Access.READ:
        return "read"
    return "write in" if isinstance(sharing.thing, Conversation) else "change"


def _about_the_rest(sharing: Sharing, holder: Membership | Group, name: str) -> str:
    """Return what is said about somebody who is off the list, and may have another access."""
    thing = sharing.thing
    everyone, still = Access(thing.workspace_access), Access.NONE
    if everyone != Access.NONE:
        can = _doing(sharing, everyone)
        return f"{name} is off the list. Everyone in {thing.workspace} can still {can} it."
    if isinstance(holder, Membership):
        still = Access(
            access_to(thing, holder) if isinstance(thing, Conversation) else access_to_item(thing, holder)
        )
    if still != Access.NONE:
        return f"{name} is off the list, but can still {_doing(sharing, still)} it as a member of a group."
    return f"{name} no longer has access."


def _about_everyone(sharing: Sharing, access: Access) -> str:
    if access == Access.NONE:
        return "Only the people on the list have access now."
    viewers = " Viewers can only read it." if access == Access.WRITE else ""
    return f"Everyone in {sharing.thing.workspace} can {_doing(sharing, access)} it now.{viewers}"
