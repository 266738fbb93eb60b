from __future__ import annotations

from allauth.account import views as allauth_views
from allauth.mfa.base import views as code_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as app_views
from allauth.mfa.webauthn import views as passkey_views
from django.urls import include, path

from accounts.views import (
    addresses,
    audit,
    corrections,
    factors,
    groups,
    identities,
    invitations,
    join,
    limit,
    limits,
    mails,
    notices,
    passwords,
    people,
    profile,
    raises,
    security,
    shortening,
    sign_up,
    usage,
    workspaces,
)

# allauth looks up its own pages by these names, so they stand outside our namespace. The rest of its
# pages is left out: a server may have no mail server, so people reset passwords by a link from an admin.
_sign_in = [
    path("sign-in/", allauth_views.login, name="account_login"),
    path("sign-out/", allauth_views.logout, name="account_logout"),
    path("sign-up/", sign_up.sign_up, name="account_signup"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("password/", allauth_views.password_change, name="account_change_password"),
    path("sign-in/with/<slug:provider_id>/", identities.start, name="openid_connect_login"),
    path("sign-in/with/<slug:provider_id>/callback/", identities.callback, name="openid_connect_callback"),
    path("password/set/", passwords.set_, name="account_set_password"),
    path("confirm/", allauth_views.reauthenticate, name="account_reauthenticate"),
]

# These are allauth's pages of second factors, at addresses below our page of the person's security.
_factors = [
    path("sign-in/code/", code_views.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", passkey_views.login_webauthn, name="mfa_login_webauthn"),
    path("confirm/code/", code_views.reauthenticate, name="mfa_reauthenticate"),
    path("confirm/passkey/", passkey_views.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    # Both lists of allauth are parts of that page.
    path("profile/security/", security.security, name="mfa_index"),
    path("profile/security/", security.security, name="mfa_list_webauthn"),
    path("profile/security/app/", app_views.activate_totp, name="mfa_activate_totp"),
    path("profile/security/app/remove/", app_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("profile/security/passkeys/add/", passkey_views.add_webauthn, name="mfa_add_webauthn"),
    path("profile/security/passkeys/<int:pk>/rename/", passkey_views.edit_webauthn, name="mfa_edit_webauthn"),
    path(
        "profile/security/passkeys/<int:pk>/remove/",
        passkey_views.remove_webauthn,
        name="mfa_remove_webauthn",
    ),
    path("profile/security/codes/", recovery_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "profile/security/codes/make/",
        recovery_views.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "profile/security/codes/download/",
        recovery_views.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]

_ours = [
    # The signed-in user's own pages.
    path("profile/", profile.profile, name="profile"),
    path("profile/mail/", profile.mail, name="choose_mail"),
    path("profile/security/", security.security, name="security"),
    path("profile/security/sessions/<uuid:code>/end/", security.end, name="end_session"),
    path("profile/security/sessions/end-others/", security.end_others, name="end_other_sessions"),
    path("workspaces/new/", workspaces.new, name="new_workspace"),
    path("profile/identities/<slug:provider_id>/unlink/", identities.unlink, name="unlink_identity"),
    path("profile/address/", addresses.address, name="change_address"),
    path("profile/address/confirm/", addresses.confirm, name="send_confirmation"),
    path("address/<str:code>/", addresses.use, name="confirm_address"),
    path("forgotten/", sign_up.forgotten, name="forgotten"),
    path("sign-up/<str:code>/", sign_up.finish, name="finish_sign_up"),
    path("join/<str:token>/", join.join, name="join"),
    path("reset/<str:code>/", passwords.reset, name="reset_password"),
    # People.
    path("w/<slug:slug>/people/", people.people, name="people"),
    path("w/<slug:slug>/people/invite/", people.invite, name="invite"),
    path("w/<slug:slug>/people/invite/many/", invitations.many, name="invite_many"),
    path("w/<slug:slug>/people/invitations/", invitations.invitations, name="invitations"),
    path("w/<slug:slug>/people/invitations/links/", invitations.links, name="invitation_links"),
    path(
        "w/<slug:slug>/people/invitations/<uuid:code>/resend/", invitations.resend, name="resend_invitation"
    ),
    path("w/<slug:slug>/people/invitations/<uuid:code>/revoke/", people.revoke, name="revoke"),
    path("w/<slug:slug>/people/invitations/<uuid:code>/send/", people.send, name="send_invitation"),
    path("w/<slug:slug>/people/<int:number>/role/", people.role, name="change_role"),
    path("w/<slug:slug>/people/<int:number>/remove/", people.remove, name="remove"),
    path("w/<slug:slug>/people/<int:number>/link/", passwords.link, name="password_link"),
    path("w/<slug:slug>/people/<int:number>/link/send/", passwords.send, name="send_password_link"),
    path("w/<slug:slug>/people/leave/", people.leave, name="leave"),
    # The rule that members need a second factor.
    path("w/<slug:slug>/second-factor/", factors.second_factor, name="second_factor"),
    path("w/<slug:slug>/second-factor/rule/", factors.rule, name="set_factor_rule"),
    path("w/<slug:slug>/people/<int:number>/reset-factors/", factors.reset_factors, name="reset_factors"),
    # Groups.
    path("w/<slug:slug>/groups/", groups.groups, name="groups"),
    path("w/<slug:slug>/groups/create/", groups.create, name="create_group"),
    path("w/<slug:slug>/groups/<uuid:code>/", groups.group, name="group"),
    path("w/<slug:slug>/groups/<uuid:code>/rename/", groups.rename, name="rename_group"),
    path("w/<slug:slug>/groups/<uuid:code>/delete/", groups.delete, name="delete_group"),
    path("w/<slug:slug>/groups/<uuid:code>/add/", groups.add, name="add_to_group"),
    path("w/<slug:slug>/groups/<uuid:code>/remove/", groups.remove, name="remove_from_group"),
    # Limits.
    path("w/<slug:slug>/limits/", limits.limits, name="limits"),
    path("w/<slug:slug>/limits/add/", limits.add, name="add_limit"),
    path("w/<slug:slug>/limits/preview/", limits.preview, name="preview_limit"),
    path("w/<slug:slug>/limits/periods/", limits.periods, name="set_periods"),
    path("w/<slug:slug>/limits/subjects/", limits.subjects, name="limit_subjects"),
    path("w/<slug:slug>/limits/models/", limits.models, name="limit_models"),
    path("w/<slug:slug>/limits/<uuid:code>/", limit.limit, name="limit"),
    path("w/<slug:slug>/limits/<uuid:code>/people/", limit.people, name="people_to_exempt"),
    path("w/<slug:slug>/limits/<uuid:code>/exempt/", limit.exempt, name="exempt_from_limit"),
    path("w/<slug:slug>/limits/<uuid:code>/exempt/end/", limit.end, name="end_exemption"),
    path("w/<slug:slug>/limits/<uuid:code>/wait/", limit.wait, name="let_wait"),
    path("w/<slug:slug>/limits/shorten/", shortening.shorten, name="shorten_answers"),
    path("w/<slug:slug>/limits/<uuid:code>/change/", limits.change, name="change_limit"),
    path("w/<slug:slug>/limits/<uuid:code>/delete/", limits.delete, name="delete_limit"),
    path("w/<slug:slug>/limits/ask/", raises.ask, name="ask_for_raise"),
    path("w/<slug:slug>/limits/<uuid:code>/raise/", raises.raise_, name="raise_limit"),
    path("w/<slug:slug>/limits/raises/<uuid:code>/end/", raises.end, name="end_raise"),
    path("w/<slug:slug>/limits/requests/<uuid:code>/allow/", raises.allow, name="allow_request"),
    path("w/<slug:slug>/limits/requests/<uuid:code>/decline/", raises.decline, name="decline_request"),
    # Notices, and mail that was not sent.
    path("w/<slug:slug>/notices/", notices.notices, name="notices"),
    path("w/<slug:slug>/notices/read-all/", notices.read_all, name="read_all_notices"),
    path("w/<slug:slug>/notices/<uuid:code>/open/", notices.open_, name="open_notice"),
    path("w/<slug:slug>/notices/<uuid:code>/read/", notices.read, name="read_notice"),
    path("w/<slug:slug>/mail/", mails.mail, name="mail"),
    path("w/<slug:slug>/mail/again/", mails.again, name="try_mail_again"),
    path("w/<slug:slug>/mail/<uuid:code>/remove/", mails.remove, name="remove_mail"),
    # The audit log.
    path("w/<slug:slug>/audit/", audit.audit, name="audit"),
    path("w/<slug:slug>/audit/export/", audit.export, name="export_audit"),
    path("w/<slug:slug>/audit/retention/", audit.retention, name="set_audit_retention"),
    # Usage.
    path("w/<slug:slug>/usage/", usage.usage, name="usage"),
    path("w/<slug:slug>/usage/all/", usage.usage_all, name="usage_all"),
    path("w/<slug:slug>/usage/all/export/", usage.export, name="export_usage"),
    path("w/<slug:slug>/usage/runs/<uuid:code>/correction/", corrections.correction, name="correction"),
    path("w/<slug:slug>/usage/runs/<uuid:code>/correct/", corrections.correct, name="correct"),
]

urlpatterns = [
    path("", include(_sign_in)),
    path("", include(_factors)),
    path("", include((_ours, "accounts"))),
]
