/* sim/world/sighting.c: see sighting.h. First where a process is, then what it holds, then what is
 * sighted. */
#include "sighting.h"

#include "door.h"

#include <assert.h>
#include <sqlite3.h>

/* ---- places ---------------------------------------------------------------------------------- */

/* Behind the phases: what a phase is too wide for. */
enum sim_sighting_place {
	SIM_SIGHTING_LOCK = VFS_PHASE_COUNT,         /* SHARED, RESERVED, EXCLUSIVE */
	SIM_SIGHTING_UNLOCK = SIM_SIGHTING_LOCK + 3, /* to SHARED, to nothing */
	SIM_SIGHTING_CHECK_RESERVED = SIM_SIGHTING_UNLOCK + 2,
	SIM_SIGHTING_SHM_LOCK, /* six groups of slots; each is taken or given back, shared or not */
	SIM_SIGHTING_SHM = SIM_SIGHTING_SHM_LOCK + 24, /* mapped, a barrier, given up */
	SIM_SIGHTING_READ = SIM_SIGHTING_SHM + 3,      /* header, database, WAL, journal */
	SIM_SIGHTING_SIZE = SIM_SIGHTING_READ + 4,
	SIM_SIGHTING_FETCH,
	SIM_SIGHTING_UNFETCH,
	SIM_SIGHTING_OPEN,
	SIM_SIGHTING_CLOSE,
	SIM_SIGHTING_ACCESS,
	SIM_SIGHTING_CONTROL,
	SIM_SIGHTING_PLACES
};

_Static_assert(SIM_SIGHTING_PLACES <= SIM_SPECIES_PLACES, "a species has room for each place");

static uint32_t sim_sighting_slots(const struct vfs_call *call) {
	if (call->size > 1) {
		return 5;
	}
	return call->offset <= VFS_SHM_SLOT_READ_0 ? (uint32_t)call->offset : 4;
}

static uint32_t sim_sighting_place_of_lock(const struct vfs_call *call) {
	if (call->method == VFS_METHOD_CHECK_RESERVED_LOCK) {
		return SIM_SIGHTING_CHECK_RESERVED;
	}
	if (call->method == VFS_METHOD_UNLOCK) {
		return SIM_SIGHTING_UNLOCK + (call->size == SQLITE_LOCK_SHARED ? 0u : 1u);
	}
	if (call->method == VFS_METHOD_LOCK) {
		return SIM_SIGHTING_LOCK + (call->size == SQLITE_LOCK_SHARED     ? 0u
		                            : call->size == SQLITE_LOCK_RESERVED ? 1u
		                                                                 : 2u);
	}
	uint32_t unlocks = (call->flags & SQLITE_SHM_UNLOCK) != 0 ? 2 : 0;
	uint32_t shares = (call->flags & SQLITE_SHM_SHARED) != 0 ? 1 : 0;
	return SIM_SIGHTING_SHM_LOCK + 4 * sim_sighting_slots(call) + unlocks + shares;
}

static uint32_t sim_sighting_place_of_read(const struct vfs_call *call) {
	if (call->method == VFS_METHOD_FETCH || call->method == VFS_METHOD_UNFETCH) {
		return call->method == VFS_METHOD_FETCH ? SIM_SIGHTING_FETCH : SIM_SIGHTING_UNFETCH;
	}
	if (call->method == VFS_METHOD_FILE_SIZE) {
		return SIM_SIGHTING_SIZE;
	}
	if (call->file_kind == VFS_FILE_DB) {
		return SIM_SIGHTING_READ + (call->offset == 0 || call->size < 100 ? 0u : 1u);
	}
	return SIM_SIGHTING_READ + (call->file_kind == VFS_FILE_WAL ? 2u : 3u);
}

static uint32_t sim_sighting_place_of_open(const struct vfs_call *call) {
	return call->method == VFS_METHOD_OPEN     ? SIM_SIGHTING_OPEN
	       : call->method == VFS_METHOD_CLOSE  ? SIM_SIGHTING_CLOSE
	       : call->method == VFS_METHOD_ACCESS ? SIM_SIGHTING_ACCESS
	                                           : SIM_SIGHTING_CONTROL;
}

/* What SQLite does at a call, from 1; 0 is for none. */
static uint32_t sim_sighting_place(const struct vfs_call *call) {
	enum vfs_phase phase = vfs_phase_of(call);
	switch ((unsigned)phase) {
	case VFS_PHASE_LOCK:
		return sim_sighting_place_of_lock(call);
	case VFS_PHASE_READ:
		return sim_sighting_place_of_read(call);
	case VFS_PHASE_OPEN:
		return sim_sighting_place_of_open(call);
	case VFS_PHASE_WAL_INDEX:
		return SIM_SIGHTING_SHM + (call->method == VFS_METHOD_SHM_MAP       ? 0u
		                           : call->method == VFS_METHOD_SHM_BARRIER ? 1u
		                                                                    : 2u);
	default:
		return (uint32_t)phase;
	}
}

/* ---- what a process holds, and what the WAL index says --------------------------------------- */

#define SLOT(name) (1u << VFS_SHM_SLOT_##name)

static uint32_t sim_sighting_stance(const struct sim_sighted *sighted) {
	uint32_t exclusive = sighted->exclusive;
	if ((exclusive & SLOT(RECOVER)) != 0) {
		return 8;
	}
	if ((exclusive & SLOT(CHECKPOINT)) != 0) {
		return (exclusive & SLOT(WRITE)) != 0 ? 7 : 6;
	}
	if ((exclusive & SLOT(WRITE)) != 0) {
		return 5;
	}
	if (exclusive != 0) {
		return 9;
	}
	if (sighted->shared != 0) {
		return 4;
	}
	return sighted->level >= SQLITE_LOCK_PENDING    ? 3
	       : sighted->level == SQLITE_LOCK_RESERVED ? 2
	                                                : (uint32_t)sighted->level;
}

static uint32_t sim_sighting_index(const struct sim_world *world) {
	struct vfs_wal_index index;
	if (!vfs_disk_read_wal_index(world->disk, SIM_WORLD_PATH, &index)) {
		return 0;
	}
	if (index.is_torn || !index.is_initialised) {
		return 1;
	}
	if (index.max_frame == 0) {
		return 2;
	}
	return index.backfilled == 0 ? 3 : index.backfilled < index.max_frame ? 4 : 5;
}

static void sim_sighting_note_index_lock(struct sim_sighted *sighted, const struct vfs_call *call) {
	uint32_t slots = ((1u << call->size) - 1) << call->offset;
	uint32_t *held = (call->flags & SQLITE_SHM_SHARED) != 0 ? &sighted->shared : &sighted->exclusive;
	*held = (call->flags & SQLITE_SHM_UNLOCK) != 0 ? *held & ~slots : *held | slots;
}

static void sim_sighting_note_locks(struct sim_sighted *sighted, const struct vfs_call *call, int result) {
	if (result != SQLITE_OK || !sim_doors_is_main(call)) {
		return;
	}
	if (call->method == VFS_METHOD_LOCK || call->method == VFS_METHOD_UNLOCK) {
		sighted->level = (int)call->size;
	} else if (call->method == VFS_METHOD_SHM_LOCK) {
		sim_sighting_note_index_lock(sighted, call);
	} else if (call->method == VFS_METHOD_CLOSE && call->file_kind == VFS_FILE_DB) {
		sighted->level = 0;
		sighted->shared = sighted->exclusive = 0;
	}
}

/* ---- what one does that another may see ------------------------------------------------------ */

/* By place, from 1; 0: nothing that concerns others. */
static const uint8_t sim_sighting_deeds[SIM_SPECIES_PLACES] = {
        [SIM_SIGHTING_SHM_LOCK + 4 * VFS_SHM_SLOT_CHECKPOINT] = 1,
        [SIM_SIGHTING_SHM_LOCK + 4 * VFS_SHM_SLOT_WRITE] = 2,
        [SIM_SIGHTING_SHM_LOCK + 4 * VFS_SHM_SLOT_RECOVER] = 3,
        [SIM_SIGHTING_SHM_LOCK + 4 * 5] = 4,
        [SIM_SIGHTING_SHM_LOCK + 4 * 4 + 1] = 5,
        [VFS_PHASE_WAL_HEADER] = 6,
        [VFS_PHASE_WAL_RESTART] = 6,
        [VFS_PHASE_WAL_TRUNCATION] = 6,
        [VFS_PHASE_WAL_COMMIT_FRAME] = 7,
        [VFS_PHASE_CHECKPOINT_WRITE] = 8,
        [VFS_PHASE_CHECKPOINT_SYNC] = 9,
        [VFS_PHASE_CHECKPOINT_TRUNCATION] = 9,
        [SIM_SIGHTING_LOCK + 1] = 10,
        [SIM_SIGHTING_LOCK + 2] = 11,
        [VFS_PHASE_JOURNAL_DELETION] = 12,
        [VFS_PHASE_JOURNAL_TRUNCATION] = 12,
        [VFS_PHASE_JOURNAL_ZEROING] = 12,
        [VFS_PHASE_SUPER_JOURNAL_DELETION] = 12,
        [VFS_PHASE_DATABASE_WRITE] = 13,
        [VFS_PHASE_ROLLBACK_WRITE] = 13,
        [VFS_PHASE_RECOVERY_WRITE] = 14,
        [VFS_PHASE_RECOVERY_END] = 14,
        [VFS_PHASE_WAL_RECOVERY] = 14,
        [VFS_PHASE_WAL_DELETION] = 15,
        [VFS_PHASE_JOURNAL_CREATION] = 15,
        [VFS_PHASE_OWN_JOURNAL_WRITE] = 15,
};

/* Others that are in the middle of a step while this one does something. */
static void sim_sighting_meet(const struct sim_process *process, uint32_t deed, uint32_t index) {
	struct sim_world *world = process->world;
	struct sim_sightings *sightings = world->sightings;
	for (uint32_t i = 0; i < SIM_PROCESSES_MAX; i++) {
		const struct sim_process *other = &world->processes[i];
		const struct sim_sighted *sighted = &sightings->processes[i];
		if (other == process || other->vfs == NULL || !other->watched || other->calls == 0) {
			continue;
		}
		const uint32_t at[] = {deed, sighted->place, sim_sighting_stance(sighted), index};
		sim_species_add(&sightings->species, sim_species_number(SIM_SPECIES_MEET, at));
	}
}

/* ---- who reads what from whom ---------------------------------------------------------------- */

static const uint8_t sim_sighting_readers[SIM_SPECIES_PLACES] = {
        [SIM_SIGHTING_READ] = 7,           [SIM_SIGHTING_READ + 1] = 1,   [SIM_SIGHTING_READ + 2] = 2,
        [VFS_PHASE_CHECKPOINT_READ] = 3,   [VFS_PHASE_WAL_RECOVERY] = 4,  [VFS_PHASE_RECOVERY_READ] = 5,
        [VFS_PHASE_HOT_JOURNAL_CHECK] = 5, [VFS_PHASE_ROLLBACK_READ] = 6,
};

static const uint8_t sim_sighting_writers[SIM_SPECIES_PLACES] = {
        [VFS_PHASE_DATABASE_WRITE] = 1, [VFS_PHASE_CHECKPOINT_WRITE] = 2, [VFS_PHASE_RECOVERY_WRITE] = 3,
        [VFS_PHASE_ROLLBACK_WRITE] = 4, [VFS_PHASE_JOURNAL_RECORD] = 5,   [VFS_PHASE_JOURNAL_HEADER] = 6,
        [VFS_PHASE_JOURNAL_COUNT] = 6,  [VFS_PHASE_JOURNAL_ZEROING] = 7,  [VFS_PHASE_WAL_HEADER] = 8,
        [VFS_PHASE_WAL_RESTART] = 8,    [VFS_PHASE_WAL_FRAME] = 9,        [VFS_PHASE_WAL_COMMIT_FRAME] = 10,
};

/* The portion that a call begins at; NULL: of a file that is not looked at. */
static struct sim_sighted_portion *sim_sighting_portion(struct sim_sightings *sightings, const struct vfs_call *call) {
	uint32_t file = call->file_kind == VFS_FILE_DB ? 0 : call->file_kind == VFS_FILE_WAL ? 1 : 2;
	if (file == 2 && call->file_kind != VFS_FILE_JOURNAL) {
		return NULL;
	}
	return &sightings->portions[file][call->offset / 512 % SIM_SIGHTING_PORTIONS];
}

/* Whose: its own, of an earlier life, another's, nobody's. */
static uint32_t sim_sighting_owner(const struct sim_process *process, const struct sim_sighted_portion *portion) {
	if (portion->process == 0) {
		return 3;
	}
	if (portion->process != process->number + 1) {
		return 2;
	}
	return portion->life == process->world->sightings->processes[process->number].life ? 0 : 1;
}

static void sim_sighting_note_data(const struct sim_process *process, const struct vfs_call *call, int result) {
	struct sim_sightings *sightings = process->world->sightings;
	const struct sim_sighted *sighted = &sightings->processes[process->number];
	struct sim_sighted_portion *portion = sim_sighting_portion(sightings, call);
	if (portion == NULL || result != SQLITE_OK) {
		return;
	}
	if (call->method == VFS_METHOD_WRITE) {
		*portion = (struct sim_sighted_portion){.process = (uint8_t)(process->number + 1),
		                                        .writer = sim_sighting_writers[sighted->place],
		                                        .life = sighted->life};
	} else if (call->method == VFS_METHOD_READ) {
		const uint32_t at[] = {sim_sighting_readers[sighted->place], portion->writer,
		                       sim_sighting_owner(process, portion), sim_sighting_stance(sighted)};
		sim_species_add(&sightings->species, sim_species_number(SIM_SPECIES_READ, at));
	}
}

/* ---- calls, deaths, ends --------------------------------------------------------------------- */

/* What is left of a life is looked for, or put right. */
static bool sim_sighting_recovers(uint32_t place) {
	return (place >= VFS_PHASE_HOT_JOURNAL_CHECK && place <= VFS_PHASE_RECOVERY_END) ||
	       place == VFS_PHASE_WAL_RECOVERY || place == VFS_PHASE_SUPER_JOURNAL_CHECK ||
	       place == VFS_PHASE_OWN_JOURNAL_READ;
}

static bool sim_sighting_is_looked_at(const struct sim_process *process) {
	return process->world->sightings != NULL && process->branch == 0 && !process->world->injection_paused;
}

void sim_sightings_calling(const struct sim_process *process, const struct vfs_call *call) {
	if (!sim_sighting_is_looked_at(process)) {
		return;
	}
	struct sim_sighted *sighted = &process->world->sightings->processes[process->number];
	sighted->before = process->calls == 0 ? 0 : sighted->place;
	sighted->place = sim_sighting_place(call);
}

void sim_sightings_called(const struct sim_process *process, const struct vfs_call *call, int result) {
	if (!sim_sighting_is_looked_at(process)) {
		return;
	}
	struct sim_sightings *sightings = process->world->sightings;
	struct sim_sighted *sighted = &sightings->processes[process->number];
	bool is_busy = (result & 0xff) == SQLITE_BUSY;
	uint32_t outcome = is_busy ? 1 : process->is_struck ? 2 : 0;
	uint32_t index = sim_sighting_index(process->world);
	const uint32_t call_at[] = {sighted->place, outcome, sim_sighting_stance(sighted), index};
	const uint32_t then_at[] = {sighted->before, sighted->place, 0, 0};
	const uint32_t after_at[] = {sighted->death, sighted->place, 0, 0};
	uint32_t deed = result == SQLITE_OK ? sim_sighting_deeds[sighted->place] : 0;
	sightings->calls++;
	sim_species_add(&sightings->species, sim_species_number(SIM_SPECIES_CALL, call_at));
	sim_species_add(&sightings->species, sim_species_number(SIM_SPECIES_THEN, then_at));
	if (sighted->death != 0 && sim_sighting_recovers(sighted->place)) {
		sim_species_add(&sightings->species, sim_species_number(SIM_SPECIES_AFTER, after_at));
	}
	if (deed != 0) {
		sim_sighting_meet(process, deed, index);
	}
	sim_sighting_note_data(process, call, result);
	sim_sighting_note_locks(sighted, call, result);
}

void sim_sightings_note_death(const struct sim_process *process) {
	if (!sim_sighting_is_looked_at(process)) {
		return;
	}
	const struct sim_world *world = process->world;
	struct sim_sighted *sighted = &world->sightings->processes[process->number];
	const uint32_t at[] = {world->just_died == SIM_CRASH_POWER_LOSS ? 1 : 0, sighted->place,
	                       sim_sighting_stance(sighted), sim_sighting_index(world)};
	sim_species_add(&world->sightings->species, sim_species_number(SIM_SPECIES_DEATH, at));
	sighted->death = sighted->place;
	sighted->level = 0;
	sighted->shared = sighted->exclusive = 0;
}

void sim_sightings_note_end(const struct sim_process *process) {
	if (!sim_sighting_is_looked_at(process)) {
		return;
	}
	struct sim_sighted *sighted = &process->world->sightings->processes[process->number];
	*sighted = (struct sim_sighted){.death = sighted->death, .life = (uint16_t)(sighted->life + 1)};
}

void sim_sightings_conclude(struct sim_sightings *sightings, const struct sim_run_result *result) {
	for (uint32_t probe = 1; probe < SIM_PROBE_COUNT; probe++) {
		if (result->probes[probe] > 0) {
			const uint32_t at[] = {probe, sim_species_times(result->probes[probe]), 0, 0};
			sim_species_add(&sightings->species, sim_species_number(SIM_SPECIES_OFTEN, at));
		}
	}
}
