"""The keeper's program: `python -I -S main.py NAME`, the name for people who look at the list of processes."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the keeper from wherever this file is; -I and -S leave the path to the standard library alone."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    # At the end: nothing beside soakctl may stand before the standard library.
    sys.path.append(package)
    from soakctl.keeper.loop import report, run  # noqa: PLC0415 - found by the line above

    try:
        return run()
    except Exception as error:  # noqa: BLE001 - the last place where it can be told
        # The service dies with the keeper; soakctl takes over what is left of the tree and says so.
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f"{os.path.basename(where.tb_frame.f_code.co_filename)}:{where.tb_lineno}" if where is not None else ""
        report("fault", place, f"{type(error).__name__}: {error}".replace("\n", " "))
        return 70


if __name__ == "__main__":
    sys.exit(main())
