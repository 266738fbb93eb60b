"""A run as it went over the wire, for people to read: one module for each tab of the inspector."""
