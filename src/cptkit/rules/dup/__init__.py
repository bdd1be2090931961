"""DUP: the same service billed twice."""
