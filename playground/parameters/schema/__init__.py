"""Request schemas as specifications of their parameters. No module here uses a framework."""
