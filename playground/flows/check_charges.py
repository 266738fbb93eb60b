"""The comparison of the runs of a shared key with what its provider charges, span by span.

A span is compared once it lies a while back, because a provider may list a request late. What is asked for
begins an hour earlier: a request may be listed a little before or after we noted it. Each difference is noted
once.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import now

from accounts import audit
from accounts.models import AuditAction, ChargeCheck
from playground import clients
from playground.flows.store_charges import Span, first_use, store_charges
from playground.models import Provider
from playground.upstream.charges import TooManyCharges
from playground.upstream.errors.exceptions import FailureKind, UpstreamError

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import ApiKey, User, Workspace
    from playground.upstream.charges import Charges

logger = logging.getLogger(__name__)

# A check begins with the days before it was switched on.
FIRST = timedelta(days=7)
EVERY = timedelta(hours=1)
LONGEST_WAIT = timedelta(hours=24)
# A provider may list a request so much later.
LATE = timedelta(minutes=30)
SPAN, SHORTEST = timedelta(days=1), timedelta(minutes=2)
MOST_AT_ONCE = 3


@transaction.atomic
def switch_check(workspace: Workspace, key: ApiKey, *, is_on: bool, actor: User) -> ChargeCheck:
    """Switch the check of a shared key on or off. It goes on where it was."""
    start = max(now() - FIRST, first_use(key))
    check, _ = ChargeCheck.objects.update_or_create(
        api_key=key,
        defaults={"is_on": is_on, "error": "", "failures": 0, "note": ""},
        create_defaults={"workspace": workspace, "is_on": is_on, "checked_to": start},
    )
    audit.record(
        workspace,
        AuditAction.SWITCH_CHECK,
        actor=actor,
        subject=key.provider_code,
        code=key.code,
        after={"on": is_on},
    )
    return check


def due_spans() -> list[Span]:
    """Take the checks that are due; no other process takes them then."""
    found = ChargeCheck.objects.filter(is_on=True, workspace__deleted_at=None)
    found = found.select_related("api_key", "workspace")
    due: list[Span] = []
    for check in found.order_by("asked_at", "pk"):
        if len(due) < MOST_AT_ONCE and _is_due(check) and (span := next_span(check)):
            same = ChargeCheck.objects.filter(pk=check.pk, asked_at=check.asked_at)
            if same.update(asked_at=now()):
                due.append(span)
    return due


def _is_due(check: ChargeCheck) -> bool:
    if check.asked_at is None:
        return True
    wait = min(EVERY * 2 ** min(check.failures, 5), LONGEST_WAIT)
    is_behind = not check.failures and check.checked_to < now() - LATE - SPAN
    return is_behind or check.asked_at < now() - wait


def next_span(check: ChargeCheck) -> Span | None:
    """Return what is compared next; None if nothing is, or if the provider lists no charges."""
    provider = Provider.objects.filter(code=check.api_key.provider_code, kind=Provider.Type.AIMLAPI).first()
    starts_at = max(check.checked_to, first_use(check.api_key))
    ends_at = min(starts_at + SPAN, now() - LATE)
    if provider is None or ends_at - starts_at < SHORTEST:
        return None
    return Span(check, provider, starts_at, ends_at)


def compare_span(span: Span) -> bool:
    """Ask the provider about a span and compare it. Return False if it refused. Blocks.

    Nothing is lost by a refusal: the same span is asked for again.
    """
    try:
        ends_at, charges = fetch_span(span)
    except UpstreamError as error:
        note_refusal(span.check, error)
        return False
    store_charges(span, ends_at, charges)
    return True


def fetch_span(span: Span) -> tuple[datetime, Charges]:
    """Ask the provider; return the end of the time that was asked for, and its charges. Blocks.

    :raises UpstreamError: the provider refused, or its answer cannot be used.
    """
    length = span.ends_at - span.starts_at
    while True:
        ends_at = span.starts_at + length
        try:
            return ends_at, clients.charges(span.provider, span.check.api_key, span.asked_from, ends_at)
        except TooManyCharges:
            if length <= SHORTEST:
                raise UpstreamError(
                    FailureKind.TOO_LARGE, "The provider lists too many requests to compare them."
                ) from None
            length /= 2


def note_refusal(check: ChargeCheck, error: UpstreamError) -> None:
    words = _REFUSALS.get(error.kind, error.message)
    failures = min(check.failures + 1, 1000)
    ChargeCheck.objects.filter(pk=check.pk).update(error=words[:500], failures=failures)
    logger.info("The charges of check %s cannot be compared: %s", check.pk, error.kind)


_REFUSALS = {
    FailureKind.UNAUTHORISED: "The provider did not accept the API key. Replace the key under Keys.",
    FailureKind.FORBIDDEN: "This key may not list its charges. You can allow that on the provider’s site.",
    FailureKind.NOT_FOUND: "The provider has no list of charges at its address.",
    FailureKind.RATE_LIMITED: "The provider received too many requests. It is asked again later.",
    FailureKind.MALFORMED: "The provider’s answer was no list of charges. It is asked again later.",
}
