/* sim/run/story_words.h: the sentences of a story (sim/run/story.h): one event, one line. Private
 * to the story. */
#ifndef AFTERSHOCK_SIM_STORY_WORDS_H
#define AFTERSHOCK_SIM_STORY_WORDS_H

#include "plan.h"
#include "trace.h"
#include "vfs.h"

#include <stdbool.h>

struct sim_process;

#define SIM_STORY_TEXT_SIZE 400
#define SIM_STORY_STEP_SIZE 160

/* Each fills `text` with one line. */
void sim_story_step_text(const struct sim_plan *plan, uint32_t number, const char *note, char *text, size_t size);
void sim_story_outcome_text(const struct sim_event *event, const char *note, char *text, size_t size);
void sim_story_start_text(const struct sim_event *event, const char *note, char *text, size_t size);
void sim_story_loaded_text(const struct sim_plan *plan, const struct sim_event *event, const char *note, char *text,
                           size_t size);
/* The same of a client of SQLite, one of several processes; and what the judge reads from a copy of
 * the disk. */
void sim_story_client_answer_text(const struct sim_event *event, const char *note, char *text, size_t size);
void sim_story_client_start_text(const struct sim_event *event, const char *note, char *text, size_t size);
void sim_story_look_text(const struct sim_event *event, char *text, size_t size);
/* Where one of several processes is, and what it did last: `step` "" and `call` NULL for none. */
void sim_story_process_text(const struct sim_process *process, const char *step, const struct sim_event *call,
                            char *text, size_t size);
/* A call that failed, so many times in a row. */
void sim_story_call_text(const struct sim_event *event, uint32_t times, char *text, size_t size);
/* Whether a call failed in a way that is worth a word: not at the end of a file, and not for being
 * unknown. */
bool sim_story_call_failed(const struct sim_event *event);
/* What an open file has locked; with the read marks of the WAL index when there is one (NULL:
 * none). */
void sim_story_held_text(const struct vfs_held_locks *held, const struct vfs_wal_index *index, char *text, size_t size);
void sim_story_index_text(const char *path, const struct vfs_wal_index *index, char *text, size_t size);
void sim_story_settings_text(const struct sim_plan *plan, char *text, size_t size);

#endif
