"""The record of runs: written by one, read by many. Standard library only; knows neither the engine nor the screen."""
