"""How quickly a source tree is scanned for secrets, in MB a CPU second: `python benchmarks/secret_scan.py [FOLDER]`.

Without a folder, 50 MB of the sources that come with this Python and its packages, made up to that size.
"""

from __future__ import annotations

import sys
import sysconfig
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from soakctl.services.validate.leaks import scan_blocks

SIZE = 50_000_000
PROMISED = 10.0
BUILT = frozenset({".a", ".so", ".pyc", ".exe", ".whl", ".zip", ".gz"})


def files(folder: str | None) -> list[tuple[str, bytes]]:
    homes = [folder] if folder else [sysconfig.get_path("stdlib"), sysconfig.get_path("purelib")]
    found: list[tuple[str, bytes]] = []
    size = 0
    for home in homes:
        for path in sorted(Path(home).rglob("*")):
            if path.is_file() and not path.is_symlink() and path.suffix not in BUILT and size < SIZE:
                data = path.read_bytes()
                found.append((str(path), data))
                size += len(data)
    return found


def main() -> int:
    tree = files(sys.argv[1] if len(sys.argv) > 1 else None)
    size = sum(len(data) for _, data in tree)
    begun = time.process_time()
    leaks = [leak for path, data in tree for leak in scan_blocks(path, iter([data]), ())]
    spent = time.process_time() - begun
    rate = size / spent / 1e6
    print(f"{len(tree)} files, {size / 1e6:.1f} MB in {spent:.1f} CPU s: {rate:.1f} MB/s, {len(leaks)} found")
    for leak in leaks[:20]:
        print(f"  {leak.told}")
    return int(rate < PROMISED)


if __name__ == "__main__":
    sys.exit(main())
