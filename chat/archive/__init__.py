"""A workspace as one file that only a passphrase opens, to be imported by another installation."""
