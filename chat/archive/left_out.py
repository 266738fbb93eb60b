"""The tables whose rows an archive leaves out, each with the reason."""

from __future__ import annotations

LEFT_OUT = {
    "accounts.ApiKey": "No key leaves the installation.",
    "accounts.ApiKey_groups": "No key leaves the installation.",
    "accounts.ApiKey_people": "No key leaves the installation.",
    "accounts.ApiKey_preferred_by": "No key leaves the installation.",
    "accounts.CappedKey": "It describes a key.",
    "accounts.ChargeCheck": "It belongs to a key.",
    "accounts.Invitation": "Its link leads to this installation.",
    "accounts.Invitation_groups": "Its link leads to this installation.",
    "accounts.BrowserSession": "A sign-in is of this installation.",
    "accounts.Notice": "Its links lead to this installation.",
    "accounts.OutgoingMail": "Its links lead to this installation.",
    "accounts.MailChoice": "It is a person's own, not the workspace's.",
    "accounts.User": "People are found by their addresses, or made without a password.",
    "accounts.User_groups": "Nothing uses Django's own groups.",
    "accounts.User_user_permissions": "Nothing uses Django's own permissions.",
    "chat.WorkspaceImport": "It tells of this installation's work.",
    "playground.FavouriteModel": "It is a person's own, not the workspace's.",
    "playground.CatalogueSync": "It tells of this installation's work.",
    "chat.DeletedCase": "Deleted cases stay where they were deleted.",
    "chat.Draft": "It is what a person chose last here.",
    "chat.Snapshot": "Its link leads to this installation.",
    "chat.QueuedPrompt": "Nothing is sent twice, here and there.",
    "chat.ModelStatistics": "The installation learns it from all workspaces.",
    "chat.LearnedUpTo": "The installation learns it from all workspaces.",
}
