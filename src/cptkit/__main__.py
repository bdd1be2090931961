"""``python -m cptkit``: the command line."""

import sys

from cptkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
