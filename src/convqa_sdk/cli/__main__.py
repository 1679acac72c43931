"""`python -m convqa_sdk.cli`."""

import sys

from convqa_sdk.cli import main

sys.exit(main())
