"""Holds any implementation to a vendor's contract: its document, and its rule book."""
