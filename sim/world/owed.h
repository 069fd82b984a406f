/* sim/world/owed.h: what is owed after what has happened so far. The contract of a run follows from
 * its settings (sim/contract.h); what the faults of the run did can only make it weaker. These are
 * the facts that count.
 */
#ifndef AFTERSHOCK_SIM_OWED_H
#define AFTERSHOCK_SIM_OWED_H

#include "contract.h"
#include "fault.h"

#include <stdbool.h>
#include <stdint.h>

#define SIM_OWED_PATH_SIZE 64u

/* All zero: nothing has happened yet. */
struct sim_owed {
	uint32_t journal_modes;          /* bit 1 << mode: may have been in force since the run
	                                  * began */
	uint32_t synchronous;            /* bit 1 << enum sim_synchronous: what a PRAGMA has put
	                                  * in place of the setting; until a power loss has
	                                  * shown what that was worth */
	bool rollback_lost;              /* an error or a ROLLBACK met a mode that cannot undo:
	                                  * anything may be
	                                  * shown from then on */
	bool ever_damaged;               /* damage outside SQLite's assumptions was done: a start
	                                  * may be refused from then on */
	bool damaged;                    /* the same, since the last load */
	bool damaged_log;                /* the same, of a WAL or of the engine's own journal */
	uint32_t damaged_files;          /* the same, by kind: bit 1 << enum vfs_file_kind */
	uint32_t damage_count;           /* the same: so many faults of files, */
	enum sim_fault_kind damage_kind; /* and of which kind the last one was, */
	enum vfs_file_kind damage_file;  /* and what it struck */
	bool changed_outside;            /* since the last load: by people or tools (outside.h) */
	bool was_put_back;               /* since the last load: something older lies among the
	                                  * files, and may hide newer ones */
	bool older;                      /* since the last load: somebody has put a whole state in
	                                  * place of what was there, an older one */
	bool was_lost;                   /* a start has shown less than was acknowledged, so an
	                                  * older copy may be of what was undone since */
	/* The database was written since its WAL began. Without that WAL it may be a mixture. */
	bool is_checkpointed_into;
	bool lied;         /* a write or read was not what it said: only detection is owed
	                       * for the rest of the run */
	bool lied_sync;    /* the same of a sync: it shows from the next power loss on */
	bool awaits_power; /* a change from outside took what was not durable elsewhere: it
	                       * shows from the next power loss on */
	enum sim_fault_kind awaiting_kind;
	enum vfs_file_kind awaiting_file;
	bool took_back;       /* a sync that failed took back what programs saw, and not all of
	                       * them have gone */
	bool wal_forgotten;   /* a sync of a WAL failed, its pages count as clean, and it was
	                       * not begun anew since */
	bool wal_begun_anew;  /* its first bytes were written, and are not synced yet */
	bool wal_unanswered;  /* the last sync of a WAL failed, and said so */
	bool wal_disregarded; /* and who asked for it wrote the database all the same: that is
	                       * not what a kernel forgot */
	bool db_written;      /* a database was written since the last sync of one */
	bool copied_early;    /* and some of that counts as written back already */
	bool has_gap;         /* a sync of a WAL failed, and none that succeeds will store what
	                       * it had in hand */
	/* Who has asked for that sync, of which WAL, and what came of the gap. */
	const struct vfs_process *wal_asked_by;
	char wal_path[SIM_OWED_PATH_SIZE];
	struct sim_contract_gap gap;
	bool end_unsynced;    /* a journal was ended by zeros, and not synced since, */
	bool end_overwritten; /* and then another transaction wrote to it, */
	bool end_lost;        /* and then the power went; until a load that shows nothing of it */
	bool end_was_lost;    /* the same, for the rest of the run: a load does not read every
	                       * page */
	bool gone_unsynced;   /* a journal was deleted, and its directory not synced since, */
	bool cut_unsynced;    /* and then the database was cut, */
	bool cut_beside;      /* and then the power went: the journal may be back; likewise */
	bool was_cut_beside;
	bool unreadable;      /* a sector cannot be read: there may never be a start again */
	enum sim_crash crash; /* the worst since the last load */
};

/* What a change of files from outside has taken (outside.h). */
enum sim_owed_taken {
	SIM_OWED_NOTHING_TAKEN = 0,
	SIM_OWED_OLDER,   /* the files are whole, and hold an older state */
	SIM_OWED_MIXTURE, /* files that do not belong together; or nobody knows */
};

/* What may be demanded of a load after that crash. */
enum sim_contract sim_owed_after(const struct sim_owed *owed, const struct sim_settings *settings,
                                 enum sim_crash crash);
/* Whether a power loss owes no more than a kill there: what may be shown after the kill may then be
 * shown after the power loss, and need not be judged again. */
bool sim_owed_no_more(const struct sim_owed *owed, const struct sim_settings *settings);
/* What may be demanded of the next load. */
enum sim_contract sim_owed_now(const struct sim_owed *owed, const struct sim_settings *settings);
/* Whether nothing but settings makes less owed after a power loss: then a commit is owed that was
 * made with a durable one. */
bool sim_owed_goes_by_settings(const struct sim_owed *owed);
/* A connection goes on with another `synchronous`. */
void sim_owed_note_synchronous(struct sim_owed *owed, enum sim_synchronous synchronous);
/* Whether each journal mode that may have been in force undoes what fails half way; whether each
 * has a rollback journal on the disk. */
bool sim_owed_can_undo(const struct sim_owed *owed);
bool sim_owed_is_of_rollback(const struct sim_owed *owed);
/* Something has failed or was undone, and the mode could not: anything may be shown from here
 * on. */
void sim_owed_note_not_undone(struct sim_owed *owed);
/* A process died so. From here on even pages that hold no state may be broken, where the contract
 * is weak enough. */
void sim_owed_note_crash(struct sim_owed *owed, const struct sim_settings *settings, enum sim_crash crash);
/* A client was told that a sync had failed, and goes on with the connection that it has. On a disk
 * that is not `still_dirty`, its cache may hold what is neither in memory nor on the medium: only
 * who opens anew is promised something. */
void sim_owed_note_going_on(struct sim_owed *owed, const struct sim_settings *settings);
/* A client goes on, and was told of no failed sync. SQLite hides that of a checkpoint behind a
 * commit, and its index of the WAL still names what btrfs has taken back. */
void sim_owed_note_untold(struct sim_owed *owed, const struct sim_settings *settings);
/* A sync failed. With ext4_data it says so only to the next one: until then it has lied. With btrfs
 * what was not durable is gone, for that file, as if the power had failed. What a checkpoint that
 * ended early has copied is never written again: on ext4 that is as if the sync had lied. */
void sim_owed_note_failed_sync(struct sim_owed *owed, const struct sim_settings *settings, const struct vfs_call *call);
/* A call on a WAL has succeeded. Once a WAL that was begun anew is synced, nothing is left of what
 * a failed sync had forgotten. */
void sim_owed_note_wal(struct sim_owed *owed, const struct vfs_call *call);
/* A fault has struck a file while nobody had it open, or its name. */
void sim_owed_note_damage(struct sim_owed *owed, const struct sim_fault *fault);
/* Somebody has changed files from outside. */
void sim_owed_note_outside(struct sim_owed *owed, const struct sim_settings *settings, const struct sim_fault *fault,
                           enum sim_owed_taken taken);
/* The same, of what is in memory and in the files that were changed, and not durable elsewhere. A
 * sync of the database that stores it ends that. */
void sim_owed_note_awaiting_power(struct sim_owed *owed, const struct sim_fault *fault);
/* A process writes to the database, or the header of a WAL was written: then the database holds all
 * that was in the WAL before. */
void sim_owed_note_writing(struct sim_owed *owed, const struct vfs_call *call);
/* Any call has ended. Who is told that the sync of a WAL failed may not write its frames into the
 * database before another one has succeeded. */
void sim_owed_note_call(struct sim_owed *owed, const struct sim_settings *settings, const struct vfs_call *call,
                        int result);
/* Whether content that does not fit is what a kernel makes of a failed sync of a WAL
 * (docs/findings.md, wal-of-a-failed-sync-is-checkpointed), and not what a program did that
 * disregards it. */
bool sim_owed_has_forgotten_wal(const struct sim_owed *owed);
/* How journals end: a call has ended, or the process has died in it. With PERSIST zeros in the
 * header are the commit (pager.c, zeroJournalHdr()); a write that fails, or that somebody dies in,
 * may have written them. With DELETE the database is cut behind the deletion
 * (pager_end_transaction()). */
void sim_owed_note_journal(struct sim_owed *owed, struct vfs_disk *disk, const struct vfs_call *call, bool succeeded);
/* What has happened that SQLite does not survive, in words; "" when nothing has, or a load has
 * shown nothing of it. That does not count where the words are about all pages. The power took the
 * end of a journal that nobody had synced, or it took the deletion of a journal and left a database
 * that was cut (docs/findings.md, end-of-a-journal-that-nobody-syncs and
 * truncated-before-the-journal-is-gone). */
const char *sim_owed_power_text(const struct sim_owed *owed, bool of_pages);
/* Processes do not keep off each other any more, or never did. */
void sim_owed_note_unlocked(struct sim_owed *owed, const struct sim_settings *settings);
/* A file of the kind has lost its clean pages while nobody had it open. */
void sim_owed_note_eviction(struct sim_owed *owed, const struct sim_settings *settings, enum vfs_file_kind kind);
/* A load was judged: what it showed is the new beginning. `alone`: it has read the files
 * themselves. Beside others it goes by their index of the WAL, and what is damaged behind it shows
 * only when they are gone. */
void sim_owed_note_load(struct sim_owed *owed, bool alone);

#endif
