"""What single pages draw, one module for each page or view."""

import importlib
import pkgutil


def load_all() -> None:
    """Import every view, so that all controls that a link can name are declared."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
