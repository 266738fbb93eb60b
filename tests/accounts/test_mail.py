from __future__ import annotations

import datetime
import logging
import ssl
from io import StringIO
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core import mail as django_mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.transaction import TransactionManagementError

from accounts import mail
from accounts.exceptions import MailFailed
from tests.scripted_smtp import CLOSE, HANG, ScriptedSmtp

ADDRESS = "dora@example.org"
CONTEXT = {"origin": "https://chat.example.org"}


def use(settings, server: ScriptedSmtp, **more) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.DEFAULT_FROM_EMAIL = "Playground <playground@example.org>"
    settings.HAS_MAIL = True
    for name, value in more.items():
        setattr(settings, name, value)


@pytest.fixture
def smtp(settings):
    with ScriptedSmtp().running() as server:
        use(settings, server)
        yield server


def send() -> None:
    mail.send_mail("accounts/mail/test.txt", CONTEXT, ADDRESS)


def failure() -> MailFailed:
    with pytest.raises(MailFailed) as failed:
        send()
    return failed.value


@pytest.mark.django_db
def test_a_mail_is_plain_text_from_a_template(smtp):
    send()

    (found,) = smtp.mails
    assert found["Subject"] == "Test of https://chat.example.org"
    assert (found["From"], found["To"]) == ("Playground <playground@example.org>", ADDRESS)
    assert found.get_content_type() == "text/plain"
    assert found.get_content().startswith("This mail was sent to find out")
    assert smtp.recipients == [f"<{ADDRESS}>"]


@pytest.mark.parametrize(
    "origin",
    ["x\r\nBcc: eve@example.org", "x\nBcc: eve@example.org", "x\u2028Bcc: eve@example.org", "x\x00\x1b[2J"],
)
@pytest.mark.django_db
def test_no_value_adds_a_header_or_a_recipient(smtp, origin):
    mail.send_mail("accounts/mail/test.txt", {"origin": origin}, ADDRESS)

    (found,) = smtp.mails
    assert found["Bcc"] is None
    assert found["Subject"].startswith("Test of x")
    assert smtp.recipients == [f"<{ADDRESS}>"]


@pytest.mark.parametrize("to", [f"{ADDRESS}\r\nBcc: eve@example.org", f"{ADDRESS}\nX: y"])
@pytest.mark.django_db
def test_an_address_of_two_lines_is_refused(smtp, to, caplog):
    with pytest.raises(MailFailed, match="could not be sent"):
        mail.send_mail("accounts/mail/test.txt", CONTEXT, to)
    assert smtp.mails == []
    assert "eve" not in caplog.text


@pytest.mark.django_db
def test_markup_is_text_in_a_mail(smtp):
    mail.send_mail("accounts/mail/test.txt", {"origin": "<b>A & B's</b>"}, ADDRESS)
    assert "<b>A & B's</b>" in smtp.mails[0].get_content()


@pytest.mark.parametrize(
    ("answers", "words", "logged"),
    [
        ({"RCPT": f"550 no such user {ADDRESS}"}, "refused this address", "SMTPRecipientsRefused 550"),
        ({"RCPT": f"450 greylisted {ADDRESS}"}, "Try again in a few minutes", "SMTPRecipientsRefused 450"),
        ({"MAIL": "550 not you"}, "refused the sender", "SMTPSenderRefused 550"),
        ({"DATA": "554 no"}, r"refused the mail \(code 554\)", "SMTPDataError 554"),
        ({"MESSAGE": f"552 too large for {ADDRESS}"}, "refused the mail", "SMTPDataError 552"),
        ({"MESSAGE": "451 later"}, "Try again in a few minutes", "SMTPDataError 451"),
        ({"GREETING": "554 closed"}, "refused the mail", "SMTPConnectError 554"),
        ({"GREETING": CLOSE}, "closed the connection", "SMTPServerDisconnected"),
        ({"MESSAGE": CLOSE}, "closed the connection", "SMTPServerDisconnected"),
        ({"MAIL": "nonsense"}, "could not be sent|refused|closed", ""),
    ],
)
@pytest.mark.django_db
def test_a_refusal_is_explained_and_the_log_names_no_address(smtp, caplog, answers, words, logged):
    caplog.set_level(logging.INFO)
    smtp.answers = answers
    with pytest.raises(MailFailed, match=words):
        send()

    assert smtp.mails == []
    assert f"mail accounts/mail/test.txt was not sent: {logged}" in caplog.text
    assert ADDRESS not in caplog.text and "find out" not in caplog.text


@pytest.mark.parametrize("at", ["GREETING", "EHLO", "RCPT", "MESSAGE"])
@pytest.mark.django_db
def test_a_server_that_hangs_is_given_up(smtp, settings, at):
    settings.EMAIL_TIMEOUT = 0.2
    smtp.answers = {at: HANG}

    assert failure().text == "The mail server does not answer."


@pytest.mark.django_db
def test_a_server_that_takes_its_time_for_each_answer_is_given_up(smtp, monkeypatch):
    monkeypatch.setattr(mail, "PATIENCE_SECONDS", 0.1)
    smtp.answers = {"RCPT": HANG}

    assert failure().text == "The mail server is too slow. The mail may still arrive."


@pytest.mark.django_db
def test_a_server_that_is_just_restarting_gets_the_mail_once(smtp):
    smtp.answers = {"GREETING": [CLOSE]}
    send()
    assert len(smtp.mails) == 1


@pytest.mark.django_db
def test_a_server_that_is_away_is_named_so(settings, closed_port):
    server = ScriptedSmtp()
    server.port = closed_port
    use(settings, server)
    assert failure().text == "The mail server cannot be reached."


@pytest.mark.django_db
def test_it_signs_in_and_a_refused_password_is_not_repeated(smtp, settings, caplog):
    use(settings, smtp, EMAIL_HOST_USER="user", EMAIL_HOST_PASSWORD="canary")
    send()
    assert smtp.sign_ins == ["\0user\0canary"]

    smtp.answers = {"AUTH": "535 wrong password canary"}
    found = failure()
    assert found.text == "The mail server refused user or password."
    assert "canary" not in f"{found.text} {found.log} {caplog.text}"


@pytest.fixture
def certificate(tmp_path) -> tuple[ssl.SSLContext, str]:
    """A server's certificate for 127.0.0.1, and the file with which a client trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "scripted")])
    start = datetime.datetime(2020, 1, 1)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start.replace(year=2100))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(encoding) + secret)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context, str(file)


@pytest.mark.parametrize("is_tls", [False, True], ids=["starttls", "tls"])
@pytest.mark.django_db
def test_an_encrypted_connection_has_to_be_trusted(settings, monkeypatch, certificate, is_tls):
    context, file = certificate
    options = {"EMAIL_USE_SSL": is_tls, "EMAIL_USE_TLS": not is_tls}
    with ScriptedSmtp(context, starttls=not is_tls).running(is_tls=is_tls) as server:
        use(settings, server, **options, EMAIL_HOST_USER="user", EMAIL_HOST_PASSWORD="canary")
        assert failure().text == "No trusted connection to the mail server is possible."
        assert server.sign_ins == []

        monkeypatch.setenv("SSL_CERT_FILE", file)
        send()
    assert len(server.mails) == 1


@pytest.mark.django_db
def test_a_server_without_encryption_gets_no_password(smtp, settings):
    use(settings, smtp, EMAIL_USE_TLS=True, EMAIL_HOST_USER="user", EMAIL_HOST_PASSWORD="canary")

    assert "cannot do what EMAIL_URL asks for" in failure().text
    assert "AUTH" not in smtp.commands


@pytest.mark.django_db(transaction=True)
def test_a_mail_waits_for_the_commit():
    with transaction.atomic():
        with pytest.raises(TransactionManagementError):
            send()
        transaction.on_commit(send)
        assert django_mail.outbox == []
    assert len(django_mail.outbox) == 1


@pytest.mark.django_db
def test_the_command_sends_a_mail(smtp):
    out = StringIO()
    call_command("send_test_mail", f" {ADDRESS} ", stdout=out)

    assert smtp.mails[0]["To"] == ADDRESS
    assert out.getvalue() == f"127.0.0.1:{smtp.port} has accepted the mail. See whether it arrives.\n"


@pytest.mark.parametrize("address", ["dora", "", "dora@example.org\nBcc: eve@example.org", "a@b@c"])
def test_the_command_refuses_what_is_no_address(address):
    with pytest.raises(CommandError, match="not an e-mail address"):
        call_command("send_test_mail", address)


@pytest.mark.django_db
def test_the_command_says_why_nothing_was_sent(smtp):
    smtp.answers = {"RCPT": "550 no such user"}
    with pytest.raises(CommandError, match=r"refused this address. \(SMTPRecipientsRefused 550\)"):
        call_command("send_test_mail", ADDRESS)


@pytest.mark.django_db
def test_the_command_says_that_no_server_is_set_up(settings, capfd):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.HAS_MAIL = False
    call_command("send_test_mail", ADDRESS)

    printed = capfd.readouterr().out
    assert f"To: {ADDRESS}" in printed and "was not sent" in printed
