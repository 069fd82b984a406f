/* sim/plan/plan_text_words.h: the words of a line of a plan. Every reader below returns false when
 * it refuses, with the one line in `why`; only the first refusal is kept. */
#ifndef AFTERSHOCK_SIM_PLAN_TEXT_WORDS_H
#define AFTERSHOCK_SIM_PLAN_TEXT_WORDS_H

#include "must_check.h"
#include "plan.h"
#include "wide.h"

#define SIM_PLAN_TEXT_LINE_SIZE 640
#define SIM_PLAN_TEXT_EXPECTED_SIZE 360
/* The ranges of scenarios/README.md. */
#define SIM_PLAN_TEXT_NUMBER_MAX 1000000u
#define SIM_PLAN_TEXT_DURATION_NS_MAX 3600000000000u
#define SIM_PLAN_TEXT_BYTES_MAX ((uint64_t)1 << 40)

/* What the reports so far have said of an order. */
struct sim_plan_text_order {
	const struct sim_report *first;
	const struct sim_report *terms; /* that set quantity and price */
	int64_t quantity_lots;
	int64_t quantity_before_lots; /* before the last report */
	int64_t cum_quantity_lots;
};

struct sim_plan_text_reader {
	struct sim_plan *plan;
	const char *name;
	const char *text; /* what follows the line */
	uint32_t line_number;
	char line[SIM_PLAN_TEXT_LINE_SIZE];
	char *next; /* word of the line; NULL behind the last */
	bool more;  /* there is a line */
	bool refused;
	char *why;
	size_t why_size;
	sim_int128 lots;  /* of all fills */
	sim_int128 worth; /* in tick lots, of all fills */
	struct sim_plan_text_order orders[SIM_PLAN_REPORTS_MAX];
	/* By report: of a bust or correction, the fill that it is about in the end */
	uint32_t fill_of[SIM_PLAN_REPORTS_MAX];
	int64_t fill_lots[SIM_PLAN_REPORTS_MAX]; /* by fill: what stands of it */
	uint32_t sides[SIM_PLAN_SYMBOLS_MAX];    /* by symbol: bit 1 << enum subject_side */
	bool is_split[SIM_PLAN_SYMBOLS_MAX];     /* by symbol: one of its orders was split */
};

bool sim_plan_text_refuse(struct sim_plan_text_reader *reader, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* Goes to the next line that says something. False when it cannot be one; at the end `more` is
 * false. */
bool sim_plan_text_next_line(struct sim_plan_text_reader *reader) SIM_MUST_CHECK;
/* The next word, cut off; "" behind the last, and for a word that is empty because of a space too
 * many. */
const char *sim_plan_text_word(struct sim_plan_text_reader *reader);
/* A word as a message shows it. */
const char *sim_plan_text_shown(const char *word);
/* That very word; the end of the line. */
bool sim_plan_text_expect(struct sim_plan_text_reader *reader, const char *expected);
bool sim_plan_text_expect_end(struct sim_plan_text_reader *reader);
/* A number as it is printed: no sign but a minus, no zeros in front. `what` is for messages, here
 * and below. */
bool sim_plan_text_signed(struct sim_plan_text_reader *reader, const char *what, int64_t min, int64_t max,
                          int64_t *number);
bool sim_plan_text_number(struct sim_plan_text_reader *reader, const char *what, uint32_t min, uint64_t max,
                          uint64_t *number);
bool sim_plan_text_small(struct sim_plan_text_reader *reader, const char *what, uint32_t min, uint32_t max,
                         uint32_t *number);
/* 0x and so many lower-case hexadecimal digits. */
bool sim_plan_text_hex(struct sim_plan_text_reader *reader, const char *what, int digits, uint64_t *number);
/* A letter and a number below `count`, as in S3. */
bool sim_plan_text_index(struct sim_plan_text_reader *reader, const char *what, char letter, uint32_t count,
                         uint32_t *number);
/* One of a list that ends with NULL; `first` is the number of the first entry that may be
 * written. */
bool sim_plan_text_choice(struct sim_plan_text_reader *reader, const char *what, const char *const *list, int first,
                          int *choice);
/* Text that is carried along: an id, a currency. */
bool sim_plan_text_id(struct sim_plan_text_reader *reader, const char *what, char *text, size_t size);

#endif
