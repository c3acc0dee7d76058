"""Programs that run from the installed package, such as ``python -m convcore.examples.digits``."""
