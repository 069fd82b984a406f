/* sim/format/format.c: see format.h. */
#include "format.h"

#include <stdlib.h>
#include <string.h>

bool sim_format_read(const struct sim_format_file *file, uint64_t offset, void *buffer, size_t size_bytes) {
	size_t got = file->read != NULL ? file->read(file->context, offset, buffer, size_bytes) : 0;
	memset((unsigned char *)buffer + got, 0, size_bytes - got);
	return got == size_bytes;
}

bool sim_format_add(struct sim_format_copies *copies, uint32_t page, uint64_t offset) {
	if (copies->count == copies->room) {
		size_t room = copies->room == 0 ? 64 : copies->room * 2;
		struct sim_format_copy *items = realloc(copies->items, room * sizeof items[0]);
		if (items == NULL) {
			return false;
		}
		copies->items = items;
		copies->room = room;
	}
	copies->items[copies->count++] = (struct sim_format_copy){.page = page, .offset = offset};
	return true;
}

static int sim_format_compare(const void *left, const void *right) {
	const struct sim_format_copy *a = left;
	const struct sim_format_copy *b = right;
	if (a->page != b->page) {
		return a->page < b->page ? -1 : 1;
	}
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

void sim_format_settle(struct sim_format_copies *copies) {
	size_t kept = 0;
	if (copies->count > 0) {
		qsort(copies->items, copies->count, sizeof copies->items[0], sim_format_compare);
	}
	for (size_t i = 0; i < copies->count; i++) {
		bool is_last = i + 1 == copies->count || copies->items[i + 1].page != copies->items[i].page;
		if (is_last) {
			copies->items[kept++] = copies->items[i];
		}
	}
	copies->count = kept;
}

const struct sim_format_copy *sim_format_find(const struct sim_format_copies *copies, uint32_t page) {
	size_t low = 0;
	size_t high = copies->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (copies->items[middle].page < page) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < copies->count && copies->items[low].page == page ? &copies->items[low] : NULL;
}
