"""Drive this project against servers that other people wrote.

``python -m tests.third_party`` installs each server in an environment of its own, starts it with a tiny
random model where it needs one, adds it as a provider and sends prompts through the pages. Run it by hand;
it needs a package index and some minutes, so CI does not run it.

``servers`` lists them, ``environments`` installs and starts them, ``scenarios`` says what is tried, and
``plain_readers`` reads raw answers in the simplest way, as a second opinion on ours. The scripts in
``inside`` run in a server's environment.
"""
