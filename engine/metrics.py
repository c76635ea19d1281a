"""The numbers that matter, for Prometheus and for /health."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from escalation.incident_words import Kind

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
SECONDS_AND_MINUTES = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0)


class Metrics:
    """All metrics of one running service, in a registry of their own."""

    def __init__(self) -> None:
        """A fresh registry with everything at zero."""
        registry = self.registry = CollectorRegistry()
        self.updates = Counter("tocsin_updates", "Updates kept in the inbox.", ["source"], registry=registry)
        self.set_aside = Counter(
            "tocsin_updates_set_aside", "Updates that nobody could read.", ["source"], registry=registry
        )
        self.incidents = Counter("tocsin_incidents_opened", "Incidents opened.", ["kind"], registry=registry)
        self.sent = Counter("tocsin_sends", "Tries to send, by outcome.", ["lane", "outcome"], registry=registry)
        self.skipped = Counter(
            "tocsin_out_of_reach", "People passed over because no channel reached them.", registry=registry
        )
        self.first_alarm = Histogram(
            "tocsin_first_alarm_seconds",
            "From the opening of an incident to its first alarm taken by a messenger.",
            registry=registry,
            buckets=SECONDS,
        )
        self.lateness = Histogram(
            "tocsin_deadline_lateness_seconds", "How late a deadline was noticed.", registry=registry, buckets=SECONDS
        )
        self.loop_lag = Gauge(
            "tocsin_loop_lag_seconds", "How late the event loop ran its last sweep.", registry=registry
        )
        self.clock_put_back = Counter(
            "tocsin_clock_put_back", "How often the clock was put back by more than a minute.", registry=registry
        )
        self.swept = Counter(
            "tocsin_chat_swept", "Messages of defenders' chats deleted by the sweep.", registry=registry
        )
        self.not_swept = Counter(
            "tocsin_chat_not_swept",
            "Messages of defenders' chats that are too old to be deleted, or perhaps there.",
            registry=registry,
        )
        self.quarantined = Counter("tocsin_quarantined", "Rows set aside after failing.", ["what"], registry=registry)
        self.acknowledged = Histogram(
            "tocsin_acknowledged_seconds",
            "From the opening of an incident until somebody first had it.",
            registry=registry,
            buckets=SECONDS_AND_MINUTES,
        )
        self.audit_findings = Gauge(
            "tocsin_audit_findings", "What the auditor found, twice in a row, by code.", ["code"], registry=registry
        )
        self.audit_seconds = Gauge("tocsin_audit_seconds", "How long the last audit took.", registry=registry)
        self.oldest_unsent = Gauge(
            "tocsin_oldest_unsent_alarm_seconds", "How old the oldest alarm is that nobody took yet.", registry=registry
        )
        self.unknown_alarms = Gauge(
            "tocsin_unknown_alarms",
            "Alarms of which nobody knows whether they arrived; they go again.",
            registry=registry,
        )
        self.trial_seconds = Histogram(
            "tocsin_trial_seconds",
            "From a made-up event in the inbox to the messenger's taking of what follows from it.",
            registry=registry,
            buckets=SECONDS,
        )
        self.trials_failed = Gauge(
            "tocsin_trials_failed_in_a_row", "Trials in a row that nobody took in time.", registry=registry
        )

    def opened(self, kind: Kind) -> None:
        """An incident was opened: a drill or a call, and no more, for anybody may look."""
        self.incidents.labels("drill" if kind is Kind.DRILL else "call").inc()
