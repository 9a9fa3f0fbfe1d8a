"""What can be made of a run to take away, by its option."""

from __future__ import annotations

KINDS = {
    "csv": "steps and validations as CSV",
    "json": "settings, result, validations and changes by hand as JSON",
    "weights": "the weights alone, as a state_dict that torch.load(weights_only=True) reads",
    "safetensors": "the weights as safetensors, where that package is there",
    "script": "a stand-alone PyTorch script that gives the same losses",
    "card": "a dozen lines of text for a chat or a homework",
    "svg": "a picture of the screen with the run, for a browser",
    "png": "the same as PNG, where the package for that is there",
    "tensorboard": "TensorBoard event files, where that package is there",
}
"""What can be made of a run; without a choice all of it."""
