"""Where requests go and which environment variable holds the key; the key itself is never kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from segvspers.emails.llm.money.prices import LOCAL
from segvspers.errors import ArgumentError, raise_all

OPENAI_URL = "https://api.openai.com/v1"
OPENAI_KEY = "OPENAI_API_KEY"  # the name of a variable, not a key
NO_KEY = "no-key-needed"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and the name of the environment variable that holds its key.

    Parameters
    ----------
    base_url
        The server; ``OPENAI_BASE_URL`` or OpenAI itself when left out.
    key_env
        Name of the variable; ``OPENAI_API_KEY`` for OpenAI, none for a server on this machine.

    Raises
    ------
    ArgumentError
        When the address holds a key, or nothing says where the key of another server is.
    """

    base_url: str
    key_env: str | None

    @classmethod
    def of(cls, base_url: str | None, key_env: str | None) -> Endpoint:
        """Return the endpoint that an analyst means."""
        from_environment = base_url is None
        url = (base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL).rstrip("/")
        _refuse_wrong(url)
        local = urlsplit(url).hostname in LOCAL
        if key_env is None and not local:
            if not from_environment and not url.startswith("https://api.openai.com/"):
                raise ArgumentError(
                    f"key_env: name the environment variable that holds the key for {urlsplit(url).hostname}, such as "
                    "key_env='MY_SERVER_KEY'. The key of OpenAI is never sent to another server unasked."
                )
            key_env = OPENAI_KEY
        return cls(url, key_env)

    @property
    def host(self) -> str:
        """Name of the server."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_openai(self) -> bool:
        """Tell whether this is OpenAI itself."""
        return self.host == "openai.com" or self.host.endswith(".openai.com")

    def key(self) -> str:
        """Return the key from the environment.

        Raises
        ------
        ArgumentError
            When the variable is not set.
        """
        if self.key_env is None:
            return NO_KEY
        value = os.environ.get(self.key_env, "").strip()
        if not value:
            raise ArgumentError(
                f"{self.key_env} is not set, so {self.host} can't be asked; set it in the environment "
                "(never in code or a notebook), or write with sv.OfflineWriter(), which needs no key."
            )
        return value


def _refuse_wrong(url: str) -> None:
    parts = urlsplit(url)
    problems = []
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        problems.append("it must be an address such as http://127.0.0.1:8000/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        problems.append(
            "it must hold no user, password or query; put a key into the environment and name it in key_env"
        )
    raise_all("base_url", problems, error=ArgumentError)
