"""What is done when a call's timer falls due: kind to handler, for `services.timers.run_due`."""

from collections.abc import Mapping

from services import calls, desk, dispatch, forgotten, retention, workers
from services.models.timers import TimerKind
from services.timers import Handler

HANDLERS: Mapping[str, Handler] = {
    TimerKind.DISPATCH: dispatch.on_timer,
    TimerKind.OFFER_EXPIRES: dispatch.on_offer_expired,
    TimerKind.ASK_AFTER: forgotten.on_ask_after,
    TimerKind.REOPEN_FORGOTTEN: forgotten.on_reopen_forgotten,
    TimerKind.RING_AGAIN: desk.on_ring_again,
    TimerKind.CLAIM_LAPSES: desk.on_claim_lapses,
    TimerKind.CONTACTS_UNANSWERED: calls.on_unanswered,
    TimerKind.FOLLOW_UP_DUE: calls.on_follow_up_due,
    TimerKind.WORKER_LEFT: workers.on_worker_left,
    TimerKind.ERASE_CARE_RECORD: retention.on_erase_care_record,
}
