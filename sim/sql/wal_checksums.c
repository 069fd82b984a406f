/* sim/sql/wal_checksums.c: see wal_checksums.h. The format is that of
 * https://www.sqlite.org/fileformat2.html#walformat. */
#include "wal_checksums.h"

#include "machine.h"

#include <assert.h>
#include <string.h>

#define SIM_WAL_HEADER_BYTES 32u
#define SIM_WAL_FRAME_BYTES 24u
#define SIM_WAL_PAGE_BYTES_MAX 65536u

/* The magic says in which order the words of the checksums are read: 0x377f0683 is big-endian. */
#define SIM_WAL_MAGIC_LITTLE 0x377f0682u
#define SIM_WAL_MAGIC_BIG 0x377f0683u

static uint32_t sim_wal_big(const unsigned char *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint32_t sim_wal_little(const unsigned char *bytes) {
	return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

void sim_wal_checksums_note(struct sim_wal_checksums *checksums, const struct vfs_call *call) {
	if (call->path == NULL || strcmp(call->path, SIM_WORLD_PATH "-wal") != 0) {
		return;
	}
	/* The first commit of a new WAL cuts off what is left of the old one: with a limit of its
	 * size, and behind itself. */
	bool cuts = call->method == VFS_METHOD_TRUNCATE && (uint64_t)call->size <= checksums->commit;
	if (cuts || call->method == VFS_METHOD_DELETE || (call->method == VFS_METHOD_WRITE && call->offset == 0)) {
		/* A transaction that goes back to before its first frame begins the WAL anew. What
		 * it has written twice by then still counts. */
		checksums->end = checksums->commit = 0;
	}
	if (call->method != VFS_METHOD_WRITE) {
		return;
	}
	bool is_frame = call->offset > 0 && call->size == SIM_WAL_FRAME_BYTES;
	if (is_frame && sim_wal_big((const unsigned char *)call->data + 4) != 0) {
		checksums->commit = call->offset;
	}
	checksums->rewritten |= call->offset < checksums->end;
	checksums->end = call->offset + call->size > checksums->end ? call->offset + call->size : checksums->end;
}

/* ---- a look ---------------------------------------------------------------------------------- */

struct sim_wal_chain {
	uint64_t commit;
	uint32_t sums[2];
	bool is_big;
	bool holds;
};

static void sim_wal_add(struct sim_wal_chain *chain, const unsigned char *bytes, size_t size) {
	assert(size % 8 == 0);
	for (size_t i = 0; i < size; i += 8) {
		uint32_t first = chain->is_big ? sim_wal_big(bytes + i) : sim_wal_little(bytes + i);
		uint32_t second = chain->is_big ? sim_wal_big(bytes + i + 4) : sim_wal_little(bytes + i + 4);
		chain->sums[0] += first + chain->sums[1];
		chain->sums[1] += second + chain->sums[0];
	}
}

static bool sim_wal_is_sum(const struct sim_wal_chain *chain, const unsigned char *bytes) {
	return sim_wal_big(bytes) == chain->sums[0] && sim_wal_big(bytes + 4) == chain->sums[1];
}

static bool sim_wal_frames_hold(struct sim_wal_chain *chain, const struct vfs_inode *inode, uint32_t page_bytes) {
	static unsigned char frame[SIM_WAL_FRAME_BYTES + SIM_WAL_PAGE_BYTES_MAX];
	size_t size = SIM_WAL_FRAME_BYTES + page_bytes;
	bool holds = true;
	for (uint64_t at = SIM_WAL_HEADER_BYTES; holds && at <= chain->commit; at += size) {
		size_t got = 0;
		vfs_disk_read(inode, at, frame, size, &got);
		sim_wal_add(chain, frame, 8);
		sim_wal_add(chain, frame + SIM_WAL_FRAME_BYTES, page_bytes);
		holds = got == size && sim_wal_is_sum(chain, frame + 16);
	}
	return holds;
}

static void sim_wal_look_at(void *context, const char *path, const struct vfs_inode *inode) {
	struct sim_wal_chain *chain = context;
	unsigned char header[SIM_WAL_HEADER_BYTES] = {0};
	size_t got = 0;
	if (strcmp(path, SIM_WORLD_PATH "-wal") != 0) {
		return;
	}
	vfs_disk_read(inode, 0, header, sizeof header, &got);
	uint32_t magic = sim_wal_big(header);
	uint32_t page_bytes = sim_wal_big(header + 8);
	/* Whatever else lies there was not left by SQLite, and is not its fault. */
	if (got < sizeof header || (magic != SIM_WAL_MAGIC_LITTLE && magic != SIM_WAL_MAGIC_BIG) ||
	    page_bytes % 8 != 0 || page_bytes == 0 || page_bytes > SIM_WAL_PAGE_BYTES_MAX) {
		return;
	}
	chain->is_big = magic == SIM_WAL_MAGIC_BIG;
	sim_wal_add(chain, header, 24);
	chain->holds = !sim_wal_is_sum(chain, header + 24) || sim_wal_frames_hold(chain, inode, page_bytes);
}

void sim_wal_checksums_look(struct sim_wal_checksums *checksums, const struct vfs_disk *disk) {
	struct sim_wal_chain chain = {.commit = checksums->commit, .holds = true};
	if (checksums->rewritten && checksums->commit != 0) {
		vfs_disk_visit(disk, sim_wal_look_at, &chain);
	}
	checksums->wrong |= !chain.holds;
	checksums->rewritten = false;
	checksums->commit = 0;
}

const char *sim_wal_checksums_text(const struct sim_wal_checksums *checksums) {
	return checksums->wrong ? ", a commit without checksums" : "";
}
