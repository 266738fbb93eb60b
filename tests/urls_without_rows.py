"""The URLs that need no row in the access matrix."""

from __future__ import annotations

PUBLIC = {
    # Signing in and joining are for people who are not in yet.
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_change_password",
    "account_reauthenticate",
    "account_set_password",
    "openid_connect_login",
    "openid_connect_callback",
    "accounts:join",
    # The token of a link is all that they ask for: see tests/chat/test_snapshots.py.
    "chat:public_snapshot",
    "chat:public_file",
    "accounts:forgotten",
    "accounts:finish_sign_up",
    "accounts:reset_password",
    "playground:favicon",
}
# allauth's pages of second factors show the own ones: tests/accounts/test_factors.py.
PUBLIC |= {
    *("mfa_authenticate", "mfa_login_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"),
    *("mfa_index", "mfa_list_webauthn", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn"),
    *("mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_view_recovery_codes"),
    *("mfa_generate_recovery_codes", "mfa_download_recovery_codes"),
}
# These addresses name no object and show the user's own.
OWN = {
    *("accounts:profile", "accounts:choose_mail", "accounts:security", "accounts:end_other_sessions"),
    *("chat:export_account", "chat:delete_account"),
    *("accounts:change_address", "accounts:send_confirmation", "accounts:confirm_address"),
    *("accounts:unlink_identity", "accounts:new_workspace", "chat:home", "chat:try"),
}
