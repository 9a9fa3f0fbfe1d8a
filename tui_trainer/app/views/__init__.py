"""Views of what probes see inside a model."""
