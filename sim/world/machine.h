/* sim/world/machine.h: the machine and who runs on it: a disk, power, a clock, the faults of the
 * plan, and the processes. The machine knows no subject and no kind of work; what the processes are
 * for, a table of hooks says (struct sim_work). Private to the rooms that make up a run.
 */
#ifndef AFTERSHOCK_SIM_MACHINE_H
#define AFTERSHOCK_SIM_MACHINE_H

#include "instant.h"
#include "owed.h"
#include "pcg.h"
#include "plan.h"
#include "trace.h"
#include "verdict.h"
#include "vfs.h"

#define SIM_WORLD_PATH "/engine.db"
/* Virtual time at the beginning of a run. */
#define SIM_WORLD_BEGIN_NS INT64_C(1700000000000000000)
/* A step or start that needs more VFS calls than this is livelocked. */
#define SIM_WORLD_CALLS_MAX 200000u
/* More than SQLite and the test bed register when no process lives. */
#define SIM_WORLD_FILE_SYSTEMS_MAX 16u
/* Time between two tries to start. */
#define SIM_WORLD_RETRY_NS 50000000
/* Rounds of redelivery, and starts, within which a world without faults must heal. */
#define SIM_WORLD_HEAL_ROUNDS 6u

struct sim_branches;
struct sim_coroutine;
struct sim_sightings;
struct sim_world;
struct sim_process;
struct subject_extension;

/* ---- processes ------------------------------------------------------------------------------- */

enum sim_process_state {
	SIM_PROCESS_READY = 0,
	SIM_PROCESS_SLEEPS, /* until wake_ns */
	SIM_PROCESS_DOWN,   /* the power is gone */
	SIM_PROCESS_WAITS,  /* its steps are done; for all others to get there */
	SIM_PROCESS_ENDED
};

/* One simulated process. It has one life after the other: a life begins, runs an instance of the
 * subject, and ends. */
struct sim_process {
	struct sim_world *world;
	uint32_t number;
	uint32_t branch;                 /* it lives on a crash state beside the run, so deep; 0:
	                                  * it is the run's (branch.h) */
	const char *name;                /* NULL: the only one of its run has none */
	struct sim_coroutine *coroutine; /* that its body runs on; NULL: on the stack of the run */
	struct vfs_process *vfs;         /* NULL between two lives */
	void *instance;                  /* of the subject; NULL when it does not run */
	enum sim_process_state state;
	int64_t wake_ns;
	struct sim_instant_source instant; /* of what it draws within a transaction of SQL */
	bool watched;                      /* its allocations may fail */
	bool starting;                     /* the subject is loading */
	bool waits_for_lock;               /* it waits in a busy handler */
	uint32_t doubted;                  /* kinds of files (1 << enum vfs_file_kind) of which this
	                                    * life may have read something old */
	bool miswrote;                     /* a write of this life did not do what it said */
	uint32_t misread;                  /* kinds of files of which this life has read other bytes
	                                    * than were there */
	uint32_t failures;                 /* calls and allocations that failed since the step or
	                                    * start began, but for: */
	uint32_t busies;                   /* locks that were refused */
	uint32_t life_failures;            /* such failures of its life before that */
	uint32_t life_busies;
	bool overtaken;       /* another process has let go of the WAL's write lock
	                                    * since then: its commit is there now */
	bool impaired;        /* something of this life goes on failing without a
	                                    * failing call: a file that is read-only */
	bool own_lock_hid;    /* of this life: SQLite asked whether somebody else writes, and
	                       * met its own lock (docs/findings.md,
	                       * own-lock-hides-a-hot-journal) */
	bool livelocked;      /* it was killed for SIM_WORLD_CALLS_MAX */
	uint32_t calls;       /* VFS calls since the step or start began */
	uint32_t portions;    /* of SQLite's work since the last VFS call
	                                    * (sim/sql/clients_stages.c) */
	uint32_t step;        /* of the plan: the one it is at, or was at last */
	struct vfs_call call; /* the last one that it began, for people; its texts may
	                                    * be gone */
	enum vfs_phase phase; /* of the call at which a fault struck last */
	bool is_struck;       /* a fault says how the call under way ends */
};

/* What has happened to a process since its step or start began. */
enum sim_disturbance {
	SIM_UNDISTURBED = 0,
	SIM_DISTURBED_BY_LOCK, /* a lock was refused, or what was read has changed, and nothing
	                        * failed */
	SIM_DISTURBED,         /* a call or an allocation failed, or what is stored may be wrong */
};

/* ---- work ------------------------------------------------------------------------------------ */

/* What the processes do all day, what is true of it, and who judges: one table for each kind of
 * work. Functions may be NULL where that is said. A function that finds a violation ends the run
 * (sim_world_violated). */
struct sim_work {
	bool judges_reasons; /* a start that fails must have met a failure */
	bool keeps_refused;  /* a start that is refused as damaged leaves the files as they are */
	bool owns_memory;    /* nobody but the processes uses memory of SQLite while the world
	                      * runs */
	/* Before the first life: what is kept in world->own, and the database. False: the test bed
	 * itself failed. */
	bool (*begin)(struct sim_world *world);
	/* What a start is told beside the plan's settings. May be NULL. */
	void (*configure)(struct sim_process *process, struct subject_config *config);
	/* A life is about to begin, damage is done, and nothing runs in the process. May be
	 * NULL. */
	void (*beginning)(struct sim_process *process);
	/* Makes another book than the world's under its path in that file system, with an instance
	 * of the subject: sound, and such that a start which knows what this world holds can tell
	 * the two apart. False when none could, or it was not made. Nothing of the world changes.
	 * NULL: the work knows no other book. */
	bool (*make_other)(struct sim_world *world, const char *vfs_name);
	/* A start succeeded: judges what it shows. False when the load does not count: the run has
	 * ended, or the process has. NULL: deaths and power losses were judged when they came, and
	 * a start shows nothing. */
	bool (*started)(struct sim_process *process, enum sim_contract contract);
	/* A start was refused as damaged: judges that, and ends the run. NULL: what is owed
	 * decides. */
	void (*refused)(struct sim_process *process, const char *reason);
	/* ", ..." of what has happened in the run in which SQLite's own faults can show, for the
	 * detail of a violation; "" for nothing. May be NULL. */
	const char *(*circumstance)(const struct sim_world *world);
	/* One step of the plan, which is armed and noted already. */
	void (*step)(struct sim_process *process, const struct sim_step *step);
	/* After each call of a living process. May be NULL. */
	void (*called)(struct sim_process *process, const struct vfs_call *call, int result, uint64_t value);
	/* A life ends: closes what the work has opened in the process beside the subject. May be
	 * NULL. */
	void (*close)(struct sim_process *process);
	/* The process has died, and all that it had open is closed. Its last step was answered to
	 * nobody. May be NULL. */
	void (*died)(struct sim_process *process);
	/* The power was lost, and nobody is left: judges what the disk holds. May be NULL: the next
	 * start will show. */
	void (*power_lost)(struct sim_world *world, enum sim_contract contract);
	/* The process has done its steps, as all others have, and faults have ended: it must get
	 * something through now. */
	void (*finish)(struct sim_process *process);
	/* All processes have ended: the last word. May be NULL. */
	void (*conclude)(struct sim_world *world);
	/* What the judge knows to be committed, in a few words behind "; ". May be NULL. */
	void (*tell)(const struct sim_world *world, char *text, size_t size);
	/* Frees what was kept. May be NULL. */
	void (*end)(struct sim_world *world);
	/* The crash states of a moment of the one process are judged now, beside the run
	 * (branch.h). What the judge knows is kept, for each depth by itself. False when it cannot
	 * be: then that moment is not explored. These four are NULL where there are several
	 * processes. */
	bool (*branch_begin)(struct sim_world *world, uint32_t depth);
	/* The judge knows again what it knew, and that the process has died. */
	void (*branch_next)(struct sim_world *world, uint32_t depth);
	/* The process has loaded a crash state: writes something more, for the next start to load.
	 * NULL: the work cannot. */
	void (*branch_go_on)(struct sim_process *process);
	/* The judge knows what it knew, and the run goes on. */
	void (*branch_end)(struct sim_world *world, uint32_t depth);
	/* Of several processes: a number that is another one when what may be shown after a crash
	 * has become another within a moment. NULL: it changes between two moments only. */
	uint64_t (*admits)(const struct sim_world *world);
};

/* ---- crash states beside the run ------------------------------------------------------------- */

/* A crash in the start behind a crash in a start ... */
#define SIM_BRANCH_DEPTH_MAX 3u

/* Who looks at the crash states of a run (branch.h), as the lives of its processes see it. */
struct sim_branching {
	/* A start, a step or a stop of the process begins. */
	void (*begin)(struct sim_process *process, const char *kind, uint32_t number);
	/* Before and behind a call of it. */
	void (*calling)(struct sim_process *process, const struct vfs_call *call);
	void (*called)(struct sim_process *process, const struct vfs_call *call, int result);
	/* It is over, and nobody has judged it yet. */
	void (*explore)(struct sim_process *process);
	/* The rest is for several processes, and NULL otherwise. What the faults of the plan make
	 * of the call is known; it may become more. */
	void (*answering)(struct sim_process *process, const struct vfs_call *call, struct vfs_answer *answer);
	/* All are dead: true when what is left of the disk was settled here, by a crash of that
	 * kind. */
	bool (*all_dead)(struct sim_world *world, enum sim_crash *crash);
	/* The world has come to its end. May not return. */
	void (*ended)(struct sim_world *world);
};

/* ---- the world ------------------------------------------------------------------------------- */

enum sim_injection_state { SIM_INJECTION_IDLE = 0, SIM_INJECTION_ARMED, SIM_INJECTION_INJECTING, SIM_INJECTION_DONE };

/* Where a fault of the plan stands. */
struct sim_injection {
	enum sim_injection_state state;
	uint32_t to_go; /* matching operations until it is injected; with a phase, calls in it */
	uint32_t times_left;
	uint32_t patience;     /* matching calls that it still waits for its phase; 0: it goes by
	                        * its operation */
	struct vfs_disk *copy; /* of all files, made at its moment (outside.h); NULL: none was
	                        * made */
	bool copy_is_mixed;    /* the database of the copy is in the middle of a checkpoint */
};

/* Who is at what, for the doors (door.h): a process's number and 1, or 0 for nobody. */
struct sim_doors {
	uint32_t checkpointer;
	uint32_t wal_writer;
	uint32_t recoverer; /* of the WAL index */
	uint32_t player;    /* plays back a hot journal */
	bool wal_was_whole; /* the checkpointer found all frames written back */
	bool worked;        /* and has copied, or begun anew, nevertheless */
};

/* One running simulation. Set up by sim/run/run.c, which owns what the pointers of the first group
 * point to. */
struct sim_world {
	const struct sim_work *work;
	void *own; /* the work's own */
	const struct aftershock_subject *subject;
	struct sim_plan *plan;
	struct sim_trace *trace;
	struct sim_run_result *result;
	struct sim_violation *violation;
	uint64_t until_event; /* stop there; 0: run to the end */
	bool ended;           /* nothing more can be judged, or a violation was found */
	/* Its crash states are judged beside it, by these; NULL: nobody asks. */
	const struct sim_branching *branching;
	struct sim_branches *branches;
	struct sim_sightings *sightings; /* of the run (sighting.h); NULL: nobody asks */
	/* Of somebody's own, between SQLite and the disk; NULL: there is none. */
	const struct subject_extension *own_vfs;
	uint32_t looked_from; /* whose static data was in place before a look (remains.h) */

	/* The machine. */
	struct vfs_disk *disk;
	struct sim_pcg32 disk_chance;   /* what survives a power loss */
	struct sim_pcg32 system_chance; /* what SQLite asks of xRandomness */
	int64_t now_ns;
	struct vfs_process *other; /* a process that only gets in the way; NULL when there is
	                            * none */
	struct vfs_hold *hold;     /* the lock that it has */
	int64_t hold_until_ns;
	int64_t capacity_until_ns; /* 0: the capacity is the plan's own */

	/* Faults. */
	struct sim_injection injections[SIM_PLAN_FAULTS_MAX];
	uint32_t armed_count;
	uint32_t armed[SIM_PLAN_FAULTS_MAX];
	uint32_t armed_allocation_count;
	uint32_t armed_allocations[SIM_PLAN_FAULTS_MAX];
	struct sim_pcg32 lie_chance;
	struct vfs_disk *past;     /* what stale reads see; NULL until one is armed */
	int64_t faults_ended_ns;   /* when they were over */
	uint64_t refusals;         /* steps that were put off (bound.h) */
	bool faults_over;          /* the healing phase: nothing is injected any more */
	bool injection_paused;     /* the judge reads, or the database is being made */
	enum sim_crash just_died;  /* set by a fault, consumed when the process is reaped */
	bool crash_while_starting; /* the last crash was one */

	int sqlite_seed; /* what SQLite's generator was last seeded with */

	/* What happened. */
	struct sim_owed owed;
	uint32_t incarnation; /* number of lives begun */
	bool ever_started;    /* a start has succeeded, or the database was made beforehand */
	/* Before that: the journal was deleted beside an empty database whose truncation was not
	 * durable (docs/findings.md, first-transaction-loses-its-journal). */
	bool journal_lost;
	bool in_flight; /* an update was being applied when a process died, or is in doubt; until
	                 * the next load */
	bool in_doubt;  /* the same, and it was the subject that said so */
	bool disk_was_full;
	bool waited_for_lock; /* in this step */
	struct sim_doors doors;

	/* Processes and turns. With one, it is the first; the second is there for takeovers. */
	struct sim_process processes[SIM_PROCESSES_MAX];
	uint32_t process_count;            /* that have a body: 1, or the plan's */
	bool several;                      /* they are coroutines, and their turns a schedule's */
	struct sim_schedule schedule;      /* of several */
	const struct sim_process *running; /* of several: the last one that was resumed */
	uint32_t turn;                     /* whose it is */
	size_t memory_blocks;              /* allocations of SQLite in use when nobody lived last */
	uint32_t file_system_count;        /* registered with SQLite then, by the test bed */
	const struct sqlite3_vfs *file_systems[SIM_WORLD_FILE_SYSTEMS_MAX];
	bool down;          /* the power is gone, or the run has ended: whoever goes on unwinds */
	bool steps_over;    /* no further step of the plan is begun */
	bool finishing;     /* faults have ended */
	int64_t stalled_ns; /* for so long all have waited for locks */
};

void sim_world_reach(struct sim_world *world, enum sim_probe probe);
void sim_world_reach_if(struct sim_world *world, bool condition, enum sim_probe probe);
void sim_world_note(struct sim_world *world, enum sim_event_kind kind, uint32_t code, uint64_t number,
                    const char *note);
/* Records a violation and ends the run. Returns false. */
bool sim_world_violated(struct sim_world *world, const char *invariant, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* The same, unless the contract has allowed corruption: then it is a measurement, and the end of
 * the run all the same. */
bool sim_world_corrupt(struct sim_world *world, const char *invariant, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* The test bed itself failed: ends the run. Returns false. */
bool sim_world_harness_failed(struct sim_world *world, const char *what);

/* ---- the machine ----------------------------------------------------------------------------- */

/* How long a VFS call takes when nothing else is said: virtual time moves even without faults. */
static inline int64_t sim_machine_call_ns(const struct sim_world *world) {
	return (int64_t)world->plan->settings.call_us * 1000;
}

/* What the settings make of a disk. */
void sim_machine_disk_options(const struct sim_settings *settings, struct vfs_disk_options *options);
/* What a start is told by the settings of the plan: all but the VFS. */
void sim_machine_settings(const struct sim_world *world, struct subject_config *config);
/* A disk by the plan's settings, and the clock at its beginning. False when out of memory. */
bool sim_machine_init(struct sim_world *world);
/* Frees it. No process but the one in the way may be left. */
void sim_machine_deinit(struct sim_world *world);
/* Without power: what was volatile survives in a legal part. No process but the one in the way may
 * be left. */
void sim_machine_lose_power(struct sim_world *world);
/* The same, but that `leave` says what survives: it gives the disk its power loss. */
void sim_machine_lose_power_by(struct sim_world *world, void (*leave)(void *context, struct vfs_disk *disk),
                               void *context);
/* Everything on the disk becomes durable, as after a long time: for what is made before the run
 * begins. */
void sim_machine_settle(struct sim_world *world);
/* Ends what lasts: held locks, a small disk. _due: only what has lasted long enough. */
void sim_machine_end_lasting(struct sim_world *world);
void sim_machine_end_due(struct sim_world *world);
/* Another process takes the database's lock for that long. False when it cannot be had at this
 * moment. */
/* Of the life that is or was the last. */
enum sim_journal_mode sim_machine_journal_mode(const struct sim_world *world);
bool sim_machine_hold_lock(struct sim_world *world, int64_t duration_ns);
/* What the disk asks: one question of many about what survives. The context is the world. */
uint64_t sim_machine_choose(void *context, enum vfs_choice choice, uint64_t count);

/* A call has ended: whether it took the journal that alone could have undone what an empty database
 * has on the medium. */
void sim_machine_note_lost_journal(struct sim_world *world, const struct vfs_call *call);
/* Begins an operating-system process for the process of that number, which locks as the settings
 * say. NULL when out of memory. */
struct vfs_process *sim_machine_begin_process(struct sim_world *world, uint32_t number, const char *name,
                                              const struct vfs_hooks *hooks);
/* Whether anything runs, or has died and is not closed yet. */
bool sim_machine_has_processes(const struct sim_world *world);
/* What all files hold. */
struct sim_machine_files {
	uint64_t hash;
	bool hot_journal; /* a journal that must be played back before anything can be read */
};
/* `empty_too`: an empty file is not the same as none. */
void sim_machine_hash_files(const struct sim_world *world, bool empty_too, struct sim_machine_files *files);

#endif
