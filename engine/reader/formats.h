/* engine/reader/formats.h: the adapters behind reader_format_find(). Each is a reader_function or a
 * reader_frame_function. */
#ifndef AFTERSHOCK_ENGINE_READER_FORMATS_H
#define AFTERSHOCK_ENGINE_READER_FORMATS_H

#include "reader.h"

void reader_ndjson_read(const struct reader_catalogue *catalogue, const char *bytes, size_t size,
                        struct engine_update *update, struct reader_verdict *verdict);
void reader_binance_read(const struct reader_catalogue *catalogue, const char *bytes, size_t size,
                         struct engine_update *update, struct reader_verdict *verdict);
void reader_fix_read(const struct reader_catalogue *catalogue, const char *bytes, size_t size,
                     struct engine_update *update, struct reader_verdict *verdict);

/* A message is one line. */
size_t reader_frame_line(const char *bytes, size_t size, bool is_end, size_t *from, size_t *to);
/* A message is one JSON object, on one line or several. */
size_t reader_frame_object(const char *bytes, size_t size, bool is_end, size_t *from, size_t *to);
/* A message is one FIX message. Line ends between messages are left out, and what a log writes in
 * front of one. */
size_t reader_frame_fix(const char *bytes, size_t size, bool is_end, size_t *from, size_t *to);

#endif
