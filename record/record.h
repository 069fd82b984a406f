/* record/record.h: the format of a recording. The library that is brought into a program writes it
 * (record/), and `aftershock explore` reads it (sim/recording).
 *
 *     text    "aftershock recording 1\n", a sentence, blanks, "\n": RECORD_HEADER_BYTES in all
 *     records one behind the other, each a struct record_head, and behind it its content
 *
 * A record begins at a multiple of 8 bytes. Its size counts head, content, and zeros up to the next
 * such multiple. All numbers are in the order of the machine; only little-endian machines record.
 * The last record is an END: without it the recording was cut short. Behind the last one lie zeros,
 * or nothing.
 *
 * Contents are stored once. A write whose bytes were stored before has RECORD_FLAG_ELSEWHERE, and
 * its content is the offset of those bytes in the file: eight bytes.
 */
#ifndef AFTERSHOCK_RECORD_H
#define AFTERSHOCK_RECORD_H

#include <stdint.h>

#define RECORD_FIRST_WORDS "aftershock recording "
#define RECORD_VERSION "1"
#define RECORD_HEADER_BYTES 256u
/* A longer write is several records. */
#define RECORD_CONTENT_MAX (1u << 20)
#define RECORD_PATH_MAX 255u

/* Where the library finds the recording that it writes: its path. The control block is beside
 * it. */
#define RECORD_ENVIRONMENT "AFTERSHOCK_RECORDING"
/* Databases that were named by --database, one path a line; "": they are known by their bytes. */
#define RECORD_ENVIRONMENT_DATABASES "AFTERSHOCK_RECORD_DATABASES"
#define RECORD_CONTROL_SUFFIX ".control"
#define RECORD_LIBRARY "libaftershock_record.so"

enum record_kind {
	RECORD_NONE = 0, /* zeros: behind the last record */
	/* The program: its words, each ended by a zero. */
	RECORD_PROGRAM,
	/* A process has begun, or has become another program: its name. */
	RECORD_PROCESS,
	/* A file gets a number: its path. `offset` is an enum record_file_kind. With
	 * RECORD_FLAG_CREATED it was made now; else it was there, and its content follows. */
	RECORD_FILE,
	RECORD_CONTENT,        /* of a file that was there: bytes at `offset` */
	RECORD_WRITE,          /* bytes at `offset` */
	RECORD_TRUNCATE,       /* to `offset` bytes, or that much longer */
	RECORD_SYNC,           /* a file; everything that was called before is durable */
	RECORD_SYNC_DIRECTORY, /* its path */
	RECORD_SYNC_ALL,
	RECORD_UNLINK,       /* the path; `file` has lost its name */
	RECORD_RENAME,       /* two paths, each ended by a zero */
	RECORD_LOCK,         /* `offset`, `length`, and `flags`: F_RDLCK, F_WRLCK or F_UNLCK */
	RECORD_CLOSE,        /* a descriptor that could write to the file */
	RECORD_OUTPUT,       /* the program had printed `offset` bytes before the next record */
	RECORD_ACKNOWLEDGED, /* a line that it printed, which ends at byte `offset` */
	RECORD_UNSEEN,       /* something that is not recorded: a text; `offset` is an enum
	                      * record_unseen */
	RECORD_FINAL,        /* a database at the end: `offset` bytes, and their hash */
	RECORD_END,          /* `offset` is the status that waitpid() had of the program */
	RECORD_KIND_COUNT
};

enum record_flag {
	RECORD_FLAG_ELSEWHERE = 1 << 8,
	RECORD_FLAG_CREATED = 1 << 9,
	RECORD_FLAG_IN_DOUBT = 1 << 10, /* the process died in the call */
	RECORD_FLAG_FAILED = 1 << 11    /* a sync that returned an error */
};

enum record_file_kind {
	RECORD_FILE_NONE = 0,
	RECORD_FILE_UNDECIDED, /* not in a recording: nobody knows yet what it becomes */
	RECORD_FILE_DATABASE,
	RECORD_FILE_JOURNAL,
	RECORD_FILE_WAL,
	RECORD_FILE_SHM, /* its locks alone are recorded */
	RECORD_FILE_SUPER,
	RECORD_FILE_KIND_COUNT
};

enum record_unseen {
	RECORD_UNSEEN_FILE = 0, /* another file that was written to: its path */
	RECORD_UNSEEN_MAPPED,   /* a database was mapped for writing */
	RECORD_UNSEEN_STREAM,   /* a database was opened by fopen() for writing */
	RECORD_UNSEEN_LINK,     /* a database got a second name */
	RECORD_UNSEEN_NESTED,   /* calls from signal handlers within another: how many */
	RECORD_UNSEEN_TOO_MANY, /* a descriptor, or a file, beyond what the library keeps */
	RECORD_UNSEEN_COUNT
};

struct record_head {
	uint32_t size;
	uint16_t kind;
	uint16_t flags;
	uint64_t checksum; /* XXH3-64 of everything behind it, up to `size`, and of size, kind and
	                    * flags as its seed */
	uint64_t order;    /* 1 for the first record, and so on */
	uint32_t process;
	uint32_t thread;
	uint32_t file;  /* 0: none */
	uint32_t bytes; /* of the content, as stored */
	uint64_t offset;
	uint64_t length; /* of a write: its bytes; of a lock: 0 is up to the end */
};

#endif
