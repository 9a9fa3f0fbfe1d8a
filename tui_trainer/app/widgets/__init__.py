"""Widgets: plain values in, messages out. None of them fetches anything."""
