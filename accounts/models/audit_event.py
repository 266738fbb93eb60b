from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.timezone import now

from accounts.models.audit_area import AuditArea
from accounts.models.workspace import Workspace


class AuditAction(models.TextChoices):
    """An action, named by its area and its verb. The label follows the name of a person in a sentence."""

    SIGN_IN = "sign_ins.sign_in", "signed in"
    SIGN_OUT = "sign_ins.sign_out", "signed out"
    SIGN_IN_FAILED = "sign_ins.fail", "entered a wrong password for"
    CHANGE_PASSWORD = "sign_ins.change_password", "changed the own password"
    RESET_PASSWORD = "sign_ins.reset_password", "set a new password by a link"
    END_SESSION = "sign_ins.end_session", "signed out another browser"
    ADD_FACTOR = "sign_ins.add_factor", "added a second factor"
    REMOVE_FACTOR = "sign_ins.remove_factor", "removed a second factor"
    MAKE_CODES = "sign_ins.make_codes", "made recovery codes"
    USE_CODE = "sign_ins.use_code", "used a recovery code"
    FACTOR_FAILED = "sign_ins.fail_factor", "entered a wrong code for"
    RESET_FACTORS = "sign_ins.reset_factors", "removed all second factors of"
    MAKE_PASSWORD_LINK = "sign_ins.make_link", "made a link for a new password of"

    ASK_FOR_PASSWORD = "sign_ins.ask", "asked by mail for a new password of"
    CHANGE_ADDRESS = "sign_ins.address", "changed the own e-mail address"
    DELETE_ACCOUNT = "sign_ins.delete_account", "deleted the own account"
    LINK_IDENTITY = "sign_ins.link", "signs in from now on with"
    UNLINK_IDENTITY = "sign_ins.unlink", "signs in no longer with"
    REMOVE_PASSWORD = "sign_ins.remove_password", "lost the password, since nobody had confirmed the address"

    INVITE = "people.invite", "invited"
    RESEND_INVITATION = "people.resend", "sent again the invitation of"
    REVOKE_INVITATION = "people.revoke", "revoked the invitation of"
    JOIN = "people.join", "joined"
    CHANGE_ROLE = "people.change_role", "changed the role of"
    TRANSFER_OWNERSHIP = "people.transfer", "handed the ownership to"
    REMOVE_MEMBER = "people.remove", "removed"
    LEAVE = "people.leave", "left"

    CREATE_GROUP = "groups.create", "created the group"
    RENAME_GROUP = "groups.rename", "renamed the group"
    DELETE_GROUP = "groups.delete", "deleted the group"
    ADD_TO_GROUP = "groups.add", "added members to the group"
    REMOVE_FROM_GROUP = "groups.remove", "removed a member from the group"

    SAVE_KEY = "keys.save", "saved the key for"
    REPLACE_KEY = "keys.replace", "replaced the key for"
    DELETE_KEY = "keys.delete", "deleted the key for"
    CHANGE_KEY = "keys.change", "changed the key for"
    SWITCH_KEY = "keys.switch", "disabled or enabled the key for"
    SET_LOW_BALANCE = "keys.low_balance", "set the low balance of the key for"
    MAKE_CAPPED_KEY = "keys.make_capped", "made a key with a cap for"
    CHANGE_CAPPED_KEY = "keys.change_capped", "changed a key with a cap for"
    DELETE_CAPPED_KEY = "keys.delete_capped", "deleted a key with a cap for"

    ADD_LIMIT = "limits.add", "added the limit"
    CHANGE_LIMIT = "limits.change", "changed the limit"
    DELETE_LIMIT = "limits.delete", "deleted the limit"
    RAISE_LIMIT = "limits.raise", "raised for a while the limit"
    END_RAISE = "limits.end_raise", "ended a raise of the limit"
    DECLINE_RAISE = "limits.decline", "declined to raise the limit"
    EXEMPT = "limits.exempt", "exempted somebody from the limit"
    END_EXEMPTION = "limits.end_exemption", "ended an exemption from the limit"
    SET_PERIODS = "limits.periods", "changed when periods of limits begin"
    SHORTEN_ANSWERS = "limits.shorten", "changed whether answers are shortened"
    CORRECT_RUN = "limits.correct", "corrected the cost of the run"
    SWITCH_CHECK = "limits.check", "switched the check of charges of"
    SETTLE_DIFFERENCES = "limits.settle", "settled charges of the provider"

    ADD_PROVIDER = "models.add_provider", "added the provider"
    EDIT_PROVIDER = "models.edit_provider", "changed the provider"
    SWITCH_PROVIDER = "models.switch_provider", "switched the provider"
    DELETE_PROVIDER = "models.delete_provider", "deleted the provider"
    SET_PLACES = "models.places", "changed how many requests run at once at"
    SET_ENDPOINTS = "models.endpoints", "changed the endpoints of"
    SET_EXTRA_PARAMETERS = "models.extra", "changed the extra parameters of"
    ADD_MODELS = "models.add", "added models to"
    REMOVE_MODEL = "models.remove", "removed a model of"
    SET_MODEL = "models.set", "changed what holds for"
    SET_UNPRICED_RULE = "models.unpriced", "changed the rule for models without a price"
    REPLACE_SCHEMA = "models.schema", "replaced the parameters of"
    REPLACE_MODEL = "models.replace", "replaced everywhere the model"

    DELETE_CONVERSATION = "content.delete", "deleted the conversation"
    RESTORE_CONVERSATION = "content.restore", "restored the conversation"
    EXPIRE_CONVERSATIONS = "content.expire", "deleted conversations by the rule of the workspace"
    SAVE_LIBRARY_ENTRY = "content.save_entry", "saved in the library"
    DELETE_LIBRARY_ENTRY = "content.delete_entry", "deleted from the library"
    SAVE_PROMPT = "content.save_prompt", "saved the prompt"
    PIN_PROMPT = "content.pin_prompt", "chose the version for production of"
    DELETE_PROMPT = "content.delete_prompt", "deleted the prompt"
    RESTORE_PROMPT = "content.restore_prompt", "restored the prompt"
    PURGE_PROMPT = "content.purge_prompt", "deleted for good the prompt"
    DELETE_TABLE = "content.delete_table", "deleted the test table"
    RESTORE_TABLE = "content.restore_table", "restored the test table"
    PURGE_TABLE = "content.purge_table", "deleted for good the test table"
    START_EXPERIMENT = "content.start_experiment", "started an experiment with"
    DELETE_EXPERIMENT = "content.delete_experiment", "deleted an experiment with"
    RESTORE_EXPERIMENT = "content.restore_experiment", "restored an experiment with"
    PURGE_EXPERIMENT = "content.purge_experiment", "deleted for good an experiment with"

    SHARE_WITH_MEMBER = "sharing.member", "gave somebody access to"
    SHARE_WITH_GROUP = "sharing.group", "gave a group access to"
    SHARE_WITH_WORKSPACE = "sharing.workspace", "changed the workspace’s access to"
    STOP_SHARING = "sharing.stop", "ended somebody’s access to"
    TAKE_OVER = "sharing.take_over", "became the owner of"
    ALLOW_PUBLIC_LINKS = "sharing.allow_public", "changed whether public links are allowed"
    MAKE_PUBLIC_LINK = "sharing.make_public", "made a public link to a copy of"
    REVOKE_PUBLIC_LINK = "sharing.revoke_public", "revoked a public link to a copy of"

    EXPORT_USAGE = "exports.usage", "exported the usage"
    EXPORT_AUDIT = "exports.audit", "exported the audit log"
    EXPORT_ACCOUNT = "exports.account", "exported the own data"
    EXPORT_LINKS = "exports.links", "exported the links of invitations"
    EXPORT_CONVERSATION = "exports.conversation", "exported the conversation"
    EXPORT_WORKSPACE = "exports.workspace", "archived the workspace by command"
    IMPORT_WORKSPACE = "exports.import_workspace", "imported the workspace by command"

    CREATE_WORKSPACE = "settings.create", "created the workspace"
    RENAME_WORKSPACE = "settings.rename", "renamed the workspace"
    DELETE_WORKSPACE = "settings.delete", "deleted the workspace"
    RESTORE_WORKSPACE = "settings.restore", "restored the workspace"
    PURGE_WORKSPACE = "settings.purge", "removed for good the workspace"
    SET_ICON = "settings.icon", "changed the icon of the workspace"
    SET_CHAT_DEFAULT = "settings.chat_default", "changed the default of new chats"
    CHOOSE_TITLE_MODEL = "settings.title_model", "chose the model for titles"
    SET_FACTOR_RULE = "settings.factor_rule", "changed whether a second factor is required"
    SET_RETENTION = "settings.audit_retention", "changed how long the audit log is kept"
    SET_CONTENT_RULES = "settings.content_rules", "changed how long conversations and raw answers are kept"

    @property
    def area(self) -> AuditArea:
        return AuditArea(self.value.partition(".")[0])


class AuditEvent(models.Model):
    """An event: somebody did something. It is written once, by ``accounts.audit``, and never changed.

    Names are stored as they were then: the people and things that they belong to may be gone.
    """

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="audit_events")
    at = models.DateTimeField(default=now, editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # The name and the address of the actor; empty if the server acted by itself.
    actor_name = models.CharField(max_length=200, blank=True)
    # The field has no choices, since each new action would then need a migration.
    action = models.CharField(max_length=40)
    # The name of the object, such as a person's, and a mark by which others of its events are found.
    subject = models.CharField(max_length=300, blank=True)
    subject_code = models.CharField(max_length=80, blank=True)
    # The changed properties alone, {"role": "member"}, without secrets.
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    # The visitor's network address, or the name of the command; empty if the server acted by itself.
    origin = models.CharField(max_length=100, blank=True)
    # All names above as a search compares them.
    words = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["workspace", "-at", "-id"], name="audit_events_by_time")]

    def __str__(self) -> str:
        return f"{self.actor_name or 'Somebody'} {self.words_of_action} {self.subject}".strip()

    @property
    def words_of_action(self) -> str:
        """The action as a part of a sentence; its code, if a later version has made the event."""
        return AuditAction(self.action).label if self.action in AuditAction else self.action
