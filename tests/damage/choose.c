/* Which damage, and where: all of it a function of seed and number. */
#include "damage.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define CHOOSE_TRIES 64
#define CHOOSE_SECTOR 512u

/* A stream of numbers. */
struct choose_chance {
	uint64_t seed;
	uint64_t number;
	uint64_t draws;
};

static uint64_t choose_draw(struct choose_chance *chance, uint64_t bound) {
	assert(bound > 0);
	chance->draws++;
	return XXH3_64bits(chance, sizeof *chance) % bound;
}

/* ---- the byte aimed at ----------------------------------------------------------------------- */

static bool choose_has_class(const struct damage_base *base, enum damage_class class, enum damage_file *file) {
	for (int i = 0; i < DAMAGE_FILE_COUNT; i++) {
		if (base->sound.files[i].size > 0 &&
		    memchr(base->classes[i], (int)class, base->sound.files[i].size) != NULL) {
			*file = (enum damage_file)i;
			return true;
		}
	}
	return false;
}

/* Each class that the base has with the same chance, then each byte of it. A class is of one file
 * only. */
static void choose_byte(struct choose_chance *chance, struct damage_trial *trial) {
	const struct damage_base *base = trial->base;
	enum damage_class present[DAMAGE_CLASS_COUNT] = {DAMAGE_NONE};
	enum damage_file files[DAMAGE_CLASS_COUNT] = {DAMAGE_DATABASE};
	unsigned count = 0;
	size_t bytes = 0;

	for (int class = DAMAGE_NONE + 1; class < DAMAGE_CLASS_COUNT; class ++) {
		if (choose_has_class(base, (enum damage_class) class, &files[count])) {
			present[count++] = (enum damage_class) class;
		}
	}
	unsigned chosen = (unsigned)choose_draw(chance, count);
	trial->class = present[chosen];
	trial->file = files[chosen];
	const unsigned char *classes = base->classes[trial->file];
	for (size_t i = 0; i < base->sound.files[trial->file].size; i++) {
		bytes += classes[i] == trial->class ? 1 : 0;
	}
	size_t nth = (size_t)choose_draw(chance, bytes);
	for (trial->offset = 0; nth > 0 || classes[trial->offset] != trial->class; trial->offset++) {
		nth -= classes[trial->offset] == trial->class ? 1 : 0;
	}
}

/* ---- the three kinds ------------------------------------------------------------------------- */

static void choose_rot(struct choose_chance *chance, struct damage_trial *trial) {
	/* One bit as a rule; a whole byte now and then. */
	unsigned mask =
	        choose_draw(chance, 4) > 0 ? 1u << choose_draw(chance, 8) : 1 + (unsigned)choose_draw(chance, 255);

	damage_image_copy(&trial->image, &trial->base->sound);
	trial->image.files[trial->file].bytes[trial->offset] ^= (unsigned char)mask;
	snprintf(trial->how, sizeof trial->how, "%s: byte %zu xor 0x%02x", damage_file_name(trial->file), trial->offset,
	         mask);
}

static bool choose_covers(const struct damage_change *change, const struct damage_trial *trial) {
	return change->file == trial->file && change->data != NULL && change->offset <= trial->offset &&
	       trial->offset < change->offset + change->size;
}

/* A write of the history that has written the byte: in every other case the last one. SIZE_MAX:
 * there is none. */
static size_t choose_write(struct choose_chance *chance, const struct damage_trial *trial) {
	const struct damage_base *base = trial->base;
	size_t count = 0;
	size_t last = SIZE_MAX;

	for (size_t i = 0; i < base->history_count; i++) {
		if (choose_covers(&base->history[i], trial)) {
			count++;
			last = i;
		}
	}
	if (count < 2 || choose_draw(chance, 2) == 0) {
		return last;
	}
	size_t nth = (size_t)choose_draw(chance, count);
	size_t i = 0;
	for (; nth > 0 || !choose_covers(&base->history[i], trial); i++) {
		nth -= choose_covers(&base->history[i], trial) ? 1 : 0;
	}
	return i;
}

/* The whole write, or only its sector with the byte: the rest of it is then written all the
 * same. */
static bool choose_loss(struct choose_chance *chance, struct damage_trial *trial) {
	const struct damage_base *base = trial->base;
	size_t lost = choose_write(chance, trial);

	if (lost == SIZE_MAX) {
		return false;
	}
	const struct damage_change *write = &base->history[lost];
	bool whole = write->size <= CHOOSE_SECTOR || choose_draw(chance, 2) == 0;
	snprintf(trial->how, sizeof trial->how, "%s: write %zu of the history, %zu bytes at %zu, lost%s",
	         damage_file_name(trial->file), lost, write->size, write->offset, whole ? "" : " in one sector");
	damage_base_replay(base, lost, NULL, &trial->image);
	if (whole) {
		return true;
	}
	/* What the sector had before this write is what a replay up to it gives. */
	struct damage_base until = *base;
	struct damage_image before = {0};
	struct damage_change torn = *write;
	size_t sector = trial->offset / CHOOSE_SECTOR * CHOOSE_SECTOR;
	until.history_count = lost;
	damage_base_replay(&until, SIZE_MAX, NULL, &before);
	const struct damage_content *old = &before.files[trial->file];
	torn.data = malloc(torn.size);
	assert(torn.data != NULL);
	memcpy(torn.data, write->data, torn.size);
	for (size_t i = sector; i < sector + CHOOSE_SECTOR; i++) {
		if (i >= torn.offset && i < torn.offset + torn.size) {
			torn.data[i - torn.offset] = i < old->size ? old->bytes[i] : 0;
		}
	}
	damage_base_replay(base, lost, &torn, &trial->image);
	free(torn.data);
	damage_image_deinit(&before);
	return true;
}

/* A write that went to the sector, or to the place of its own size, that has the byte aimed at; or
 * behind the end of the file. Of the writes, every other time one of the last quarter, for what
 * comes later may repair the place. */
static bool choose_misdirection(struct choose_chance *chance, struct damage_trial *trial) {
	const struct damage_base *base = trial->base;
	size_t quarter = base->history_count / 4;
	size_t i = choose_draw(chance, 2) == 0 ? base->history_count - 1 - (size_t)choose_draw(chance, quarter)
	                                       : (size_t)choose_draw(chance, base->history_count);
	const struct damage_change *write = &base->history[i];

	if (write->data == NULL || !base->sound.files[write->file].exists) {
		return false;
	}
	struct damage_change elsewhere = *write;
	size_t unit = write->size >= CHOOSE_SECTOR && choose_draw(chance, 2) == 0 ? write->size : CHOOSE_SECTOR;
	elsewhere.file = trial->file;
	elsewhere.offset = trial->offset / unit * unit;
	if (choose_draw(chance, 16) == 0) {
		size_t size = base->sound.files[trial->file].size;
		elsewhere.offset = (size + CHOOSE_SECTOR - 1) / CHOOSE_SECTOR * CHOOSE_SECTOR;
		trial->class = DAMAGE_BEHIND_THE_END;
	}
	if (elsewhere.file == write->file && elsewhere.offset == write->offset) {
		return false;
	}
	damage_base_replay(base, i, &elsewhere, &trial->image);
	snprintf(trial->how, sizeof trial->how, "write %zu of the history, %zu bytes for %s at %zu, went to %s at %zu",
	         i, write->size, damage_file_name(write->file), write->offset, damage_file_name(trial->file),
	         elsewhere.offset);
	return true;
}

static bool choose_try(struct choose_chance *chance, struct damage_trial *trial) {
	choose_byte(chance, trial);
	switch (trial->kind) {
	case DAMAGE_BIT_ROT:
		choose_rot(chance, trial);
		return true;
	case DAMAGE_LOST_WRITE:
		return choose_loss(chance, trial);
	case DAMAGE_MISDIRECTED_WRITE:
		return choose_misdirection(chance, trial);
	case DAMAGE_KIND_COUNT:
		break;
	}
	return false;
}

static bool choose_differs(const struct damage_trial *trial, enum damage_file file) {
	const struct damage_content *now = &trial->image.files[file];
	const struct damage_content *then = &trial->base->sound.files[file];

	return now->size != then->size || (now->size > 0 && memcmp(now->bytes, then->bytes, now->size) != 0);
}

/* What leaves the files as they are is no damage, and not counted. */
bool damage_choose(struct damage_trial *trial, const struct damage_base *bases, size_t base_count, uint64_t seed,
                   uint64_t number) {
	struct choose_chance chance = {seed, number, 0};
	bool done = false;

	memset(trial, 0, sizeof *trial);
	trial->base = &bases[choose_draw(&chance, base_count)];
	trial->kind = (enum damage_kind)choose_draw(&chance, DAMAGE_KIND_COUNT);
	for (int i = 0; i < CHOOSE_TRIES && !done; i++) {
		done = choose_try(&chance, trial) && !damage_image_equals(&trial->image, &trial->base->sound);
	}
	trial->touches_database = choose_differs(trial, DAMAGE_DATABASE);
	trial->touches_log = choose_differs(trial, DAMAGE_WAL) || choose_differs(trial, DAMAGE_JOURNAL) ||
	                     choose_differs(trial, DAMAGE_UPDATES);
	return done;
}
