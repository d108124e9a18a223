"""`python -m w2vext`: the same as the `w2vext` command."""

import sys

from w2vext.cli import main

if __name__ == "__main__":
    sys.exit(main())
