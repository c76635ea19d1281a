"""Everything that may be logged: each event of each room, with its fields and the kind of each.

What stands here is all that a log of ours can hold. An event or a field that does not is dropped and counted, and fails
the tests.
"""

from collections.abc import Mapping

from .log_fields import Kind, count, fault, identity, kind_of_fault, of_a_bot, one_of, row, span

SOURCE = of_a_bot("defenders", "responders")
OUTCOME = one_of("perm", "temp", "unknown")
METHOD = one_of("setWebhook", "deleteWebhook")
REASON = one_of(  # why a letter was not taken; the channels have no other words
    "blocked",
    "bot_refused",
    "cannot_be_rendered",
    "channel_not_set_up",
    "chat_moved",
    "connection_lost",
    "fault_of_ours",
    "file_is_gone",
    "flood_limit",
    "forbidden",
    "moved",
    "no_address",
    "no_answer",
    "no_answer_in_time",
    "no_connection",
    "no_message",
    "nobody_there",
    "not_by_mail",
    "not_reached",
    "not_taken",
    "refused",
    "server_error",
    "server_lacks_privacy_or_login",
    "server_refused",
    "token_refused",
    "too_many",
    "unsayable",
    family="unsayable",
)
FINDING = one_of(  # what the auditor can find: `engine/auditing.py`
    "alarm_after_end",
    "alarm_given_up",
    "alarm_stands",
    "alarm_untaken",
    "call_unread",
    "checkpoint_old",
    "closed_too_easily",
    "inbox_unread",
    "incident_late",
    "lease_lapsed",
    "lowering_late",
    "nobody_called",
    "settled_untried",
    "sleeps_too_long",
    "time_not_kept",
    "tree_broken",
    "try_left_open",
    "unbound",
    "unwatched",
    "unwritten",
    "watch_late",
)
LIBRARY = one_of(
    "aiogram", "aiohttp", "alembic", "apscheduler", "asyncio", "httpcore", "httpx", "other", "pydantic", "sqlalchemy",
    "telegram",
)  # fmt: skip

EVENTS: Mapping[str, Mapping[str, Kind]] = {
    # the process
    "service_open": {"port": count},
    "service_stopped": {},
    "process_fault": {"fault": fault},
    "taken_over": {"updates": count, "deliveries": count},
    "thread_fault": {"fault": fault},
    "loop_fault": {"fault": fault},
    "unraisable_fault": {"fault": fault},
    "warning_given": {"category": kind_of_fault},
    "library_spoke": {"library": LIBRARY, "fault": fault},
    # keys
    "locked": {},
    "unlocked": {},
    "share_not_given": {"fault": fault},
    "passphrase_refused": {},
    "no_way_to_unlock": {"fault": fault},
    "old_keys_destroyed": {"keys": count},
    # wellbeing
    "no_sign_of_life": {"troubles": count},
    "sign_of_life_not_taken": {"status": count, "fault": fault},
    "audit_found": {"code": FINDING, "rows": count, "age": span},
    "messenger_not_proved": {"source": SOURCE, "fault": fault},
    "trial_taken": {"milliseconds": count},
    "trial_not_taken": {"in_a_row": count},
    "peer_unwell": {},
    "peer_well": {},
    # the journal
    "checkpoint_not_kept": {"fault": fault},
    # what comes in
    "no_updates": {"source": SOURCE, "fault": fault},
    "webhook_not_settled": {"source": SOURCE, "method": METHOD},
    "update_not_read": {"source": SOURCE, "inbox": row, "fault": fault},
    "turn_not_committed": {"inbox": row, "fault": fault},
    "call_waits": {"inbox": row, "fault": fault},
    # time
    "caught_up": {"away": span, "overdue": count},
    "clock_put_back": {"away": span},
    "row_not_decided": {"row": identity, "fault": fault},
    "not_warmed": {"fault": fault},
    # what goes out
    "chat_not_emptied": {"defender": identity, "fault": fault},
    "not_sent": {"delivery": row, "outcome": OUTCOME, "reason": REASON},
    "send_failed": {"delivery": row, "fault": fault},
    "not_settled": {"delivery": row, "fault": fault},
    "not_ours_any_more": {"delivery": row},
    "no_buttons": {"delivery": row, "fault": fault},
    "bot_not_dressed": {"source": SOURCE, "fault": fault},
}
