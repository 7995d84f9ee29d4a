"""`python -m elman`: see `elman.cli`."""

import sys

from elman.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
