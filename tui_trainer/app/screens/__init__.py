"""Screens: they compose, bind and forward."""
