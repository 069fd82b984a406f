/* sim/probe.c: the table of probes. */
#include "probe.h"

#include <stddef.h>
#include <string.h>

struct sim_probe_row {
	const char *name;
	const char *about;
};

static const struct sim_probe_row sim_probe_rows[SIM_PROBE_COUNT] = {
        [SIM_PROBE_NONE] = {"?", "no probe"},
        [SIM_PROBE_UPDATE_ACKNOWLEDGED] = {"update_acknowledged", "an update was applied and acknowledged"},
        [SIM_PROBE_DUPLICATE_UNCHANGED] = {"duplicate_unchanged", "an update that was applied before changed nothing"},
        [SIM_PROBE_GAP_ASKED_FOR] = {"gap_asked_for",
                                     "an update that came too early was sent back, to come again later"},
        [SIM_PROBE_ORDER_FILLED] = {"order_filled", "an order was filled completely"},
        [SIM_PROBE_ORDER_CANCELED] = {"order_canceled", "an order was canceled"},
        [SIM_PROBE_ORDER_REJECTED] = {"order_rejected", "an order was rejected"},
        [SIM_PROBE_ORDER_EXPIRED] = {"order_expired", "an order expired"},
        [SIM_PROBE_POSITION_FLIPPED] = {"position_flipped",
                                        "one fill turned a long position short, or the other way round"},
        [SIM_PROBE_SAVE_FAILED] = {"save_failed", "an update was not applied because the storage failed"},
        [SIM_PROBE_DISK_FULL] = {"disk_full", "a write found the disk full"},
        [SIM_PROBE_SAVE_AFTER_DISK_FULL] = {"save_after_disk_full",
                                            "an update was acknowledged after the disk had been full"},
        [SIM_PROBE_BUSY] = {"busy", "a lock was refused because another process held it"},
        [SIM_PROBE_BUSY_WAITED_OUT] = {"busy_waited_out", "an update was acknowledged after waiting for a lock"},
        [SIM_PROBE_IO_ERROR] = {"io_error", "an I/O error struck"},
        [SIM_PROBE_LATENCY] = {"latency", "an operation was slow"},
        [SIM_PROBE_IN_DOUBT] = {"in_doubt", "the subject said that a commit is in doubt"},
        [SIM_PROBE_IN_DOUBT_COMMITTED] = {"in_doubt_committed", "a commit in doubt turned out to be there"},
        [SIM_PROBE_IN_DOUBT_LOST] = {"in_doubt_lost", "a commit in doubt turned out not to be there"},
        [SIM_PROBE_KILL] = {"kill", "a process was killed"},
        [SIM_PROBE_KILL_IN_WRITE] = {"kill_in_write", "a process was killed in the middle of a write"},
        [SIM_PROBE_POWER_LOSS] = {"power_loss", "the machine lost power"},
        [SIM_PROBE_TORN_WRITE] = {"torn_write", "some sectors of an unsynced write survived a power loss, others not"},
        [SIM_PROBE_TORN_SECTOR] = {"torn_sector", "a prefix of a sector survived a power loss"},
        [SIM_PROBE_WRITE_LOST] = {"write_lost", "an unsynced write did not survive a power loss"},
        [SIM_PROBE_NAME_LOST] = {"name_lost", "a create, unlink or rename did not survive a power loss"},
        [SIM_PROBE_SIZE_ONLY] = {"size_only", "a file had grown but its content was not written"},
        [SIM_PROBE_TORN_WAL] = {"torn_wal", "a frame of the WAL was torn by a crash"},
        [SIM_PROBE_CRASH_IN_RECOVERY] = {"crash_in_recovery", "a crash struck while the subject was starting"},
        [SIM_PROBE_NESTED_CRASH] = {"nested_crash", "two crashes in a row struck while the subject was starting"},
        [SIM_PROBE_CRASH_COMMITTED] = {"crash_committed", "an update in flight at a crash turned out to be there"},
        [SIM_PROBE_CRASH_LOST] = {"crash_lost", "an update in flight at a crash turned out not to be there"},
        [SIM_PROBE_CRASH_IN_CHECKPOINT] = {"crash_in_checkpoint", "a crash struck at the database file in WAL mode"},
        [SIM_PROBE_ACKNOWLEDGED_LOST_LEGALLY] = {"acknowledged_lost_legally",
                                                 "an acknowledged update was lost, as the settings allow"},
        [SIM_PROBE_START_FAILED] = {"start_failed", "a start failed because of the storage"},
        [SIM_PROBE_HANDLE_STOPPED] = {"handle_stopped", "the subject stopped itself after a failure"},
        [SIM_PROBE_CLEAN_RESTART] = {"clean_restart", "the subject was stopped and started again in the ordinary way"},
        [SIM_PROBE_DAMAGE_DETECTED] = {"damage_detected", "a damaged stored state was detected at start"},
        [SIM_PROBE_DAMAGE_HARMLESS] = {"damage_harmless", "damage struck something that does not matter"},
        [SIM_PROBE_DAMAGE_OLDER_STATE] = {"damage_older_state",
                                          "damage to a log made an older committed state come back"},
        [SIM_PROBE_SYNC_FAILED] = {"sync_failed", "a sync returned an error"},
        [SIM_PROBE_SYNC_LIED] = {"sync_lied", "a sync reported success and made nothing durable"},
        [SIM_PROBE_WRITE_DROPPED] = {"write_dropped", "a write reported success and was not done or not stored"},
        [SIM_PROBE_WRITE_MISDIRECTED] = {"write_misdirected", "a write landed elsewhere in its file"},
        [SIM_PROBE_READ_FLIPPED] = {"read_flipped", "a read returned flipped bits"},
        [SIM_PROBE_READ_STALE] = {"read_stale", "a read returned what the file had held before"},
        [SIM_PROBE_SECTOR_UNREADABLE] = {"sector_unreadable", "a sector could not be read any more"},
        [SIM_PROBE_OPENED_READ_ONLY] = {"opened_read_only", "a file to be written opened for reading only"},
        [SIM_PROBE_PAGES_EVICTED] = {"pages_evicted", "the kernel dropped a file's clean pages"},
        [SIM_PROBE_OUT_OF_MEMORY] = {"out_of_memory", "an allocation of SQLite failed"},
        [SIM_PROBE_GARBAGE] = {"garbage", "garbage was left by a power loss where something was being written"},
        [SIM_PROBE_CONSTRAINT_REFUSED] = {"constraint_refused", "SQL: a transaction was refused for what it says"},
        [SIM_PROBE_ROLLED_BACK] = {"rolled_back", "SQL: a transaction ended with ROLLBACK, as written"},
        [SIM_PROBE_CACHE_SPILLED] = {"cache_spilled", "SQL: the cache overflowed into the files before a commit"},
        [SIM_PROBE_VACUUMED] = {"vacuumed", "SQL: VACUUM was done"},
        [SIM_PROBE_JOURNAL_MODE_SWITCHED] = {"journal_mode_switched", "SQL: the journal mode was switched in mid-run"},
        [SIM_PROBE_FILES_DIVERGED] = {"files_diverged",
                                      "SQL: a crash left a transaction in one of its files and not in another"},
        [SIM_PROBE_DOUBT_CONTINUED] = {"doubt_continued", "SQL: work went on with a commit in doubt"},
        [SIM_PROBE_DOUBT_SHOWN_LIVE] = {"doubt_shown_live", "SQL: the living connection showed a commit in doubt"},
        [SIM_PROBE_VIEW_UNAVAILABLE] = {"view_unavailable", "SQL: the judge could not read the connection"},
        [SIM_PROBE_INTEGRITY_CHECKED] = {"integrity_checked", "SQL: a start ran the integrity check"},
        [SIM_PROBE_CORRUPTION_MEASURED] = {"corruption_measured",
                                           "SQL: corruption was found where the contract allows it"},
        [SIM_PROBE_TAKEOVER] = {"takeover", "a second engine took over while the first was alive and idle"},
        [SIM_PROBE_FORMER_FENCED] = {"former_fenced", "an engine that was taken over from woke up and found it out"},
        [SIM_PROBE_FORMER_DECLINED] = {"former_declined", "it was given an update and needed no storage to decline"},
        [SIM_PROBE_FORMER_IS_OWNER] = {"former_is_owner", "no second engine had started, and the first one went on"},
        [SIM_PROBE_FORMER_RETIRED] = {"former_retired", "an engine that was taken over from was stopped"},
        [SIM_PROBE_ORDER_REPLACED] = {"order_replaced", "an order was replaced"},
        [SIM_PROBE_REPLACED_BELOW_FILLED] = {"replaced_below_filled",
                                             "an order was replaced by less than is filled, and is for what is filled"},
        [SIM_PROBE_REPLACE_OVERTAKEN] = {"replace_overtaken",
                                         "a replace or restatement older than the one in force changed nothing"},
        [SIM_PROBE_FILL_BUSTED] = {"fill_busted", "a fill was busted"},
        [SIM_PROBE_FILL_CORRECTED] = {"fill_corrected", "a fill was corrected"},
        [SIM_PROBE_LATE_NEWS_AFTER_OTHERS] = {"late_news_after_others",
                                              "a bust or correction of a fill that others of its symbol had followed"},
        [SIM_PROBE_ORDER_RESTATED] = {"order_restated", "an order was restated"},
        [SIM_PROBE_ORDER_DONE_FOR_DAY] = {"order_done_for_day", "an order was done for the day"},
        [SIM_PROBE_REQUEST_PENDING] = {"request_pending",
                                       "an order was pending: its acceptance, a cancel, or a replace"},
        [SIM_PROBE_ORDER_STOPPED] = {"order_stopped", "a price was guaranteed for an order"},
        [SIM_PROBE_FILL_AFTER_END] = {"fill_after_end", "a fill of an order that was closed was applied"},
        [SIM_PROBE_STATUS_LIED] = {"status_lied",
                                   "a report with an order status that contradicts its quantities was applied"},
        [SIM_PROBE_ORDER_EXTERNAL] = {"order_external",
                                      "a report of an order that nobody had acknowledged was applied"},
        [SIM_PROBE_ORDER_OVERFILLED] = {"order_overfilled", "an order was filled beyond its quantity"},
        [SIM_PROBE_CLIENT_ID_REUSED] = {"client_id_reused", "another order with the same client id was rejected"},
        [SIM_PROBE_NAMELESS_APPLIED] = {"nameless_applied", "a report without exec id was applied"},
        [SIM_PROBE_NAMELESS_UNCHANGED] = {"nameless_unchanged",
                                          "a report without exec id came again and changed nothing"},
        [SIM_PROBE_SECOND_CHANNEL_UNCHANGED] = {"second_channel_unchanged",
                                                "the same report on another channel changed nothing"},
        [SIM_PROBE_CONFLICT_REFUSED] = {"conflict_refused", "another report with the same exec id was refused"},
        [SIM_PROBE_BATCH_ACKNOWLEDGED] = {"batch_acknowledged", "several updates were acknowledged together"},
        [SIM_PROBE_BATCH_NOT_APPLIED] = {"batch_not_applied", "several updates were said together not to be applied"},
        [SIM_PROBE_BATCH_FOUND] = {"batch_found", "a crash or a doubt left several updates of a batch there"},
        [SIM_PROBE_BATCH_FOUND_IN_PART] = {"batch_found_in_part",
                                           "a crash or a doubt left some updates of a batch there, and others not"},
        [SIM_PROBE_LIMITS_SET] = {"limits_set", "limits were set"},
        [SIM_PROBE_HALTED_BY_LIMIT] = {"halted_by_limit", "an update exceeded a limit and halted the engine"},
        [SIM_PROBE_HALTED_BY_COMMAND] = {"halted_by_command", "a command halted the engine"},
        [SIM_PROBE_HALT_LOADED] = {"halt_loaded", "a halt was there after a start"},
        [SIM_PROBE_HALT_LIFTED] = {"halt_lifted", "a command lifted a halt"},
        [SIM_PROBE_TAPE_USED] = {"tape_used", "prices and sizes came from a recorded tape"},
};

const char *sim_probe_name(enum sim_probe probe) {
	return probe < SIM_PROBE_COUNT ? sim_probe_rows[probe].name : "?";
}

const char *sim_probe_about(enum sim_probe probe) {
	return probe < SIM_PROBE_COUNT ? sim_probe_rows[probe].about : "no probe";
}

enum sim_probe sim_probe_of(const char *name) {
	for (int probe = SIM_PROBE_NONE + 1; probe < SIM_PROBE_COUNT; probe++) {
		if (strcmp(sim_probe_rows[probe].name, name) == 0) {
			return (enum sim_probe)probe;
		}
	}
	return SIM_PROBE_NONE;
}
