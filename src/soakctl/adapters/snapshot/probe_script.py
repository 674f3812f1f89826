"""Run by the service's own Python, which may be an old one: says what it is and what is installed, as JSON.

Nothing of soakctl is imported here. What the working directory holds must not come before the standard library.
"""

import sys

sys.path[:] = [each for each in sys.path if each]

import json  # noqa: E402
import locale  # noqa: E402
import platform  # noqa: E402
import re  # noqa: E402


def _libraries() -> "dict[str, str | None]":
    found = {"libc": " ".join(platform.libc_ver()).strip() or None}
    for name, attribute in (
        ("ssl", "OPENSSL_VERSION"),
        ("sqlite3", "sqlite_version"),
        ("zlib", "ZLIB_RUNTIME_VERSION"),
    ):
        try:
            found[name] = getattr(__import__(name), attribute)
        except Exception:  # noqa: BLE001 - a broken library is the answer
            found[name] = None
    return found


def _source(text: str) -> "dict[str, object]":
    """Where a package came from that came from no index; the URL is bared by whoever reads this."""
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    info = told.get("dir_info") or {}
    vcs = told.get("vcs_info") or {}
    return {"direct_url": told.get("url"), "editable": bool(info.get("editable")), "commit": vcs.get("commit_id")}


def _packages() -> "tuple[object, object]":
    try:
        from importlib import metadata  # noqa: PLC0415
    except ImportError:
        return None, None
    found, needed = {}, set()
    for one in metadata.distributions():
        name = one.metadata["Name"]
        if not name:
            continue
        name = re.sub(r"[-_.]+", "-", name).lower()
        if name in found:  # the first on the path is the one that is imported
            continue
        found[name] = dict(_source(one.read_text("direct_url.json") or "{}"), version=one.version)
        for requirement in one.requires or ():
            word = re.match(r"[A-Za-z0-9._-]+", requirement)
            if word and "extra ==" not in requirement:
                needed.add(re.sub(r"[-_.]+", "-", word.group()).lower())
    return found, sorted(needed & set(found))


def _main() -> None:
    packages, needed = _packages()
    told = {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "path": sys.path,
        "encoding": locale.getpreferredencoding(do_setlocale=False),
        "libraries": _libraries(),
        "packages": packages,
        "needed": needed,
    }
    sys.stdout.write("\nsoakctl:" + json.dumps(told) + "\n")


_main()
