"""Collects the statistics of neural collapse from inside a PyTorch training.

``Monitor`` writes a folder that ``collapsar measure FOLDER`` measures and ``collapsar lab FOLDER`` replays; ``collect`` writes
whole features, for ``collapsar measure FILE``.
"""

__version__ = "0.1.0"

from .collect import collect
from .errors import InputError, MeasureError
from .monitor import Monitor

__all__ = ["InputError", "MeasureError", "Monitor", "__version__", "collect"]
