"""Everything Vademecum does that is not a window: no Qt here, and no torch at import time."""

__version__ = "0.1.0"
