/* sim/world/world.h: one running simulation: machine, disk, clock, process, exchange, judge. Private to sim/. */
#ifndef AFTERSHOCK_SIM_WORLD_H
#define AFTERSHOCK_SIM_WORLD_H

#include "contract.h"
#include "judge.h"
#include "pcg.h"
#include "plan.h"
#include "run.h"
#include "trace.h"
#include "vfs.h"

#define SIM_WORLD_PATH "/engine.db"
/* A VFS call takes that long when nothing else is said: virtual time moves even without faults. */
#define SIM_WORLD_CALL_NS 1000
/* A step or start that needs more VFS calls than this is livelocked. */
#define SIM_WORLD_CALLS_MAX 200000u
/* Time between two tries to start. */
#define SIM_WORLD_RETRY_NS 50000000
/* Rounds of redelivery, and starts, within which a world without faults must heal. */
#define SIM_WORLD_HEAL_ROUNDS 6u

enum sim_strike_state { SIM_STRIKE_IDLE = 0, SIM_STRIKE_ARMED, SIM_STRIKE_STRIKING, SIM_STRIKE_DONE };

/* Where a fault of the plan stands. */
struct sim_strike {
	enum sim_strike_state state;
	uint32_t to_go; /* matching operations until it strikes */
	uint32_t times_left;
};

/* The engine that was taken over from: alive, idle, and not the owner any more. */
struct sim_former {
	struct vfs_process *process; /* NULL: there is none */
	void *instance;
	bool replaced;         /* a start of another has succeeded since */
	uint64_t length;       /* of the chain when it was taken over from */
	uint32_t undone_count; /* chains undone by then */
};

struct sim_world;

/* What the processes do all day: order updates (sim/world/world.c) or transactions of SQL (sim/sql/sql_world.c). */
struct sim_work {
	/* Before the first life. False when the test bed itself failed. */
	bool (*begin)(struct sim_world *world);
	/* A start succeeded: judges what it shows. False when the run has ended. */
	bool (*loaded)(struct sim_world *world, enum sim_contract contract);
	/* One step of the plan, which is armed and noted already. */
	void (*step)(struct sim_world *world, const struct sim_step *step);
	/* Faults have ended: the world must heal, and then show what it should. */
	void (*finish)(struct sim_world *world);
};

extern const struct sim_work sim_world_orders;
extern const struct sim_work sim_sql_world;

struct sim_world {
	const struct sim_work *work;
	struct sim_sql_world *sql; /* its own part of the world; unused for order updates */
	const struct aftershock_subject *subject;
	const struct sim_run_options *options;
	struct sim_run_result *result;
	struct sim_plan *plan;
	struct sim_judge *judge;
	struct sim_view *view;
	struct sim_trace *trace;
	struct sim_pcg32 disk_chance;
	struct sim_pcg32 lie_chance;
	struct sim_pcg32 system_chance; /* what SQLite asks of xRandomness */

	struct vfs_disk *disk;
	struct vfs_process *process; /* of the subject; NULL between two lives */
	void *instance;              /* of the subject; NULL when not running */
	struct sim_former former;
	struct vfs_process *other; /* the one that gets in the way; NULL when there is none */
	struct vfs_hold *hold;
	int64_t hold_until_ns;
	int64_t capacity_until_ns; /* 0: the capacity is the plan's own */

	int64_t now_ns;
	uint32_t incarnation; /* number of starts tried */
	uint32_t calls;       /* since the step or start began */
	bool starting;
	bool faults_over; /* the healing phase: nothing strikes any more */
	bool quiet;       /* nothing strikes for now: the judge reads, or the database is being made */
	bool ended;       /* nothing more can be judged, or a violation was found */
	bool livelock;
	uint32_t journal_modes; /* bit 1 << mode: that may have been in force since the run began */
	bool undefined;         /* an error in a mode that cannot undo it: from then on anything may be shown */
	bool ever_damaged;      /* damage outside the assumptions was done: from then on a start may be refused */
	bool ever_started;      /* a start has succeeded, or the database was made beforehand */
	bool corruption_named;  /* the subject refused an update because it found the database damaged */
	bool damaged;           /* since the last load */
	bool damaged_log;       /* since the last load, to a WAL or journal */
	bool lied;       /* a write or read was not what it said: for the rest of the run, only detection is demanded */
	bool lied_sync;  /* the same, but only from the next power loss on */
	bool unreadable; /* a sector cannot be read: the subject may never start again */
	bool disk_was_full;
	bool waited_for_lock;
	bool torn_wal;
	bool crash_while_starting;
	enum sim_crash crash;     /* the worst since the last load */
	enum sim_crash just_died; /* set by a fault, consumed by the world */
	bool was_halted;          /* as the judge knew it after the last update */
	bool in_flight;           /* an update was being applied when the process died */
	bool doubt;               /* the last attempt came from a subject that said so, not from a crash */

	const struct sim_processes_world *processes; /* the several; NULL: there is but one */
	const char *process_name;                    /* of several, the one that runs; NULL: there is but one */

	struct sim_strike strikes[SIM_PLAN_FAULTS_MAX];
	uint32_t armed_count;
	uint32_t armed[SIM_PLAN_FAULTS_MAX];
	uint32_t armed_allocation_count;
	uint32_t armed_allocations[SIM_PLAN_FAULTS_MAX];
	struct vfs_disk *past;                   /* what stale reads see; NULL until one is armed */
	bool exchange_has[SIM_PLAN_REPORTS_MAX]; /* by order: it was sent by the trader */
	bool decided[SIM_PLAN_REPORTS_MAX];      /* by order: what the trader remembers since the start */
	bool agreed;                             /* the subject says that it agrees with the exchange */
	bool sent[SIM_PLAN_REPORTS_MAX];         /* by the exchange, at least once */
	bool acknowledged[SIM_PLAN_REPORTS_MAX]; /* as far as the exchange knows */
};

/* sim/world/strike.c: faults meet calls. */
void sim_strike_arm(struct sim_world *world, enum sim_moment moment, uint32_t number);
void sim_strike_hooks(struct sim_world *world, struct vfs_hooks *hooks);
/* Damage that the plan does between two lives, before start `number`. */
void sim_strike_damage(struct sim_world *world, uint32_t number);
/* Ends what lasts: held locks, a small disk. _due: only what has lasted long enough. */
void sim_strike_end_due(struct sim_world *world);
void sim_strike_end_lasting(struct sim_world *world);
/* On: SQLite's allocations are the subject's, and count for the faults that strike them. Off: they are the harness's. */
void sim_strike_watch_memory(struct sim_world *world, bool on);
uint64_t sim_strike_choose(void *context, enum vfs_choice choice, uint64_t count);

/* sim/world/damage.c: the offset of a byte of a row in a database file: `part`, in 65536ths, goes through the pages that hold rows,
 * and within each through its rows. False when there are no rows. */
bool sim_damage_aim_at_rows(const struct vfs_inode *inode, uint64_t part, uint64_t *offset);

/* sim/world/world.c */
void sim_world_reach(struct sim_world *world, enum sim_probe probe);
void sim_world_note(struct sim_world *world, enum sim_event_kind kind, uint32_t code, uint64_t number,
                    const char *note);
/* The exchange sends one report, or the operator a command, to a running subject. */
void sim_world_send(struct sim_world *world, uint32_t report);
/* Memory between two steps: ends the run when it is not what was committed. */
void sim_world_judge_memory(struct sim_world *world);
/* The process died while it was told of these. */
void sim_world_crashed_in_flight(struct sim_world *world, const uint32_t *reports, uint32_t count);
/* It answered: judges the answers, and stops it when it says so. */
void sim_world_take_answers(struct sim_world *world, const uint32_t *reports, const struct subject_reply *replies,
                            uint32_t count);
/* An ordinary stop and start. */
void sim_world_restart(struct sim_world *world);
/* The probes of a load: whether it found an open attempt, or lost one that `was_open`, and how many acknowledged ones it missed. */
void sim_world_reach_loaded(struct sim_world *world, bool attempt_found, bool was_open, uint64_t lost);
void sim_world_run(struct sim_world *world);

/* sim/orders/delivery.c: in which order the exchange may send, batches, and the probes of the life cycle. */
/* The step that tells a subject of one report or command. */
struct subject_step sim_delivery_step(const struct sim_report *report);
/* Whether the report may be sent now: not while one that it must not overtake is not settled. */
bool sim_delivery_may_send(const struct sim_world *world, uint32_t report);
/* Whether a report that was settled still is, after a load. */
bool sim_delivery_is_settled(const struct sim_world *world, uint32_t report);
/* Everything sent so far that is not settled, and what the step adds, goes out in batches. */
void sim_delivery_send_batch(struct sim_world *world, const struct sim_step *step);
void sim_delivery_reach_applied(struct sim_world *world, uint32_t report);
void sim_delivery_reach_refused(struct sim_world *world, uint32_t report);
void sim_delivery_reach_unchanged(struct sim_world *world, uint32_t report);
void sim_delivery_reach_loaded(struct sim_world *world);

/* sim/sql/sql_world.c: fills in what a start is told, and makes the database. False when it cannot be made. */
bool sim_sql_world_make_database(struct sim_world *world);
/* sim/sql/sql_world.c: what a start is told of the schema; NULL for order updates. */
const struct subject_schema *sim_sql_world_schema(const struct sim_world *world);

/* sim/world/life.c: a process begins and ends. */
/* What a start of the subject in that process is told. */
void sim_life_configure(const struct sim_world *world, const struct vfs_process *process,
                        struct subject_config *config);
/* Tries to start the subject up to `tries` times; false when it does not run after that. */
bool sim_life_start(struct sim_world *world, uint32_t tries);
void sim_life_stop(struct sim_world *world);
/* The database is made by a life of its own, in which nothing strikes, and is durable. False when it cannot be. */
bool sim_life_make_database(struct sim_world *world);
/* Likewise: makes the database one in WAL mode. */
bool sim_life_switch_to_wal(struct sim_world *world);
/* What may be demanded of the next load. */
enum sim_contract sim_life_contract(const struct sim_world *world);
enum sim_contract sim_life_contract_after(const struct sim_world *world, enum sim_crash crash);
/* The process has died: cleans up after it, and lets the power loss do its work. */
void sim_life_bury(struct sim_world *world);
/* The machine without power: what was volatile survives in a legal part. No process of the subject may be left. */
void sim_life_lose_power(struct sim_world *world);
/* SQLite's generator, for a life that begins. */
void sim_life_seed_sqlite(const struct sim_world *world);
/* The judge's own look at the database: SQLite's integrity check. */
void sim_life_check_database(struct sim_world *world);

#endif
