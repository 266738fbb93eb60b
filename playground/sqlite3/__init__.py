"""The database backend for SQLite. The setting DATABASES names this package."""
