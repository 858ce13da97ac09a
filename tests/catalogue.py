"""`python -m tests.catalogue` reads every sentence out of the code into locale/; `--check` only says what is stale.

In Python alone, so that a machine without gettext's own programs can do it. The sentences of transcode, which must
not know Django, are its constants that end in a full stop; they are translated where they are shown.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
CODE = ("accounts", "streamsite", "transcode", "videos")
# How many of a call's first arguments are text: the context, one, or one and many.
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), ("msgid",)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), ("msgid", "msgid_plural")),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ("msgctxt", "msgid")),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ("msgctxt", "msgid", "msgid_plural")),
}
CALL = re.compile(rf"\b({'|'.join(CALLS)})\(")
HEADER = {
    "Project-Id-Version": "streamsite",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
}
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|%%")


def extract() -> polib.POFile:
    """Return the template: every sentence with the files that say it, in one order."""
    template = polib.POFile(wrapwidth=110)
    template.metadata = dict(HEADER)
    found: dict[tuple[str, str], polib.POEntry] = {}
    for name, words in _said():
        entry = polib.POEntry(**words)
        entry = found.setdefault((entry.msgctxt or "", entry.msgid), entry)
        entry.msgid_plural = entry.msgid_plural or words.get("msgid_plural", "")
        if (name, "") not in entry.occurrences:
            entry.occurrences.append((name, ""))
    for entry in sorted(found.values(), key=lambda entry: (entry.occurrences, entry.msgid)):
        entry.flags = ["python-format"] if "%(" in entry.msgid else []
        entry.msgstr_plural = {0: "", 1: ""} if entry.msgid_plural else {}
        template.append(entry)
    return template


def _said() -> Iterator[tuple[str, dict[str, str]]]:
    for path in _files("*.py", CODE):
        tree = ast.parse((ROOT / path).read_text())
        yield from ((path, words) for words in _calls_in(tree))
        if path.startswith("transcode/"):
            yield from ((path, {"msgid": text}) for text in _constants_in(tree))
    for path in _files("*", ("templates",)):
        yield from ((path, words) for words in _calls_in_template((ROOT / path).read_text(), path))


def _files(pattern: str, folders: tuple[str, ...]) -> list[str]:
    found = (path for folder in folders for path in (ROOT / folder).rglob(pattern) if path.is_file())
    names = (str(path.relative_to(ROOT)) for path in found)
    return sorted(name for name in names if "/migrations/" not in name and "__pycache__" not in name)


def _calls_in(tree: ast.AST) -> Iterator[dict[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            if isinstance(node.args[0], ast.Name | ast.Attribute):
                continue  # shows what is said, and marked, elsewhere
            texts = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            # strict: what is put together at run time is in no catalogue.
            names = CALLS[node.func.id]
            yield dict(zip(names, map(str, texts[: len(names)]), strict=True))


def _constants_in(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value.endswith("."):
            yield value.value


def _calls_in_template(text: str, path: str) -> Iterator[dict[str, str]]:
    """Django makes calls of the tags, between letters without a meaning."""
    code = templatize(text, origin=path)
    for match in CALL.finditer(code):
        yield from _calls_in(ast.parse(_whole_call(code, match)))


def _whole_call(code: str, match: re.Match[str]) -> str:
    for end in (bracket.end() for bracket in re.finditer(r"\)", code[match.end() :])):
        call = code[match.start() : match.end() + end]
        try:
            ast.parse(call)
        except SyntaxError:
            continue
        return call
    raise ValueError(f"no end of {code[match.start() : match.start() + 60]!r}")


def languages() -> list[Path]:
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def merged(template: polib.POFile, known: polib.POFile) -> polib.POFile:
    """Return the sentences of `template` with the translations that there are; what nobody says any more goes."""
    translations = {(entry.msgctxt, entry.msgid): entry for entry in known}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = known.metadata
    for entry in template:
        old = translations.get((entry.msgctxt, entry.msgid))
        new = polib.POEntry(**{name: getattr(entry, name) for name in ("msgid", "msgctxt", "msgid_plural")})
        new.occurrences, new.flags = entry.occurrences, entry.flags
        new.msgstr = old.msgstr if old else ""
        new.msgstr_plural = (old.msgstr_plural if old else {}) or entry.msgstr_plural
        fresh.append(new)
    return fresh


def write() -> None:
    template = extract()
    (LOCALE / "django.pot").write_text(f"{template}\n")
    for path in languages():
        catalogue = merged(template, polib.pofile(str(path), wrapwidth=110))
        path.write_text(f"{catalogue}\n")
        path.with_suffix(".mo").write_bytes(catalogue.to_binary())


def problems() -> list[str]:
    """Return what is stale, and what is not translated."""
    template = extract()
    found = []
    if (LOCALE / "django.pot").read_text() != f"{template}\n":
        found.append("locale/django.pot is stale")
    for path in languages():
        known = polib.pofile(str(path), wrapwidth=110)
        if path.read_text() != f"{merged(template, known)}\n":
            found.append(f"{path.relative_to(ROOT)} is stale")
        if path.with_suffix(".mo").read_bytes() != known.to_binary():
            found.append(f"{path.relative_to(ROOT)} is not what its .mo was made of")
        found += [
            f"{path.parent.parent.name}: {entry.msgid!r}" for entry in known if not is_translated(entry)
        ]
    return found


def is_translated(entry: polib.POEntry) -> bool:
    """True if there is every form, and each has the values that the English has."""
    forms = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    wanted = {tuple(sorted(PLACEHOLDER.findall(text))) for text in (entry.msgid, entry.msgid_plural) if text}
    return not entry.fuzzy and all(
        form and tuple(sorted(PLACEHOLDER.findall(form))) in wanted for form in forms
    )


if __name__ == "__main__":
    if "--check" in sys.argv:
        stale = problems()
        sys.exit("\n".join([*stale, "Run `make messages`, then translate what is empty."]) if stale else 0)
    write()
