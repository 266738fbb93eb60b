"""Outgoing mail: plain text made from a template, sent through the server that EMAIL_URL names.

A template in ``templates/accounts/mail`` has the subject in its first line and the text after an empty one.
"""

from __future__ import annotations

import logging
import smtplib
import socket
import ssl
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any

from django.core.mail import EmailMessage, get_connection
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.template import Context, engines

from accounts.exceptions import MailFailed
from accounts.names import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

# EMAIL_TIMEOUT is for a single answer of the server. A server that answers slowly could take many of them.
PATIENCE_SECONDS = 20

logger = logging.getLogger(__name__)


def send_mail(template: str, context: Mapping[str, Any], to: str) -> None:
    """Send the mail of a template to one address, and return when the mail server has accepted it.

    The caller tells somebody about a failure. The log names the template and the failure, and
    neither the address nor the text. Call it after the commit, from a thread that may wait for some seconds:
    a mail cannot be taken back, and a transaction must not wait for another machine.

    :raises MailFailed: the server is away, too slow, or refused the mail.
    """
    if not all(getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
        raise TransactionManagementError("Send a mail after the commit: transaction.on_commit.")
    deliver(template, EmailMessage(*compose(template, context), to=[to]), PATIENCE_SECONDS)


def send_in_background(template: str, context: Mapping[str, Any], to: str) -> None:
    """Start to send the mail of a template, and return at once. A failure is logged alone.

    This is for mails that strangers ask for: the time of the answer must not tell whether one is sent.
    """
    delivery = _Delivery(template, EmailMessage(*compose(template, context), to=[to]))
    Thread(target=delivery.run, name="mail", daemon=True).start()


def compose(template: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """Return the subject and the text of a mail. Names in a subject cannot add headers: it is one line."""
    found = engines["django"].engine.get_template(template)  # type: ignore[attr-defined]
    # Plain text has no markup to escape.
    text = found.render(Context(dict(context), autoescape=False))
    subject, _, body = text.partition("\n")
    return one_line(subject), body.lstrip("\n")


def deliver(name: str, message: EmailMessage, patience: float) -> None:
    """Send a mail, and return when the mail server has accepted it. The log calls the mail ``name``.

    :param patience: seconds after which the connection is cut.
    :raises MailFailed: see :func:`send_mail`.
    """
    delivery = _Delivery(name, message)
    # A daemon thread does not keep a process from ending, however long a server takes.
    Thread(target=delivery.run, name="mail", daemon=True).start()
    try:
        delivery.sent.result(timeout=patience)
    except TimeoutError:
        delivery.cut()
        logger.warning("mail %s: no result after %s seconds", name, patience)
        # The server may have accepted the mail without saying so.
        raise MailFailed("The mail server is too slow. The mail may still arrive.") from None


class _Delivery:
    """An attempt to send a mail, in a thread of its own."""

    def __init__(self, name: str, message: EmailMessage) -> None:
        self._name, self._message = name, message
        self._backend: Any = get_connection()
        self._is_cut = False
        self.sent: Future[None] = Future()

    def run(self) -> None:
        try:
            self._send()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            failure = failure_of(error)
            # The words of a server often quote the address.
            logger.error("mail %s was not sent: %s", self._name, failure.log)
            self.sent.set_exception(failure)
        except Exception as error:
            logger.exception("mail %s was not sent", self._name)
            self.sent.set_exception(error)
        else:
            logger.info("mail %s was sent", self._name)
            self.sent.set_result(None)

    def cut(self) -> None:
        """End the attempt: a mail that is sent later would arrive beside the one of another attempt."""
        self._is_cut = True
        connection = getattr(self._backend, "connection", None)
        if found := getattr(connection, "sock", None):
            with suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)

    def _send(self) -> None:
        backend = self._backend
        try:
            try:
                backend.open()
            except (ConnectionError, smtplib.SMTPServerDisconnected):
                # A server that is just restarting. Nothing was sent yet, so no mail arrives twice.
                backend.close()
                backend.open()
            if self._is_cut:
                raise TimeoutError
            backend.send_messages([self._message])
        finally:
            backend.close()


def failure_of(error: Exception) -> MailFailed:
    """Return the failure that stands for an exception of the mail library, in words for people."""
    name, code = type(error).__name__, _code_of(error)
    # Other refusals are about this server or its settings, which somebody may correct.
    is_refused = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) and code >= 500
    # An untrusted certificate is both.
    is_malformed = isinstance(error, ValueError) and not isinstance(error, OSError)
    words = _words_for(error, code)
    return MailFailed(words, f"{name} {code}" if code else name, is_refused or is_malformed)


def _code_of(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _ in error.recipients.values()), 0)
    return int(error.smtp_code) if isinstance(error, smtplib.SMTPResponseException) else 0


def _words_for(error: Exception, code: int) -> str:
    is_late = isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)
    if 400 <= code < 500:
        return "The mail server does not take this mail now. Try again in a few minutes."
    for found, words in (
        (is_late, "The mail server does not answer."),
        (isinstance(error, smtplib.SMTPRecipientsRefused), "The mail server refused this address."),
        (isinstance(error, smtplib.SMTPSenderRefused), "The mail server refused the sender in EMAIL_FROM."),
        (isinstance(error, smtplib.SMTPAuthenticationError), "The mail server refused user or password."),
        (
            isinstance(error, smtplib.SMTPNotSupportedError),
            "The mail server cannot do what EMAIL_URL asks for: encryption, or a sign-in.",
        ),
        (isinstance(error, smtplib.SMTPServerDisconnected), "The mail server closed the connection."),
        (bool(code), f"The mail server refused the mail (code {code})."),
        (isinstance(error, ssl.SSLError), "No trusted connection to the mail server is possible."),
        (isinstance(error, OSError), "The mail server cannot be reached."),
    ):
        if found:
            return words
    return "The mail could not be sent."
