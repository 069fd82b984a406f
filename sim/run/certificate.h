/* sim/run/certificate.h: what an exploration of crash states has looked at, as a text of lines that
 * a second program can check: a name, two spaces or more, a value. The last line, `check`, is a
 * hash of all lines before it but `processor_seconds`, so an edited certificate is refused. The
 * hashes of all distinct images lie beside it in a file of their own, one a line.
 */
#ifndef AFTERSHOCK_SIM_CERTIFICATE_H
#define AFTERSHOCK_SIM_CERTIFICATE_H

#include "branch.h"
#include "must_check.h"

#include <stddef.h>
#include <stdio.h>

#define SIM_CERTIFICATE_ROWS_MAX 1024u
#define SIM_CERTIFICATE_NAME_SIZE 48
#define SIM_CERTIFICATE_VALUE_SIZE 520
#define SIM_CERTIFICATE_WHY_SIZE 400
/* The line that says which second SQLite was asked. */
#define SIM_CERTIFICATE_SECOND "second_sqlite"
/* And of the line that names a VFS of somebody's own. */
#define SIM_CERTIFICATE_VFS "vfs"

struct sim_certificate {
	uint32_t count;
	struct {
		char name[SIM_CERTIFICATE_NAME_SIZE];
		char value[SIM_CERTIFICATE_VALUE_SIZE];
	} rows[SIM_CERTIFICATE_ROWS_MAX];
};

void sim_certificate_begin(struct sim_certificate *certificate);
void sim_certificate_add(struct sim_certificate *certificate, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Its bounds and what was counted. `images`: totals->images hashes in ascending order. */
void sim_certificate_add_totals(struct sim_certificate *certificate, const struct sim_branch_options *options,
                                const struct sim_branch_totals *totals, const uint64_t *images);
/* The lines about a VFS of somebody's own; "": there is none, and nothing is said. */
void sim_certificate_add_vfs(struct sim_certificate *certificate, const char *path);
/* The value of the line SIM_CERTIFICATE_SECOND: release and source id. */
void sim_certificate_say_second(const struct sim_second *second, char text[SIM_CERTIFICATE_VALUE_SIZE]);
/* The last line. */
void sim_certificate_end(struct sim_certificate *certificate);
/* NULL when there is no such line. */
const char *sim_certificate_value(const struct sim_certificate *certificate, const char *name);
/* From 1; 0: there is none. */
uint32_t sim_certificate_line(const struct sim_certificate *certificate, const char *name);

/* Without the lines of the name `but`; NULL: all. */
void sim_certificate_print(const struct sim_certificate *certificate, const char *but, FILE *out);
/* One object on one line. */
void sim_certificate_print_json(const struct sim_certificate *certificate, FILE *out);
/* False with one line in `why`, which names file and line. */
bool sim_certificate_read(struct sim_certificate *certificate, const char *path,
                          char why[SIM_CERTIFICATE_WHY_SIZE]) SIM_MUST_CHECK;

/* The certificate, and the list of its images beside it, PATH.images. False after one line on
 * stderr. */
bool sim_certificate_write(const struct sim_certificate *certificate, const char *path, const uint64_t *images,
                           uint64_t count) SIM_MUST_CHECK;

/* The file of images: hashes in ascending order, 16 hexadecimal digits a line. Returns the list,
 * and how many; free() it. NULL with one line in `why`. */
uint64_t *sim_certificate_read_images(const char *path, uint64_t *count, char why[SIM_CERTIFICATE_WHY_SIZE]);
/* Of such a list. */
uint64_t sim_certificate_hash(const uint64_t *images, uint64_t count);

#endif
