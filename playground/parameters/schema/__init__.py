"""From a published request schema to the specifications of its parameters. No framework."""
