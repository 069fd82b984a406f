/* sim/format/tree.c: see tree.h. Each page is claimed once: by the free list, as a map of pointers,
 * by its parent or the schema, or by the cell whose payload goes on in it. */
#include "tree.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIM_TREE_HEADER_BYTES 100u
#define SIM_TREE_PAYLOAD_ROOM 2048u /* of a row of the schema: as far as its root page */

/* The first byte of a page of a tree. */
enum sim_tree_kind {
	SIM_TREE_ANY = 0,
	SIM_TREE_INDEX_INNER = 2,
	SIM_TREE_TABLE_INNER = 5,
	SIM_TREE_INDEX_LEAF = 10,
	SIM_TREE_TABLE_LEAF = 13
};

/* A page that is to be looked at. */
struct sim_tree_task {
	uint32_t page;
	bool is_schema;
	enum sim_tree_kind leaf; /* the tree has such leaves; ANY: it is not known yet */
};

struct sim_tree {
	const struct sim_recovered *recovered;
	unsigned char *claimed; /* by page */
	unsigned char *page;    /* that is looked at */
	unsigned char *other;   /* one behind it */
	struct sim_tree_task *tasks;
	uint32_t task_count;
	char *text;
};

struct sim_tree_cell {
	uint64_t payload;
	uint32_t at;    /* of the payload in the page */
	uint32_t local; /* so much of it is there; the rest in pages of their own */
};

static bool sim_tree_wrong(const struct sim_tree *tree, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool sim_tree_wrong(const struct sim_tree *tree, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(tree->text, SIM_TREE_TEXT_SIZE, format, arguments);
	va_end(arguments);
	return false;
}

static bool sim_tree_claim(const struct sim_tree *tree, uint32_t page, const char *by, uint32_t owner) {
	if (page == 0 || page > tree->recovered->page_count ||
	    page == sim_format_lock_page(tree->recovered->page_size)) {
		return sim_tree_wrong(tree, "%s of page %u is page %u, which is none", by, owner, page);
	}
	if (tree->claimed[page] != 0) {
		return sim_tree_wrong(tree, "%s of page %u is page %u, which is in use", by, owner, page);
	}
	tree->claimed[page] = 1;
	return true;
}

static bool sim_tree_add(struct sim_tree *tree, uint32_t page, enum sim_tree_kind leaf, const char *by,
                         uint32_t owner) {
	if (!sim_tree_claim(tree, page, by, owner)) {
		return false;
	}
	tree->tasks[tree->task_count++] = (struct sim_tree_task){.page = page, .leaf = leaf};
	return true;
}

/* ---- lists of pages -------------------------------------------------------------------------- */

/* A trunk of the free list, which is in `page`. */
static bool sim_tree_claim_leaves(const struct sim_tree *tree, uint32_t trunk, uint32_t leaves) {
	if (leaves > tree->recovered->usable_bytes / 4 - 2) {
		return sim_tree_wrong(tree, "page %u of the free list has %u entries", trunk, leaves);
	}
	bool good = true;
	for (uint32_t i = 0; good && i < leaves; i++) {
		uint32_t leaf = sim_format_u32(tree->page + 8 + i * 4);
		good = sim_tree_claim(tree, leaf, "an entry of the free list", trunk);
	}
	return good;
}

static bool sim_tree_walk_free_list(const struct sim_tree *tree, const unsigned char *header) {
	uint32_t owner = 1;
	uint32_t found = 0;
	for (uint32_t trunk = sim_format_u32(header + 32); trunk != 0;) {
		if (!sim_tree_claim(tree, trunk, "the free list", owner)) {
			return false;
		}
		sim_recovered_page(tree->recovered, trunk, tree->page);
		uint32_t leaves = sim_format_u32(tree->page + 4);
		if (!sim_tree_claim_leaves(tree, trunk, leaves)) {
			return false;
		}
		found += 1 + leaves;
		owner = trunk;
		trunk = sim_format_u32(tree->page);
	}
	uint32_t counted = sim_format_u32(header + 36);
	return found == counted || sim_tree_wrong(tree, "the free list has %u pages, and counts %u", found, counted);
}

/* Where pages can be moved, each stretch begins with a map of who points to them. */
static bool sim_tree_claim_maps(const struct sim_tree *tree, const unsigned char *header) {
	uint32_t size = tree->recovered->page_size;
	uint32_t stretch = tree->recovered->usable_bytes / 5 + 1;
	if (sim_format_u32(header + 52) == 0) {
		return true;
	}
	for (uint32_t map = 2; map <= tree->recovered->page_count; map += stretch) {
		uint32_t page = map == sim_format_lock_page(size) ? map + 1 : map;
		if (!sim_tree_claim(tree, page, "a map", 1)) {
			return false;
		}
	}
	return true;
}

/* The rest of a payload. The first bytes of it are added to `start`, if somebody wants them. */
static bool sim_tree_walk_rest(const struct sim_tree *tree, uint32_t owner, const struct sim_tree_cell *cell,
                               unsigned char *start) {
	uint32_t next = sim_format_u32(tree->page + cell->at + cell->local);
	uint32_t room = tree->recovered->usable_bytes - 4;
	for (uint64_t done = cell->local; done < cell->payload; done += room) {
		if (!sim_tree_claim(tree, next, "the rest of a payload", owner)) {
			return false;
		}
		sim_recovered_page(tree->recovered, next, tree->other);
		if (start != NULL && done < SIM_TREE_PAYLOAD_ROOM) {
			size_t part = SIM_TREE_PAYLOAD_ROOM - (size_t)done;
			memcpy(start + done, tree->other + 4, part < room ? part : room);
		}
		owner = next;
		next = sim_format_u32(tree->other);
	}
	return next == 0 || sim_tree_wrong(tree, "a payload ends in page %u, and points to page %u", owner, next);
}

/* ---- cells ----------------------------------------------------------------------------------- */

/* A number of up to nine bytes. The number of bytes; 0: it does not end before `end`. */
static uint32_t sim_tree_varint(const unsigned char *bytes, const unsigned char *end, uint64_t *number) {
	*number = 0;
	for (uint32_t i = 0; i < 9 && bytes + i < end; i++) {
		uint32_t bits = i == 8 ? 8 : 7;
		*number = *number << bits | (i == 8 ? bytes[i] : bytes[i] & 0x7fu);
		if (i == 8 || bytes[i] < 0x80) {
			return i + 1;
		}
	}
	return 0;
}

static uint32_t sim_tree_local(const struct sim_tree *tree, uint64_t payload, bool is_table) {
	uint32_t usable = tree->recovered->usable_bytes;
	uint32_t most = is_table ? usable - 35 : (usable - 12) * 64 / 255 - 23;
	uint32_t least = (usable - 12) * 32 / 255 - 23;
	if (payload <= most) {
		return (uint32_t)payload;
	}
	uint32_t full = least + (uint32_t)((payload - least) % (usable - 4));
	return full <= most ? full : least;
}

/* Cell number `index`, whose payload is yet to be followed. False when it leaves the page. */
static bool sim_tree_read_cell(const struct sim_tree *tree, enum sim_tree_kind kind, uint32_t at,
                               struct sim_tree_cell *cell) {
	const unsigned char *page = tree->page;
	const unsigned char *end = page + tree->recovered->usable_bytes;
	bool is_table = kind == SIM_TREE_TABLE_LEAF || kind == SIM_TREE_TABLE_INNER;
	bool is_inner = kind == SIM_TREE_TABLE_INNER || kind == SIM_TREE_INDEX_INNER;
	uint64_t key = 0;
	uint32_t head = is_inner ? 4 : 0;
	*cell = (struct sim_tree_cell){0};
	if (kind != SIM_TREE_TABLE_INNER) {
		uint32_t length = sim_tree_varint(page + at + head, end, &cell->payload);
		head = length > 0 ? head + length : (uint32_t)(end - page);
		cell->local = sim_tree_local(tree, cell->payload, is_table);
	}
	if (is_table && at + head < tree->recovered->usable_bytes) {
		uint32_t length = sim_tree_varint(page + at + head, end, &key);
		head = length > 0 ? head + length : (uint32_t)(end - page);
	}
	cell->at = at + head;
	uint32_t pointer = cell->local < cell->payload ? 4 : 0;
	return cell->at + cell->local + pointer <= tree->recovered->usable_bytes;
}

/* The fourth column of a row of the schema; 0: it has no pages of its own. */
static uint32_t sim_tree_root(const unsigned char *row, uint64_t size) {
	const unsigned char *end = row + (size < SIM_TREE_PAYLOAD_ROOM ? size : SIM_TREE_PAYLOAD_ROOM);
	static const unsigned char widths[10] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
	uint64_t header = 0;
	uint64_t type = 0;
	uint32_t at = sim_tree_varint(row, end, &header);
	uint64_t body = header;
	uint64_t width = 0;
	for (int column = 0; column < 4; column++) {
		body += width;
		uint32_t length = at < (uint64_t)(end - row) ? sim_tree_varint(row + at, end, &type) : 0;
		at += length;
		width = type < 10 ? widths[type] : (type - 12) / 2;
	}
	uint32_t root = type == 9 ? 1 : 0;
	bool is_there = body <= SIM_TREE_PAYLOAD_ROOM && body + width <= (uint64_t)(end - row);
	for (uint64_t i = 0; type >= 1 && type <= 6 && is_there && i < width; i++) {
		root = root << 8 | row[body + i];
	}
	return root;
}

/* ---- pages of trees -------------------------------------------------------------------------- */

static bool sim_tree_visit_cell(struct sim_tree *tree, const struct sim_tree_task *task, enum sim_tree_kind kind,
                                uint32_t at) {
	unsigned char row[SIM_TREE_PAYLOAD_ROOM];
	struct sim_tree_cell cell;
	bool is_row = task->is_schema && kind == SIM_TREE_TABLE_LEAF;
	if (at >= tree->recovered->usable_bytes || !sim_tree_read_cell(tree, kind, at, &cell)) {
		return sim_tree_wrong(tree, "page %u: a cell at %u leaves it", task->page, at);
	}
	if (is_row) {
		memcpy(row, tree->page + cell.at, cell.local < sizeof row ? cell.local : sizeof row);
	}
	if (cell.local < cell.payload && !sim_tree_walk_rest(tree, task->page, &cell, is_row ? row : NULL)) {
		return false;
	}
	uint32_t root = is_row ? sim_tree_root(row, cell.payload) : 0;
	if (root != 0 && !sim_tree_add(tree, root, SIM_TREE_ANY, "a root in the schema", task->page)) {
		return false;
	}
	bool is_inner = kind == SIM_TREE_TABLE_INNER || kind == SIM_TREE_INDEX_INNER;
	if (!is_inner) {
		return true;
	}
	uint32_t child = sim_format_u32(tree->page + at);
	enum sim_tree_kind leaf = kind == SIM_TREE_TABLE_INNER ? SIM_TREE_TABLE_LEAF : SIM_TREE_INDEX_LEAF;
	bool added = sim_tree_add(tree, child, leaf, "a child", task->page);
	if (added) {
		tree->tasks[tree->task_count - 1].is_schema = task->is_schema;
	}
	return added;
}

static bool sim_tree_visit(struct sim_tree *tree, const struct sim_tree_task *task) {
	sim_recovered_page(tree->recovered, task->page, tree->page);
	const unsigned char *head = tree->page + (task->page == 1 ? SIM_TREE_HEADER_BYTES : 0);
	enum sim_tree_kind kind = (enum sim_tree_kind)head[0];
	bool is_inner = kind == SIM_TREE_TABLE_INNER || kind == SIM_TREE_INDEX_INNER;
	enum sim_tree_kind leaf = is_inner && kind == SIM_TREE_TABLE_INNER ? SIM_TREE_TABLE_LEAF
	                          : is_inner                               ? SIM_TREE_INDEX_LEAF
	                                                                   : kind;
	bool is_known = leaf == SIM_TREE_TABLE_LEAF || leaf == SIM_TREE_INDEX_LEAF;
	if (!is_known || (task->leaf != SIM_TREE_ANY && leaf != task->leaf)) {
		return sim_tree_wrong(tree, "page %u is of kind %u", task->page, (unsigned)head[0]);
	}
	uint32_t cells = sim_format_u16(head + 3);
	uint32_t pointers = (uint32_t)(head - tree->page) + (is_inner ? 12 : 8);
	if (pointers + cells * 2 > tree->recovered->usable_bytes) {
		return sim_tree_wrong(tree, "page %u counts %u cells", task->page, cells);
	}
	for (uint32_t i = 0; i < cells; i++) {
		if (!sim_tree_visit_cell(tree, task, kind, sim_format_u16(tree->page + pointers + i * 2))) {
			return false;
		}
	}
	if (!is_inner) {
		return true;
	}
	bool added = sim_tree_add(tree, sim_format_u32(head + 8), leaf, "the last child", task->page);
	if (added) {
		tree->tasks[tree->task_count - 1].is_schema = task->is_schema;
	}
	return added;
}

static bool sim_tree_walk(struct sim_tree *tree) {
	unsigned char header[SIM_TREE_HEADER_BYTES];
	uint32_t count = tree->recovered->page_count;
	sim_recovered_page(tree->recovered, 1, tree->page);
	memcpy(header, tree->page, sizeof header);
	if (!sim_tree_add(tree, 1, SIM_TREE_TABLE_LEAF, "the schema", 1) || !sim_tree_claim_maps(tree, header) ||
	    !sim_tree_walk_free_list(tree, header)) {
		return false;
	}
	tree->tasks[0].is_schema = true;
	while (tree->task_count > 0) {
		struct sim_tree_task task = tree->tasks[--tree->task_count];
		if (!sim_tree_visit(tree, &task)) {
			return false;
		}
	}
	for (uint32_t page = 1; page <= count; page++) {
		bool is_lock = page == sim_format_lock_page(tree->recovered->page_size);
		if (tree->claimed[page] == 0 && !is_lock) {
			return sim_tree_wrong(tree, "nobody points to page %u", page);
		}
	}
	return true;
}

bool sim_tree_check(const struct sim_recovered *recovered, char text[SIM_TREE_TEXT_SIZE]) {
	size_t count = (size_t)recovered->page_count + 1;
	struct sim_tree tree = {.recovered = recovered,
	                        .claimed = calloc(count, 1),
	                        .page = malloc(SIM_FORMAT_PAGE_MAX),
	                        .other = malloc(SIM_FORMAT_PAGE_MAX),
	                        .tasks = malloc(count * sizeof tree.tasks[0]),
	                        .text = text};
	bool good = tree.claimed != NULL && tree.page != NULL && tree.other != NULL && tree.tasks != NULL;
	text[0] = '\0';
	if (good && recovered->kind == SIM_RECOVERED_PAGES && recovered->page_count > 0) {
		(void)sim_tree_walk(&tree);
	}
	free(tree.claimed);
	free(tree.page);
	free(tree.other);
	free(tree.tasks);
	return good;
}
