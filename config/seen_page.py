"""The page behind the link in an alarm's mail: `seen_page.html`, written out for each language.

Nothing on it comes from elsewhere: style and script stand in it, and the hashes of both are all that its policy lets
through. It names nobody and says nothing about what has happened.
"""

import hashlib
import html
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Protocol

PAGE = Path(__file__).parent / "seen_page.html"
TEXTS = ("title", "lead", "seen", "cannot", "weak", "noted", "over", "gone", "failed", "no_script")
RIGHT_TO_LEFT = frozenset({"ar"})


class Say(Protocol):
    """The catalogue."""

    def __call__(self, language: str, key: str, /) -> str: ...


@dataclass(frozen=True, slots=True)
class SeenPage:
    """The page in every language, and the policy (Content-Security-Policy) under which it is shown."""

    by_language: Mapping[str, str]
    policy: str


def load_seen_page(say: Say, languages: Sequence[str]) -> SeenPage:
    """The page as it is served."""
    template = PAGE.read_text(encoding="utf-8")
    pages = {language: _written(template, say, language) for language in languages}
    return SeenPage(pages, _policy(pages[languages[0]]))


def _written(template: str, say: Say, language: str) -> str:
    words = {name: html.escape(say(language, f"responder.web.{name}")) for name in TEXTS}
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    return Template(template).substitute(words, language=language, direction=direction)


def _policy(page: str) -> str:
    styles, scripts = _hashes("style", page), _hashes("script", page)
    return (
        f"default-src 'none'; style-src {styles}; script-src {scripts}; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


def _hashes(element: str, page: str) -> str:
    found = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
    return " ".join(f"'sha256-{b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in found)
