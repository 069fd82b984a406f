/* sim/settings.c: see settings.h. */
#include "settings.h"

const char *sim_settings_journal_mode_name(enum sim_journal_mode mode) {
	static const char *const names[SIM_JOURNAL_COUNT] = {"none",   "delete", "truncate", "persist",
	                                                     "memory", "off",    "wal"};
	return mode < SIM_JOURNAL_COUNT ? names[mode] : "none";
}

const char *sim_settings_synchronous_name(enum sim_synchronous synchronous) {
	static const char *const names[SIM_SYNCHRONOUS_COUNT] = {"none", "off", "normal", "full", "extra"};
	return synchronous < SIM_SYNCHRONOUS_COUNT ? names[synchronous] : "none";
}

const char *sim_settings_protocol_name(enum sim_protocol protocol) {
	static const char *const names[SIM_PROTOCOL_COUNT] = {"none", "persist_first", "rollback", "journal"};
	return protocol < SIM_PROTOCOL_COUNT ? names[protocol] : "none";
}

enum sim_journal_mode sim_settings_journal_mode_of(const struct sim_settings *settings, uint32_t life) {
	bool other = life % 2 == 0 && settings->other_journal_mode != SIM_JOURNAL_NONE;
	return other ? settings->other_journal_mode : settings->journal_mode;
}

enum sim_synchronous sim_settings_synchronous_of(const struct sim_settings *settings, uint32_t life) {
	bool other = life % 2 == 0 && settings->other_synchronous != SIM_SYNCHRONOUS_NONE;
	return other ? settings->other_synchronous : settings->synchronous;
}

bool sim_settings_disk_lies(const struct sim_settings *settings) {
	/* Without garbage a torn sector is old or new to the byte: then overwriting is safe,
	 * whatever is reported. */
	bool psow = settings->psow == SIM_CAPABILITY_FALSE && settings->garbage;
	return psow || settings->sequential == SIM_CAPABILITY_FALSE || settings->safe_append == SIM_CAPABILITY_FALSE ||
	       settings->lies_percent > 0;
}

const char *sim_settings_capability_name(enum sim_capability capability) {
	static const char *const names[SIM_CAPABILITY_COUNT] = {"none", "absent", "kept", "false"};
	return capability < SIM_CAPABILITY_COUNT ? names[capability] : "none";
}

const char *sim_settings_locks_name(enum sim_locks locks) {
	static const char *const names[SIM_LOCKS_COUNT] = {"posix", "dot_file", "mixed", "void"};
	return (unsigned)locks < SIM_LOCKS_COUNT ? names[locks] : NULL;
}

enum vfs_lock_style sim_settings_lock_style(enum sim_locks locks, uint32_t process) {
	bool by_file = locks == SIM_LOCKS_DOT_FILE || (locks == SIM_LOCKS_MIXED && process % 2 == 1);
	return by_file ? VFS_LOCKS_DOT_FILE : locks == SIM_LOCKS_VOID ? VFS_LOCKS_VOID : VFS_LOCKS_POSIX;
}

const char *sim_settings_checkpoint_name(uint32_t mode) {
	static const char *const names[] = {"passive", "full", "restart", "truncate"};
	return mode >= 1 && mode <= 4 ? names[mode - 1] : NULL;
}

uint64_t sim_settings_draw(struct sim_pcg32 *chance, const struct sim_range *range) {
	return sim_pcg32_draw(chance, range->is_heavy, range->min, range->max);
}
