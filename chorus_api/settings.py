"""How patient, how polite and how greedy a client is. All times are seconds, all sizes bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits of one client.

    ``call_deadline`` bounds a whole call from connecting to the last byte of the answer, however slowly the
    other side dribbles. A deposit's deadline grows with its size (``deposit_base`` +
    size / ``min_upload_rate``) up to ``deposit_deadline``, which must stay below the server's own limit for
    a scheduled action (Odoo: 120 s), or the process is killed in the middle of a sending. The
    repetition after a renewed token shares the deadline of the first try.

    ``proxies`` is a mapping as ``requests`` takes it ({"https": "http://proxy:3128"}); None means: those of
    the process environment. Neither is used for the loopback interface.

    ``min_interval`` is the least time between the starts of two calls of one client; 0 never waits.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    call_deadline: float = 60.0
    token_deadline: float = 20.0
    deposit_deadline: float = 95.0
    deposit_base: float = 45.0
    min_upload_rate: float = 256 * 1024
    download_deadline: float = 95.0
    max_answer_bytes: int = 20 * 1024 * 1024
    max_download_bytes: int = 170 * 1024 * 1024  # 120 MB of invoices (AIFE download-invoice-group) in base64
    max_retry_after: float = 3600.0
    min_interval: float = 0.0
    page_size: int = 500
    max_pages: int = 1000
    user_agent: str = "l10n_fr_chorus_pro"
    proxies: Mapping[str, str] | None = field(default=None, repr=False)  # may hold a password
    ca_bundle: str | None = None  # path of a PEM file; None: the system's authorities

    def deposit_time(self, size: int) -> float:
        """Deadline in seconds of a deposit whose request body has ``size`` bytes."""
        return min(self.deposit_deadline, self.deposit_base + size / self.min_upload_rate)
