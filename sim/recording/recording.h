/* sim/recording/recording.h: reads a recording (record/record.h). It is mapped, and each record is
 * checked before anything is made of it. One that was cut short is read up to the cut. */
#ifndef AFTERSHOCK_SIM_RECORDING_H
#define AFTERSHOCK_SIM_RECORDING_H

#include "must_check.h"
#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_RECORDING_WHY_SIZE 512

struct sim_recording {
	const unsigned char *bytes; /* the file, mapped */
	uint64_t size_bytes;
	uint64_t end;     /* of the last record that is whole */
	uint64_t records; /* whole ones */
	bool is_cut;      /* the last of them is no RECORD_END */
};

/* One record. Content that is stored elsewhere is found there. */
struct sim_record {
	const struct record_head *head;
	const unsigned char *content;
	uint32_t bytes;
};

/* False with one line in `why`: no such file, no recording, another version. */
bool sim_recording_open(struct sim_recording *recording, const char *path,
                        char why[SIM_RECORDING_WHY_SIZE]) SIM_MUST_CHECK;
void sim_recording_close(struct sim_recording *recording);
/* The record at *position, which goes behind it; begin with 0. False behind the last. */
bool sim_recording_next(const struct sim_recording *recording, uint64_t *position, struct sim_record *record);
/* The hash of a file's content, as RECORD_FINAL has it; 8 bytes. */
uint64_t sim_recording_hash(uint64_t hash, const void *bytes, size_t size);

#endif
