"""Run by the service's own Python, which may be an old one: says what it is and what is installed, as JSON.

Nothing of soakctl is imported here. What the working directory holds must not come before the standard library.
"""

import sys

sys.path[:] = [each for each in sys.path if each]

import json  # noqa: E402
import locale  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

if hasattr(os, "nice"):
    os.nice(10)  # it may run beside the service, on the machine that is measured


def _libc() -> "str | None":
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or None
    except (AttributeError, ValueError, OSError):
        import platform  # noqa: PLC0415

        return " ".join(platform.libc_ver()).strip() or None


def _libraries() -> "dict[str, str | None]":
    found = {"libc": _libc()}
    for name, modules, attribute in (
        ("ssl", ("_ssl", "ssl"), "OPENSSL_VERSION"),
        ("sqlite3", ("_sqlite3", "sqlite3"), "sqlite_version"),
        ("zlib", ("zlib",), "ZLIB_RUNTIME_VERSION"),
    ):
        found[name] = None
        for module in modules:  # what is written in C is there in a tenth of the time
            try:
                found[name] = getattr(__import__(module), attribute)
                break
            except Exception:  # noqa: BLE001, S112 - a broken library is the answer
                continue
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


def _read(path: str) -> "str | None":
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def _installed() -> "Iterator[tuple[str, str]]":
    """Of each package what METADATA says, and where it came from: as importlib.metadata, in a third of its time."""
    for place in sys.path:
        try:
            names = sorted(os.listdir(place))
        except OSError:
            continue
        for name in names:
            inner = os.path.join(place, name)
            if name.endswith(".dist-info"):
                about = _read(os.path.join(inner, "METADATA"))
            elif name.endswith(".egg-info"):
                about = _with_needs(_read(os.path.join(inner, "PKG-INFO")) or _read(inner), inner)
            elif name.endswith(".egg"):
                inner = os.path.join(inner, "EGG-INFO")
                about = _read(os.path.join(inner, "PKG-INFO"))
            else:
                continue
            if about:
                yield about, _read(os.path.join(inner, "direct_url.json")) or "{}"


def _with_needs(about: "str | None", place: str) -> "str | None":
    """An older form, in which what a package asks for stands in a file of its own."""
    needs = (_read(os.path.join(place, "requires.txt")) or "").split("[", 1)[0].split()
    return "".join(f"Requires-Dist: {need}\n" for need in needs) + about if about else None


def _packages() -> "tuple[object, object]":
    found, needed = {}, set()
    for about, source in _installed():
        head = re.split(r"\r?\n\r?\n", about, maxsplit=1)[0]
        fields = dict(re.findall(r"(?m)^(Name|Version): *(.*?) *\r?$", head))
        name = re.sub(r"[-_.]+", "-", fields.get("Name", "")).lower()
        if not name or name in found:  # the first on the path is the one that is imported
            continue
        found[name] = dict(_source(source), version=fields.get("Version"))
        for requirement in re.findall(r"(?m)^Requires-Dist: *(.*)$", head):
            word = re.match(r"[A-Za-z0-9._-]+", requirement)
            if word and "extra ==" not in requirement:
                needed.add(re.sub(r"[-_.]+", "-", word.group()).lower())
    return found, sorted(needed & set(found))


def _main() -> None:
    packages, needed = _packages()
    told = {
        "version": sys.version.split()[0],
        "implementation": _implementation(),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "path": sys.path,
        "encoding": locale.getpreferredencoding(False),  # noqa: FBT003 - older Pythons know no name for it
        "libraries": _libraries(),
        "packages": packages,
        "needed": needed,
    }
    sys.stdout.write("\nsoakctl:" + json.dumps(told) + "\n")


def _implementation() -> str:
    name = sys.implementation.name
    if name == "cpython":
        return "CPython"
    import platform  # noqa: PLC0415

    return platform.python_implementation()


_main()
