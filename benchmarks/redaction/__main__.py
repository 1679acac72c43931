"""Invent test data."""

import sys
from pathlib import Path

from invented import write

if __name__ == "__main__":
    for f in write(Path(sys.argv[1])):
        print(f)
