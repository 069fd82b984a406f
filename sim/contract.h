/* sim/contract.h: what may be demanded for acknowledged updates after a crash (docs/contracts.md
 * section 1): a function of journal mode, synchronous, disk and kind of crash. The judge demands
 * exactly that, headers and tables print it, and a scenario that states a contract is held to it
 * when it is read. */
#ifndef AFTERSHOCK_SIM_CONTRACT_H
#define AFTERSHOCK_SIM_CONTRACT_H

#include "settings.h"

/* On a disk that keeps what it reports: the table. */
enum sim_contract sim_contract_of(enum sim_journal_mode mode, enum sim_synchronous synchronous, enum sim_crash crash);
/* On the disk of the settings: one that lies can corrupt in every mode when power fails; a kill
 * does not reach it. */
enum sim_contract sim_contract_of_settings(const struct sim_settings *settings, enum sim_crash crash);
/* Of a chain of states, one upon the other: the lowest that a load may show. `last` is the last one
 * that was acknowledged, and `top` the last one that was shown. */
uint32_t sim_contract_lowest(enum sim_contract contract, enum sim_crash crash, uint32_t last, uint32_t top);
/* Whether a read that has not shown what is in doubt has settled it for a living machine: then it
 * does not come back. `of_rollback`: nothing but rollback journals was in force. */
bool sim_contract_read_settles(enum sim_contract contract, enum sim_crash crash, bool of_rollback);

/* What is known of a WAL since one of its syncs failed. */
struct sim_contract_gap {
	bool dropped; /* memory gave up what the medium lacks: an eviction */
	bool copied;  /* a checkpoint has written from it into the database since */
	bool goes_on; /* somebody goes by an index of the WAL that is older than the failure */
};

/* With synchronous=NORMAL a sync of the WAL stands for all commits since the one before it. Where
 * the disk keeps no pages dirty, what such a sync had in hand is lost from the medium, however
 * often one succeeds later. SIM_CONTRACT_NONE: that takes nothing from these settings. With FULL
 * each commit has a sync of its own, and the table stands. */
enum sim_contract sim_contract_of_gap(const struct sim_settings *settings, enum sim_crash crash,
                                      const struct sim_contract_gap *gap);
/* Whether a transaction over several attached files is there in all of them or in none, in spite of
 * a crash. */
bool sim_contract_is_atomic_across_files(enum sim_journal_mode mode, enum sim_synchronous synchronous);
/* The same over a set of journal modes, bits 1 << mode: a run that may be in several is as the
 * weakest. */
bool sim_contract_files_together(uint32_t modes, enum sim_synchronous synchronous);

/* Whether processes keep off each other, in each of the journal modes, bits 1 << mode: else all
 * that SQLite promises is void, without any crash (docs/howtocorrupt.md). */
bool sim_contract_keeps_apart(const struct sim_settings *settings, uint32_t modes);

/* "durable"; "none" for no contract. */
const char *sim_contract_name(enum sim_contract contract);
enum sim_contract sim_contract_named(const char *name); /* SIM_CONTRACT_NONE when there is no such
                                                         * contract */
/* "kill"; "none" for no crash. */
const char *sim_contract_crash_name(enum sim_crash crash);

/* The contracts of several settings: from the strongest to the weakest. */
struct sim_contract_span {
	enum sim_contract strongest;
	enum sim_contract weakest;
};

/* What a line about contracts is made of. */
struct sim_contract_line {
	struct sim_contract_span spans[SIM_CRASH_COUNT]; /* SIM_CONTRACT_NONE: there is no such
	                                                  * crash */
	const enum sim_contract *demanded;               /* SIM_CRASH_COUNT of them, as in struct
	                                                  * sim_settings */
	bool damage;                                     /* there are faults outside SQLite's
	                                                  * assumptions */
	const char *files;                               /* how several files commit; NULL: there is
	                                                  * one only */
	const char *locks;                               /* said of locks that keep nobody off;
	                                                  * NULL: they do */
};

/* "durable after kill, durable to prefix after power loss, detect after damage, files together". */
void sim_contract_print(const struct sim_contract_line *line, char text[SIM_CONTRACT_TEXT_SIZE]);

#endif
