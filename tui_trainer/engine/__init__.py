"""The training: the only place that imports torch. Knows no file of a run, no thread and no screen."""
