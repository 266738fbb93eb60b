"""Exceptions of this app, as one tree. They live beside the code that raises them.

::

    PlaygroundError
    ├── UpstreamError                playground.upstream.errors.exceptions; a call to a provider failed
    │   ├── NotConnected             no byte of the request was sent: name, address, TLS or socket
    │   │   └── AddressRefused       the address is on a private network that nobody allowed
    │   ├── TookTooLong              a time limit of the call ran out
    │   ├── AnsweredWithError        a status of 400 and above, or an error in place of an answer
    │   ├── BrokenAnswer             the bytes are not an answer, or they stopped
    │   │   └── EventTooLarge        playground.upstream.sse; a single server-sent event exceeds its limit
    │   ├── EndpointNotSupported     there is no reader for answers of this kind of endpoint
    │   └── KeyUnreadable            the stored API key cannot be decrypted
    ├── TranscriptRefused            playground.upstream.dialects; the endpoint has no place for a message
    ├── BodyInvalid                  playground.parameters.form.body; the request schema refuses the body
    ├── EntryError (ValueError)      playground.parameters.form.parsing; the sentence to show at a control
    ├── Unresolvable (ValueError)    playground.parameters.schema.merging; a reference loop, or too many parts
    │   └── Contradiction            no value can fit two parts of the schema at once
    ├── SchemaTooLarge (ValueError)  playground.parameters.schema.bundling; its references multiply too far
    ├── SyncFailed                   playground.catalogue.sync; the reason, as a sentence for people
    ├── DocumentRefused (ValueError) playground.catalogue.documents; the reason a document cannot be used
    ├── ModelListRefused (ValueError) playground.catalogue.model_list; the reason a list cannot be used
    ├── PasteRefused                 playground.code.reading.paste; the reason a paste cannot be read
    ├── CapRefused                   a key with a cap was not made; the reason, and what is left of it
    ├── AlreadyAdded                 playground.flows.add_provider; this address has a provider already
    └── Replaced                     playground.flows.sync_catalogue; another process has ended the sync

Refusals of keys and limits come from ``accounts.exceptions``.
"""

from __future__ import annotations


class PlaygroundError(Exception):
    pass


class CapRefused(PlaygroundError):
    """``text`` is for people."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
